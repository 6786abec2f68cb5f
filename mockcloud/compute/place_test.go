// SPDX-License-Identifier: MPL-2.0

package compute_test

import (
	"strings"
	"sync"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver/sim"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/scheduler"
)

// unlimited lifts the quotas that tests of placing would run into.
func unlimited(config *compute.Config, _ *sim.Options) {
	config.Quotas = map[compute.Resource]int{}
	for _, r := range []compute.Resource{
		compute.QuotaInstances, compute.QuotaCores, compute.QuotaRAM, compute.QuotaServerGroups, compute.QuotaServerGroupMembers,
	} {
		config.Quotas[r] = compute.Unlimited
	}
}

// small makes hosts of 4 CPUs, 4 GiB and 40 GiB.
func small(_ *compute.Config, options *sim.Options) {
	options.Resources = driver.Resources{
		VCPUs: 4, MemoryMiB: 4096, DiskGiB: 40, Hypervisor: "fake", Version: 2001003, Arch: "x86_64", CPUModel: "simulated",
	}
}

// furnished is a cloud whose first host has NUMA cells, PCI devices and what else flavors ask for.
func furnished(t *testing.T) *cloud {
	t.Helper()
	c := start(t, unlimited)
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	cell := compute.NUMACell{CPUs: 24, Dedicated: 8, MemoryMiB: 1 << 17, Pages: map[int]int{2048: 1024}}
	rich := &c.config.Hosts[0]
	rich.Cells = []compute.NUMACell{cell, cell}
	rich.Devices = []compute.PCIDevice{{Address: "0000:81:00.0", VendorID: "10de", ProductID: "1db4", Alias: "gpu"}}
	rich.Traits, rich.Classes = []string{"CUSTOM_FAST"}, map[string]int{"CUSTOM_LICENCE": 2}
	m, err := compute.New(c.config)
	if err != nil {
		t.Fatal(err)
	}
	c.Manager = m
	t.Cleanup(func() { _ = m.Close() })
	if err := m.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	return c
}

// placed creates a server and returns it once it is built or not.
func (c *cloud) placed(t *testing.T, change func(*compute.CreateRequest)) *compute.Instance {
	t.Helper()
	r := request()
	change(&r)
	made, err := c.Create(t.Context(), user, r)
	if err != nil {
		t.Fatal(err)
	}
	c.settle(t)
	return c.get(t, made[0].ID)
}

// on demands the host of a server, or with "!" the end of its fault.
func on(t *testing.T, what string, inst *compute.Instance, want string) {
	t.Helper()
	if message, isFault := strings.CutPrefix(want, "!"); isFault {
		if inst.Fault == nil || !strings.HasSuffix(inst.Fault.Message, message) {
			t.Errorf("%s: host %q, fault %+v, want %q", what, inst.Host, inst.Fault, message)
		}
		return
	}
	if inst.Host != want || inst.VMState != compute.Active {
		t.Errorf("%s: %s on %q, want %q; fault %+v", what, inst.VMState, inst.Host, want, inst.Fault)
	}
}

const (
	noRoom   = "!No valid host was found. "
	filtered = "!No valid host was found. There are not enough hosts available."
)

// Flavors and images get the hosts that have what they ask for, as long as there is any left.
func TestPlacingByDemand(t *testing.T) {
	t.Parallel()
	c := furnished(t)
	with := func(specs ...string) compute.Flavor {
		f := compute.Flavor{ID: "f", Name: "f", VCPUs: 8, MemoryMiB: 1024, RootGiB: 1, ExtraSpecs: map[string]string{}}
		for i := 0; i < len(specs); i += 2 {
			f.ExtraSpecs[specs[i]] = specs[i+1]
		}
		return f
	}
	for _, test := range []struct {
		name   string
		flavor compute.Flavor
		want   string
	}{
		{"a trait", with("trait:CUSTOM_FAST", "required"), "host-1"},
		{"no trait", with("trait:CUSTOM_FAST", "forbidden"), "host-2"},
		{"an unknown trait", with("trait:CUSTOM_SLOW", "required"), noRoom},
		{"a class", with("resources:CUSTOM_LICENCE", "2"), "host-1"},
		{"a class that is used up", with("resources:CUSTOM_LICENCE", "1"), noRoom},
		{"a device", with("pci_passthrough:alias", "gpu:1"), "host-1"},
		{"a device that is taken", with("pci_passthrough:alias", "gpu:1"), filtered},
		{"pinned CPUs", with("hw:cpu_policy", "dedicated", "hw:numa_nodes", "2"), "host-1"},
		{"one cell of 8 where two have 4 left each", with("hw:cpu_policy", "dedicated"), filtered},
		{"the last pinned CPUs", with("hw:cpu_policy", "dedicated", "hw:numa_nodes", "2"), "host-1"},
		{"no pinned CPUs left", with("hw:cpu_policy", "dedicated", "hw:numa_nodes", "2"), noRoom},
		{"huge pages", with("hw:mem_page_size", "2MB"), "host-1"},
		{"pages of a size that no host has", with("hw:mem_page_size", "1GB"), filtered},
		{"four cells", with("hw:numa_nodes", "4"), filtered},
		{"a capability", with("capabilities:hypervisor_type", "s== fake", "capabilities:cpu_info:model", "<or> other <or> simulated"), "host-2"},
		{"another hypervisor", with("capabilities:hypervisor_type", "s== xen"), filtered},
	} {
		inst := c.placed(t, func(r *compute.CreateRequest) { r.Flavor = test.flavor })
		on(t, test.name, inst, test.want)
	}
	_, err := c.Create(t.Context(), user, func() compute.CreateRequest {
		r := request()
		r.Flavor = with("pci_passthrough:alias", "tpu:1")
		return r
	}())
	wantErr(t, err, compute.BadRequest, "PCI alias tpu is not defined")
}

