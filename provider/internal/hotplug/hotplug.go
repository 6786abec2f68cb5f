// SPDX-License-Identifier: MPL-2.0

// Package hotplug attaches interfaces and volumes to servers and detaches them, one at a time for each server, and
// waits until that is done: Nova answers before.
package hotplug

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/client"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/diagnose"
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

// act does what Nova refuses while another task is under way with the server; it waits until that is over.
func (s Server) act(ctx context.Context, do func() error) error {
	for {
		err := do()
		if !diagnose.Conflict(err) || !strings.Contains(err.Error(), "task_state") {
			return err
		}
		_, lost := s.session.Await(ctx, s.id, func(server *nova.Server, err error) (bool, error) {
			return err == nil && server.TaskState == "", err
		})
		if lost != nil {
			return errors.Join(err, lost)
		}
	}
}

// AttachInterface returns the interface once the server has it.
func (s Server) AttachInterface(ctx context.Context, want nova.NetworkRequest) (*nova.Interface, error) {
	release, err := s.session.Alone(ctx, s.id)
	if err != nil {
		return nil, err
	}
	defer release()
	var made *nova.Interface
	err = s.act(ctx, func() (err error) {
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
	err = s.act(ctx, func() error { return s.Interfaces().Detach(ctx, port) })
	if err == nil {
		_, err = session.Poller(s.session, s.Interfaces()).Until(ctx, port, func(_ *nova.Interface, err error) (bool, error) {
			return diagnose.NotFound(err), passing(err)
		})
	}
	if errors.Is(err, context.DeadlineExceeded) {
		err = fmt.Errorf("the server still has the interface; `openstack server event list` tells what became of the detach: %w", err)
	}
	return forgiven(err)
}

// passing is err, unless what is waited for may still come: a 404 is what a detach waits for, and a 5xx goes by.
func passing(err error) error {
	if diagnose.NotFound(err) || diagnose.Status(err) >= 500 {
		return nil
	}
	return err
}

// forgiven is err, unless it says that there is nothing to detach.
func forgiven(err error) error {
	if diagnose.NotFound(err) {
		return nil
	}
	return err
}
