// SPDX-License-Identifier: MPL-2.0

package hotplug

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/client"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/diagnose"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/idle"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/session"
)

// plugged is what Nova and Cinder say about a volume of a server.
type plugged struct {
	nova   *nova.VolumeAttachment // nil if Nova knows of none
	cinder *nova.CinderVolume     // nil if Cinder cannot be asked
}

// watch reads both. Nova's record of an attachment begins with the request and ends with the detach; whether the
// guest has the volume in between, and whether a detach failed, is Cinder's to know.
type watch struct{ nova.Volumes }

func (w watch) Get(ctx context.Context, volume string) (plugged, error) {
	attachment, err := w.Volumes.Get(ctx, volume)
	if err != nil && !diagnose.NotFound(err) {
		return plugged{}, err
	}
	found, err := w.InCinder(ctx, volume)
	if diagnose.Status(err) == http.StatusForbidden {
		return plugged{attachment, nil}, nil
	}
	if diagnose.NotFound(err) { // deleted with its attachment
		found, err = &nova.CinderVolume{}, nil
	}
	return plugged{attachment, found}, err
}

// List has nothing that is cheaper than Get.
func (w watch) List(context.Context, []string) (map[string]plugged, error) { return nil, nil }

// AttachVolume returns the attachment once the guest has the volume; for a shelved server, once the volume is kept
// for it.
func (s Server) AttachVolume(ctx context.Context, want nova.VolumeRequest) (*nova.VolumeAttachment, error) {
	release, err := s.HoldVolume(ctx, want.VolumeID)
	if err != nil {
		return nil, err
	}
	defer release()
	if err := s.RequestVolume(ctx, want); err != nil {
		return nil, err
	}
	return s.AwaitVolume(ctx, want.VolumeID)
}

// HoldVolume waits until no other operation of this provider attaches or detaches the volume, and keeps others waiting
// until release is called: Cinder refuses a second one, which only volumes for several servers can meet.
func (s Server) HoldVolume(ctx context.Context, volume string) (release func(), err error) {
	release, err = s.session.Alone(ctx, "volume "+volume)
	if err != nil {
		return func() {}, err
	}
	return sync.OnceFunc(release), nil
}

// RequestVolume is AttachVolume without the wait, for a caller that holds the volume until AwaitVolume has returned.
func (s Server) RequestVolume(ctx context.Context, want nova.VolumeRequest) error {
	return idle.Do(ctx, s.session, s.id, func(ctx context.Context) error { return s.Volumes().Attach(client.Whole(ctx), want) })
}

// AwaitVolume waits for what RequestVolume asked for.
func (s Server) AwaitVolume(ctx context.Context, volume string) (*nova.VolumeAttachment, error) {
	last, err := session.Poller(s.session, watch{s.Volumes()}).Until(ctx, volume, func(now plugged, err error) (bool, error) {
		switch {
		case err != nil:
			return false, passing(err)
		case now.nova == nil:
			return false, errors.New("the attach was given up by Nova; `openstack server event list` tells why")
		case now.cinder == nil:
			return true, nil
		case strings.HasPrefix(now.cinder.Status, "error"):
			return false, fmt.Errorf("the volume went to status %s", now.cinder.Status)
		case now.cinder.Status == nova.VolumeReserved:
			server, err := s.session.Servers().Get(ctx, s.id)
			return err == nil && server.Status == nova.Offloaded, passing(err)
		}
		return slices.Contains(now.cinder.Servers, s.id), nil
	})
	if errors.Is(err, context.DeadlineExceeded) && last.cinder != nil {
		err = fmt.Errorf("the volume is still in status %s: %w", last.cinder.Status, err)
	}
	return last.nova, err
}

// DetachVolume waits until the server has the volume no more. That it had it not, or is gone itself, is no error.
func (s Server) DetachVolume(ctx context.Context, volume string) error {
	release, err := s.HoldVolume(ctx, volume)
	if err != nil {
		return err
	}
	defer release()
	err = idle.Do(ctx, s.session, s.id, func(ctx context.Context) error { return s.Volumes().Detach(ctx, volume) })
	if diagnose.Status(err) == http.StatusBadRequest && s.leaves(ctx, volume) {
		err = nil // an earlier request is being worked on
	}
	if err == nil {
		err = s.awaitNoVolume(ctx, volume)
	}
	return diagnose.Forgiven(err)
}

// leaves is whether the volume is being detached, or has been by now.
func (s Server) leaves(ctx context.Context, volume string) bool {
	now, err := s.Volumes().InCinder(ctx, volume)
	return err == nil && now != nil && (now.Status == "detaching" || !slices.Contains(now.Servers, s.id))
}

func (s Server) awaitNoVolume(ctx context.Context, volume string) error {
	last, err := session.Poller(s.session, watch{s.Volumes()}).Until(ctx, volume, func(now plugged, err error) (bool, error) {
		switch {
		case err != nil:
			return false, passing(err)
		case now.nova == nil:
			return true, nil
		case now.cinder != nil && now.cinder.Status == nova.VolumeInUse && slices.Contains(now.cinder.Servers, s.id):
			return false, errors.New("the guest did not let go of the volume, and Nova gave the detach up; " +
				"`openstack server event list` tells more. A guest that has unmounted it, or is shut off, lets it go")
		}
		return false, nil
	})
	if errors.Is(err, context.DeadlineExceeded) && last.cinder != nil {
		err = fmt.Errorf("the volume is still in status %s: %w", last.cinder.Status, err)
	}
	return err
}
