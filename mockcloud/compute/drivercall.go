// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// grace is how long a guest has to power off when asked (Nova: shutdown_timeout).
const grace = time.Minute

// DriverCall is one call of a host's driver.
type DriverCall struct {
	Host       string
	Method     string // "Spawn"
	InstanceID string // "" for calls that are about the host
}

// Interceptor stands around a driver call: next makes it.
type Interceptor func(ctx context.Context, call DriverCall, next func(context.Context) error) error

// host is a compute host of this process. Its methods are the only way to its driver.
type host struct {
	HostSpec
	m *Manager
}

// host is the one of that name. An instance without a host, or one that this process does not run,
// cannot be worked on.
func (m *Manager) host(name string) (*host, error) {
	if h := m.hosts[name]; h != nil {
		return h, nil
	}
	return nil, unavailable(name)
}

func unavailable(name string) error {
	return refuse(Unavailable, "Compute service of %s is unavailable at this time.", name)
}

// ofAnyHost are the calls that a host which is powered off answers, too: the one that powers it up, and those that
// tell or bring about no more than that its machines are off.
var ofAnyHost = []string{"HostPower", "List", "Resources", "State", "Stop"}

// starting are the calls after which a machine may run that did not before.
var starting = []string{"Spawn", "Start", "Reboot", "Rebuild", "Resume", "Rescue", "Unrescue", "Arrive", "Return"}

// call is the door to the driver. It is closed while the host is powered off; what was on its way in before is looked
// at again on its way out.
func (h *host) call(ctx context.Context, method, id string, do func(context.Context) error) error {
	if !slices.Contains(ofAnyHost, method) {
		if err := h.refuseOff(ctx); err != nil {
			return err
		}
	}
	err := h.intercepted(ctx, DriverCall{Host: h.Name, Method: method, InstanceID: id}, do)
	if !slices.Contains(starting, method) {
		return err
	}
	if off := h.endOff(id); err == nil {
		return off
	}
	return err
}

func (h *host) intercepted(ctx context.Context, call DriverCall, do func(context.Context) error) error {
	if h.m.Intercept == nil {
		return do(ctx)
	}
	return h.m.Intercept(ctx, call, do)
}

// refuseOff is an error of kind Unavailable while the host is powered off. The record alone says so: of a change of it
// nobody has an older copy.
func (h *host) refuseOff(ctx context.Context) error {
	return h.m.Store.View(ctx, func(tx store.Tx) error {
		off, err := hostIs(tx, h.Name, func(h *Host) bool { return h.PoweredOff })
		if off {
			return unavailable(h.Name)
		}
		return err
	})
}

// endOff ends a machine that was started while its host was powered off: PowerHost says first that the host is off and
// then ends the machines that are there, so that one which it did not find is found here. The error is refuseOff's. A call
// that was given up may have started one, too.
func (h *host) endOff(id string) error {
	off := h.refuseOff(h.m.ctx)
	if KindOf(off) != Unavailable {
		return off
	}
	if err := h.stop(h.m.ctx, id, 0); err != nil && !errors.Is(err, driver.ErrNotFound) {
		h.m.Log.Error("machine runs on a host that is off", "host", h.Name, "machine", id, "error", err)
	}
	return off
}

func (h *host) spawn(ctx context.Context, machine *driver.Machine) error {
	return h.call(ctx, "Spawn", machine.ID, func(ctx context.Context) error { return h.Driver.Spawn(ctx, machine) })
}

func (h *host) destroy(ctx context.Context, id string) error {
	return h.call(ctx, "Destroy", id, func(ctx context.Context) error { return h.Driver.Destroy(ctx, id) })
}

// undoSpawn destroys a machine that is not to be. On a host that is powered off it waits, off, for that to be back
// (host.reap).
func (h *host) undoSpawn(ctx context.Context, id string) error {
	if err := h.destroy(ctx, id); KindOf(err) != Unavailable {
		return err
	}
	return nil
}

func (h *host) start(ctx context.Context, id string) error {
	return h.call(ctx, "Start", id, func(ctx context.Context) error { return h.Driver.Start(ctx, id) })
}

func (h *host) stop(ctx context.Context, id string, grace time.Duration) error {
	return h.call(ctx, "Stop", id, func(ctx context.Context) error { return h.Driver.Stop(ctx, id, grace) })
}

func (h *host) reboot(ctx context.Context, id string, soft bool) error {
	return h.call(ctx, "Reboot", id, func(ctx context.Context) error { return h.Driver.Reboot(ctx, id, soft, grace) })
}

// power is the machine's power_state; PowerNoState when there is no machine.
func (h *host) power(ctx context.Context, id string) (PowerState, error) {
	power := PowerNoState
	err := h.call(ctx, "State", id, func(ctx context.Context) error {
		state, err := h.Driver.State(ctx, id)
		power = powerStates[state]
		return err
	})
	if errors.Is(err, driver.ErrNotFound) {
		return PowerNoState, nil
	}
	return power, err
}

func (h *host) list(ctx context.Context) (machines []driver.Status, err error) {
	err = h.call(ctx, "List", "", func(ctx context.Context) error {
		machines, err = h.Driver.List(ctx)
		return err
	})
	return machines, err
}

func (h *host) resources(ctx context.Context) (total driver.Resources, err error) {
	err = h.call(ctx, "Resources", "", func(ctx context.Context) error {
		total, err = h.Driver.Resources(ctx)
		return err
	})
	return total, err
}

// use is call for what not every driver can do: do gets the optional interface A of the host's driver.
// A refusal of kind NotImplemented when the driver lacks it.
func use[A any](ctx context.Context, h *host, method, id string, do func(context.Context, A) error) error {
	able, ok := h.Driver.(A)
	if !ok {
		return refuse(NotImplemented, "The hypervisor of this server does not support %s.", method)
	}
	return h.call(ctx, method, id, func(ctx context.Context) error { return do(ctx, able) })
}
