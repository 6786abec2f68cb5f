// SPDX-License-Identifier: MPL-2.0

package compute

import "context"

// RebootType is SOFT or HARD.
type RebootType string

// The types of reboot.
const (
	SoftReboot RebootType = "SOFT"
	HardReboot RebootType = "HARD"
)

var softReboot = Action{
	Name: "reboot", Guard: "_soft_reboot", Task: Rebooting, Event: "compute_reboot_instance",
	Run: func(op *Op) error { return reboot(op, true, RebootPending, RebootStarted) },
}

// hardReboot is allowed while a soft one is under way, for that may wait for a guest that hangs.
var hardReboot = Action{
	Name: "reboot", Guard: "_hard_reboot", Task: RebootingHard, Event: "compute_reboot_instance",
	Run: func(op *Op) error {
		if op.Instance.VMState == Error { // whatever failed may have left its volumes between two hosts
			if err := op.m.reconnectVolumes(op.Context, op.Instance, op.Instance.Host); err != nil {
				return broken{err}
			}
		}
		return reboot(op, false, RebootPendingHard, RebootStartedHard)
	},
}

// Reboot begins to restart a server.
func (m *Manager) Reboot(ctx context.Context, caller Caller, id string, kind RebootType) error {
	action := &hardReboot
	if kind == SoftReboot {
		action = &softReboot
	}
	return m.act(ctx, caller, id, action)
}

// reboot restarts the machine. When that fails, the server is in ERROR unless the machine runs.
func reboot(op *Op, soft bool, pending, started TaskState) error {
	if err := op.Task(pending); err != nil {
		return err
	}
	host, err := op.host()
	if err != nil {
		return err
	}
	if err := op.Task(started); err != nil {
		return err
	}
	if err := host.reboot(op.Context, op.Instance.ID, soft); err != nil {
		if power, known := op.powerNow(); known && power == PowerRunning {
			return err
		}
		return broken{err}
	}
	return op.Finish(Active)
}
