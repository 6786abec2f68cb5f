// SPDX-License-Identifier: MPL-2.0

package qemu

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
)

// Start runs QEMU again from machine.json; a suspended machine goes on where it was.
func (h *Host) Start(ctx context.Context, id string) error {
	m, err := h.whole(id)
	if err != nil {
		return err
	}
	switch {
	case m.instance() != nil:
		return nil
	case m.spec().Suspended:
		return h.restore(ctx, m)
	}
	return h.boot(ctx, m)
}

// Stop presses the power button, every pressEvery until grace has passed, and then ends QEMU. Once it
// ends QEMU it finishes, in a bounded time, even if ctx ends.
func (h *Host) Stop(ctx context.Context, id string, grace time.Duration) error {
	m, err := h.whole(id)
	if err != nil {
		return err
	}
	q := m.ask()
	if q == nil {
		return m.forgetMemory()
	}
	if err := h.press(ctx, m, q, grace, nil); err != nil {
		m.unask()
		return err
	}
	return h.end(m, q)
}

// Reboot asks or resets. Softly, the guest shuts down and QEMU is run anew, as Nova has libvirt do;
// a guest that takes the power button for a reboot resets itself, which is as good.
func (h *Host) Reboot(ctx context.Context, id string, soft bool, grace time.Duration) error {
	m, err := h.whole(id)
	if err != nil {
		return err
	}
	q := m.instance()
	if q != nil && soft {
		select {
		case <-q.reset: // an old one
		default:
		}
		m.ask()
		err := h.press(ctx, m, q, grace, q.reset)
		switch {
		case errors.Is(err, errReset):
			m.unask()
			return nil
		case err != nil:
			m.unask()
			return err
		}
		q = m.instance()
	}
	if q == nil {
		return h.boot(ctx, m)
	}
	return h.reset(ctx, m, q)
}

// reset is the reset button; of a QEMU that does not obey it is the plug.
func (h *Host) reset(ctx context.Context, m *machine, q *instance) error {
	m.unask()
	whole, err := h.hasAll(ctx, m, q)
	if err == nil && whole {
		err = h.run(ctx, m, q, "system_reset", nil, nil)
	}
	if err == nil && whole {
		err = h.turn(ctx, m, q, "cont") // a paused guest stays paused in a reset
	}
	if err == nil && whole {
		return nil
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := h.end(m, m.ask()); err != nil {
		return err
	}
	return h.boot(ctx, m)
}

// errReset: the guest was asked to power off and reset itself.
var errReset = errors.New("guest reset itself")

// press asks the guest to power off. It returns nil once QEMU has ended, or grace has passed, or QEMU
// does not listen; errReset on a token from reset.
func (h *Host) press(ctx context.Context, m *machine, q *instance, grace time.Duration, reset <-chan struct{}) error {
	for grace > 0 {
		if err := h.run(ctx, m, q, "system_powerdown", nil, nil); err != nil {
			return ctx.Err()
		}
		step := min(grace, pressEvery)
		grace -= step
		timer := h.opts.Clock.Timer(step)
		select {
		case <-timer.C():
		case <-q.gone:
			timer.Stop()
			return nil
		case <-reset:
			timer.Stop()
			return errReset
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		}
	}
	return nil
}

// end makes an instance end: quit, and a kill for a QEMU that accepts it and stays. q may be nil.
func (h *Host) end(m *machine, q *instance) error {
	if q == nil {
		return nil
	}
	select {
	case <-q.gone:
		return nil
	default:
	}
	ctx, cancel := clock.WithTimeout(h.ctx, clock.Wall(), quitLimit)
	defer cancel()
	if err := h.run(ctx, m, q, "quit", nil, nil); err == nil {
		select {
		case <-q.gone:
			return nil
		case <-ctx.Done():
		}
	}
	err := q.proc.kill() // which fails, too, where its supervisor has seen it end and is about to say so
	ctx, cancel = clock.WithTimeout(h.ctx, clock.Wall(), killLimit)
	defer cancel()
	select {
	case <-q.gone:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("QEMU %d does not die: %w", q.proc.pid, errors.Join(err, context.Cause(ctx)))
	}
}
