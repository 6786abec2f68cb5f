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

// CopyVolume copies the volume as it is at one moment (QMP: blockdev-backup): what the guest overwrites meanwhile is
// copied before.
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
	from, into := s.volumeDisk(*v), disk{node: volumeNode(path), path: path, format: "raw", discard: true}
	events, end, err := q.follow(ctx)
	if err != nil {
		return err
	}
	defer end()
	job := copyJobs + into.node
	err = h.addNodes(ctx, m, q, &into)
	if err == nil {
		err = h.run(ctx, m, q, "blockdev-backup", obj{"job-id": job, "device": from.top(), "target": into.top(), "sync": "full"}, nil)
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
