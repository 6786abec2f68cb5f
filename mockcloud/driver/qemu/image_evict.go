// SPDX-License-Identifier: MPL-2.0

package qemu

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
)

const (
	imageIdle  = 24 * time.Hour // Nova: remove_unused_original_minimum_age_seconds
	evictEvery = time.Hour
)

// hostsFile names the directories of all hosts that ever had disks on our bases: their machines are there, and may
// run, though this process does not have the host.
func (c *Images) hostsFile() string { return filepath.Join(c.dir, "hosts.json") }

// serve makes known that disks in dir lie on bases.
func (c *Images) serve(dir string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if slices.Contains(c.hosts, dir) {
		return nil
	}
	hosts := append(slices.Clone(c.hosts), dir)
	if err := saveJSON(c.hostsFile(), hosts); err != nil {
		return err
	}
	c.hosts = hosts
	return nil
}

// evictIdle evicts what nobody has used for long, until the host is closed.
func (h *Host) evictIdle() {
	for clock.Wall().Sleep(h.ctx, evictEvery) == nil {
		n, err := h.opts.Images.evict(h.ctx, imageIdle, func() bool { return false })
		if err != nil && h.ctx.Err() == nil {
			h.opts.Log.Warn("images not evicted", "error", err)
		}
		if n > 0 {
			h.opts.Log.Info("images evicted", "images", n)
		}
	}
}

// makeRoom is room that evicts bases if there is none otherwise.
func (c *Images) makeRoom(ctx context.Context, dir string, bytes int64) error {
	err := room(dir, bytes)
	if err == nil || !sameDisk(dir, c.dir) {
		return err
	}
	if _, err := c.evict(ctx, 0, func() bool { return room(dir, bytes) == nil }); err != nil {
		return err
	}
	return room(dir, bytes)
}

func sameDisk(a, b string) bool {
	var sa, sb unix.Stat_t
	return unix.Stat(a, &sa) == nil && unix.Stat(b, &sb) == nil && sa.Dev == sb.Dev
}

// evict removes bases that no disk lies on and that nobody has used for idle, those first that have not been used for
// longest, until enough says so. It tells how many there were.
func (c *Images) evict(ctx context.Context, idle time.Duration, enough func() bool) (n int, err error) {
	before := clock.Wall().Now().Add(-idle)
	candidates, err := c.unusedSince(before)
	if err != nil {
		return 0, err
	}
	for _, path := range candidates {
		if ctx.Err() != nil {
			return n, context.Cause(ctx)
		}
		if enough() {
			return n, nil
		}
		switch evicted, err := c.evictOne(path); {
		case err != nil:
			return n, err
		case evicted:
			n++
		}
	}
	return n, nil
}

// unusedSince are the bases that were last used before then, the first of them first.
func (c *Images) unusedSince(then time.Time) ([]string, error) {
	entries, err := os.ReadDir(c.dir)
	if err != nil {
		return nil, err
	}
	used := map[string]time.Time{}
	for _, e := range entries {
		path := filepath.Join(c.dir, e.Name())
		if ext := filepath.Ext(path); strings.HasPrefix(e.Name(), ".") || ext != ".qcow2" && ext != ".raw" {
			continue
		}
		info, err := os.Stat(sealOf(path))
		if errors.Is(err, fs.ErrNotExist) {
			info, err = os.Stat(path)
		}
		if errors.Is(err, fs.ErrNotExist) {
			continue // evicted meanwhile
		}
		if err != nil {
			return nil, err
		}
		if !info.ModTime().After(then) {
			used[path] = info.ModTime()
		}
	}
	paths := make([]string, 0, len(used))
	for path := range used {
		paths = append(paths, path)
	}
	slices.SortFunc(paths, func(a, b string) int { return cmp.Or(used[a].Compare(used[b]), cmp.Compare(a, b)) })
	return paths, nil
}

// evictOne removes a base unless it is held or a disk lies on it; whoever wants it meanwhile waits.
func (c *Images) evictOne(path string) (evicted bool, err error) {
	over := make(chan struct{})
	c.mu.Lock()
	b := c.bases[path]
	if b == nil {
		b = &held{}
		c.bases[path] = b
	}
	busy := b.users > 0 || b.evicting != nil
	if !busy {
		b.evicting = over
	}
	hosts := c.hosts
	c.mu.Unlock()
	if busy {
		return false, nil
	}
	defer func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		b.evicting = nil
		if evicted {
			b.checked = nil
		}
		close(over)
	}()
	// Looked for while nobody can make another. Twice, as a machine may be set aside while we look.
	for range 2 {
		for _, dir := range hosts {
			if lies, err := liesOn(dir, path); lies || err != nil {
				return false, err
			}
		}
	}
	return true, errors.Join(removeFile(path), removeFile(sealOf(path)))
}

// liesOn tells whether a disk anywhere in dir lies on base, by whichever name: the cache's directory may have had another
// one when the disk was made.
func liesOn(dir, base string) (lies bool, err error) {
	this, err := os.Stat(base)
	if err != nil {
		return false, ignoreAbsent(err)
	}
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // it went while we looked
		}
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		below, err := backingFile(path)
		if err != nil || below == "" {
			return ignoreAbsent(err)
		}
		if other, err := os.Stat(below); err != nil || !os.SameFile(this, other) {
			return ignoreAbsent(err)
		}
		lies = true
		return fs.SkipAll
	})
	return lies, err
}

// backingFile is what a qcow2 lies on; "" of one that lies on nothing, and of every other file.
func backingFile(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	var header struct {
		Magic, Version uint32
		Offset         uint64
		Length         uint32
	}
	switch err := binary.Read(file, binary.BigEndian, &header); {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "", nil
	case err != nil:
		return "", err
	}
	const longest = 1023 // by the format
	if header.Magic != qcow2Magic || header.Offset == 0 || header.Length > longest {
		return "", nil
	}
	name := make([]byte, header.Length)
	if _, err := file.ReadAt(name, int64(header.Offset)); err != nil {
		return "", err
	}
	if below := string(name); filepath.IsAbs(below) {
		return filepath.Clean(below), nil
	}
	return filepath.Join(filepath.Dir(path), string(name)), nil
}
