// SPDX-License-Identifier: MPL-2.0

package compute

import "context"

var startAction = Action{
	Name: "start", Task: PoweringOn, Event: "compute_start_instance",
	Run: func(op *Op) error {
		host, err := op.host()
		if err != nil {
			return err
		}
		if err := host.start(op.Context, op.Instance.ID); err != nil {
			return err
		}
		return op.Finish(Active)
	},
}

// Start begins to power a stopped server on (os-start).
func (m *Manager) Start(ctx context.Context, caller Caller, id string) error {
	return m.act(ctx, caller, id, &startAction)
}
