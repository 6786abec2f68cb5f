// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// unexpected are the power states that do not go with a vm_state; the server is stopped for them, as
// Nova's _sync_instance_power_state does. An active server that is paused is left alone: it may be
// paused by its hypervisor for a while.
var unexpected = map[VMState][]PowerState{
	Active:  {PowerShutdown, PowerCrashed, PowerSuspended},
	Paused:  {PowerShutdown, PowerCrashed},
	Stopped: {PowerRunning, PowerPaused, PowerSuspended},
}

// watch follows the host's machines: what happens to one without a call is brought into line with
// its instance.
func (h *host) watch() {
	events := h.Driver.Events()
	for {
		select {
		case event, open := <-events:
			if !open {
				return
			}
			h.m.Log.Info("machine changed", "instance", event.ID, "host", h.Name, "reason", event.Reason)
			h.m.syncLater(h, event.ID)
		case <-h.m.ctx.Done():
			return
		}
	}
}

// syncLater syncs the instance's power state once its turn comes: what is under way on it may be
// the very cause of the change.
func (m *Manager) syncLater(h *host, id string) {
	m.inTurn(id, "", func(ctx context.Context) {
		if err := m.syncPower(ctx, h, id); err != nil && ctx.Err() == nil {
			m.Log.Error("power state not synced", "instance", id, "error", err)
		}
	})
}

// syncWhereItIs is syncLater for a server that may be moved by what is before this in its line.
func (m *Manager) syncWhereItIs(id string) {
	m.inTurn(id, "", func(ctx context.Context) {
		inst, err := m.Get(ctx, id)
		if err == nil && m.hosts[inst.Host] != nil {
			err = m.syncPower(ctx, m.hosts[inst.Host], id)
		}
		if err != nil && KindOf(err) != NotFound && ctx.Err() == nil {
			m.Log.Error("power state not synced", "instance", id, "error", err)
		}
	})
}

// syncPower records the machine's power state and stops a server that should not be in it.
func (m *Manager) syncPower(ctx context.Context, h *host, id string) error {
	power, err := h.power(ctx, id)
	if err != nil {
		return err
	}
	var op *Op
	err = m.Store.Update(ctx, func(tx store.Tx) error {
		op = nil
		inst, err := live(tx, id)
		if KindOf(err) == NotFound {
			return nil
		}
		if err != nil {
			return err
		}
		if inst.Host != h.Name || inst.TaskState != NoTask {
			return nil
		}
		// A host that is down tells of nothing: a server that was on is on after its evacuation.
		// One that is powered off told of its machines' end before.
		if up, err := hostIs(tx, h.Name, func(h *Host) bool { return !h.ForcedDown }); err != nil || !up {
			return err
		}
		changed := inst.PowerState != power
		inst.PowerState, inst.UpdatedAt = power, m.Clock.Now()
		switch {
		case slices.Contains(unexpected[inst.VMState], power):
			op, err = m.acceptIn(tx, m.self(inst), inst, &stopAction)
			return err
		case changed:
			return instances.Put(tx, inst)
		}
		return nil
	})
	if err != nil || op == nil {
		return err
	}
	return m.launch(op)
}

// self is the service acting on an instance of its own accord.
func (m *Manager) self(inst *Instance) Caller {
	return Caller{RequestID: "req-" + uuid.NewString(), ProjectID: inst.ProjectID, Admin: true}
}
