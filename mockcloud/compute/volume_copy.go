// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"context"
	"errors"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// CopyVolume copies an attached volume, as it is at one moment, into the raw file at path, which is there and as
// large: for Cinder, which does not see what a guest writes. It waits for the server's turn, or copies in that of a
// stillness. copied is false when nobody writes to the volume here, or its driver cannot copy: whoever asks may then copy
// it himself.
func (m *Manager) CopyVolume(ctx context.Context, id, volumeID, path string) (copied bool, err error) {
	type outcome struct {
		copied bool
		err    error
	}
	done := make(chan outcome, 1)
	do := func(turn context.Context) {
		result := outcome{err: errNoResult}
		defer func() { done <- result }()
		both, cancel := context.WithCancelCause(turn)
		defer context.AfterFunc(ctx, func() { cancel(context.Cause(ctx)) })()
		defer cancel(nil)
		result.copied, result.err = m.copyVolume(both, id, volumeID, path)
	}
	waiting, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(m.ctx, cancel)()
	joined := false
	for !joined {
		still := m.still.first(id, func() { joined = m.inTurn(id, "", do) })
		if still == nil && !joined {
			return false, errStopping
		}
		if still != nil {
			if joined, err = still.within(waiting, do); err != nil {
				return false, err
			}
		}
	}
	select {
	case result := <-done:
		return result.copied, result.err
	case <-ctx.Done():
		return false, ctx.Err()
	case <-m.ctx.Done():
		return false, errStopping
	}
}

func (m *Manager) copyVolume(ctx context.Context, id, volumeID, path string) (bool, error) {
	if err := ctx.Err(); err != nil {
		return false, err
	}
	inst, err := m.Get(ctx, id)
	if KindOf(err) == NotFound || err == nil && (!inst.Live() || m.hosts[inst.Host] == nil) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	h := m.hosts[inst.Host]
	if _, able := h.Driver.(driver.VolumeCopier); !able {
		return false, nil
	}
	err = use(ctx, h, "CopyVolume", id, func(ctx context.Context, d driver.VolumeCopier) error {
		return d.CopyVolume(ctx, id, volumeID, path)
	})
	if errors.Is(err, driver.ErrNoDevice) || errors.Is(err, driver.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}
