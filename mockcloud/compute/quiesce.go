// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"context"
	"errors"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// quiesce holds the file systems of an active instance still while its volumes are copied, if they can be. Only an
// image that demands it (os_require_quiesce) lets the snapshot fail otherwise: of kind BadRequest.
func (m *Manager) quiesce(ctx context.Context, inst *Instance) (held bool, err error) {
	h := m.hosts[inst.Host]
	if inst.VMState != Active || h == nil {
		return false, nil
	}
	if _, able := h.Driver.(driver.Quiescer); able {
		err = use(ctx, h, "Quiesce", inst.ID, func(ctx context.Context, d driver.Quiescer) error { return d.Quiesce(ctx, inst.ID) })
	} else {
		err = refuse(BadRequest, "Quiescing is not supported in instance %s", inst.ID)
	}
	if errors.Is(err, driver.ErrNoAgent) {
		err = refuse(BadRequest, "QEMU guest agent is not enabled")
	}
	if err == nil || isTrue(inst.ImageProperties["os_require_quiesce"]) {
		return err == nil, err
	}
	m.Log.Info("snapshot without freezing the guest's file systems", "instance", inst.ID, "error", err)
	return false, nil
}

// unquiesce lets the guest write again once the snapshots are made. It has a line of its own: the instance's turn is
// what the snapshots wait for.
func (m *Manager) unquiesce(inst *Instance, made []imageDevice) {
	m.inTurn("quiesced "+inst.ID, "", func(ctx context.Context) {
		for _, device := range made {
			if device.SnapshotID == "" {
				continue
			}
			if err := m.Volumes.AwaitSnapshot(ctx, device.SnapshotID); err != nil && KindOf(err) != NotFound {
				m.Log.Warn("snapshot not awaited", "instance", inst.ID, "snapshot", device.SnapshotID, "error", err)
			}
		}
		now, err := m.Get(ctx, inst.ID) // it may have moved meanwhile, and takes its memory along
		if err != nil {
			now = inst
		}
		h := m.hosts[now.Host]
		if h == nil {
			return
		}
		if err := use(ctx, h, "Unquiesce", inst.ID, func(ctx context.Context, d driver.Quiescer) error {
			return d.Unquiesce(ctx, inst.ID)
		}); err != nil && !errors.Is(err, driver.ErrNotFound) {
			m.Log.Error("a guest's file systems may still be frozen", "instance", inst.ID, "error", err)
		}
	})
}
