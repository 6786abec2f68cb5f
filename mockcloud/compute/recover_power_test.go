// SPDX-License-Identifier: MPL-2.0

package compute_test

import (
	"errors"
	"testing"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver/sim"
)

func TestMachineThatEndedWhileNobodyWatched(t *testing.T) {
	t.Parallel()
	c := start(t, kept(t))
	inst := c.active(t)
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if err := c.hosts[0].Stop(t.Context(), inst.ID, 0); err != nil {
		t.Fatal(err)
	}
	next := c.reborn(t)
	next.settle(t)
	next.want(t, inst.ID, compute.Stopped, compute.NoTask, compute.PowerShutdown)
	next.clean(t)
}

// Who ends its machine between the death of the cloud and its return does not matter to what was under way on it, but
// to its power state: without an event the server stayed active for ever.
func TestMachineThatEndedDuringItsMigration(t *testing.T) {
	t.Parallel()
	c := start(t, kept(t), taking(sim.Times{LiveMigration: time.Hour}))
	inst := c.active(t)
	if err := c.LiveMigrate(t.Context(), admin, inst.ID, compute.LiveMigrateRequest{CopyDisks: true}); err != nil {
		t.Fatal(err)
	}
	c.blocked(t, 1)
	at := c.get(t, inst.ID).Host
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	for _, host := range c.hosts {
		if err := host.Stop(t.Context(), inst.ID, 0); err != nil && !errors.Is(err, driver.ErrNotFound) {
			t.Fatal(err)
		}
	}
	next := c.reborn(t)
	next.settle(t)
	next.want(t, inst.ID, compute.Stopped, compute.NoTask, compute.PowerShutdown)
	if got := next.get(t, inst.ID).Host; got != at {
		t.Errorf("the server is on %s, was on %s", got, at)
	}
}
