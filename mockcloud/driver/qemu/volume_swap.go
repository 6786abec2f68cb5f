// SPDX-License-Identifier: MPL-2.0

package qemu

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// swapJob is the name of the job that mirrors a volume to the nodes of another one.
func swapJob(node string) string { return swapJobs + node }

const swapJobs = "swap-"

// SwapVolume mirrors the volume to the other one and then lets the guest go on with that (QMP: blockdev-mirror,
// block-job-complete). From the moment at which both have the same content each write goes to both before the guest
// hears of it; so the record can change before QEMU does, and no write is lost whoever dies when.
func (h *Host) SwapVolume(ctx context.Context, id, volumeID string, to driver.Volume) error {
	m, v, err := h.volume(id, volumeID)
	if err != nil {
		return err
	}
	s, q := m.spec(), m.instance()
	switch {
	case s.Suspended:
		return errSuspended
	case to.Size < v.Size:
		return fmt.Errorf("volume %s has %d bytes, %s only %d", volumeID, v.Size, to.ID, to.Size)
	case to.Path == v.Path:
		return m.changeVolume(volumeID, func(v *volume) { v.Volume = to })
	case q == nil:
		err = h.copyOff(ctx, v.Path, to.Path)
	default:
		err = h.swap(ctx, m, q, *v, to)
	}
	if err != nil {
		return fmt.Errorf("volume %s: %w", volumeID, err)
	}
	return m.changeVolume(volumeID, func(v *volume) { v.Volume = to })
}

// copyOff copies the content of a volume that no machine writes to into one that is at least as large.
func (h *Host) copyOff(ctx context.Context, from, to string) error {
	_, err := h.opts.Images.run(ctx, "convert", "-q", "-n", "-f", "raw", "-O", "raw", from, to)
	return err
}

// swap swaps on a running machine. On an error the guest has the former volume.
func (h *Host) swap(ctx context.Context, m *machine, q *instance, v volume, to driver.Volume) error {
	s := m.spec()
	from := s.volumeDisk(v)
	next := v
	next.Volume = to
	into := s.volumeDisk(next)
	into.size = v.Size
	events, end, err := q.follow(ctx)
	if err != nil {
		return err
	}
	defer end()
	if err := h.mirror(ctx, m, q, events, &from, &into); err != nil {
		return errors.Join(err, h.dropNodes(context.WithoutCancel(ctx), m, q, &into))
	}
	ctx = context.WithoutCancel(ctx) // what follows takes no time, and is done or undone
	if err := m.changeVolume(v.ID, func(v *volume) { v.Volume = to }); err != nil {
		return errors.Join(err, h.endJob(ctx, m, q, events, swapJob(into.node)), h.dropNodes(ctx, m, q, &into))
	}
	err = h.run(ctx, m, q, "block-job-complete", obj{"device": swapJob(into.node)}, nil)
	if err == nil {
		err = awaitJob(ctx, q, events, swapJob(into.node), jobCompleted)
	}
	if gone(q) {
		return nil // at its end both had the same content
	}
	if err != nil {
		if err = h.undoSwap(ctx, m, q, events, v, to.ID, &into, err); err != nil {
			return err
		}
	}
	// The guest has the other volume: who is told of an error would take it for the former one's, and give that to others.
	if err := errors.Join(h.widen(ctx, m, q, &into, to.Size), h.dropNodes(ctx, m, q, &from)); err != nil && !gone(q) {
		h.opts.Log.Error("a volume was swapped, and the guest does not see all of it or has the former one open",
			"machine", m.id, "volume", to.ID, "error", err)
	}
	return nil
}

// undoSwap takes back a swap that we heard no good end of, unless QEMU has done it: its reply may just be late. Then,
// and only then, err is nil. A QEMU that is too busy to say is asked until it does: until then both volumes have the
// same content, and the record of the other one holds.
func (h *Host) undoSwap(ctx context.Context, m *machine, q *instance, events <-chan jobEvent, v volume, to string, into *disk, why error) (err error) {
	swapped, err := h.drives(ctx, m, q, into.top())
	for errors.Is(err, context.DeadlineExceeded) && !gone(q) && h.ctx.Err() == nil {
		swapped, err = h.drives(ctx, m, q, into.top())
	}
	if swapped || gone(q) {
		return nil
	}
	if err != nil {
		return errors.Join(why, err)
	}
	why = errors.Join(why, h.endJob(ctx, m, q, events, swapJob(into.node))) // one that does not obey goes on, and has the file
	if swapped, err = h.drives(ctx, m, q, into.top()); swapped || gone(q) {
		return nil // it was faster
	}
	err = errors.Join(err, m.changeVolume(to, func(now *volume) { *now = v }))
	return errors.Join(why, err, h.dropNodes(ctx, m, q, into))
}

