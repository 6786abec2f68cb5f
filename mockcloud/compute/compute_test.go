// SPDX-License-Identifier: MPL-2.0

package compute_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver/sim"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store/memory"
)

// cloud is a Manager on two simulated hosts, with what surrounds it.
type cloud struct {
	*compute.Manager

	config  compute.Config
	options sim.Options
	hosts   []*sim.Driver
	ports   *ports
	clock   *clock.Manual
	fabric  *fabric
}

var (
	user  = compute.Caller{RequestID: "req-user", UserID: "u1", ProjectID: "p1"}
	admin = compute.Caller{RequestID: "req-admin", UserID: "root", ProjectID: "p0", Admin: true}
)

var tiny = compute.Flavor{ID: "1", Name: "m1.tiny", VCPUs: 1, MemoryMiB: 512, RootGiB: 1, Public: true}

// start opens a cloud on a clock that stands still. Things take no time unless change says otherwise.
func start(tb testing.TB, change ...func(*compute.Config, *sim.Options)) *cloud {
	tb.Helper()
	c := &cloud{
		ports: &ports{of: map[string][]compute.VIF{}}, fabric: newFabric(),
		clock: clock.NewManual(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)),
	}
	options := sim.Options{Clock: c.clock}
	c.config = compute.Config{
		Store: memory.New(), Clock: c.clock, Images: images{}, Networks: c.ports, Fabric: c.fabric,
	}
	for _, f := range change {
		f(&c.config, &options)
	}
	c.options = options
	c.open(tb)
	return c
}

// open opens the hosts, and a Manager on the store and the machines that are there.
func (c *cloud) open(tb testing.TB) {
	tb.Helper()
	c.assemble(tb)
	if err := c.Open(tb.Context()); err != nil {
		tb.Fatal(err)
	}
}

// assemble is open up to the Manager's own Open.
func (c *cloud) assemble(tb testing.TB) {
	tb.Helper()
	c.hosts, c.config.Hosts = nil, nil
	for _, name := range []string{"host-1", "host-2"} {
		options := c.options
		if options.Dir != "" {
			options.Dir = filepath.Join(options.Dir, name)
		}
		d, err := sim.New(options)
		if err != nil {
			tb.Fatal(err)
		}
		tb.Cleanup(func() { _ = d.Close() })
		c.hosts = append(c.hosts, d)
		c.config.Hosts = append(c.config.Hosts, compute.HostSpec{Name: name, Driver: d})
	}
	m, err := compute.New(c.config)
	if err != nil {
		tb.Fatal(err)
	}
	c.Manager = m
	tb.Cleanup(func() { _ = m.Close() })
}

func (c *cloud) settle(tb testing.TB) {
	tb.Helper()
	ctx, cancel := context.WithTimeout(tb.Context(), 2*time.Minute)
	defer cancel()
	if err := c.Wait(ctx); err != nil {
		tb.Fatalf("something is under way for ever: %v", err)
	}
}

// flush returns once every event of the machines so far has had its consequences.
func (c *cloud) flush(tb testing.TB) {
	tb.Helper()
	c.told(tb)
	c.settle(tb)
}

// told returns once every event of the machines so far has been taken up: hosts tell of one after the
// other.
func (c *cloud) told(tb testing.TB) {
	tb.Helper()
	for _, host := range c.hosts {
		const sentinel = "sentinel"
		if err := errors.Join(
			host.Spawn(tb.Context(), &driver.Machine{ID: sentinel}),
			host.PowerOff(tb.Context(), sentinel),
			host.Destroy(tb.Context(), sentinel),
		); err != nil {
			tb.Fatal(err)
		}
	}
}

// blocked returns once n wait on the clock.
func (c *cloud) blocked(tb testing.TB, n int) {
	tb.Helper()
	ctx, cancel := context.WithTimeout(tb.Context(), 2*time.Minute)
	defer cancel()
	if err := c.clock.BlockUntil(ctx, n); err != nil {
		tb.Fatal(err)
	}
}

func (c *cloud) get(tb testing.TB, id string) *compute.Instance {
	tb.Helper()
	inst, err := c.Get(tb.Context(), id)
	if err != nil {
		tb.Fatal(err)
	}
	return inst
}

