// SPDX-License-Identifier: MPL-2.0

package qemu

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// Resume lets a suspended machine go on where it was. One whose Resume was cut short is in memory already, and
// a guest that sleeps (S3) is woken.
func (h *Host) Resume(ctx context.Context, id string) error {
	m, err := h.whole(id)
	if err != nil {
		return err
	}
	q := m.instance()
	switch state := m.status().State; {
	case q == nil && m.spec().Suspended:
		return h.restore(ctx, m)
	case q == nil:
		return fmt.Errorf("machine %s is not suspended", id)
	case state == driver.Suspended:
		return h.run(ctx, m, q, "system_wakeup", nil, nil)
	case state == driver.Paused:
		return h.turn(ctx, m, q, "cont")
	}
	return nil
}

// restore runs QEMU with the guest from the file of its memory. On an error it is still there.
func (h *Host) restore(ctx context.Context, m *machine) error {
	file, err := os.Open(m.memory())
	if err != nil {
		return err
	}
	defer file.Close()
	// With the root ports that the guest knows, rather than those that a boot would give it.
	q, err := h.launch(ctx, m, &incoming{uri: "defer", file: file})
	if err != nil {
		return err
	}
	err = h.fill(ctx, m, q)
	if err == nil {
		// From here on the guest changes its disks: the file must never be used again.
		err = m.change(func(s *spec) { s.Suspended = false })
	}
	if err != nil {
		err = errors.Join(fmt.Errorf("resuming machine %s: %w", m.id, err), h.end(m, m.ask()))
		m.turnedOff()
		return err
	}
	if err := h.turn(ctx, m, q, "cont"); err != nil {
		return err
	}
	return removeFile(m.memory())
}

// fill loads the guest into a QEMU that waits for it.
func (h *Host) fill(ctx context.Context, m *machine, q *instance) error {
	events, end, err := q.listen()
	if err != nil {
		return err
	}
	defer end()
	if err := h.run(ctx, m, q, "migrate-set-capabilities", capabilities("events"), nil); err != nil {
		return err
	}
	if err := h.run(ctx, m, q, "migrate-incoming", obj{"uri": fmt.Sprintf("fd:%d", incomingFD)}, nil); err != nil {
		return err
	}
	return h.migrated(ctx, m, q, events)
}

// forgetMemory makes a machine that is suspended one that is off.
func (m *machine) forgetMemory() error {
	if !m.spec().Suspended {
		return nil
	}
	if err := m.change(func(s *spec) { s.Suspended = false }); err != nil {
		return err
	}
	m.turnedOff()
	return removeFile(m.memory())
}

// turnedOff settles the state of a machine that a call has ended.
func (m *machine) turnedOff() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.on == nil && m.err == nil {
		m.state = m.offState()
	}
}

// offState is the state of a machine that is off on purpose; m.mu is held.
func (m *machine) offState() driver.State {
	if m.shape.Suspended {
		return driver.Suspended
	}
	return driver.Shutdown
}
