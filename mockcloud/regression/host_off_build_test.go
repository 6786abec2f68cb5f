// SPDX-License-Identifier: MPL-2.0

package regression

import (
	"context"
	"testing"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/cloudtest"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver/sim"
)

// held is a host whose machines are spawned when that is let.
type held struct {
	*sim.Driver

	asked, let chan struct{}
}

func (h *held) Spawn(ctx context.Context, m *driver.Machine) error {
	close(h.asked)
	select {
	case <-h.let:
		return h.Driver.Spawn(ctx, m)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// A server that was being built while its host was shut down ran on that, though nothing was to run there until the
// host was started again.
func TestBuildOnHostThatIsShutDown(t *testing.T) {
	t.Parallel()
	simulated, err := sim.New(sim.Options{Clock: clock.Wall()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = simulated.Close() })
	host := &held{Driver: simulated, asked: make(chan struct{}), let: make(chan struct{})}
	cloud := cloudtest.Start(t, cloudtest.With(func(o *mockcloud.Options) {
		spec := mockcloud.SimulatedHost("only", simulated)
		spec.Driver = host
		o.Hosts = append(o.Hosts, spec)
	}))
	admin := login(t, cloud, "admin")
	id := admin.create(`{"server": {"name": "s", "imageRef": "` + admin.image() + `", "flavorRef": "42", "networks": "auto"}}`)
	select {
	case <-host.asked:
	case <-time.After(time.Minute):
		t.Fatal("nothing is built")
	}
	power := func(action string) {
		t.Helper()
		if err := cloud.Compute.PowerHost(t.Context(), "only", action); err != nil {
			t.Errorf("%s: %v", action, err)
		}
	}
	power("shutdown")
	close(host.let)
	machines := func(when string, want int) {
		t.Helper()
		if err := cloud.Compute.Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
		found, err := simulated.List(t.Context())
		if err != nil || len(found) != want || want > 0 && found[0].State != driver.Shutdown {
			t.Errorf("%s there is %+v, want %d; %v", when, found, want, err)
		}
	}
	machines("while the host is off", 1)
	if status := admin.settled(id); status != "ERROR" {
		t.Errorf("the server is %s", status)
	}
	power("startup")
	machines("once it is back", 0)
}
