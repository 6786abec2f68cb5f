// SPDX-License-Identifier: MPL-2.0

package compute_test

import (
	"net/netip"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver/sim"
)

func TestHosts(t *testing.T) {
	t.Parallel()
	c := start(t)
	inst := c.active(t)
	hosts, err := c.Hosts(t.Context())
	if err != nil || len(hosts) != 2 {
		t.Fatalf("hosts %v, %v", hosts, err)
	}
	h := hosts[0]
	if h.Name != inst.Host || !h.Up || h.Disabled || h.Instances != 1 || !h.LastSeen.Equal(c.clock.Now()) {
		t.Errorf("host %+v", h)
	}
	if want := (compute.Claim{VCPUs: 1, MemoryMiB: 512, DiskGiB: 1}); h.Used != want || hosts[1].Used != (compute.Claim{}) {
		t.Errorf("used %+v and %+v", h.Used, hosts[1].Used)
	}
	if h.Ratios != (compute.Ratios{CPU: 4, RAM: 1, Disk: 1}) || h.ServiceID == h.HypervisorID || h.Number != 1 {
		t.Errorf("host %+v", h)
	}

	// Its ids are the same after a restart.
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	c.open(t)
	again, err := c.Hosts(t.Context())
	if err != nil || len(again) != 2 || again[0].ServiceID != h.ServiceID || again[0].HypervisorID != h.HypervisorID {
		t.Errorf("after a restart: %+v, %v", again, err)
	}
}

func TestDisabledHostsTakeNoServers(t *testing.T) {
	t.Parallel()
	c := start(t)
	disabled, reason := true, "maintenance"
	for _, name := range []string{"host-1", "host-2"} {
		change := compute.HostChange{Disabled: &disabled, DisabledReason: &reason}
		if err := c.UpdateHost(t.Context(), name, change); err != nil {
			t.Fatal(err)
		}
	}
	inst := c.create(t, request())
	c.settle(t)
	if fault := c.get(t, inst.ID).Fault; fault == nil || fault.Message != "No valid host was found. " {
		t.Errorf("fault %+v", fault)
	}
	hosts, err := c.Hosts(t.Context())
	if err != nil || !hosts[0].Disabled || hosts[0].DisabledReason != reason {
		t.Errorf("hosts %+v, %v", hosts, err)
	}
}

func TestRefreshNetwork(t *testing.T) {
	t.Parallel()
	c := start(t)
	inst := c.active(t)
	floating := compute.VIFAddress{IP: netip.MustParseAddr("192.0.2.7"), Type: compute.FloatingAddress}
	c.ports.mu.Lock()
	vif := &c.ports.of[inst.ID][0]
	vif.Addresses = append(vif.Addresses, floating)
	c.ports.mu.Unlock()
	if err := c.RefreshNetwork(t.Context(), inst.ID); err != nil {
		t.Fatal(err)
	}
	got := c.get(t, inst.ID).VIFs[0].Addresses
	if len(got) != 2 || got[1].IP != floating.IP || got[1].Type != floating.Type {
		t.Errorf("addresses %+v", got)
	}
	if err := c.RefreshNetwork(t.Context(), "nobody"); err != nil {
		t.Errorf("an instance that is gone: %v", err)
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	c := start(t, func(config *compute.Config, _ *sim.Options) {
		config.Quotas = map[compute.Resource]int{compute.QuotaInstances: 7}
	})
	want := func(project, user string, instances, cores int) {
		t.Helper()
		limits, err := c.Limits(t.Context(), project, user)
		if err != nil || limits[compute.QuotaInstances] != instances || limits[compute.QuotaCores] != cores {
			t.Errorf("limits of %s/%s: %v, %v", project, user, limits, err)
		}
	}
	set := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	want("p1", "u1", 7, 20)
	set(c.SetClassLimits(t.Context(), "default", map[compute.Resource]int{compute.QuotaCores: 30}))
	want("p1", "", 7, 30)
	set(c.SetLimits(t.Context(), "p1", "", map[compute.Resource]int{compute.QuotaInstances: 3}))
	set(c.SetLimits(t.Context(), "p1", "u1", map[compute.Resource]int{compute.QuotaInstances: 1}))
	want("p1", "u1", 1, 30)
	want("p1", "u2", 3, 30)
	want("p2", "u1", 7, 30)

	c.active(t)
	_, err := c.Create(t.Context(), user, request())
	wantErr(t, err, compute.Forbidden, "Quota exceeded for instances: Requested 1, but already used 1 of 1 instances")
	other := user
	other.UserID = "u2"
	if _, err := c.Create(t.Context(), other, request()); err != nil {
		t.Errorf("another user of the project: %v", err)
	}
	c.settle(t)
	set(c.DeleteLimits(t.Context(), "p1", "u1"))
	want("p1", "u1", 3, 30)
}
