// SPDX-License-Identifier: MPL-2.0

package qemu

import (
	"context"
	"errors"
	"fmt"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

const copyJobs = "copy-"

var _ driver.VolumeCopier = (*Host)(nil)

// CopyVolume mirrors the volume and stops once both are the same, which is the moment that the copy is of (QMP:
// blockdev-mirror, block-job-cancel). A backup of the moment at which it begins would fill the holes of the file.
func (h *Host) CopyVolume(ctx context.Context, id, volumeID, path string) error {
	m, v, err := h.volume(id, volumeID)
	if err != nil {
		return err
	}
	q := m.instance()
	if q == nil {
		return h.copyOff(ctx, v.Path, path)
	}
	s := m.spec()
	from, into := s.volumeDisk(*v), disk{node: volumeNode(path), path: path, format: "raw", size: v.Size, discard: true}
	events, end, err := q.follow(ctx)
	if err != nil {
		return err
	}
	defer end()
	job := copyJobs + into.node
	err = h.addNodes(ctx, m, q, &into)
	if err == nil {
		err = h.startMirror(ctx, m, q, events, job, &from, &into)
	}
	if err == nil {
		err = h.run(ctx, m, q, "block-job-cancel", obj{"device": job}, nil)
	}
	if err == nil {
		err = awaitJob(ctx, q, events, job, jobCompleted)
	}
	after := context.WithoutCancel(ctx)
	if err != nil {
		err = errors.Join(err, h.endJob(after, m, q, events, job))
	}
	if err = errors.Join(err, h.dropNodes(after, m, q, &into)); err != nil {
		return fmt.Errorf("volume %s: %w", volumeID, err)
	}
	return nil
}
