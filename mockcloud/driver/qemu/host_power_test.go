// SPDX-License-Identifier: MPL-2.0

package qemu

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// A host that is switched off takes its machines along, those that do not listen too, and tells of each; one that
// restarts has those on again that were.
func TestHostPower(t *testing.T) {
	t.Parallel()
	needQEMU(t)
	manual := clock.NewManual(time.Unix(0, 0))
	h := opened(t, func(o *Options) { o.Clock = manual })
	on, off := spawn(t, h, bootSector(deaf)), spawn(t, h, bootSector(deaf))
	ctx, cancel := context.WithCancel(within(t))
	defer cancel()
	go func() { // let grace pass, whoever waits for it
		for manual.BlockUntil(ctx, 1) == nil {
			manual.Advance(pressEvery)
		}
	}()
	if err := h.Stop(ctx, off, 0); err != nil {
		t.Fatal(err)
	}
	power := func(action string, want driver.State) {
		t.Helper()
		if err := h.HostPower(ctx, action); err != nil {
			t.Fatal(err)
		}
		for id, want := range map[string]driver.State{on: want, off: driver.Shutdown} {
			if state, err := h.State(ctx, id); state != want || err != nil {
				t.Errorf("after %s: state %v, want %v; %v", action, state, want, err)
			}
		}
	}
	booted := func(times int) {
		eventually(t, "boot", func() bool {
			out, err := h.ConsoleOutput(t.Context(), on, -1)
			return err == nil && strings.Count(out, banner) >= times
		})
	}
	booted(1)
	power("reboot", driver.Running)
	booted(2)
	power("shutdown", driver.Shutdown)
	if e := nextEvent(t, h); e.ID != on || e.State != driver.Shutdown {
		t.Errorf("event %+v", e)
	}
	power("startup", driver.Shutdown)
	if err := h.HostPower(ctx, "nonsense"); err == nil {
		t.Error("a host did nonsense")
	}
}
