// SPDX-License-Identifier: MPL-2.0

package qemu

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

var _ driver.Mover = (*Host)(nil)

// Depart renames the machine's directory: at every moment the machine is here or aside, and never both.
func (h *Host) Depart(ctx context.Context, id string, grace time.Duration) (driver.Baggage, error) {
	m, err := h.whole(id)
	if err != nil {
		return nil, err
	}
	if err := h.Stop(ctx, id, grace); err != nil {
		return nil, err
	}
	aside := h.aside(id)
	// Of an earlier move that nobody ended; what is here is newer.
	if err := dropAside(aside); err != nil {
		return nil, err
	}
	s := m.spec()
	for _, n := range s.NICs {
		if err := removeFile(n.Local); err != nil {
			return nil, err
		}
	}
	if err := errors.Join(os.RemoveAll(m.files.run), removeFile(m.pid())); err != nil {
		return nil, err
	}
	if err := os.Rename(m.dir, aside.dir); err != nil {
		return nil, err
	}
	h.forget(m)
	return aside.baggage(&s)
}

// baggage are the disks that go along: not swap, whose content ends with the guest's uptime, nor the config
// drive, which is made anew.
func (m *machine) baggage(s *spec) (driver.Baggage, error) {
	b := driver.Baggage{}
	for _, d := range m.ownDisks(s) {
		if d.id == swapDisk {
			continue
		}
		if _, err := os.Stat(d.path); err != nil {
			return nil, err
		}
		b[d.id] = d.path
	}
	return b, nil
}

// Arrive copies the baggage, so that the machine's old host can have it back as it was.
func (h *Host) Arrive(ctx context.Context, dm *driver.Machine, from driver.Baggage, run bool) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := h.fits(dm); err != nil {
		return err
	}
	m := h.machine(dm.ID)
	m.shape, m.state = newSpec(dm), driver.Shutdown
	if err := m.shape.checkDisks(dm); err != nil {
		return err
	}
	if err := h.add(m); err != nil {
		return err
	}
	err := h.unpack(ctx, m, dm, from)
	if err == nil && run {
		err = h.boot(ctx, m)
	}
	if err = h.keep(m, err); err != nil {
		return fmt.Errorf("%s arriving: %w", dm.Name, err)
	}
	return nil
}

// unpack makes all the machine's files. The spec is the first: what has none is debris.
func (h *Host) unpack(ctx context.Context, m *machine, dm *driver.Machine, from driver.Baggage) error {
	if err := m.make(); err != nil {
		return err
	}
	if err := writeJSON(m.record(), m.shape); err != nil {
		return err
	}
	if err := h.fitsIn(from); err != nil {
		return err
	}
	sizes := diskSizes(dm)
	for _, d := range m.ownDisks(&m.shape) {
		path, packed := from[d.id]
		switch {
		case packed:
			if err := copyDisk(ctx, path, d.path); err != nil {
				return err
			}
			if err := h.opts.Images.grow(ctx, d.path, sizes[d.id]); err != nil {
				return err
			}
		case d.id == rootDisk:
			return fmt.Errorf("the root disk of %s is not in its baggage", m.id)
		default:
			if err := h.opts.Images.blank(ctx, d.path, sizes[d.id]); err != nil {
				return err
			}
		}
	}
	return h.configure(m, dm)
}

// fitsIn is ErrNoResources unless the host's disk has room for the baggage.
func (h *Host) fitsIn(from driver.Baggage) error {
	var bytes int64
	for _, path := range from {
		n, err := allocated(path)
		if err != nil {
			return err
		}
		bytes += n
	}
	return room(h.opts.Dir, bytes)
}

// Forget removes the spec first: what has none is debris.
func (h *Host) Forget(_ context.Context, id string) error {
	if !goodID.MatchString(id) {
		return nil
	}
	return dropAside(h.aside(id))
}

func dropAside(aside *machine) error {
	return errors.Join(removeFile(aside.record()), os.RemoveAll(aside.dir))
}

// Return changes what is aside and renames it last, so that it is whole when it is here.
func (h *Host) Return(ctx context.Context, dm *driver.Machine, run bool) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := h.fits(dm); err != nil {
		return err
	}
	aside, m := h.aside(dm.ID), h.machine(dm.ID)
	var was spec
	if err := readJSON(aside.record(), &was); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("nothing of %s is set aside: %w", dm.ID, driver.ErrNotFound)
	} else if err != nil {
		return err
	}
	m.shape, m.state = newSpec(dm), driver.Shutdown
	if err := m.shape.checkDisks(dm); err != nil {
		return err
	}
	m.shape.Complete, m.shape.Ephemeral, m.shape.Swap = true, was.Ephemeral, was.Swap
	if err := h.add(m); err != nil {
		return err
	}
	if err := h.bringBack(m, aside, dm); err != nil {
		h.forget(m)
		return err
	}
	if !run {
		return nil
	}
	return h.boot(ctx, m)
}

func (h *Host) bringBack(m, aside *machine, dm *driver.Machine) error {
	if err := removeFile(aside.config()); err != nil {
		return err
	}
	if err := h.configure(aside, dm); err != nil {
		return err
	}
	if err := saveJSON(aside.record(), m.shape); err != nil {
		return err
	}
	return os.Rename(aside.dir, m.dir)
}
