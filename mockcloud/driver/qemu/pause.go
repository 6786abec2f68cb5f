// SPDX-License-Identifier: MPL-2.0

package qemu

import (
	"context"
	"fmt"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

var _ driver.Pauser = (*Host)(nil)

// Pause stops the guest's processors (QMP stop).
func (h *Host) Pause(ctx context.Context, id string) error { return h.turnOf(ctx, id, "stop") }

// Unpause lets them go on (QMP cont), also when QEMU itself had stopped the guest since the host's disk was full.
func (h *Host) Unpause(ctx context.Context, id string) error { return h.turnOf(ctx, id, "cont") }

// turnOf is turn of a machine that must be on.
func (h *Host) turnOf(ctx context.Context, id, command string) error {
	m, err := h.whole(id)
	if err != nil {
		return err
	}
	q := m.instance()
	if q == nil {
		return fmt.Errorf("machine %s is off", id)
	}
	return h.turn(ctx, m, q, command)
}

// turn stops the guest or lets it go on, and returns once the machine's state says so.
func (h *Host) turn(ctx context.Context, m *machine, q *instance, command string) error {
	if err := h.run(ctx, m, q, command, nil, nil); err != nil {
		return err
	}
	return h.noted(ctx, q)
}

// noted returns once all that QEMU told before its last reply is noted; nil, too, when QEMU has ended.
func (h *Host) noted(ctx context.Context, q *instance) error {
	heard := make(chan struct{})
	select {
	case q.asks <- heard:
	case <-q.gone:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-h.ctx.Done():
		return context.Cause(h.ctx)
	}
	<-heard // its supervisor is at it
	return nil
}
