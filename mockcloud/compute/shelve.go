// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"context"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// shelveAction powers a server off and keeps its root disk as an image. Unless servers stay on their hosts for
// a while, it leaves the host at once.
var shelveAction = Action{Name: "shelve", Task: Shelving, Event: "compute_shelve_instance", Run: shelve}

// shelveVolumesAction is shelve for servers that boot from a volume: there is nothing to keep.
var shelveVolumesAction = Action{
	Name: "shelve", Task: Shelving, Event: "compute_shelve_offload_instance",
	Run: func(op *Op) error { return op.offload(op.Instance.shutdownTimeout()) },
}

// shelveOffloadAction takes a shelved server from its host.
var shelveOffloadAction = Action{
	Name: "shelveOffload", Guard: "shelve_offload", Task: ShelvingOffloading, Event: "compute_shelve_offload_instance",
	Run: func(op *Op) error { return op.offload(0) },
}

// Shelve begins to power a server off and to keep it as an image.
func (m *Manager) Shelve(ctx context.Context, caller Caller, id string) error {
	inst, err := m.Get(ctx, id)
	if err != nil {
		return err
	}
	if inst.VolumeBacked() {
		return m.act(ctx, caller, id, &shelveVolumesAction)
	}
	want := Snapshotting{Name: inst.Name + "-shelved", Type: imageSnapshot}
	op, err := m.beginSnapshot(ctx, caller, id, &shelveAction, want)
	if err != nil {
		return err
	}
	return m.launch(op)
}

// ShelveOffload begins to take a shelved server from its host.
func (m *Manager) ShelveOffload(ctx context.Context, caller Caller, id string) error {
	return m.act(ctx, caller, id, &shelveOffloadAction)
}

func shelve(op *Op) error {
	offload, image := op.m.ShelvedOffloadTime == 0, op.Instance.SnapshotImageID
	err := op.shelve(offload)
	if err != nil && op.m.ctx.Err() == nil { // whoever has the server now, nobody else knows what the image is for
		op.m.dropImage(op.m.ctx, op.Instance.ID, image)
		op.log("forget image", op.Set(func(inst *Instance) { inst.SnapshotImageID = "" }))
	}
	if err != nil || !offload {
		return err
	}
	return op.offload(0)
}

// shelve leaves the server off, and kept as an image.
func (op *Op) shelve(offload bool) error {
	host, err := op.host()
	if err != nil {
		return err
	}
	op.Undo(func(context.Context) { op.m.syncLater(host, op.Instance.ID) })
	if err := op.powerOff(host); err != nil {
		return err
	}
	if err := op.snapshot(ShelvingImagePendingUpload, ShelvingImageUploading); err != nil {
		return err
	}
	power, err := host.power(op.Context, op.Instance.ID)
	if err != nil {
		return err
	}
	now := op.m.Clock.Now()
	return op.Set(func(inst *Instance) {
		inst.VMState, inst.PowerState, inst.TaskState = Shelved, power, NoTask
		inst.ShelvedImageID, inst.SnapshotImageID, inst.ShelvedAt = inst.SnapshotImageID, "", &now
		if offload {
			inst.TaskState = ShelvingOffloading
		}
	})
}

// powerOff has the guest shut down, if there is one to ask, before its machine is no more what it was (Nova:
// _power_off_instance).
func (op *Op) powerOff(host *host) error {
	grace := op.Instance.shutdownTimeout()
	if op.Instance.PowerState != PowerRunning {
		grace = 0
	}
	return host.stop(op.Context, op.Instance.ID, grace)
}

// offload takes the server from its host: its machine is gone, its room is free. It keeps its ports and its
// volumes.
func (op *Op) offload(grace time.Duration) error {
	inst := op.Instance
	if host := op.m.hosts[inst.Host]; host != nil && grace > 0 {
		if err := host.stop(op.Context, inst.ID, grace); err != nil {
			return err
		}
	}
	if err := op.leaveHost(); err != nil {
		return err
	}
	now := op.m.Clock.Now()
	return op.write(nil, func(tx store.Tx, inst *Instance) error {
		inst.VMState, inst.TaskState, inst.PowerState = ShelvedOffloaded, NoTask, PowerShutdown
		inst.Host, inst.Node = "", ""
		if inst.ShelvedAt == nil {
			inst.ShelvedAt = &now
		}
		if err := op.m.dropConsoleTokens(tx, inst.ID, false); err != nil {
			return err
		}
		return allocate(tx, inst)
	})
}

// leaveHost removes what the server has on its host, and what leads there. It can be done again.
func (op *Op) leaveHost() error {
	if err := op.destroyMachine(op.Instance.Host); err != nil {
		return err
	}
	op.m.unplug(op.Context, op.Instance)
	if err := op.m.Networks.Bind(op.Context, op.Instance, ""); err != nil {
		return err
	}
	return op.disconnectVolumes()
}

// offloadEvery is how often shelved servers are looked at (Nova: [DEFAULT] shelved_poll_interval is an hour).
const offloadEvery = time.Minute

// offloadOverdue offloads the servers that were shelved ShelvedOffloadTime ago, until the Manager closes.
func (m *Manager) offloadOverdue() {
	for m.Clock.Sleep(m.ctx, min(m.ShelvedOffloadTime, offloadEvery)) == nil {
		before := m.Clock.Now().Add(-m.ShelvedOffloadTime)
		known, err := m.List(m.ctx, Filter{})
		for _, inst := range known {
			if inst.VMState != Shelved || inst.TaskState != NoTask || inst.ShelvedAt == nil || inst.ShelvedAt.After(before) {
				continue
			}
			if err := m.ShelveOffload(m.ctx, m.self(inst), inst.ID); err != nil && m.ctx.Err() == nil {
				m.Log.Warn("shelved server not offloaded", "instance", inst.ID, "error", err)
			}
		}
		if err != nil && m.ctx.Err() == nil {
			m.Log.Error("shelved servers not looked at", "error", err)
		}
	}
}