// A stopped server keeps its share of the host, a deleted one gives it back.
func TestClaimsOfDevices(t *testing.T) {
	t.Parallel()
	c := furnished(t)
	gpu := func(r *compute.CreateRequest) {
		r.Flavor.ExtraSpecs = map[string]string{"pci_passthrough:alias": "gpu"}
	}
	first := c.placed(t, gpu)
	on(t, "first", first, "host-1")
	if err := c.Stop(t.Context(), user, first.ID); err != nil {
		t.Fatal(err)
	}
	c.settle(t)
	on(t, "beside a stopped one", c.placed(t, gpu), filtered)
	if err := c.Delete(t.Context(), user, first.ID); err != nil {
		t.Fatal(err)
	}
	c.settle(t)
	on(t, "after a deleted one", c.placed(t, gpu), "host-1")
}

// group makes a server group.
func (c *cloud) group(t *testing.T, policy string, most int) string {
	t.Helper()
	g, err := c.CreateServerGroup(t.Context(), user, compute.ServerGroup{Name: policy, Policy: policy, MaxPerHost: most})
	if err != nil {
		t.Fatal(err)
	}
	return g.ID
}

func in(group string) func(*compute.CreateRequest) {
	return func(r *compute.CreateRequest) { r.SchedulerHints = map[string][]string{"group": {group}} }
}

func TestServerGroups(t *testing.T) {
	t.Parallel()
	c := start(t, unlimited)
	for _, test := range []struct {
		policy string
		most   int
		want   []string
	}{
		{scheduler.Affinity, 0, []string{"host-1", "host-1", "host-1"}},
		{scheduler.AntiAffinity, 0, []string{"host-2", "host-1", filtered}},
		{scheduler.AntiAffinity, 2, []string{"host-2", "host-2", "host-1", "host-1", filtered}},
		{scheduler.SoftAffinity, 0, []string{"host-1", "host-1"}},
		{scheduler.SoftAntiAffinity, 0, []string{"host-2", "host-1"}},
	} {
		group := c.group(t, test.policy, test.most)
		for i, want := range test.want {
			inst := c.placed(t, in(group))
			switch {
			case strings.HasPrefix(want, "!"), test.policy == scheduler.Affinity && i > 0:
				on(t, test.policy, inst, want)
			case inst.VMState != compute.Active:
				t.Errorf("%s: fault %+v", test.policy, inst.Fault)
			}
		}
		counts := c.members(t, group)
		for host, n := range counts {
			if test.policy == scheduler.AntiAffinity && n > max(test.most, 1) || test.policy == scheduler.Affinity && n != len(test.want) {
				t.Errorf("%s: %d on %s", test.policy, n, host)
			}
		}
	}
}

// members counts the servers of the group that are on each host.
func (c *cloud) members(t *testing.T, group string) map[string]int {
	t.Helper()
	members, err := c.Members(t.Context(), group)
	if err != nil {
		t.Fatal(err)
	}
	counts := map[string]int{}
	for _, id := range members[group] {
		if host := c.get(t, id).Host; host != "" {
			counts[host]++
		}
	}
	return counts
}

// Who is forced to a host goes past the filters, but the host still keeps to the group's policy.
func TestForcedPastTheGroup(t *testing.T) {
	t.Parallel()
	c := start(t, unlimited)
	group := c.group(t, scheduler.AntiAffinity, 0)
	first := c.placed(t, in(group))
	second := c.placed(t, func(r *compute.CreateRequest) {
		in(group)(r)
		r.AvailabilityZone = "nova:" + first.Host
	})
	on(t, "forced", second, "!was re-scheduled: Anti-affinity instance group policy was violated")
	if err := c.DeleteServerGroup(t.Context(), group); err != nil {
		t.Fatal(err)
	}
	if id := c.get(t, first.ID).ServerGroupID; id != "" {
		t.Errorf("still in %s", id)
	}
	c.clean(t)
}

