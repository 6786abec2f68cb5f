// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"context"
	"errors"
	"fmt"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// run makes the machine anew. Whatever fails leaves the server in ERROR; it can be rebuilt again.
func (r *rebuild) run(op *Op) error {
	host, err := op.host()
	if err != nil {
		return err
	}
	if err := r.remake(op, host); err != nil {
		return broken{err}
	}
	now := op.m.Clock.Now()
	if r.from != Stopped {
		return op.Finish(Active, func(inst *Instance) { inst.LaunchedAt = &now })
	}
	// A server that was off is off again.
	if err := op.Set(func(inst *Instance) { inst.VMState, inst.TaskState, inst.LaunchedAt = Active, PoweringOff, &now }); err != nil {
		return err
	}
	if err := host.stop(op.Context, op.Instance.ID, 0); err != nil {
		return err
	}
	return op.Finish(Stopped)
}

// remake replaces the machine: in place where the driver can do that, or by another one. Its ports stay
// plugged, its volumes attached.
func (r *rebuild) remake(op *Op, host *host) error {
	if err := host.refuseOff(op.Context); err != nil { // before anything is taken apart
		return err
	}
	_, inPlace := host.Driver.(driver.Rebuilder)
	if r.want.PreserveEphemeral && !inPlace {
		return refuse(BadRequest, "The current driver does not support preserving ephemeral partitions.")
	}
	if err := op.powerOff(host); err != nil && !errors.Is(err, driver.ErrNotFound) && !errors.Is(err, driver.ErrInterrupted) {
		return err
	}
	if r.reimage || !inPlace {
		if err := host.destroy(op.Context, op.Instance.ID); err != nil {
			return err
		}
		inPlace = false
	}
	if r.reimage {
		if err := op.reimageRoot(r.image); err != nil {
			return err
		}
	}
	if err := op.Task(RebuildBlockDeviceMapping); err != nil {
		return err
	}
	return r.respawn(op, host, inPlace)
}

// respawn makes the machine anew. One that is not made has its volumes all the same, as before.
func (r *rebuild) respawn(op *Op, host *host, inPlace bool) error {
	op.Undo(func(ctx context.Context) { op.log("reconnect", op.m.reconnectVolumes(ctx, op.Instance, host.Name)) })
	before := len(op.undo)
	volumes, err := op.connectVolumes(host.Name)
	if err != nil {
		return err
	}
	machine, err := r.machine(op)
	op.undo = op.undo[:before] // a server in ERROR keeps its ports
	if err != nil {
		return err
	}
	machine.Volumes = volumes
	if err := op.Task(RebuildSpawning); err != nil {
		return err
	}
	if able, _ := host.Driver.(driver.Rebuilder); inPlace {
		err = host.call(op.Context, "Rebuild", machine.ID, func(ctx context.Context) error {
			return able.Rebuild(ctx, machine, r.want.PreserveEphemeral)
		})
	}
	if !inPlace || errors.Is(err, driver.ErrNotFound) { // an earlier rebuild may have failed half-way
		err = host.spawn(op.Context, machine)
	}
	if errors.Is(err, driver.ErrBadImage) {
		return fmt.Errorf("Image %s is unacceptable: %w", r.image.ID, err)
	}
	if err != nil {
		return err
	}
	if err := op.completeVolumes(); err != nil {
		return err
	}
	op.undo = nil
	return nil
}

// reimageRoot writes the image onto the volume that the server boots from; the volume stays reserved for it
// meanwhile.
func (op *Op) reimageRoot(image *Image) error {
	root := op.Instance.Root()
	if err := op.m.Volumes.Disconnect(op.Context, root.AttachmentID); err != nil {
		return err
	}
	if err := op.m.Volumes.Reimage(op.Context, op.Caller, root.VolumeID, image.ID); err != nil {
		return err
	}
	volume, err := op.m.Volumes.Await(op.Context, root.VolumeID)
	if err != nil {
		return err
	}
	if volume.Status == "error" {
		return fmt.Errorf("Cinder reported failure during reimaging of volume %s for instance %s", //nolint:staticcheck // Nova's words
			root.VolumeID, op.Instance.ID)
	}
	return nil
}

// abandonRebuild ends a rebuild that a restart cut short: nobody knows what the machine is now.
var abandonRebuild = Action{Name: "rebuild", Event: "compute_rebuild_instance", Run: func(op *Op) error {
	if err := op.abandonEvacuation(); err != nil {
		return broken{err}
	}
	return broken{errRestarted}
}}
