// SPDX-License-Identifier: MPL-2.0

// Package idle does to servers what Nova refuses while it is busy with them.
package idle

import (
	"context"
	"errors"
	"fmt"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/diagnose"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/session"
)

// Do calls do, and again after each 409 that a task under way with the server is to blame for, once that task has
// ended. The wait ends with ctx.
func Do(ctx context.Context, s *session.Session, id string, do func(context.Context) error) error {
	for idle := false; ; {
		err := do(ctx)
		if !diagnose.Conflict(err) {
			return err
		}
		server, lost := s.Servers().Get(ctx, id)
		switch {
		case lost != nil:
			return errors.Join(lost, err) // that the server is gone counts for more
		case server.TaskState != "":
			idle = false
			if lost = Await(ctx, s, id); lost != nil {
				return errors.Join(lost, err)
			}
		case idle:
			return err // it is not a task that stands in the way
		default:
			idle = true // a task may just have ended
		}
	}
}

// Await waits until no task is under way with the server.
func Await(ctx context.Context, s *session.Session, id string) error {
	last, err := s.Await(ctx, id, func(server *nova.Server, err error) (bool, error) {
		return err == nil && server.TaskState == "", err
	})
	if errors.Is(err, context.DeadlineExceeded) && last != nil {
		err = fmt.Errorf("the server is still busy with the task %q: %w", last.TaskState, err)
	}
	return err
}