// request is one server with a NIC.
func request() compute.CreateRequest {
	return compute.CreateRequest{
		Name: "web 1", ImageID: "image", Flavor: tiny,
		Networks: []compute.RequestedNetwork{{NetworkID: "net"}},
	}
}

// create begins to build one server.
func (c *cloud) create(tb testing.TB, r compute.CreateRequest) *compute.Instance {
	tb.Helper()
	created, err := c.Create(tb.Context(), user, r)
	if err != nil {
		tb.Fatal(err)
	}
	return created[0]
}

// active is a server that has been built.
func (c *cloud) active(tb testing.TB) *compute.Instance {
	tb.Helper()
	inst := c.create(tb, request())
	c.settle(tb)
	c.want(tb, inst.ID, compute.Active, compute.NoTask, compute.PowerRunning)
	return c.get(tb, inst.ID)
}

func (c *cloud) want(tb testing.TB, id string, vm compute.VMState, task compute.TaskState, power compute.PowerState) {
	tb.Helper()
	inst := c.get(tb, id)
	if inst.VMState != vm || inst.TaskState != task || inst.PowerState != power {
		tb.Errorf("instance is %s/%q/%d, want %s/%q/%d; fault %+v",
			inst.VMState, inst.TaskState, inst.PowerState, vm, task, power, inst.Fault)
	}
}

// clean demands that hosts, ports, plugs and allocations are those of the live instances and of
// nothing else.
func (c *cloud) clean(tb testing.TB) {
	tb.Helper()
	want := map[string][]string{}
	got := map[string][]string{}
	known, err := c.List(tb.Context(), compute.Filter{})
	if err != nil {
		tb.Fatal(err)
	}
	for _, inst := range known {
		want["allocations"] = append(want["allocations"], inst.ID+" on "+inst.Host)
		if inst.Host == "" && inst.VMState != compute.ShelvedOffloaded {
			continue
		}
		for _, vif := range inst.VIFs {
			want["ports"] = append(want["ports"], vif.PortID)
			if inst.Host != "" {
				want["plugs"] = append(want["plugs"], vif.PortID+" on "+inst.Host)
			}
		}
		if inst.Host != "" {
			want["machines"] = append(want["machines"], inst.ID+" on "+inst.Host)
		}
		if inst.VMState == compute.Resized { // the migration keeps the way back
			moves, err := c.Migrations(tb.Context(), compute.MigrationFilter{InstanceID: inst.ID, Status: "finished"})
			if err != nil || len(moves) != 1 {
				tb.Fatalf("a resized server has %d finished migrations: %v", len(moves), err)
			}
			want["allocations"] = append(want["allocations"], moves[0].ID+" on "+moves[0].SourceHost)
		}
	}
	for i, host := range c.hosts {
		machines, err := host.List(tb.Context())
		if err != nil {
			tb.Fatal(err)
		}
		for _, machine := range machines {
			got["machines"] = append(got["machines"], fmt.Sprintf("%s on host-%d", machine.ID, i+1))
		}
	}
	allocations, err := c.Allocations(tb.Context())
	if err != nil {
		tb.Fatal(err)
	}
	for _, a := range allocations {
		got["allocations"] = append(got["allocations"], a.InstanceID+" on "+a.Host)
	}
	c.counted(tb, allocations)
	got["ports"], got["plugs"] = c.ports.ids(), c.fabric.ids()
	for _, what := range []string{"allocations", "machines", "ports", "plugs"} {
		slices.Sort(want[what])
		slices.Sort(got[what])
		if !slices.Equal(want[what], got[what]) {
			tb.Errorf("%s are\n%v, want\n%v", what, got[what], want[what])
		}
	}
}

