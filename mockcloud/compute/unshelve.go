// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"context"
	"fmt"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// UnshelveRequest is where an offloaded server is to come back.
type UnshelveRequest struct {
	// Zone, unless nil, is the availability zone that it is pinned to from now on; "" is none (since
	// 2.77, none since 2.91).
	Zone *string
	// Host is the one to go to, "" for any (since 2.91).
	Host string
}

// unshelving is an unshelve under way.
type unshelving struct {
	build
	host string
}

// Unshelve begins to bring a shelved server back: on its host, or, once it is offloaded, on another one.
func (m *Manager) Unshelve(ctx context.Context, caller Caller, id string, want UnshelveRequest) error {
	u := &unshelving{host: want.Host}
	action := &Action{Name: "unshelve", Task: Unshelving, Event: "conductor_unshelve_instance", Run: u.run}
	op, err := m.acceptIf(ctx, caller, id, action, func(tx store.Tx, inst *Instance) error {
		if want.Zone == nil && want.Host == "" {
			return nil
		}
		if inst.VMState != ShelvedOffloaded {
			return refuse(Conflict, "Specifying an availability zone or a host when unshelving server %q with status %q is not "+
				"supported. The server status must be SHELVED_OFFLOADED.", id, inst.VMState)
		}
		set(&inst.RequestedZone, want.Zone)
		return m.checkUnshelve(tx, inst, want)
	})
	if err != nil {
		return err
	}
	return m.launch(op)
}

// checkUnshelve refuses zones and hosts that are not there, or not of each other.
func (m *Manager) checkUnshelve(tx store.Tx, inst *Instance, want UnshelveRequest) error {
	hosts, err := m.hostsIn(tx)
	if err != nil {
		return err
	}
	if err := (target{zone: valueOr(want.Zone, "")}).check(hosts); err != nil {
		return err
	}
	if want.Host == "" {
		return nil
	}
	if err := hostExists(tx, want.Host); err != nil {
		return err
	}
	zone, err := m.zoneOf(tx, want.Host)
	if err == nil && inst.RequestedZone != "" && zone != inst.RequestedZone {
		err = refuse(Conflict, "Host %q is not in the availability zone %q.", want.Host, inst.RequestedZone)
	}
	return err
}

func valueOr(s *string, fallback string) string {
	if s == nil {
		return fallback
	}
	return *s
}

func (u *unshelving) run(op *Op) error {
	if op.Instance.VMState == Shelved {
		return u.powerOn(op)
	}
	if err := u.findImage(op); err != nil {
		return err
	}
	if err := u.schedule(op); err != nil {
		return err
	}
	return u.spawn(op)
}

// powerOn brings a server back that never left its host.
func (u *unshelving) powerOn(op *Op) error {
	host, err := op.host()
	if err != nil {
		return err
	}
	if err := host.start(op.Context, op.Instance.ID); err != nil {
		return err
	}
	return u.finish(op)
}

func (u *unshelving) findImage(op *Op) error {
	if op.Instance.VolumeBacked() {
		u.image = &Image{}
		return nil
	}
	image, err := op.m.Images.Image(op.Context, Caller{Admin: true}, op.Instance.ShelvedImageID)
	if err != nil {
		return fmt.Errorf("Error during unshelve instance %s: unshelve attempted but the image %s could not be found.", //nolint:staticcheck,revive // Nova's words
			op.Instance.ID, op.Instance.ShelvedImageID)
	}
	u.image = image
	return nil
}

// schedule gives the server a host again. When the unshelve fails, it is offloaded as before.
func (u *unshelving) schedule(op *Op) error {
	err := op.write(nil, func(tx store.Tx, inst *Instance) error {
		best, err := op.m.place(tx, inst, placing{Flavor: inst.Flavor, target: target{zone: inst.RequestedZone, host: u.host}})
		if err != nil {
			return err
		}
		inst.Host, inst.Node, inst.Zone, inst.TaskState = best.Name, best.Node, best.Zone, Spawning
		if err := op.nextEvent(tx, inst, "compute_unshelve_instance", best.Name); err != nil {
			return err
		}
		return allocate(tx, inst)
	})
	if err != nil {
		return err
	}
	op.Undo(func(ctx context.Context) { op.log("offload", op.offloadAgain(ctx)) })
	return nil
}

// offloadAgain takes an unshelve back.
func (op *Op) offloadAgain(ctx context.Context) error {
	op.Context = ctx
	if err := op.leaveHost(); err != nil {
		return err
	}
	return op.write(nil, func(tx store.Tx, inst *Instance) error {
		inst.Host, inst.Node, inst.TaskState = "", "", Unshelving
		return allocate(tx, inst)
	})
}

func (u *unshelving) spawn(op *Op) error {
	host, err := op.host()
	if err != nil {
		return err
	}
	if err := op.m.Networks.Bind(op.Context, op.Instance, host.Name); err != nil {
		return err
	}
	volumes, err := op.connectVolumes(host.Name)
	if err != nil {
		return err
	}
	machine, err := u.machine(op)
	if err != nil {
		return err
	}
	machine.Volumes = volumes
	if err := host.spawn(op.Context, machine); err != nil {
		return err
	}
	if err := op.completeVolumes(); err != nil {
		return err
	}
	return u.finish(op)
}

// finish says that the server is back; the image that it was is not needed any more.
func (*unshelving) finish(op *Op) error {
	now, image := op.m.Clock.Now(), op.Instance.ShelvedImageID
	err := op.Finish(Active, func(inst *Instance) {
		inst.ShelvedImageID, inst.ShelvedAt, inst.LaunchedAt = "", nil, &now
	})
	if err == nil {
		op.m.dropImage(op.m.ctx, op.Instance.ID, image)
	}
	return err
}

// abandonUnshelve takes an unshelve back that a restart cut short.
var abandonUnshelve = Action{Name: "unshelve", Event: "compute_unshelve_instance", Run: func(op *Op) error {
	if op.Instance.VMState == Shelved {
		return (&unshelving{}).powerOn(op)
	}
	if err := op.offloadAgain(op.Context); err != nil {
		return broken{err}
	}
	return errRestarted
}}
