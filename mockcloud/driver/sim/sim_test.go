// SPDX-License-Identifier: MPL-2.0

package sim_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver/drivertest"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver/sim"
)

func open(t *testing.T, o sim.Options) *sim.Driver {
	t.Helper()
	d, err := sim.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestDriver(t *testing.T) {
	t.Parallel()
	kill := func(t *testing.T, d driver.Driver, id string) {
		t.Helper()
		go func() {
			// The test is over before this returns only if it has failed.
			_ = d.(*sim.Driver).Crash(t.Context(), id)
		}()
	}
	t.Run("Kept", func(t *testing.T) {
		t.Parallel()
		drivertest.Run(t, drivertest.Subject{
			Open: func(t *testing.T, dir string) driver.Driver {
				t.Helper()
				return open(t, sim.Options{Clock: clock.Wall(), Dir: dir})
			},
			Survives: true,
			Kill:     kill,
		})
	})
	t.Run("InMemory", func(t *testing.T) {
		t.Parallel()
		drivertest.Run(t, drivertest.Subject{
			Open: func(t *testing.T, _ string) driver.Driver {
				t.Helper()
				return open(t, sim.Options{Clock: clock.Wall()})
			},
			Kill: kill,
		})
	})
}

func TestSpawnTakesItsTime(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	manual := clock.NewManual(now)
	dir := t.TempDir()
	d := open(t, sim.Options{Clock: manual, Dir: dir, Times: sim.Times{Spawn: time.Minute}})
	spawned := make(chan error)
	go func() {
		spawned <- d.Spawn(t.Context(), &driver.Machine{ID: "a", Hostname: "web", VCPUs: 1, MemoryMiB: 64})
	}()
	if err := manual.BlockUntil(t.Context(), 1); err != nil {
		t.Fatal(err)
	}

	// What a crash leaves now is a machine that is not whole.
	other := open(t, sim.Options{Clock: manual, Dir: dir})
	list, err := other.List(t.Context())
	if err != nil || len(list) != 1 || !errors.Is(list[0].Err, driver.ErrInterrupted) {
		t.Errorf("List during Spawn = %+v, %v", list, err)
	}
	manual.Advance(time.Minute)
	if err := <-spawned; err != nil {
		t.Fatal(err)
	}
	out, err := d.ConsoleOutput(t.Context(), "a", 1)
	if err != nil || out != "web login: \n" {
		t.Errorf("last line = %q, %v", out, err)
	}
	if out, _ = d.ConsoleOutput(t.Context(), "a", -1); !strings.Contains(out, "hostname: web") {
		t.Errorf("no hostname in %q", out)
	}
}

func TestCancelledSpawnLeavesNothing(t *testing.T) {
	t.Parallel()
	manual := clock.NewManual(time.Unix(0, 0))
	d := open(t, sim.Options{Clock: manual, Dir: t.TempDir(), Times: sim.Times{Spawn: time.Hour}})
	ctx, cancel := context.WithCancel(t.Context())
	spawned := make(chan error)
	go func() { spawned <- d.Spawn(ctx, &driver.Machine{ID: "a"}) }()
	if err := manual.BlockUntil(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := <-spawned; !errors.Is(err, context.Canceled) {
		t.Errorf("Spawn = %v", err)
	}
	if list, _ := d.List(t.Context()); len(list) != 0 {
		t.Errorf("left: %+v", list)
	}
}

func TestMachineIDThatIsNoFileName(t *testing.T) {
	t.Parallel()
	d := open(t, sim.Options{Clock: clock.Wall(), Dir: t.TempDir()})
	if err := d.Spawn(t.Context(), &driver.Machine{ID: "../escape"}); err == nil {
		t.Error("Spawn under the id ../escape succeeded")
	}
}

// A process that is killed while it writes a machine's file leaves a draft of it.
func TestDraftOfACrashIsSwept(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	draft := filepath.Join(dir, "half.json.new")
	if err := os.WriteFile(draft, []byte(`{"ID":`), 0o600); err != nil {
		t.Fatal(err)
	}
	if list, err := open(t, sim.Options{Clock: clock.Wall(), Dir: dir}).List(t.Context()); err != nil || len(list) != 0 {
		t.Fatalf("%v %v", list, err)
	}
	if left, err := filepath.Glob(filepath.Join(dir, "*")); err != nil || len(left) != 0 {
		t.Fatalf("left over: %v %v", left, err)
	}
}
