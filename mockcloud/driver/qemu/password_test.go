// SPDX-License-Identifier: MPL-2.0

package qemu

import (
	"context"
	"errors"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// A guest whose image promises an agent is waited for while it may be booting: after its start and after a reset, and
// no longer. (That it is found is TestGuest's, of the scenarios.)
func TestPasswordAwaitsAgent(t *testing.T) {
	t.Parallel()
	h := opened(t)
	shape := newMachine(bootSector(deaf))
	shape.Properties = map[string]string{"hw_qemu_guest_agent": "yes"}
	if err := h.Spawn(t.Context(), shape); err != nil {
		t.Fatal(err)
	}
	m, err := h.whole(shape.ID)
	if err != nil {
		t.Fatal(err)
	}
	set := func(ctx context.Context) error { return h.SetPassword(ctx, m.id, "root", "secret") }
	waits := func(after string) {
		t.Helper()
		ctx, cancel := clock.WithTimeout(t.Context(), clock.Wall(), 2*agentUpEvery)
		defer cancel()
		if err := set(ctx); !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("after %s: %v", after, err)
		}
	}
	waits("the start")
	grow := func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.since = m.since.Add(-agentUpLimit)
	}
	grow()
	if err := set(within(t)); !errors.Is(err, driver.ErrNoAgent) {
		t.Errorf("a minute later: %v", err)
	}
	if err := h.Reboot(t.Context(), m.id, false, 0); err != nil {
		t.Fatal(err)
	}
	waits("a reset")
	if err := h.Stop(t.Context(), m.id, 0); err != nil {
		t.Fatal(err)
	}
	if err := set(within(t)); !errors.Is(err, driver.ErrNoAgent) {
		t.Errorf("off: %v", err)
	}
}

// TestPasswordOfAGuestThatNeverComesUp: it resets itself for ever, and nobody waits as long.
func TestPasswordOfAGuestThatNeverComesUp(t *testing.T) {
	t.Parallel()
	h := opened(t)
	shape := newMachine(bootSector(resetting))
	shape.Properties = map[string]string{"hw_qemu_guest_agent": "yes"}
	mustGo(t, h.Spawn(t.Context(), shape))
	m, err := h.whole(shape.ID)
	mustGo(t, err)
	const limit = 8 * agentUpEvery
	ctx, cancel := clock.WithTimeout(t.Context(), clock.Wall(), 4*limit)
	defer cancel()
	mustGo(t, h.awaitAgent(ctx, m, limit))
}
