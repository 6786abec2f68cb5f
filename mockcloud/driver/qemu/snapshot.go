// SPDX-License-Identifier: MPL-2.0

package qemu

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver/qemu/qmp"
)

var _ driver.Snapshotter = (*Host)(nil)

// snapshotJob is the name of the job that copies a disk, and of the node that it is copied to.
const snapshotJob = "snapshot"

// Snapshot copies the root disk to a draft beside it and the draft to w. Of a guest that runs it is QEMU that
// copies (blockdev-backup): what the guest overwrites meanwhile is copied first. No disk, and least of all an
// image that disks lie on, is written to. Where the guest has an agent, by its image's word (hw_qemu_guest_agent), it
// is asked to freeze its file systems even if it need not, as Nova does.
func (h *Host) Snapshot(ctx context.Context, id string, quiesce bool, w io.Writer) (err error) {
	m, err := h.whole(id)
	if err != nil {
		return err
	}
	s := m.spec()
	if s.rootVolume() != nil {
		return fmt.Errorf("machine %s boots from a volume: it has no root disk", id)
	}
	draft := m.snapshotDraft()
	defer func() { err = errors.Join(err, removeFile(draft)) }()
	if err := h.copyRoot(ctx, m, quiesce, draft); err != nil {
		return fmt.Errorf("snapshot of machine %s: %w", id, full(err))
	}
	return stream(ctx, w, draft)
}

// copyRoot copies the root disk, which it does twice if the guest powers itself off meanwhile: then it is at rest.
func (h *Host) copyRoot(ctx context.Context, m *machine, quiesce bool, draft string) error {
	if q := m.instance(); q != nil {
		err := h.copyLive(ctx, m, q, quiesce, draft)
		if err == nil || m.instance() == q || ctx.Err() != nil {
			return err
		}
		if err := removeFile(draft); err != nil {
			return err
		}
	}
	images := h.opts.Images
	size, err := images.measure(ctx, m.root())
	if err != nil {
		return err
	}
	if err := room(m.dir, size); err != nil {
		return err
	}
	_, err = images.run(ctx, "convert", "-f", "qcow2", "-O", "qcow2", m.root(), draft)
	return err
}

// copyLive has QEMU copy the root disk of a guest that is on. When it returns, QEMU has nothing to do with the
// draft any more.
func (h *Host) copyLive(ctx context.Context, m *machine, q *instance, quiesce bool, draft string) (err error) {
	size, used, err := h.sizeOf(ctx, m, q, "node-root")
	if err != nil {
		return err
	}
	if err := room(m.dir, used); err != nil {
		return err
	}
	if err := h.opts.Images.blank(ctx, draft, size); err != nil {
		return err
	}
	events, end, err := q.listen()
	if err != nil {
		return err
	}
	defer end()
	if err := h.run(ctx, m, q, "blockdev-add", obj{
		"driver": "qcow2", "node-name": snapshotJob, "file": obj{"driver": "file", "filename": draft},
	}, nil); err != nil {
		return err
	}
	defer func() {
		if err != nil || ctx.Err() != nil {
			h.cancelSnapshot(m, q)
			return
		}
		err = h.run(ctx, m, q, "blockdev-del", obj{"node-name": snapshotJob}, nil) // which completes the file
	}()
	// The moment of the snapshot is the job's first: the guest is frozen no longer than until then.
	err = h.whileFrozen(ctx, m, quiesce, func() error {
		return h.run(ctx, m, q, "blockdev-backup", obj{
			"job-id": snapshotJob, "device": "node-root", "target": snapshotJob, "sync": "full",
		}, nil)
	})
	if err != nil {
		return err
	}
	return jobEnded(ctx, events, snapshotJob)
}

// cancelSnapshot ends a snapshot's job and closes its file, whatever there is of them.
func (h *Host) cancelSnapshot(m *machine, q *instance) {
	ctx, cancel := clock.WithTimeout(h.ctx, clock.Wall(), callLimit)
	defer cancel()
	events, end, err := q.listen()
	if err != nil {
		return // QEMU has ended
	}
	defer end()
	if err := q.mon.Execute(ctx, "block-job-cancel", obj{"device": snapshotJob, "force": true}, nil); err == nil {
		_ = jobEnded(ctx, events, snapshotJob) // cancelled, or done or failed meanwhile
	}
	err = q.mon.Execute(ctx, "blockdev-del", obj{"node-name": snapshotJob}, nil)
	if refused := new(qmp.Error); err != nil && !errors.As(err, &refused) {
		h.opts.Log.Warn("a snapshot's file may still be open", "machine", m.id, "error", err)
	}
}

// jobEnded waits for the end of a block job; nil when it has completed.
func jobEnded(ctx context.Context, events <-chan qmp.Event, job string) error {
	for {
		select {
		case e, more := <-events:
			if !more {
				return errors.New("QEMU ended")
			}
			if device, _ := e.Data["device"].(string); device != job {
				continue
			}
			switch e.Event {
			case "BLOCK_JOB_CANCELLED":
				return errors.New("the job was cancelled")
			case "BLOCK_JOB_COMPLETED":
				if why, _ := e.Data["error"].(string); why != "" {
					return errors.New(why)
				}
				return nil
			}
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// imageInfo is QEMU's of an open image.
type imageInfo struct {
	VirtualSize int64      `json:"virtual-size"`
	ActualSize  int64      `json:"actual-size"`
	Backing     *imageInfo `json:"backing-image"`
}

// sizeOf is the size of a node that QEMU has open, and what its files take on disk.
func (h *Host) sizeOf(ctx context.Context, m *machine, q *instance, node string) (size, used int64, err error) {
	var nodes []struct {
		Name  string    `json:"node-name"`
		Image imageInfo `json:"image"`
	}
	if err := h.run(ctx, m, q, "query-named-block-nodes", nil, &nodes); err != nil {
		return 0, 0, err
	}
	for _, n := range nodes {
		if n.Name != node {
			continue
		}
		for i := &n.Image; i != nil; i = i.Backing {
			used += i.ActualSize
		}
		return n.Image.VirtualSize, used, nil
	}
	return 0, 0, fmt.Errorf("QEMU has no node %s", node)
}

// stream copies a file to w.
func stream(ctx context.Context, w io.Writer, path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	const step = 4 << 20
	for {
		if err := ctx.Err(); err != nil {
			return context.Cause(ctx)
		}
		switch _, err := io.CopyN(w, file, step); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
	}
}
