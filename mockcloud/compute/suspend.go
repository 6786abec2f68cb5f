// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"context"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

var suspendAction = Action{
	Name: "suspend", Task: Suspending, Event: "compute_suspend_instance",
	Run: func(op *Op) error {
		err := ability(op, "Suspend", func(ctx context.Context, d driver.Suspender, id string) error { return d.Suspend(ctx, id) })
		if err != nil {
			return unlessUnable(err)
		}
		return op.Finish(Suspended)
	},
}

var resumeAction = Action{
	Name: "resume", Task: Resuming, Event: "compute_resume_instance",
	Run: func(op *Op) error {
		err := ability(op, "Resume", func(ctx context.Context, d driver.Suspender, id string) error { return d.Resume(ctx, id) })
		if err != nil {
			return unlessUnable(err)
		}
		return op.Finish(Active)
	},
}

// unlessUnable leaves the server in ERROR, unless the driver only lacks the ability (Nova:
// _error_out_instance_on_exception).
func unlessUnable(err error) error {
	if KindOf(err) == NotImplemented {
		return err
	}
	return broken{err}
}

// Suspend begins to write a server's memory to disk and to end its machine.
func (m *Manager) Suspend(ctx context.Context, caller Caller, id string) error {
	return m.act(ctx, caller, id, &suspendAction)
}

// Resume begins to let a suspended server go on.
func (m *Manager) Resume(ctx context.Context, caller Caller, id string) error {
	return m.act(ctx, caller, id, &resumeAction)
}
