// SPDX-License-Identifier: MPL-2.0

package qemu

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

const (
	freezeLimit = 20 * time.Second // for a guest to write out what it has not
	thawEvery   = 5 * time.Second  // how often one is told that it is over who does not hear it
)

// whileFrozen runs do, which must take no longer than a command of QEMU's, with the guest's file systems frozen.
// If they cannot be it fails if must is set, and does without otherwise. Whatever happens the guest is thawed, by
// the next process if need be: a mark tells it of that.
func (h *Host) whileFrozen(ctx context.Context, m *machine, must bool, do func() error) error {
	if !must && !m.promisesAgent() {
		return do()
	}
	err := h.freezeDisks(ctx, m)
	switch {
	case err == nil:
		err = do()
		return errors.Join(err, h.thaw(m))
	case must || ctx.Err() != nil:
		return err
	}
	h.opts.Log.Info("snapshot without freezing the guest's file systems", "machine", m.id, "error", err)
	return do()
}

// promisesAgent: the machine's image says that the guest has an agent.
func (m *machine) promisesAgent() bool {
	s := m.spec()
	yes := []string{"1", "t", "true", "on", "y", "yes"} // as Nova reads it
	return slices.Contains(yes, strings.ToLower(s.Properties["hw_qemu_guest_agent"]))
}

// freezeDisks has the guest write out what it has not, and write nothing more. On an error it goes on writing.
func (h *Host) freezeDisks(ctx context.Context, m *machine) error {
	if m.status().State != driver.Running {
		return fmt.Errorf("%w: the guest does not run", driver.ErrNoAgent)
	}
	if err := os.WriteFile(m.frozen(), nil, 0o600); err != nil {
		return err
	}
	limited, cancel := clock.WithTimeout(ctx, clock.Wall(), freezeLimit)
	defer cancel()
	err := h.agent(limited, m, "guest-fsfreeze-freeze", nil, nil)
	if err != nil { // it may obey all the same, though late
		err = errors.Join(err, h.thaw(m))
	}
	return err
}

// thaw lets a guest write again, frozen or not. One that does not hear it is told again and again, by a task of
// the host's.
func (h *Host) thaw(m *machine) error {
	err := h.tryThaw(m)
	if err == nil {
		return nil
	}
	h.opts.Log.Error("a guest's file systems may still be frozen", "machine", m.id, "error", err)
	q := m.instance()
	h.tasks.Go(func() {
		for m.instance() == q && h.tryThaw(m) != nil && clock.Wall().Sleep(h.ctx, thawEvery) == nil {
			continue
		}
	})
	return err
}

func (h *Host) tryThaw(m *machine) error {
	ctx, cancel := clock.WithTimeout(h.ctx, clock.Wall(), freezeLimit)
	defer cancel()
	q := m.instance()
	if q == nil {
		return removeFile(m.frozen())
	}
	if listens, err := h.agentListens(ctx, m, q); err == nil && !listens { // there is nobody who would have frozen anything
		return removeFile(m.frozen())
	}
	if err := h.agent(ctx, m, "guest-fsfreeze-thaw", nil, nil); err != nil {
		return err
	}
	return removeFile(m.frozen())
}
