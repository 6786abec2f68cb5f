// SPDX-License-Identifier: MPL-2.0

package compute_test

import (
	"errors"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver/sim"
)

// Many users do at random what comes to their minds, to servers that fail at random, and nobody waits
// for anybody. Whatever they did, every server ends in a legal state with nothing left over.
func TestStateWalk(t *testing.T) {
	t.Parallel()
	const walks, users, steps = 8, 4, 60
	for seed := range uint64(walks) {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			var mu sync.Mutex
			calm := false
			faults := rand.New(rand.NewPCG(seed, 0))
			c := start(t, func(config *compute.Config, o *sim.Options) {
				// Things take a little time, so that they overlap; the outcome does not depend on it.
				wall := clock.Wall()
				config.Clock, o.Clock = wall, wall
				o.Times = sim.Times{
					Spawn: 200 * time.Microsecond, Shutdown: 200 * time.Microsecond, Start: 100 * time.Microsecond,
				}
			}, failing(func(call compute.DriverCall) error {
				mu.Lock()
				defer mu.Unlock()
				if !calm && call.Method != "State" && call.InstanceID != "" && faults.IntN(20) == 0 {
					return errInjected
				}
				return nil
			}))
			var ids []string
			for range 3 {
				ids = append(ids, c.create(t, request()).ID)
			}
			var wg sync.WaitGroup
			for u := range uint64(users) {
				wg.Go(func() { walk(t, c, rand.New(rand.NewPCG(seed, u+1)), ids, steps) })
			}
			wg.Wait()
			c.flush(t)
			mu.Lock()
			calm = true
			mu.Unlock()
			c.deleteUnbuilt(t)
			c.restful(t)
		})
	}
}

// walk does random things to random servers; a refusal for their state is an answer like any other.
func walk(t *testing.T, c *cloud, dice *rand.Rand, ids []string, steps int) {
	t.Helper()
	for range steps {
		id := ids[dice.IntN(len(ids))]
		acts := []func() error{
			func() error { return c.Stop(t.Context(), user, id) },
			func() error { return c.Start(t.Context(), user, id) },
			func() error { return c.Reboot(t.Context(), user, id, compute.SoftReboot) },
			func() error { return c.Reboot(t.Context(), user, id, compute.HardReboot) },
			func() error {
				_, err := c.UpdateMetadata(t.Context(), user, id, map[string]string{"a": "b"}, false)
				return err
			},
			func() error {
				// Only one of the hosts has the machine, if it is there at all.
				_ = c.hosts[0].PowerOff(t.Context(), id)
				_ = c.hosts[1].PowerOff(t.Context(), id)
				return nil
			},
			func() error {
				_, err := c.AttachInterface(t.Context(), user, id, compute.RequestedNetwork{NetworkID: "net"})
				if errors.As(err, new(*compute.InterfaceAttachFailed)) {
					return nil
				}
				return err
			},
			func() error {
				inst, err := c.Get(t.Context(), id)
				if err != nil || len(inst.VIFs) == 0 {
					return err
				}
				return c.DetachInterface(t.Context(), user, id, inst.VIFs[dice.IntN(len(inst.VIFs))].PortID)
			},
			func() error { return c.Pause(t.Context(), user, id) },
			func() error { return c.Unpause(t.Context(), user, id) },
			func() error { return c.Suspend(t.Context(), user, id) },
			func() error { return c.Resume(t.Context(), user, id) },
			func() error { return c.Rescue(t.Context(), user, id, compute.RescueRequest{}) },
			func() error { return c.Unrescue(t.Context(), user, id) },
			func() error { return c.Rebuild(t.Context(), user, id, compute.RebuildRequest{ImageID: "other"}) },
			func() error { return c.SetPassword(t.Context(), user, id, "secret") },
			func() error { return c.CrashDump(t.Context(), user, id) },
			func() error {
				_, err := c.CreateImage(t.Context(), user, id, "copy", nil)
				return err
			},
			func() error { return c.Wait(t.Context()) },
			func() error {
				if dice.IntN(10) == 0 {
					return c.Delete(t.Context(), user, id)
				}
				return nil
			},
		}
		err := acts[dice.IntN(len(acts))]()
		if kind := compute.KindOf(err); err != nil && kind != compute.Conflict && kind != compute.NotFound {
			t.Errorf("step failed: %v", err)
		}
	}
}

// deleteUnbuilt deletes once more what a failed delete left of servers that were not built yet: they are
// in ERROR, on a host that has no machine of theirs.
func (c *cloud) deleteUnbuilt(t *testing.T) {
	t.Helper()
	all, err := c.List(t.Context(), compute.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	for _, inst := range all {
		if inst.VMState != compute.Error || inst.LaunchedAt != nil || inst.Host == "" || c.machine(t, inst) != compute.PowerNoState {
			continue
		}
		if err := c.Delete(t.Context(), user, inst.ID); err != nil {
			t.Error(err)
		}
	}
	c.flush(t)
}

// restful demands that nothing is under way or left over, that each server's power_state is its
// machine's, and that it goes with its vm_state, unless a fault says why it does not.
func (c *cloud) restful(t *testing.T) {
	t.Helper()
	all, err := c.List(t.Context(), compute.Filter{Deleted: compute.AllRows})
	if err != nil {
		t.Fatal(err)
	}
	// In these a machine may do something else: Nova leaves them alone then.
	odd := []compute.VMState{compute.Paused, compute.Suspended, compute.Rescued}
	want := map[compute.VMState]compute.PowerState{
		compute.Active: compute.PowerRunning, compute.Stopped: compute.PowerShutdown, compute.Deleted: compute.PowerNoState,
	}
	for _, inst := range all {
		if inst.TaskState != compute.NoTask || inst.Operation != "" {
			t.Errorf("%s is stuck in %q", inst.ID, inst.TaskState)
		}
		power, certain := want[inst.VMState]
		switch {
		case slices.Contains(odd, inst.VMState):
		case !certain && inst.VMState != compute.Error:
			t.Errorf("vm_state %s", inst.VMState)
		case (!certain || power != inst.PowerState) && inst.Fault == nil:
			t.Errorf("%s with power_state %d and no fault", inst.VMState, inst.PowerState)
		}
		if got := c.machine(t, inst); inst.Live() && got != inst.PowerState {
			t.Errorf("%s with power_state %d, and its machine's is %d", inst.VMState, inst.PowerState, got)
		}
	}
	c.clean(t)
}

// machine is the power state that the instance's machine is really in.
func (c *cloud) machine(t *testing.T, inst *compute.Instance) compute.PowerState {
	t.Helper()
	for i, host := range c.hosts {
		if c.config.Hosts[i].Name != inst.Host {
			continue
		}
		state, err := host.State(t.Context(), inst.ID)
		if err == nil {
			return map[driver.State]compute.PowerState{
				driver.Running: compute.PowerRunning, driver.Shutdown: compute.PowerShutdown, driver.Paused: compute.PowerPaused,
				driver.Suspended: compute.PowerSuspended,
			}[state]
		}
	}
	return compute.PowerNoState
}
