// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"context"
	"slices"
)

// ExternalEvent is something that another service tells of a server (Nova: os-server-external-events).
type ExternalEvent struct {
	InstanceID string
	Name       string // "network-vif-deleted"
	Tag        string // the port, the volume, or the power
}

// externalEvents are those that something is done about. Nobody here waits for the others: ports are plugged
// when Plug returns, and volumes reimaged when Cinder says so.
var externalEvents = map[string]func(*Manager, context.Context, Caller, ExternalEvent) error{
	"network-changed":     (*Manager).networkChanged,
	"network-vif-deleted": (*Manager).portDeleted,
	"power-update":        (*Manager).powerUpdated,
	"volume-extended":     (*Manager).volumeGrown,
}

// TellExternal does what the event asks for, as far as the server's state allows: it is news and no request,
// so a failure is only logged. It returns when the record is up to date; the machine follows.
func (m *Manager) TellExternal(ctx context.Context, caller Caller, event ExternalEvent) {
	caller.Admin = true // news get through to a locked server
	m.Log.Debug("external event", "event", event.Name, "tag", event.Tag, "instance", event.InstanceID)
	do := externalEvents[event.Name]
	if do == nil {
		return
	}
	if err := do(m, ctx, caller, event); err != nil {
		m.Log.Info("external event not heeded", "event", event.Name, "tag", event.Tag, "instance", event.InstanceID, "error", err)
	}
}

func (m *Manager) networkChanged(ctx context.Context, _ Caller, event ExternalEvent) error {
	return m.NetworkChanged(ctx, event.InstanceID)
}

// portDeleted takes the NIC of a deleted port from the machine.
func (m *Manager) portDeleted(ctx context.Context, caller Caller, event ExternalEvent) error {
	_, err := m.doAside(ctx, caller, event.InstanceID, aside{
		name: event.Name, guard: guard{anyTask: true, unlaunched: true, host: true},
		run: func(ctx context.Context, inst *Instance) error { return m.detachInterface(ctx, inst, event.Tag) },
	})
	return err
}

func (m *Manager) volumeGrown(ctx context.Context, caller Caller, event ExternalEvent) error {
	return m.VolumeExtended(ctx, caller, event.InstanceID, event.Tag)
}

// powerUpdated starts or stops a server whose machine was switched from outside; in any other state than the
// one before, it is no news.
func (m *Manager) powerUpdated(ctx context.Context, caller Caller, event ExternalEvent) error {
	updates := map[string]struct {
		vm    VMState
		power []PowerState
		do    func(context.Context, Caller, string) error
	}{
		"POWER_ON":  {Stopped, []PowerState{PowerShutdown, PowerCrashed}, m.Start},
		"POWER_OFF": {Active, []PowerState{PowerRunning}, m.Stop},
	}
	update, known := updates[event.Tag]
	if !known {
		return refuse(BadRequest, "Invalid power state %s.", event.Tag)
	}
	inst, err := m.Get(ctx, event.InstanceID)
	if err != nil || inst.VMState != update.vm || inst.TaskState != NoTask || !slices.Contains(update.power, inst.PowerState) {
		return err
	}
	return update.do(ctx, caller, inst.ID)
}
