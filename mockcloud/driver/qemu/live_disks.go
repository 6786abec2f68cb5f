// SPDX-License-Identifier: MPL-2.0

package qemu

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver/qemu/qmp"
)

// mirror copies a disk to the destination while the guest writes to it.
type mirror struct {
	disk disk
	// sync is "top" where both disks lie on the same image, and only what is above it is to be copied.
	sync string
}

// mirrorPrefix begins the names of our jobs and of the nodes that they write to.
const mirrorPrefix = "move-"

func (m *mirror) name() string { return mirrorPrefix + m.disk.id }

// takeDisks makes the destination's files: disks of its own for what is copied, and otherwise the very files,
// linked, which each machine holds by its own directory. QEMU's locks on them change hands at the switchover.
func (p *passage) takeDisks(ctx context.Context) error {
	from, to := p.source.m, p.dest.m
	s := to.spec()
	for _, d := range from.ownDisks(&s) {
		path := filepath.Join(to.dir, filepath.Base(d.path))
		if !p.move.CopyDisks {
			if err := os.Link(d.path, path); err != nil {
				return fmt.Errorf("hosts without a file system in common share no disks: %w", err)
			}
			continue
		}
		sync, err := p.dest.opts.Images.twin(ctx, d.path, path)
		if err != nil {
			return err
		}
		p.mirrors = append(p.mirrors, mirror{d, sync})
	}
	files := map[string]string{from.console(): to.console()} // both append to it, one after the other
	if s.Config {
		files[from.config()] = to.config()
	}
	for was, is := range files {
		if os.Link(was, is) == nil {
			continue
		}
		if err := copyDisk(ctx, was, is); err != nil {
			return err
		}
	}
	return nil
}

// twin makes a disk as large as the one at path, on the same image if that is one of the cache.
func (c *Images) twin(ctx context.Context, path, to string) (sync string, err error) {
	info, err := c.inspect(ctx, path)
	if err != nil {
		return "", err
	}
	if filepath.Dir(info.Backing) != c.dir {
		return "full", c.blank(ctx, to, info.Bytes)
	}
	return "top", c.overlay(ctx, to, base{Path: info.Backing, Format: info.Format}, info.Bytes)
}

// copyDisks returns once the destination's disks are as the source's, and stay so.
func (p *passage) copyDisks(ctx context.Context, events <-chan qmp.Event) error {
	if len(p.mirrors) == 0 {
		return nil
	}
	address := obj{"type": "unix", "data": obj{"path": p.dest.m.nbd()}}
	if err := p.dest.do(ctx, "nbd-server-start", obj{"addr": address}, nil); err != nil {
		return err
	}
	for _, m := range p.mirrors {
		export := obj{"type": "nbd", "id": m.name(), "node-name": m.disk.top(), "name": m.disk.id, "writable": true}
		if err := p.dest.do(ctx, "block-export-add", export, nil); err != nil {
			return err
		}
		target := obj{
			"driver": "nbd", "node-name": m.name(), "export": m.disk.id, "server": obj{"type": "unix", "path": p.dest.m.nbd()},
		}
		if err := p.source.do(ctx, "blockdev-add", target, nil); err != nil {
			return err
		}
		// The guest's own writes go to both disks at once: the copy always ends, and at the switchover nothing is left.
		job := obj{"job-id": m.name(), "device": m.disk.top(), "target": m.name(), "sync": m.sync, "copy-mode": "write-blocking"}
		if err := p.source.do(ctx, "blockdev-mirror", job, nil); err != nil {
			return err
		}
	}
	return p.await(ctx, events, func(jobs []blockJob) bool {
		for _, j := range jobs {
			if !j.Ready {
				return false
			}
		}
		return len(jobs) == len(p.mirrors)
	})
}