func TestServerGroupQuotas(t *testing.T) {
	t.Parallel()
	c := start(t, func(config *compute.Config, _ *sim.Options) {
		config.Quotas = map[compute.Resource]int{compute.QuotaServerGroups: 1, compute.QuotaServerGroupMembers: 2}
	})
	group := c.group(t, scheduler.SoftAffinity, 0)
	_, err := c.CreateServerGroup(t.Context(), user, compute.ServerGroup{Name: "two", Policy: scheduler.Affinity})
	wantErr(t, err, compute.Forbidden, "Quota exceeded, too many server groups.")
	c.placed(t, in(group))
	many := request()
	in(group)(&many)
	many.MinCount = 2
	_, err = c.Create(t.Context(), user, many)
	wantErr(t, err, compute.Forbidden, "Quota exceeded, too many servers in group")
	many.SchedulerHints["group"] = []string{"nothing"}
	_, err = c.Create(t.Context(), user, many)
	wantErr(t, err, compute.BadRequest, "Instance group nothing could not be found.")
}

// Aggregates make zones, keep hosts for projects and tell flavors from each other.
func TestAggregatesBindTheScheduler(t *testing.T) {
	t.Parallel()
	c := start(t, unlimited)
	ctx := t.Context()
	a, err := c.CreateAggregate(ctx, "fast", "north")
	if err == nil {
		_, err = c.AddAggregateHost(ctx, a.Number, "host-2")
	}
	if err != nil {
		t.Fatal(err)
	}
	zone := func(name string) func(*compute.CreateRequest) {
		return func(r *compute.CreateRequest) { r.AvailabilityZone = name }
	}
	inst := c.placed(t, zone("north"))
	on(t, "zone", inst, "host-2")
	if inst.Zone != "north" {
		t.Errorf("zone %q", inst.Zone)
	}
	on(t, "the other zone", c.placed(t, zone("nova")), "host-1")

	set := func(metadata map[string]string) {
		t.Helper()
		changes := map[string]*string{}
		for key, value := range metadata {
			changes[key] = &value
		}
		if _, err := c.SetAggregateMetadata(ctx, a.Number, changes); err != nil {
			t.Fatal(err)
		}
	}
	set(map[string]string{"ssd": "true,fast"})
	flavored := func(specs map[string]string) *compute.Instance {
		return c.placed(t, func(r *compute.CreateRequest) { r.Flavor.ExtraSpecs = specs })
	}
	on(t, "a scoped key", flavored(map[string]string{"aggregate_instance_extra_specs:ssd": "fast"}), "host-2")
	on(t, "a bare key", flavored(map[string]string{"ssd": "<or> slow <or> true"}), "host-2")
	on(t, "another value", flavored(map[string]string{"ssd": "false"}), filtered)
	on(t, "a key that nobody has", flavored(map[string]string{"colour": "red", "ssd": "true"}), "host-2")

	set(map[string]string{"filter_tenant_id": "p8,p9"})
	on(t, "kept for others", c.placed(t, zone("north")), filtered)
	set(map[string]string{"filter_tenant_id2": "p1"})
	on(t, "for us, too", c.placed(t, zone("north")), "host-2")
}

// Fifty creates at once, with hosts for a few: no host and no group ever has more than it may.
func TestConcurrentCreatesOvershootNothing(t *testing.T) {
	t.Parallel()
	c := start(t, unlimited, small)
	group := c.group(t, scheduler.AntiAffinity, 3)
	var all sync.WaitGroup
	for i := range 50 {
		all.Go(func() {
			r := request()
			r.Flavor.MemoryMiB = 256
			if i%2 == 0 {
				in(group)(&r)
			}
			if _, err := c.Create(t.Context(), user, r); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	c.settle(t)
	hosts, err := c.Hosts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	active := 0
	for _, h := range hosts {
		if h.Used.MemoryMiB > 4096 || h.Used.VCPUs > 16 || h.Used.DiskGiB > 40 {
			t.Errorf("%s has given away %+v", h.Name, h.Used)
		}
		active += h.Instances
	}
	for host, n := range c.members(t, group) {
		if n > 3 {
			t.Errorf("%d of the group on %s", n, host)
		}
	}
	// 16 fit on each host; whatever came first, room is left for none.
	if active < 31 || active > 32 {
		t.Errorf("%d servers", active)
	}
	c.clean(t)
}

// An operator can keep servers that ask for no zone out of the zones that aggregates make.
func TestDefaultScheduleZone(t *testing.T) {
	t.Parallel()
	c := start(t, unlimited, func(config *compute.Config, _ *sim.Options) { config.DefaultScheduleZone = "nova" })
	a, err := c.CreateAggregate(t.Context(), "north", "north")
	if err == nil {
		_, err = c.AddAggregateHost(t.Context(), a.Number, "host-1")
	}
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		on(t, "no zone", c.placed(t, func(*compute.CreateRequest) {}), "host-2")
	}
	on(t, "a zone", c.placed(t, func(r *compute.CreateRequest) { r.AvailabilityZone = "north" }), "host-1")
}
