// SPDX-License-Identifier: MPL-2.0

package qemu

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver/qemu/qmp"
)

var _ driver.Suspender = (*Host)(nil)

// A machine is suspended once its spec says so: until then the guest is in QEMU, stopped perhaps, and the
// file of its memory is a draft; from then on it is in the file, and no QEMU may have it. Whoever opens
// the host in between finds the one or the other (see settle.go). The file does not survive a power cut in its
// first moments; the machine can then be rebooted, and loses no more than in any power cut.

// savedAs is what QEMU calls the file that it saves the guest to.
const savedAs = "memory"

// Suspend writes the guest's memory and devices to a file (QMP migrate) and ends QEMU. ErrNoResources when the
// disk has no room for it; on any error the machine goes on.
func (h *Host) Suspend(ctx context.Context, id string) error {
	m, err := h.whole(id)
	if err != nil {
		return err
	}
	q := m.instance()
	switch {
	case q == nil && m.spec().Suspended:
		return nil
	case q == nil:
		return fmt.Errorf("machine %s is off", id)
	}
	if err := q.proc.roomForMemory(m.dir); err != nil {
		return err
	}
	file, err := os.OpenFile(m.memoryDraft(), os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return full(err)
	}
	defer file.Close()
	if err := h.freeze(ctx, m, q, file); err != nil {
		return full(errors.Join(err, removeFile(m.memoryDraft())))
	}
	err = h.end(m, q)
	m.turnedOff()
	return err
}

// freeze stops the guest, saves it to file, and makes that its memory. On an error the guest is as before.
func (h *Host) freeze(ctx context.Context, m *machine, q *instance, file *os.File) (err error) {
	before := m.status().State
	defer func() {
		if err == nil {
			return
		}
		ctx, cancel := clock.WithTimeout(h.ctx, clock.Wall(), callLimit)
		defer cancel()
		if before == driver.Running {
			err = errors.Join(err, h.goOn(ctx, m, q))
		} else {
			err = errors.Join(err, side{h, m, q}.cancelMigration(ctx))
		}
	}()
	if err := h.turn(ctx, m, q, "stop"); err != nil {
		return err
	}
	if err := h.save(ctx, m, q, file); err != nil {
		return err
	}
	if err := os.Rename(m.memoryDraft(), m.memory()); err != nil {
		return err
	}
	m.ask()
	if err := m.change(func(s *spec) { s.Suspended = true }); err != nil {
		m.unask()
		return errors.Join(err, removeFile(m.memory()))
	}
	return nil
}

// goOn lets a guest go on that was being saved, or is about to be by a command that nobody waited for.
func (h *Host) goOn(ctx context.Context, m *machine, q *instance) error {
	if err := (side{h, m, q}).cancelMigration(ctx); err != nil {
		return err
	}
	return h.turn(ctx, m, q, "cont")
}

// save writes a stopped guest to file.
func (h *Host) save(ctx context.Context, m *machine, q *instance, file *os.File) error {
	events, end, err := q.listen()
	if err != nil {
		return err
	}
	defer end()
	if err := q.mon.SendFile(ctx, savedAs, file); err != nil {
		return err
	}
	for _, c := range []struct {
		command string
		args    obj
	}{
		{"migrate-set-capabilities", able(plain)},
		{"migrate-set-capabilities", capabilities("events")},
		{"migrate-set-parameters", obj{"max-bandwidth": int64(math.MaxInt64)}},
		{"migrate", obj{"uri": "fd:" + savedAs}},
	} {
		if err := h.run(ctx, m, q, c.command, c.args, nil); err != nil {
			_ = q.mon.Execute(h.ctx, "closefd", obj{"fdname": savedAs}, nil) // or migrate has closed it
			return err
		}
	}
	return h.migrated(ctx, m, q, events)
}

// listen subscribes to the events from now on, until end is called.
func (q *instance) listen() (events <-chan qmp.Event, end func(), err error) {
	ctx, end := context.WithCancel(context.Background())
	events, err = q.mon.Events(ctx)
	if err != nil {
		end()
	}
	return events, end, err
}

// capabilities are migration capabilities to be switched on.
func capabilities(names ...string) obj {
	var on []obj
	for _, name := range names {
		on = append(on, obj{"capability": name, "state": true})
	}
	return obj{"capabilities": on}
}

// migrated waits for the end of a migration, out or in; QEMU needs the capability "events" for that.
func (h *Host) migrated(ctx context.Context, m *machine, q *instance, events <-chan qmp.Event) error {
	for {
		select {
		case e, more := <-events:
			if !more {
				return fmt.Errorf("QEMU ended%s", complaint(m.qemuLog()))
			}
			if e.Event != "MIGRATION" {
				continue
			}
			switch status, _ := e.Data["status"].(string); status {
			case "completed":
				return nil
			case "failed", "cancelled":
				return h.whyNot(ctx, m, q, status)
			}
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// whyNot is the error of a migration that ended as status says.
func (h *Host) whyNot(ctx context.Context, m *machine, q *instance, status string) error {
	var reply struct {
		Why string `json:"error-desc"`
	}
	_ = h.run(ctx, m, q, "query-migrate", nil, &reply) // a QEMU that found no guest to load ends
	if reply.Why == "" {
		return fmt.Errorf("QEMU's migration %s%s", status, complaint(m.qemuLog()))
	}
	return fmt.Errorf("QEMU's migration %s: %s", status, reply.Why)
}

// roomForMemory is ErrNoResources unless what the process has in memory fits on dir's file system: its guest
// has no more than that which is not zero.
func (p *process) roomForMemory(dir string) error {
	var size, resident int64
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", p.pid))
	if err != nil {
		return err
	}
	if _, err := fmt.Sscan(string(text), &size, &resident); err != nil {
		return err
	}
	return room(dir, resident*int64(os.Getpagesize()))
}