// switchDisks ends the copying of a guest that is stopped, and lets the migration go on. That is done once: QEMU says
// pre-switchover for a moment after it was told to go on.
func (p *passage) switchDisks(ctx context.Context, events <-chan qmp.Event) error {
	if p.switched {
		return nil
	}
	p.switched = true
	for _, m := range p.mirrors { // a job that is ready ends whole
		if err := p.source.do(ctx, "block-job-cancel", obj{"device": m.name()}, nil); err != nil {
			return err
		}
	}
	if err := p.await(ctx, events, func(jobs []blockJob) bool { return len(jobs) == 0 }); err != nil {
		return err
	}
	// The destination's machine has its disks to itself from now on.
	if err := p.dest.do(ctx, "nbd-server-stop", nil, nil); err != nil {
		return err
	}
	return p.source.do(ctx, "migrate-continue", obj{"state": "pre-switchover"}, nil)
}

// blockJob is what we need of query-block-jobs.
type blockJob struct {
	Device      string
	Len, Offset int64
	Ready       bool
}

// jobs are the mirrors of a live migration that a QEMU has.
func (s side) jobs(ctx context.Context) (ours []blockJob, err error) {
	var jobs []blockJob
	err = s.do(ctx, "query-block-jobs", nil, &jobs)
	for _, j := range jobs {
		if strings.HasPrefix(j.Device, mirrorPrefix) {
			ours = append(ours, j)
		}
	}
	return ours, err
}

// await looks at the source's mirrors at each event until they are as wanted. A job that failed is an error.
func (p *passage) await(ctx context.Context, events <-chan qmp.Event, wanted func([]blockJob) bool) error {
	for {
		jobs, err := p.source.jobs(ctx)
		if err == nil {
			err = failures(events) // a job that failed is no more, as one that has ended well
		}
		if err != nil || wanted(jobs) {
			return err
		}
		tick := clock.Wall().Timer(lookEvery)
		select {
		case e := <-events:
			err = failure(e)
		case <-tick.C():
		case <-p.source.q.gone:
			err = errors.New("the machine ended")
		case <-p.dest.q.gone:
			err = errors.New("the destination's QEMU ended" + complaint(p.dest.m.qemuLog()))
		case <-ctx.Done():
			err = context.Cause(ctx)
		}
		tick.Stop()
		if err != nil {
			return err
		}
	}
}

// failure is the error of a mirror that failed, if the event tells of one.
func failure(e qmp.Event) error {
	device, _ := e.Data["device"].(string)
	if reason, _ := e.Data["error"].(string); reason != "" && strings.HasPrefix(device, mirrorPrefix) {
		return fmt.Errorf("copying disk %s: %s", strings.TrimPrefix(device, mirrorPrefix), reason)
	}
	return nil
}

// failures is the first failure that the events which are there already tell of.
func failures(events <-chan qmp.Event) error {
	for {
		select {
		case e, more := <-events:
			if err := failure(e); err != nil || !more {
				return err
			}
		default:
			return nil
		}
	}
}

// endMirrors leaves no job and no node of a migration that is given up.
func (s side) endMirrors(ctx context.Context) error {
	jobs, err := s.jobs(ctx)
	if err != nil {
		return err
	}
	for _, j := range jobs {
		if err := s.do(ctx, "block-job-cancel", obj{"device": j.Device, "force": true}, nil); err != nil {
			s.opts.Log.Debug("job ended by itself", "job", j.Device, "error", err)
		}
	}
	for len(jobs) > 0 {
		if err := clock.Wall().Sleep(ctx, postCopyEvery); err != nil {
			return err
		}
		if jobs, err = s.jobs(ctx); err != nil {
			return err
		}
	}
	var nodes []struct {
		Name string `json:"node-name"`
	}
	if err := s.do(ctx, "query-named-block-nodes", obj{"flat": true}, &nodes); err != nil {
		return err
	}
	for _, n := range nodes {
		if strings.HasPrefix(n.Name, mirrorPrefix) {
			if err := s.do(ctx, "blockdev-del", obj{"node-name": n.Name}, nil); err != nil {
				return err
			}
		}
	}
	return nil
}