// drives tells whether a device of the guest's has that node for its disk.
func (h *Host) drives(ctx context.Context, m *machine, q *instance, node string) (bool, error) {
	var drives []struct {
		Inserted struct {
			Node string `json:"node-name"`
		}
	}
	err := h.run(ctx, m, q, "query-block", nil, &drives)
	for _, d := range drives {
		if d.Inserted.Node == node {
			return true, err
		}
	}
	return false, err
}

// widen shows a guest all of a volume that it had only as much of as of the one before: a mirror's ends are of one size.
func (h *Host) widen(ctx context.Context, m *machine, q *instance, d *disk, size int64) error {
	d.size = 0
	err := h.run(ctx, m, q, "blockdev-reopen", obj{"options": d.nodes()[1:]}, nil)
	if err == nil {
		err = h.resize(ctx, m, q, d, size)
	}
	return err
}

// mirror makes into the same as from, and keeps it so by a job. On an error there is no such job.
func (h *Host) mirror(ctx context.Context, m *machine, q *instance, events <-chan jobEvent, from, into *disk) error {
	if err := h.addNodes(ctx, m, q, into); err != nil {
		return err
	}
	job := swapJob(into.node)
	err := h.startMirror(ctx, m, q, events, job, from, into)
	if err != nil {
		err = errors.Join(err, h.endJob(context.WithoutCancel(ctx), m, q, events, job))
	}
	return err
}

// startMirror starts a mirror and returns once both ends are the same. From then on they stay so.
func (h *Host) startMirror(ctx context.Context, m *machine, q *instance, events <-chan jobEvent, job string, from, into *disk) error {
	err := h.run(ctx, m, q, "blockdev-mirror", obj{
		"job-id": job, "device": from.top(), "target": into.top(), "sync": "full", "copy-mode": "write-blocking",
	}, nil)
	if err == nil {
		err = awaitJob(ctx, q, events, job, jobReady)
	}
	return err
}

// settleVolumes ends what an earlier process of ours was doing to the volumes of a running machine: a swap that the
// record tells of is completed, another one is taken back, and files that the record does not know are closed.
func (h *Host) settleVolumes(ctx context.Context, m *machine, q *instance) error {
	events, end, err := q.follow(ctx)
	if err != nil {
		return err
	}
	defer end()
	var jobs []struct{ Device string }
	if err := h.run(ctx, m, q, "query-block-jobs", nil, &jobs); err != nil {
		return err
	}
	kept := map[string]disk{}
	s := m.spec()
	for _, v := range s.Volumes {
		d := s.volumeDisk(v)
		d.size = v.Size
		kept[d.node] = d
	}
	for _, job := range jobs {
		node, swap := strings.CutPrefix(job.Device, swapJobs)
		if !swap && !strings.HasPrefix(job.Device, copyJobs) {
			continue
		}
		if d, ours := kept[node]; swap && ours {
			if err = h.run(ctx, m, q, "block-job-complete", obj{"device": job.Device}, nil); err == nil {
				err = awaitJob(ctx, q, events, job.Device, jobCompleted)
			}
			if err == nil {
				err = h.widen(ctx, m, q, &d, d.size)
			}
		} else {
			err = h.endJob(ctx, m, q, events, job.Device)
		}
		if err != nil {
			return err
		}
	}
	return h.closeVolumes(ctx, m, q, kept)
}

// closeVolumes closes the files of volumes other than the kept ones.
func (h *Host) closeVolumes(ctx context.Context, m *machine, q *instance, kept map[string]disk) error {
	have, err := h.nodes(ctx, m, q)
	for name := range have {
		d := disk{node: strings.TrimPrefix(name, "file-")}
		if _, ours := kept[d.node]; !ours && d.file() == name && isVolumeNode(d.node) {
			err = errors.Join(err, h.dropNodes(ctx, m, q, &d))
		}
	}
	return err
}

// isVolumeNode tells a name that volumeNode made.
func isVolumeNode(name string) bool { return len(name) == len(volumeNode("")) && name[0] == 'v' }
