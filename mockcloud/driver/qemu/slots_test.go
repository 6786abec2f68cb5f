// SPDX-License-Identifier: MPL-2.0

package qemu

import (
	"context"
	"errors"
	"testing"

	"golang.org/x/sync/semaphore"
)

// TestBootSlots: a guest that has grown quiet, or ended, makes room for the next; a Spawn that waits
// for room can be given up.
func TestBootSlots(t *testing.T) {
	t.Parallel()
	boots := semaphore.NewWeighted(1)
	h := opened(t, func(o *Options) { o.Boots = boots })
	spawn(t, h, bootSector(deaf))
	spawn(t, h, bootSector(leaving))
	if err := boots.Acquire(within(t), 1); err != nil {
		t.Fatalf("no slot came back: %v", err)
	}
	ctx, cancel := context.WithCancel(within(t))
	spawned := make(chan error, 1)
	go func() { spawned <- h.Spawn(ctx, newMachine(bootSector(deaf))) }()
	eventually(t, "third machine", func() bool {
		list, err := h.List(ctx)
		return err == nil && len(list) == 3
	})
	cancel()
	if err := <-spawned; !errors.Is(err, context.Canceled) {
		t.Errorf("Spawn = %v", err)
	}
	if list, err := h.List(t.Context()); len(list) != 2 || err != nil {
		t.Errorf("List = %v, %v", list, err)
	}
	boots.Release(1)
}

func TestAccel(t *testing.T) {
	t.Parallel()
	for accel, want := range map[Accel]Accel{KVM: KVM, TCG: TCG} {
		if got, err := accel.resolve(); got != want || err != nil {
			t.Errorf("%s resolves to %s, %v", accel, got, err)
		}
	}
	if got, err := Auto.resolve(); (got != KVM && got != TCG) || err != nil {
		t.Errorf("auto resolves to %q, %v", got, err)
	}
	if _, err := Accel("hvf").resolve(); err == nil {
		t.Error("hvf is fine")
	}
}
