// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"errors"
	"time"
)

// Notification tells that something happened to a server (Nova: versioned notifications of instances).
type Notification struct {
	// Event is what, in Nova's words: "instance.create.end".
	Event string
	Time  time.Time
	// Instance is the server as it was then. It belongs to everybody: read it only.
	Instance *Instance
	// Caller is who asked for it.
	Caller Caller
	// Err is why an operation failed, nil otherwise.
	Err error
}

// The phases of an operation, as notifications name them.
const (
	startPhase = "start"
	endPhase   = "end"
	errorPhase = "error"
)

// nouns are what notifications call operations that they do not call by the action's name.
var nouns = map[string]string{
	"start":            "power_on",
	"os-start":         "power_on",
	"stop":             "power_off",
	"os-stop":          "power_off",
	"createImage":      "snapshot",
	"createBackup":     "snapshot",
	"confirmResize":    "resize_confirm",
	"revertResize":     "resize_revert",
	"migrate":          "resize",
	"live-migration":   "live_migration_post",
	"os-migrateLive":   "live_migration_post",
	"evacuate":         "rebuild",
	"shelveOffload":    "shelve_offload",
	"softDelete":       "soft_delete",
	"forceDelete":      "delete",
	"changePassword":   "set_admin_password",
	"attach_interface": "interface_attach",
	"detach_interface": "interface_detach",
	"attach_volume":    "volume_attach",
	"detach_volume":    "volume_detach",
	"swap_volume":      "volume_swap",
}

// noun is what notifications call the operation.
func (op *Op) noun() string {
	if noun, named := nouns[op.action.Name]; named {
		return noun
	}
	return op.action.Name
}

// notify tells of a phase of the operation.
func (op *Op) notify(phase string, err error) {
	op.m.tell("instance."+op.noun()+"."+phase, op.Caller, op.Instance, err)
}

// notifyWritten tells that the operation has written the instance, and what that ended.
func (op *Op) notifyWritten(failure error) {
	op.m.tell("instance.update", op.Caller, op.Instance, nil)
	switch {
	case !op.over:
	case failure == nil:
		op.notify(endPhase, nil)
	case !errors.Is(failure, errPreempted):
		op.notify(errorPhase, failure)
	}
}

func (m *Manager) tell(event string, caller Caller, inst *Instance, err error) {
	if m.Notify != nil {
		m.Notify(Notification{Event: event, Time: m.Clock.Now(), Instance: inst, Caller: caller, Err: err})
	}
}
