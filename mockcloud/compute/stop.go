// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"context"
	"strconv"
	"time"
)

var stopAction = Action{
	Name: "stop", Task: PoweringOff, Event: "compute_stop_instance",
	Run: func(op *Op) error {
		host, err := op.host()
		if err != nil {
			return err
		}
		if err := host.stop(op.Context, op.Instance.ID, op.Instance.shutdownTimeout()); err != nil {
			return err
		}
		return op.Finish(Stopped)
	},
}

// shutdownTimeout is how long the guest may take to power off: what its image says in
// os_shutdown_timeout, in seconds, or Nova's default.
func (i *Instance) shutdownTimeout() time.Duration {
	seconds, err := strconv.ParseUint(i.ImageProperties["os_shutdown_timeout"], 10, 31)
	if err != nil {
		return grace
	}
	return time.Duration(seconds) * time.Second
}

// Stop begins to power a server off (os-stop).
func (m *Manager) Stop(ctx context.Context, caller Caller, id string) error {
	return m.act(ctx, caller, id, &stopAction)
}
