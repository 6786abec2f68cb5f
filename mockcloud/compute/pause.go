// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"context"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// ability does what not every driver can do to the instance's machine.
func ability[A any](op *Op, method string, do func(context.Context, A, string) error) error {
	host, err := op.host()
	if err != nil {
		return err
	}
	return use(op.Context, host, method, op.Instance.ID, func(ctx context.Context, able A) error {
		return do(ctx, able, op.Instance.ID)
	})
}

var pauseAction = Action{
	Name: "pause", Task: Pausing, Event: "compute_pause_instance",
	Run: func(op *Op) error {
		err := ability(op, "Pause", func(ctx context.Context, d driver.Pauser, id string) error { return d.Pause(ctx, id) })
		if err != nil {
			return err
		}
		return op.Finish(Paused)
	},
}

var unpauseAction = Action{
	Name: "unpause", Task: Unpausing, Event: "compute_unpause_instance",
	Run: func(op *Op) error {
		err := ability(op, "Unpause", func(ctx context.Context, d driver.Pauser, id string) error { return d.Unpause(ctx, id) })
		if err != nil {
			return err
		}
		return op.Finish(Active)
	},
}

// Pause begins to freeze a server in memory.
func (m *Manager) Pause(ctx context.Context, caller Caller, id string) error {
	return m.act(ctx, caller, id, &pauseAction)
}

// Unpause begins to let a paused server go on.
func (m *Manager) Unpause(ctx context.Context, caller Caller, id string) error {
	return m.act(ctx, caller, id, &unpauseAction)
}
