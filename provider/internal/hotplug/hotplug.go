// SPDX-License-Identifier: MPL-2.0

// Package hotplug attaches interfaces and volumes to servers and detaches them, one at a time for each server, and
// waits until that is done: Nova answers before.
package hotplug

import (
	"context"
	"errors"
	"fmt"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/client"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/diagnose"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/idle"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/session"
)

// Server is a server whose devices are plugged.
type Server struct {
	session *session.Session
	id      string
}

// Of is the server with that id.
func Of(s *session.Session, id string) Server { return Server{s, id} }

// Interfaces are those of the server.
func (s Server) Interfaces() nova.Interfaces {
	return nova.Interfaces{Client: s.session.Servers().Client, Server: s.id}
}

// Volumes are those of the server.
func (s Server) Volumes() nova.Volumes {
	return nova.Volumes{Client: s.session.Servers().Client, Server: s.id}
}

// AttachInterface returns the interface once the server has it.
func (s Server) AttachInterface(ctx context.Context, want nova.NetworkRequest) (*nova.Interface, error) {
	release, err := s.session.Alone(ctx, s.id)
	if err != nil {
		return nil, err
	}
	defer release()
	var made *nova.Interface
	err = idle.Do(ctx, s.session, s.id, func(ctx context.Context) (err error) {
		made, err = s.Interfaces().Attach(client.Whole(ctx), want) // only the answer tells which port was made
		return err
	})
	return made, err
}

// DetachInterface waits until the server has the interface no more. That it had none, or is gone itself, is no error.
func (s Server) DetachInterface(ctx context.Context, port string) error {
	release, err := s.session.Alone(ctx, s.id)
	if err != nil {
		return err
	}
	defer release()
	err = idle.Do(ctx, s.session, s.id, func(ctx context.Context) error { return s.Interfaces().Detach(ctx, port) })
	if err == nil {
		_, err = session.Poller(s.session, s.Interfaces()).Until(ctx, port, func(_ *nova.Interface, err error) (bool, error) {
			return diagnose.NotFound(err), passing(err)
		})
	}
	if errors.Is(err, context.DeadlineExceeded) {
		err = fmt.Errorf("the server still has the interface; `openstack server event list` tells what became of the detach: %w", err)
	}
	return diagnose.Forgiven(err)
}

// passing is err, unless what is waited for may still come: a 404 is what a detach waits for, and a 5xx goes by.
func passing(err error) error {
	if diagnose.NotFound(err) || diagnose.Status(err) >= 500 {
		return nil
	}
	return err
}
