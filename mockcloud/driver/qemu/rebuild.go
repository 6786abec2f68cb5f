// SPDX-License-Identifier: MPL-2.0

package qemu

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

var _ driver.Rebuilder = (*Host)(nil)

// Rebuild makes the machine's new files in a directory beside the old ones and renames that once they are whole and
// the old guest has ended: until then the machine is the old one, and from then on the new one, which the next process
// puts into place if this one cannot. A machine whose Spawn never ended is spawned.
func (h *Host) Rebuild(ctx context.Context, dm *driver.Machine, preserveEphemeral bool) error {
	m, err := h.find(dm.ID)
	if err != nil {
		return err
	}
	switch err := m.status().Err; {
	case errors.Is(err, driver.ErrInterrupted):
		if err := h.discard(m); err != nil {
			return err
		}
		return h.Spawn(ctx, dm)
	case err != nil:
		return err
	}
	if err := h.fits(dm); err != nil {
		return err
	}
	draft, err := h.draft(ctx, m, dm, preserveEphemeral)
	if err == nil {
		err = h.end(m, m.ask())
	}
	if err == nil {
		err = os.Rename(draft.dir, m.rebuilt())
	}
	if err != nil {
		err = errors.Join(full(err), os.RemoveAll(m.rebuildDraft()))
	} else if err = h.replace(m); err == nil {
		err = h.boot(ctx, m)
	}
	if err != nil {
		return fmt.Errorf("rebuilding %s: %w", dm.Name, err)
	}
	return nil
}

// draft makes the files of what m is to become, all but the ephemeral disks that it keeps.
func (h *Host) draft(ctx context.Context, m *machine, dm *driver.Machine, preserveEphemeral bool) (*machine, error) {
	before := m.spec()
	d := &machine{id: m.id, files: files{dir: m.rebuildDraft(), run: m.files.run}, shape: newSpec(dm)}
	d.shape.Complete = true
	if err := d.shape.checkDisks(dm); err != nil {
		return nil, err
	}
	if err := errors.Join(os.RemoveAll(d.dir), os.Mkdir(d.dir, 0o700)); err != nil {
		return nil, err
	}
	switch {
	case d.shape.rootVolume() != nil:
	case dm.Root.Image.Open == nil:
		return nil, fmt.Errorf("%w: there is none", driver.ErrBadImage)
	default:
		if err := h.makeRoot(ctx, d, dm.Root); err != nil {
			return nil, err
		}
	}
	images := h.opts.Images
	for n, gib := range dm.EphemeralGiB {
		if preserveEphemeral && n < before.Ephemeral {
			continue
		}
		if err := images.blank(ctx, d.ephemeral(n), int64(gib)<<30); err != nil {
			return nil, err
		}
	}
	if dm.SwapMiB > 0 {
		if err := images.blank(ctx, d.swap(), int64(dm.SwapMiB)<<20); err != nil {
			return nil, err
		}
	}
	if err := h.configure(d, dm); err != nil {
		return nil, err
	}
	return d, saveJSON(d.record(), d.shape)
}

// replace makes a machine that is off the one that it was rebuilt as.
func (h *Host) replace(m *machine) error {
	before := m.spec()
	if err := m.finishRebuild(); err != nil {
		return err
	}
	var s spec
	if err := readJSON(m.record(), &s); err != nil {
		return err
	}
	m.mu.Lock()
	m.shape = s
	m.mu.Unlock()
	m.turnedOff()
	for _, n := range before.NICs { // those that stay make theirs anew
		if err := removeFile(n.Local); err != nil {
			return err
		}
	}
	_, err := h.settleFiles(m)
	return err
}

// finishRebuild puts the files of a rebuild into place, the spec last, and removes disks that the machine has no
// more. It can be done again; there is nothing to do when no rebuild was left.
func (m *machine) finishRebuild() error {
	fresh := files{dir: m.rebuilt()}
	var s spec
	switch err := readJSON(fresh.record(), &s); {
	case errors.Is(err, fs.ErrNotExist): // no rebuild, or all is in place
		return errors.Join(os.RemoveAll(m.rebuilt()), os.RemoveAll(m.rebuildDraft()))
	case err != nil:
		return err
	}
	gone := []string{m.memory(), m.rescue(), m.rescueConfig()}
	keeps := map[string]bool{}
	for _, d := range s.localDisks(m.files) {
		keeps[d.path] = s.rootVolume() == nil || d.path != m.root()
	}
	disks, err := filepath.Glob(filepath.Join(m.dir, "disk.*"))
	if err != nil {
		return err
	}
	for _, path := range disks {
		if !keeps[path] && (path != m.config() || !s.Config) {
			gone = append(gone, path)
		}
	}
	for _, path := range gone {
		if err := removeFile(path); err != nil {
			return err
		}
	}
	entries, err := os.ReadDir(fresh.dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if path := filepath.Join(fresh.dir, e.Name()); path != fresh.record() {
			if err := os.Rename(path, filepath.Join(m.dir, e.Name())); err != nil {
				return err
			}
		}
	}
	if err := os.Rename(fresh.record(), m.record()); err != nil {
		return err
	}
	return os.RemoveAll(fresh.dir)
}