// counted demands that what hosts and projects are said to use is the sum of the allocations.
func (c *cloud) counted(tb testing.TB, allocations []*compute.Allocation) {
	tb.Helper()
	claimed, used := map[string]compute.Claim{}, map[string]int{}
	for _, a := range allocations {
		sum := claimed[a.Host]
		sum.VCPUs, sum.MemoryMiB, sum.DiskGiB = sum.VCPUs+a.VCPUs, sum.MemoryMiB+a.MemoryMiB, sum.DiskGiB+a.DiskGiB
		claimed[a.Host] = sum
		if a.Migrating != "" {
			continue
		}
		used[a.ProjectID]++
		used[a.ProjectID+"/"+a.UserID]++
	}
	hosts, err := c.Hosts(tb.Context())
	if err != nil {
		tb.Fatal(err)
	}
	for _, h := range hosts {
		if h.Used != claimed[h.Name] {
			tb.Errorf("%s uses %+v, want %+v", h.Name, h.Used, claimed[h.Name])
		}
	}
	for _, caller := range []compute.Caller{user, admin} {
		project, err := c.Usage(tb.Context(), caller.ProjectID, "")
		own, e := c.Usage(tb.Context(), caller.ProjectID, caller.UserID)
		if err = errors.Join(err, e); err != nil {
			tb.Fatal(err)
		}
		if project[compute.QuotaInstances] != used[caller.ProjectID] ||
			own[compute.QuotaInstances] != used[caller.ProjectID+"/"+caller.UserID] {
			tb.Errorf("usage of %s is %v, and %s's in it %v, want %v", caller.ProjectID, project, caller.UserID, own, used)
		}
	}
}

// wantErr demands the kind and the words of an error.
func wantErr(tb testing.TB, err error, kind compute.Kind, message string) {
	tb.Helper()
	if err == nil || compute.KindOf(err) != kind || err.Error() != message {
		tb.Errorf("error is %v (kind %d), want %s (kind %d)", err, compute.KindOf(err), message, kind)
	}
}

// images knows every image.
type images struct{}

func (images) Image(_ context.Context, _ compute.Caller, id string) (*compute.Image, error) {
	if id == "missing" {
		return nil, &compute.Refusal{Reason: compute.NotFound, Message: "Image missing could not be found."}
	}
	image := &compute.Image{
		ID: id, Name: "cirros", Status: "active", DiskFormat: "qcow2", Checksum: "sha512:0", Size: 1 << 20,
		Properties: map[string]string{"auto_disk_config": "True", "hw_machine_type": "q35"},
	}
	if id == "large" {
		image.VirtualSize = 1 << 40
	}
	return image, nil
}

func (images) Find(context.Context, compute.Caller, map[string]string) ([]*compute.Image, error) {
	return nil, nil
}

func (images) Create(context.Context, compute.Caller, compute.NewImage) (string, error) {
	return uuid.NewString(), nil
}

func (images) Upload(_ context.Context, _ compute.Caller, _ string, write func(io.Writer) error) error {
	return write(io.Discard)
}

func (images) Delete(context.Context, compute.Caller, string) error { return nil }

// fabric remembers what is plugged, and on which hosts.
type fabric struct {
	driver.NoFabric

	mu      sync.Mutex
	plugged map[string]map[string]bool // by port and host
}

func newFabric() *fabric { return &fabric{plugged: map[string]map[string]bool{}} }

func (f *fabric) Plug(ctx context.Context, p driver.Port) (driver.NIC, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.plugged[p.ID] == nil {
		f.plugged[p.ID] = map[string]bool{}
	}
	f.plugged[p.ID][p.Host] = true
	return f.NoFabric.Plug(ctx, p)
}

func (f *fabric) Unplug(_ context.Context, id string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.plugged, id)
	return nil
}

func (f *fabric) Leave(_ context.Context, id, host string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.plugged[id], host)
	return nil
}

// ids tells the plugs: "port on host".
func (f *fabric) ids() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var ids []string
	for id, hosts := range f.plugged {
		for host := range hosts {
			ids = append(ids, id+" on "+host)
		}
	}
	return ids
}

// failing makes driver calls fail: those for which it returns an error.
func failing(fault func(compute.DriverCall) error) func(*compute.Config, *sim.Options) {
	return func(c *compute.Config, _ *sim.Options) {
		c.Intercept = func(ctx context.Context, call compute.DriverCall, next func(context.Context) error) error {
			if err := fault(call); err != nil {
				return err
			}
			return next(ctx)
		}
	}
}

// taking gives the simulated hosts their times.
func taking(times sim.Times) func(*compute.Config, *sim.Options) {
	return func(_ *compute.Config, o *sim.Options) { o.Times = times }
}

var (
	errInjected = errors.New("injected")
)
