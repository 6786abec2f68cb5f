// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"context"
	"errors"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// volumeReservation notes that volumes are being reserved for a server that is not recorded yet, or are still
// attached to one that has been deleted, so that a restart finds them.
type volumeReservation struct{ InstanceID string }

var volumeReservations = store.Table[volumeReservation]{
	Name: "compute_volume_reservations",
	Key:  func(r *volumeReservation) string { return r.InstanceID },
}

// noteReservation notes that there may be attachments to a server that is not there.
func (m *Manager) noteReservation(ctx context.Context, instanceID string) error {
	return m.Store.Update(ctx, func(tx store.Tx) error {
		return volumeReservations.Put(tx, &volumeReservation{InstanceID: instanceID})
	})
}

// reserveVolumes reserves the volumes that exist for a server to be: all or none.
func (m *Manager) reserveVolumes(ctx context.Context, caller Caller, instanceID string, devices []BlockDevice) error {
	err := m.noteReservation(ctx, instanceID)
	if err != nil {
		return err
	}
	for i := range devices {
		b := &devices[i]
		if !b.OnVolume() || b.VolumeID == "" {
			continue
		}
		if b.AttachmentID, err = m.Volumes.Reserve(ctx, caller, b.VolumeID, instanceID); err != nil {
			m.unreserve(context.WithoutCancel(ctx), instanceID)
			if KindOf(err) == Internal {
				return invalidMapping("failed to get volume %s.", b.VolumeID)
			}
			return refuse(BadRequest, "Invalid volume: Invalid input received: %v", err)
		}
	}
	return nil
}

// unreserve gives back what was reserved for a server that is not to be. What fails is tried again by the
// next start.
func (m *Manager) unreserve(ctx context.Context, instanceID string) {
	err := m.detachAll(ctx, instanceID)
	if err == nil {
		err = m.Store.Update(ctx, func(tx store.Tx) error { return dropReservation(tx, instanceID) })
	}
	if err != nil {
		m.Log.Error("volumes not released", "instance", instanceID, "error", err)
	}
}

// dropReservation forgets the note, with the transaction that records the server.
func dropReservation(tx store.Tx, instanceID string) error {
	if err := volumeReservations.Delete(tx, instanceID); !errors.Is(err, store.ErrNotFound) {
		return err
	}
	return nil
}

// recoverReservations gives back what was reserved when the process ended.
func (m *Manager) recoverReservations(ctx context.Context) error {
	var left []*volumeReservation
	err := m.Store.View(ctx, func(tx store.Tx) (err error) {
		left, err = volumeReservations.All(tx)
		return err
	})
	for _, r := range left {
		m.unreserve(ctx, r.InstanceID)
	}
	return err
}

// detachAll deletes every attachment to an instance.
func (m *Manager) detachAll(ctx context.Context, instanceID string) error {
	if m.Volumes == nil {
		return nil
	}
	ids, err := m.Volumes.AttachmentsOf(ctx, instanceID)
	for _, id := range ids {
		err = errors.Join(err, m.Volumes.Detach(ctx, id))
	}
	return err
}
