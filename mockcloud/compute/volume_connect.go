// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"context"
	"fmt"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// connectVolumes connects the instance's volumes to a host, the first one or another, and returns them as
// its machine there has them: for driver.Machine.Volumes. Devices that have no name yet get one. Once the
// machine is there, completeVolumes says so.
//
// A server that moves: connectVolumes(to) → Mover.Arrive with them → completeVolumes; when that fails,
// connectVolumes(from) → completeVolumes. One that is offloaded: disconnectVolumes.
func (op *Op) connectVolumes(hostName string) ([]driver.Volume, error) {
	if err := op.nameDevices(); err != nil {
		return nil, err
	}
	return op.m.connect(op.Context, op.Instance, hostName)
}

func (m *Manager) connect(ctx context.Context, inst *Instance, hostName string) ([]driver.Volume, error) {
	var volumes []driver.Volume
	for i := range inst.BlockDevices {
		b := &inst.BlockDevices[i]
		if !b.Attached() {
			continue
		}
		at, err := m.Volumes.Connect(ctx, b.AttachmentID, hostName, b.Device)
		if err != nil {
			return nil, fmt.Errorf("connect volume %s: %w", b.VolumeID, err)
		}
		volumes = append(volumes, inst.driverVolume(b, at))
	}
	return volumes, nil
}

// completeVolumes says that the instance's volumes are in use where they have been connected to.
func (op *Op) completeVolumes() error {
	return op.m.eachAttached(op.Instance, func(b *BlockDevice) error {
		return op.m.Volumes.Complete(op.Context, b.AttachmentID)
	})
}

// disconnectVolumes takes the instance's volumes from its host and keeps them reserved for it.
func (op *Op) disconnectVolumes() error {
	return op.m.eachAttached(op.Instance, func(b *BlockDevice) error {
		return op.m.Volumes.Disconnect(op.Context, b.AttachmentID)
	})
}

// reconnectVolumes is connectVolumes and completeVolumes for machines that have their volumes already.
func (m *Manager) reconnectVolumes(ctx context.Context, inst *Instance, hostName string) error {
	if _, err := m.connect(ctx, inst, hostName); err != nil {
		return err
	}
	return m.eachAttached(inst, func(b *BlockDevice) error { return m.Volumes.Complete(ctx, b.AttachmentID) })
}

func (m *Manager) eachAttached(inst *Instance, do func(*BlockDevice) error) error {
	for i := range inst.BlockDevices {
		b := &inst.BlockDevices[i]
		if !b.Attached() {
			continue
		}
		if err := do(b); err != nil {
			return fmt.Errorf("volume %s: %w", b.VolumeID, err)
		}
	}
	return nil
}

// attachesVolumes tells whether the host's driver can have volumes.
func (h *host) attachesVolumes() bool {
	_, able := h.Driver.(driver.VolumeAttacher)
	return able
}
