// SPDX-License-Identifier: MPL-2.0

package cinder

import (
	"context"
	"errors"
	"io"

	"github.com/google/uuid"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// user is the server that writes to the volume, or is about to; "" for none. Of several, each sees but its own writes come and go:
// what they have between them is as consistent as they are.
func (s *Service) user(ctx context.Context, volume string) (server string, err error) {
	err = s.store.View(ctx, func(tx store.Tx) error {
		all, err := attachmentTable.By(tx, "volume", volume)
		for _, a := range all {
			if a.InstanceID != "" && (a.Status == Attached || a.Status == Attaching) {
				server = a.InstanceID
			}
		}
		return err
	})
	return server, err
}

// connected is how often hosts were let at the volume; 0 of one that is no more.
func (s *Service) connected(ctx context.Context, volume string) (times int, err error) {
	v, err := get(s, ctx, volumeTable, volume)
	if v != nil {
		times = v.Connected
	}
	return times, err
}

// errReleased: the server that was to copy a volume has it no longer.
var errReleased = errors.New("the volume has been detached")

// copyVolume makes a copy of a volume's content, which is that of one moment: while a server has the volume, its host
// makes it. A volume may be attached while it is copied, as in Cinder, where its status says nothing of copies: what was
// copied of one that a host was let at meanwhile is copied again.
func (s *Service) copyVolume(ctx context.Context, volume, to string, bytes int64) error {
	for {
		before, err := s.connected(ctx, volume)
		if err != nil {
			return err
		}
		server, err := s.user(ctx, volume)
		switch {
		case err != nil:
			return err
		case server == "" || s.copyInUse == nil || s.content.path("") == "":
			if err := s.content.clone(ctx, volumeContent(volume), to, bytes); err != nil {
				return err
			}
			if now, err := s.connected(ctx, volume); err != nil || now <= before {
				return err
			}
			continue
		}
		copied := false
		err = s.content.receive(to, bytes, func(path string) (err error) {
			copied, err = s.copyWhileUsed(ctx, server, volume, path)
			if err == nil && !copied {
				err = errReleased
			}
			return err
		})
		if !errors.Is(err, errReleased) {
			return err
		}
		if still, err := s.user(ctx, volume); err != nil || still == server { // its driver cannot copy, or it does not run
			return errors.Join(err, s.content.clone(ctx, volumeContent(volume), to, bytes))
		}
	}
}

// copyWhileUsed has the server's host copy. It gives up when the volume is detached: who does that may be waiting for
// us, and have the server's turn.
func (s *Service) copyWhileUsed(ctx context.Context, server, volume, path string) (copied bool, err error) {
	copying, cancel := context.WithCancelCause(ctx)
	watched := make(chan struct{})
	go func() { // ends with copying
		defer close(watched)
		if s.await(copying, func() (bool, error) {
			now, err := s.user(copying, volume)
			return now == server, err
		}) == nil {
			cancel(errReleased)
		}
	}()
	copied, err = s.copyInUse(copying, server, volume, path)
	if err != nil && errors.Is(context.Cause(copying), errReleased) {
		err = errReleased
	}
	cancel(nil)
	<-watched
	return copied, err
}

// openVolume reads a volume in the format that it is uploaded in, as it is at one moment.
func (s *Service) openVolume(ctx context.Context, v *Volume) (io.ReadCloser, error) {
	name, bytes := volumeContent(v.ID), bytesOf(v.Size)
	if server, err := s.user(ctx, v.ID); err != nil {
		return nil, err
	} else if server != "" {
		// No record has this name, so that a restart removes it.
		name = snapshotContent(uuid.NewString())
		if err := s.copyVolume(ctx, v.ID, name, bytes); err != nil {
			return nil, err
		}
		defer func() { _ = s.content.remove(name) }() // who reads it reads on
	}
	return s.content.open(ctx, name, v.UploadFormat, bytes)
}
