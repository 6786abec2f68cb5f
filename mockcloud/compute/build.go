// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"context"
	"errors"
	"fmt"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// maxAttempts is on how many hosts a build is tried (Nova: [scheduler] max_attempts).
const maxAttempts = 3

// run builds the instance on the best host, and on the next best when that host fails.
func (b *build) run(op *Op) error {
	// The volumes are made once, and kept when another host is tried.
	op.Undo(func(ctx context.Context) { op.log("give volumes back", op.abandonVolumes(ctx)) })
	kept := len(op.undo)
	var tried []string
	var last error
	for {
		err := b.schedule(op, tried)
		if last != nil && errors.As(err, new(*NoValidHost)) {
			err = &MaxRetriesExceeded{InstanceID: op.Instance.ID, Last: last}
		}
		if err != nil {
			return broken{err}
		}
		last = b.attempt(op)
		op.log("count", op.m.countBuild(op.m.ctx, op.Instance.Host, last))
		if last == nil {
			return nil
		}
		tried = append(tried, op.Instance.Host)
		switch {
		case b.target.forced(), errors.As(last, new(*BuildAborted)), errors.Is(last, errPreempted), op.Context.Err() != nil:
			return broken{last}
		case len(tried) == maxAttempts:
			return broken{&MaxRetriesExceeded{InstanceID: op.Instance.ID, Last: last}}
		}
		op.m.Log.Warn("build failed, rescheduling", "instance", op.Instance.ID, "host", op.Instance.Host, "error", last)
		op.retreat(kept)
		if err := op.Task(Scheduling); err != nil {
			return err
		}
	}
}

// retreat takes back what has been done since there were kept steps to undo.
func (op *Op) retreat(kept int) {
	later := Op{m: op.m, undo: op.undo[kept:]}
	op.undo = op.undo[:kept]
	later.rollback()
}

// schedule chooses a host and claims the instance's share of it, in one transaction: two builds
// cannot have the same room.
func (b *build) schedule(op *Op, tried []string) error {
	err := op.write(nil, func(tx store.Tx, inst *Instance) error {
		best, err := op.m.place(tx, inst, placing{Flavor: inst.Flavor, target: b.target, Exclude: tried})
		if err != nil {
			return err
		}
		inst.Host, inst.Node, inst.Zone = best.Name, best.Node, best.Zone
		inst.TaskState = Networking
		return allocate(tx, inst)
	})
	if err != nil {
		return err
	}
	op.Undo(func(context.Context) {
		op.log("unclaim", op.write(nil, func(tx store.Tx, inst *Instance) error {
			inst.Host, inst.Node, inst.Zone, inst.VIFs = "", "", "", nil
			return allocate(tx, inst)
		}))
	})
	return nil
}

// attempt builds the instance on the host that it was scheduled to.
func (b *build) attempt(op *Op) error {
	vifs, err := b.network(op)
	if err != nil {
		return err
	}
	if err := op.Set(func(inst *Instance) {
		inst.VIFs, inst.TaskState = vifs, BlockDeviceMapping
		nameDevices(inst)
	}); err != nil {
		return err
	}
	volumes, err := b.volumes(op)
	if err != nil {
		return err
	}
	machine, err := b.machine(op)
	if err != nil {
		return err
	}
	machine.Volumes = volumes
	if err := op.Task(Spawning); err != nil {
		return err
	}
	host, err := op.host()
	if err != nil {
		return err
	}
	// A Spawn that fails leaves nothing; one that only seems to have failed may leave a machine.
	op.Undo(func(ctx context.Context) { op.log("destroy", host.undoSpawn(ctx, machine.ID)) })
	if err := host.spawn(op.Context, machine); errors.Is(err, driver.ErrBadImage) {
		return b.abort(op, fmt.Sprintf("Image %s is unacceptable: %v", op.Instance.ImageID, err), err)
	} else if err != nil {
		return err
	}
	now := op.m.Clock.Now()
	return op.Finish(Active, func(inst *Instance) { inst.LaunchedAt = &now })
}

// abort is a failure that another host would not mend.
func (b *build) abort(op *Op, reason string, cause error) error {
	return &BuildAborted{InstanceID: op.Instance.ID, Reason: reason, Cause: cause}
}

// network gives the instance its ports.
func (b *build) network(op *Op) ([]VIF, error) {
	vifs, err := op.m.Networks.Allocate(op.Context, op.Caller, op.Instance)
	if err == nil {
		op.Undo(func(ctx context.Context) { op.log("deallocate", op.m.Networks.Deallocate(ctx, op.Instance)) })
		return vifs, nil
	}
	reason := "Failed to allocate the network(s), not rescheduling."
	if KindOf(err) != Internal {
		reason = fmt.Sprintf("Failed to allocate the network(s) with error %v, not rescheduling.", err)
	}
	return nil, b.abort(op, reason, err)
}

// machine is the shape of the instance's machine, its NICs plugged; its volumes are the caller's to add.
func (b *build) machine(op *Op) (*driver.Machine, error) { return b.machineOn(op, op.Instance.Host) }

// machineOn is machine on a host that the instance is not on yet.
func (b *build) machineOn(op *Op, host string) (*driver.Machine, error) {
	inst := op.Instance
	root, err := b.root(op)
	if err != nil {
		return nil, err
	}
	op.Undo(func(ctx context.Context) { op.m.unplug(ctx, inst) })
	nics, err := op.m.plugOn(op.Context, inst, host)
	if err != nil {
		return nil, err
	}
	drive, err := b.configDrive(op)
	if err != nil {
		return nil, b.abort(op, err.Error(), err)
	}
	cpus, err := cpuTopology(inst)
	if err != nil {
		return nil, b.abort(op, err.Error(), err)
	}
	ephemeral, swap := inst.localDisks()
	return &driver.Machine{
		ID: inst.ID, Name: inst.MachineName(), Hostname: inst.Hostname,
		VCPUs: inst.Flavor.VCPUs, MemoryMiB: inst.Flavor.MemoryMiB, CPUs: cpus,
		Root: root, EphemeralGiB: ephemeral, SwapMiB: swap, NICs: nics,
		ConfigDrive: drive, Properties: inst.machineProperties(),
	}, nil
}

// root is the machine's own root disk: none of one that boots from a volume.
func (b *build) root(op *Op) (driver.RootDisk, error) {
	if op.Instance.VolumeBacked() {
		return driver.RootDisk{}, nil
	}
	gibs := op.Instance.Flavor.RootGiB
	if root := int64(gibs) * gib; root != 0 && b.image.VirtualSize > root {
		err := tooSmallFor(b.image.VirtualSize, root)
		return driver.RootDisk{}, b.abort(op, err.Error(), err)
	}
	return driver.RootDisk{GiB: gibs, Image: driver.Image{
		ID: b.image.ID, Format: b.image.DiskFormat, Checksum: b.image.Checksum, Size: b.image.Size, Open: b.image.Open,
	}}, nil
}

// configDrive is the content of the config drive, nil for none. Injected files need one, too.
func (b *build) configDrive(op *Op) (map[string][]byte, error) {
	wanted := op.Instance.ConfigDrive || len(b.once.Files) > 0 || b.image.Properties["img_config_drive"] == "mandatory"
	if !wanted || op.m.ConfigDrive == nil {
		return nil, nil
	}
	files, err := op.m.ConfigDrive(op.Context, op.Instance, b.once)
	if err != nil {
		return nil, fmt.Errorf("config drive: %w", err)
	}
	return files, nil
}
