// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"context"
	"errors"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// quiesce holds the file systems of an active instance still while its volumes are copied, if they can be: until it is
// told of the snapshots, of which there may be none, and these are complete. Nil: they are not held. Only an image that
// demands it (os_require_quiesce) lets the snapshot fail otherwise: of kind BadRequest. It waits for the instance's turn.
func (m *Manager) quiesce(ctx context.Context, inst *Instance) (made chan<- []imageDevice, err error) {
	h, demanded := m.hosts[inst.Host], isTrue(inst.ImageProperties["os_require_quiesce"])
	if inst.VMState != Active || h == nil || !demanded && !isTrue(inst.ImageProperties["hw_qemu_guest_agent"]) {
		return nil, nil
	}
	s := &stillness{began: make(chan struct{}), frozen: make(chan error), made: make(chan []imageDevice, 1)}
	if _, able := h.Driver.(driver.Quiescer); able {
		err = m.beStill(ctx, inst.ID, s)
	} else {
		err = refuse(BadRequest, "Quiescing is not supported in instance %s", inst.ID)
	}
	if errors.Is(err, driver.ErrNoAgent) {
		err = refuse(BadRequest, "QEMU guest agent is not enabled")
	}
	switch {
	case err == nil:
		return s.made, nil
	case demanded || ctx.Err() != nil:
		return nil, err
	}
	m.Log.Info("snapshot without freezing the guest's file systems", "instance", inst.ID, "error", err)
	return nil, nil
}

// beStill returns once the guest is frozen.
func (m *Manager) beStill(ctx context.Context, id string, s *stillness) error {
	if !m.still.add(id, s, func() bool {
		return m.inTurn(id, "", func(turn context.Context) {
			s.turn = turn
			close(s.began)
			defer m.still.end(id, s)
			m.standStill(ctx, id, s)
		})
	}) {
		return errStopping
	}
	select {
	case err := <-s.frozen:
		return err
	case <-ctx.Done():
		return ctx.Err()
	case <-m.ctx.Done():
		return errStopping
	}
}

// standStill is the stillness from its beginning to its end. asked is who waits for the former.
func (m *Manager) standStill(asked context.Context, id string, s *stillness) {
	inst, err := m.Get(asked, id)
	if err == nil && inst.VMState != Active { // since it was asked for
		err = driver.ErrNoAgent
	}
	if err == nil {
		err = m.tellGuest(s.turn, inst, "Quiesce", driver.Quiescer.Quiesce)
	}
	if err == nil {
		defer func() {
			err := m.tellGuest(context.WithoutCancel(s.turn), inst, "Unquiesce", driver.Quiescer.Unquiesce)
			if err != nil && !errors.Is(err, driver.ErrNotFound) {
				m.Log.Error("a guest's file systems may still be frozen", "instance", id, "error", err)
			}
		}()
	}
	select {
	case s.frozen <- err:
	case <-asked.Done():
		return
	case <-s.turn.Done():
		return
	}
	if err != nil {
		return
	}
	select {
	case made := <-s.made:
		m.awaitSnapshots(s.turn, id, made)
	case <-s.turn.Done():
	}
}

func (m *Manager) tellGuest(ctx context.Context, inst *Instance, method string, do func(driver.Quiescer, context.Context, string) error) error {
	h, err := m.host(inst.Host)
	if err != nil {
		return err
	}
	return use(ctx, h, method, inst.ID, func(ctx context.Context, d driver.Quiescer) error { return do(d, ctx, inst.ID) })
}

func (m *Manager) awaitSnapshots(ctx context.Context, id string, made []imageDevice) {
	for _, device := range made {
		if device.SnapshotID == "" {
			continue
		}
		if err := m.Volumes.AwaitSnapshot(ctx, device.SnapshotID); err != nil && KindOf(err) != NotFound {
			m.Log.Warn("snapshot not awaited", "instance", id, "snapshot", device.SnapshotID, "error", err)
		}
	}
}
