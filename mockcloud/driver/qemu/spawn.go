// SPDX-License-Identifier: MPL-2.0

package qemu

import (
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// goodID keeps ids harmless as names of directories and short enough for sockets' paths.
var goodID = regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z-]{0,35}$`)

// Spawn makes the machine's directory and boots it. It may wait for a boot slot (Options.Boots).
func (h *Host) Spawn(ctx context.Context, dm *driver.Machine) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := h.fits(dm); err != nil {
		return err
	}
	m := h.machine(dm.ID)
	m.shape = newSpec(dm)
	if err := m.shape.checkDisks(dm); err != nil {
		return fmt.Errorf("spawning %s: %w", dm.Name, err)
	}
	if dm.Root.Image.Open == nil && m.shape.rootVolume() == nil {
		return fmt.Errorf("%w: there is none", driver.ErrBadImage)
	}
	if err := h.add(m); err != nil {
		return err
	}
	err := h.build(ctx, m, dm)
	if err == nil {
		err = h.boot(ctx, m)
	}
	if err = h.keep(m, err); err != nil {
		return fmt.Errorf("spawning %s: %w", dm.Name, err)
	}
	return nil
}

// keep marks a new machine as complete. After err, or if that fails, nothing of the machine stays.
func (h *Host) keep(m *machine, err error) error {
	if err == nil {
		err = m.change(func(s *spec) { s.Complete = true })
	}
	if err == nil {
		return nil
	}
	if left := h.discard(m); left != nil {
		h.opts.Log.Error("a machine that did not come about could not be removed", "machine", m.id, "error", left)
		err = errors.Join(err, left)
	}
	return full(err)
}

// fits refuses what the host could never hold, and what no machine is.
func (h *Host) fits(m *driver.Machine) error {
	switch {
	case !goodID.MatchString(m.ID):
		return fmt.Errorf("%q is no id of a machine", m.ID)
	case m.VCPUs < 1 || m.MemoryMiB < 1 || m.Root.GiB < 0 || slices.ContainsFunc(m.EphemeralGiB, func(n int) bool { return n < 1 }) || m.SwapMiB < 0:
		return fmt.Errorf("machine %s has no sensible size", m.ID)
	case m.VCPUs > h.opts.VCPUs:
		return fmt.Errorf("%w: %d of %d VCPUs", driver.ErrNoResources, m.VCPUs, h.opts.VCPUs)
	case m.MemoryMiB > h.opts.MemoryMiB:
		return fmt.Errorf("%w: %d of %d MiB of memory", driver.ErrNoResources, m.MemoryMiB, h.opts.MemoryMiB)
	case m.DiskGiB() > h.opts.DiskGiB:
		return fmt.Errorf("%w: %d of %d GiB of disk", driver.ErrNoResources, m.DiskGiB(), h.opts.DiskGiB)
	}
	return h.opts.Images.makeRoom(h.ctx, h.opts.Dir, 0)
}

// build makes all the machine's files. The spec is the first: what has none is debris.
func (h *Host) build(ctx context.Context, m *machine, dm *driver.Machine) error {
	if err := m.make(); err != nil {
		return err
	}
	if err := writeJSON(m.record(), m.shape); err != nil {
		return err
	}
	images := h.opts.Images
	if m.shape.rootVolume() == nil {
		if err := h.makeRoot(ctx, m, dm.Root); err != nil {
			return err
		}
	}
	for n, gib := range dm.EphemeralGiB {
		if err := images.blank(ctx, m.ephemeral(n), int64(gib)<<30); err != nil {
			return err
		}
	}
	if dm.SwapMiB > 0 {
		if err := images.blank(ctx, m.swap(), int64(dm.SwapMiB)<<20); err != nil {
			return err
		}
	}
	return h.configure(m, dm)
}

// configure writes the machine's config drive, if it has one.
func (h *Host) configure(m *machine, dm *driver.Machine) error {
	return h.writeConfigDrive(m.config(), dm.ConfigDrive)
}

// writeConfigDrive writes a config drive; without files there is none.
func (h *Host) writeConfigDrive(path string, files map[string][]byte) error {
	if len(files) == 0 {
		return nil
	}
	iso, err := isoImage("config-2", files, h.opts.Clock.Now())
	if err != nil {
		return err
	}
	return os.WriteFile(path, iso, 0o600)
}

// makeRoot makes the root disk on its image.
func (h *Host) makeRoot(ctx context.Context, m *machine, root driver.RootDisk) error {
	return h.opts.Images.use(ctx, root.Image, func(b base) error {
		size := int64(root.GiB) << 30
		if size > 0 && size < b.Bytes {
			return fmt.Errorf("%w: it needs a disk of %d MiB, and this one has %d", driver.ErrBadImage, (b.Bytes+1<<20-1)>>20, size>>20)
		}
		if limit := int64(h.opts.DiskGiB) << 30; b.Bytes > limit {
			return fmt.Errorf("%w: its virtual size is %d GiB, the host's disk has %d", driver.ErrBadImage, b.Bytes>>30, h.opts.DiskGiB)
		}
		return h.opts.Images.overlay(ctx, m.root(), b, size)
	})
}

// Destroy ends the machine and removes its directory. It asks its guest nothing and takes no longer
// than quitLimit and killLimit, so that it always finishes what it began.
func (h *Host) Destroy(_ context.Context, id string) error {
	m, err := h.find(id)
	if errors.Is(err, driver.ErrNotFound) {
		return nil
	}
	return h.discard(m)
}

// discard ends and removes a machine, whole or not.
func (h *Host) discard(m *machine) error {
	if err := h.end(m, m.ask()); err != nil {
		return err
	}
	if err := m.remove(m.spec().NICs); err != nil {
		return err
	}
	h.forget(m)
	return nil
}
