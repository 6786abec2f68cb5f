// SPDX-License-Identifier: MPL-2.0

package drivertest

import (
	"bytes"
	"context"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"io"
	"sync"

	"github.com/google/uuid"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// snapshots: whatever a machine does, its root disk can be had as an image that another one boots from, and it goes
// on doing it.
func snapshots(h *host) {
	snapshotter := able[driver.Snapshotter](h)
	id := h.spawn()
	for _, step := range []struct {
		name string
		into func()
	}{
		{"running", func() {}},
		{"paused", func() { h.pauseOrSkip(id) }},
		{"suspended", func() { h.suspendOrSkip(id) }},
		{"off", func() { h.must(h.Stop(h.ctx, id, grace), "Stop") }},
	} {
		step.into()
		before, err := h.State(h.ctx, id)
		h.must(err, "State")
		var content bytes.Buffer
		h.must(snapshotter.Snapshot(h.ctx, id, false, &content), "Snapshot of a machine that is "+step.name)
		h.wantState(id, before)
		m := h.machine()
		m.Root.Image = h.image(step.name, content.Bytes())
		h.must(h.Spawn(h.ctx, m), "Spawn from the snapshot of a machine that was "+step.name)
		h.must(h.Destroy(h.ctx, m.ID), "Destroy")
	}
	h.wantErr(snapshotter.Snapshot(h.ctx, "nobody", false, new(bytes.Buffer)), driver.ErrNotFound, "Snapshot of no machine")
}

// image is a qcow2 image without a backing file of that content.
func (h *host) image(what string, content []byte) driver.Image {
	h.Helper()
	if !bytes.HasPrefix(content, []byte("QFI\xfb")) || len(content) < 16 {
		h.Fatalf("the snapshot of a machine that is %s begins with %q, which is no qcow2", what, content[:min(4, len(content))])
	}
	if backing := content[8:16]; !bytes.Equal(backing, make([]byte, 8)) {
		h.Errorf("the snapshot has a backing file at %x", backing)
	}
	sum := sha512.Sum512(content)
	return driver.Image{
		ID: uuid.NewString(), Format: "qcow2", Checksum: "sha512:" + hex.EncodeToString(sum[:]), Size: int64(len(content)),
		Open: func(context.Context) (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content)), nil },
	}
}

func (h *host) pauseOrSkip(id string) {
	h.Helper()
	if pauser, ok := h.Driver.(driver.Pauser); ok {
		h.must(pauser.Pause(h.ctx, id), "Pause")
	}
}

func (h *host) suspendOrSkip(id string) {
	h.Helper()
	if suspender, ok := h.Driver.(driver.Suspender); ok {
		h.must(suspender.Suspend(h.ctx, id), "Suspend")
	}
}

// failedSnapshots: a snapshot that nobody wants any more, or that cannot be frozen for, ends as an error and leaves
// the machine alone; it can be made again.
func failedSnapshots(h *host) {
	snapshotter := able[driver.Snapshotter](h)
	id := h.spawn()
	h.wantErr(snapshotter.Snapshot(h.ctx, id, false, refusing{}), errRefused, "Snapshot to a writer that refuses")
	ended, cancel := context.WithCancel(h.ctx)
	cancel()
	h.wantErr(snapshotter.Snapshot(ended, id, false, io.Discard), context.Canceled, "Snapshot that is given up")
	h.pauseOrSkip(id)
	if state, err := h.State(h.ctx, id); err == nil && state == driver.Paused {
		if snapshotter.Snapshot(h.ctx, id, true, io.Discard) == nil {
			h.Error("the file systems of a paused guest were frozen")
		}
		h.wantState(id, driver.Paused)
	}
	h.must(snapshotter.Snapshot(h.ctx, id, false, io.Discard), "Snapshot again")
	h.must(h.Stop(h.ctx, id, 0), "Stop")
	h.must(snapshotter.Snapshot(h.ctx, id, true, io.Discard), "Snapshot of a disk that is at rest")
}

// snapshotsAtOnce: those of several machines do not disturb each other.
func snapshotsAtOnce(h *host) {
	snapshotter := able[driver.Snapshotter](h)
	ids := []string{h.spawn(), h.spawn(), h.spawn()}
	var wg sync.WaitGroup
	for _, id := range ids {
		wg.Go(func() {
			if err := snapshotter.Snapshot(h.ctx, id, false, io.Discard); err != nil {
				h.Errorf("Snapshot: %v", err)
			}
		})
	}
	wg.Wait()
	for _, id := range ids {
		h.wantState(id, driver.Running)
	}
}

// refusing takes nothing.
type refusing struct{}

func (refusing) Write([]byte) (int, error) { return 0, errRefused }

var errRefused = errors.New("no more room in the image store")
