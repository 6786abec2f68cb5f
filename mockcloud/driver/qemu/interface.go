// SPDX-License-Identifier: MPL-2.0

package qemu

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

var _ driver.InterfaceAttacher = (*Host)(nil)

// AttachInterface plugs the NIC in (QMP: netdev_add, device_add). As with volumes the record is first.
func (h *Host) AttachInterface(ctx context.Context, id string, dn driver.NIC) error {
	m, err := h.whole(id)
	if err != nil {
		return err
	}
	s, q := m.spec(), m.instance()
	if s.Suspended {
		return errSuspended
	}
	known := s.nicAt(dn.PortID) >= 0
	if !known {
		ports := maxRootPorts
		if q != nil {
			ports = s.Ports
		}
		if err := s.addNIC(dn, ports); err != nil {
			return fmt.Errorf("port %s: %w", dn.PortID, err)
		}
		if err := m.change(func(now *spec) { now.NICs = s.NICs }); err != nil {
			return err
		}
	}
	if q == nil {
		return nil
	}
	n := s.NICs[s.nicAt(dn.PortID)]
	if err = h.plugNIC(ctx, m, q, n); err == nil || known {
		return err
	}
	if still, asked := h.peripheral(context.WithoutCancel(ctx), m, q); asked != nil || still[n.id()] {
		return err
	}
	return errors.Join(err, h.forgetNIC(m, n))
}

// plugNIC gives a running machine a NIC, if it has it not.
func (h *Host) plugNIC(ctx context.Context, m *machine, q *instance, n nic) error {
	have, err := h.peripheral(ctx, m, q)
	if err != nil || have[n.id()] {
		return err
	}
	if err := h.dropNetdev(ctx, q, n); err != nil { // of an attempt that was cut short
		return err
	}
	if err := removeFile(n.Local); err != nil {
		return err
	}
	err = h.run(ctx, m, q, "netdev_add", n.netdev(), nil)
	if err == nil {
		err = h.run(ctx, m, q, "device_add", n.device(), nil)
	}
	if err != nil {
		err = errors.Join(err, h.dropNetdev(context.WithoutCancel(ctx), q, n))
	}
	return err
}

// dropNetdev removes the NIC's side towards the fabric, if QEMU has it.
func (h *Host) dropNetdev(ctx context.Context, q *instance, n nic) error {
	err := q.mon.Execute(ctx, "netdev_del", obj{"id": "host" + n.id()}, nil)
	if isRefusal(err, "DeviceNotFound") || gone(q) {
		return nil
	}
	return err
}

// DetachInterface has the guest let go of the NIC, and removes its socket.
func (h *Host) DetachInterface(ctx context.Context, id, portID string) error {
	m, err := h.whole(id)
	if err != nil {
		return err
	}
	s, q := m.spec(), m.instance()
	at := s.nicAt(portID)
	switch {
	case at < 0:
		return fmt.Errorf("%w: NIC of port %s", driver.ErrNoDevice, portID)
	case s.Suspended:
		return errSuspended
	}
	n := s.NICs[at]
	if q != nil {
		err := h.unplug(ctx, m, q, n.id())
		if err == nil {
			err = h.dropNetdev(ctx, q, n)
		}
		if err != nil {
			return fmt.Errorf("port %s: %w", portID, err)
		}
	}
	return h.forgetNIC(m, n)
}

// forgetNIC removes the NIC from the record, and its socket.
func (h *Host) forgetNIC(m *machine, n nic) error {
	if err := removeFile(n.Local); err != nil {
		return err
	}
	return m.change(func(s *spec) {
		s.NICs = slices.DeleteFunc(s.NICs, func(other nic) bool { return other.PortID == n.PortID })
	})
}
