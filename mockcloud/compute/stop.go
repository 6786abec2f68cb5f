// SPDX-License-Identifier: MPL-2.0

package compute

import "context"

var stopAction = Action{
	Name: "stop", Task: PoweringOff, Event: "compute_stop_instance",
	Run: func(op *Op) error {
		host, err := op.host()
		if err != nil {
			return err
		}
		if err := host.stop(op.Context, op.Instance.ID); err != nil {
			return err
		}
		return op.Finish(Stopped)
	},
}

// Stop begins to power a server off (os-stop).
func (m *Manager) Stop(ctx context.Context, caller Caller, id string) error {
	return m.act(ctx, caller, id, &stopAction)
}
