// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"context"
	"errors"
	"slices"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// InterfaceAttachFailed: the host could not give the machine the interface.
type InterfaceAttachFailed struct {
	InstanceID string
	Cause      error
}

func (e *InterfaceAttachFailed) Error() string {
	return "Failed to attach network adapter device to " + e.InstanceID
}

func (e *InterfaceAttachFailed) Unwrap() error { return e.Cause }

// InterfaceDetachFailed: the host could not take the interface from the machine.
type InterfaceDetachFailed struct {
	InstanceID string
	Cause      error
}

func (e *InterfaceDetachFailed) Error() string {
	return "Failed to detach network adapter device from " + e.InstanceID
}

func (e *InterfaceDetachFailed) Unwrap() error { return e.Cause }

// Kind is BadRequest.
func (*InterfaceDetachFailed) Kind() Kind { return BadRequest }

// AttachInterface gives a server one more interface, and returns when it has it: on a port, on a network
// or, when neither is named, on the project's only network. *InterfaceAttachFailed when the host fails;
// of kind BadRequest when its driver cannot attach interfaces.
func (m *Manager) AttachInterface(ctx context.Context, caller Caller, id string, want RequestedNetwork) (VIF, error) {
	var vif VIF
	result, err := m.doAside(ctx, caller, id, aside{
		name: "attach_interface", guard: guards["attach_interface"],
		record: "attach_interface", event: "compute_attach_interface", change: &InterfaceChange{},
		run: func(ctx context.Context, inst *Instance) (err error) {
			vif, err = m.attachInterface(ctx, caller, inst, want)
			return err
		},
	})
	if err == nil {
		err = m.awaitAside(ctx, result)
	}
	if err != nil {
		return VIF{}, err // and no look at vif: the aside may still be writing it
	}
	return vif, nil
}

func (m *Manager) attachInterface(ctx context.Context, caller Caller, inst *Instance, want RequestedNetwork) (VIF, error) {
	h, err := m.host(inst.Host)
	if err != nil {
		return VIF{}, err
	}
	if !h.attachesInterfaces() {
		return VIF{}, refuse(BadRequest, "Attaching interfaces is not supported for instance %s.", inst.ID)
	}
	vif, err := m.Networks.Attach(ctx, caller, inst, want)
	if err != nil {
		return VIF{}, err
	}
	if err := m.plugInterface(ctx, h, inst, vif); err != nil {
		m.Log.Warn("interface not attached", "instance", inst.ID, "port", vif.PortID, "error", err)
		if err := m.Networks.Detach(m.ctx, inst, vif.PortID); err != nil {
			m.Log.Error("port not released", "instance", inst.ID, "port", vif.PortID, "error", err)
		}
		return VIF{}, &InterfaceAttachFailed{InstanceID: inst.ID, Cause: err}
	}
	return vif, m.RefreshNetwork(ctx, inst.ID)
}

// plugInterface connects the VIF to the data plane and the machine to it: both or neither.
func (m *Manager) plugInterface(ctx context.Context, h *host, inst *Instance, vif VIF) error {
	nic, err := m.Fabric.Plug(ctx, port(inst, vif))
	if err != nil {
		return err
	}
	err = use(ctx, h, "AttachInterface", inst.ID, func(ctx context.Context, d driver.InterfaceAttacher) error {
		return d.AttachInterface(ctx, inst.ID, nic)
	})
	if err != nil {
		err = errors.Join(err, m.Fabric.Unplug(m.ctx, vif.PortID))
	}
	return err
}

// DetachInterface begins to take an interface from a server, by its port. That the server has no such
// port, it only tells in the instance action, as Nova does. Of kind NotImplemented when the host's driver
// cannot detach interfaces.
func (m *Manager) DetachInterface(ctx context.Context, caller Caller, id, portID string) error {
	inst, err := m.Get(ctx, id)
	if err != nil {
		return err
	}
	if h := m.hosts[inst.Host]; h != nil && !h.attachesInterfaces() {
		return refuse(NotImplemented, "The requested functionality is not supported.")
	}
	_, err = m.doAside(ctx, caller, id, aside{
		name: "detach_interface", guard: guards["detach_interface"],
		record: "detach_interface", event: "compute_detach_interface", change: &InterfaceChange{PortID: portID},
		run: func(ctx context.Context, inst *Instance) error { return m.detachInterface(ctx, inst, portID) },
	})
	return err
}

func (m *Manager) detachInterface(ctx context.Context, inst *Instance, portID string) error {
	if !slices.ContainsFunc(inst.VIFs, func(v VIF) bool { return v.PortID == portID }) {
		return refuse(NotFound, "Port %s is not attached", portID)
	}
	h, err := m.host(inst.Host)
	if err != nil {
		return err
	}
	if err := m.unplugInterface(ctx, h, inst.ID, portID); err != nil {
		return &InterfaceDetachFailed{InstanceID: inst.ID, Cause: err}
	}
	// A port that has been deleted meanwhile is as good as released.
	if err := m.Networks.Detach(ctx, inst, portID); err != nil && KindOf(err) != NotFound {
		return err
	}
	return m.RefreshNetwork(ctx, inst.ID)
}

// unplugInterface takes the NIC of a port from the machine, if it has it, and the port from the data
// plane.
func (m *Manager) unplugInterface(ctx context.Context, h *host, id, portID string) error {
	err := use(ctx, h, "DetachInterface", id, func(ctx context.Context, d driver.InterfaceAttacher) error {
		return d.DetachInterface(ctx, id, portID)
	})
	if err != nil && !errors.Is(err, driver.ErrNoDevice) {
		return err
	}
	return m.Fabric.Unplug(ctx, portID)
}

// attachesInterfaces tells whether the host's driver can attach and detach NICs.
func (h *host) attachesInterfaces() bool {
	_, able := h.Driver.(driver.InterfaceAttacher)
	return able
}
