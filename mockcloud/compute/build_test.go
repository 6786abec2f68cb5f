// SPDX-License-Identifier: MPL-2.0

package compute_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver/sim"
)

func TestBuild(t *testing.T) {
	t.Parallel()
	c := start(t, taking(sim.Times{Spawn: time.Minute}))
	inst := c.create(t, request())
	if inst.VMState != compute.Building || inst.TaskState != compute.Scheduling || inst.Status() != "BUILD" {
		t.Errorf("recorded as %s/%s", inst.VMState, inst.TaskState)
	}
	c.blocked(t, 1)
	c.want(t, inst.ID, compute.Building, compute.Spawning, compute.PowerNoState)
	c.clock.Advance(time.Minute)
	c.settle(t)
	c.want(t, inst.ID, compute.Active, compute.NoTask, compute.PowerRunning)

	inst = c.get(t, inst.ID)
	if !inst.LaunchedAt.Equal(c.clock.Now()) || inst.Host != "host-1" || inst.Node != "host-1" || inst.Zone != "nova" {
		t.Errorf("launched %v on %s/%s in %s", inst.LaunchedAt, inst.Host, inst.Node, inst.Zone)
	}
	if inst.Hostname != "web-1" || inst.MachineName() != "instance-00000001" || inst.DiskConfig != compute.DiskAuto {
		t.Errorf("hostname %q, machine %q, disk config %q", inst.Hostname, inst.MachineName(), inst.DiskConfig)
	}
	c.clean(t)

	actions, err := c.InstanceActions(t.Context(), inst.ID)
	if err != nil || len(actions) != 1 {
		t.Fatalf("actions %v, %v", actions, err)
	}
	event := actions[0].Events[0]
	if actions[0].Action != "create" || actions[0].RequestID != user.RequestID ||
		event.Event != "compute__do_build_and_run_instance" || event.Result != compute.EventSuccess || event.Host != "host-1" {
		t.Errorf("recorded as %+v", actions[0])
	}
	if out, err := c.ConsoleOutput(t.Context(), inst.ID, -1); err != nil || !strings.Contains(out, "web-1 login:") {
		t.Errorf("console %q, %v", out, err)
	}
}

func TestServersSpreadOverHosts(t *testing.T) {
	t.Parallel()
	c := start(t)
	r := request()
	r.MinCount, r.MaxCount = 4, 4
	created, err := c.Create(t.Context(), user, r)
	if err != nil {
		t.Fatal(err)
	}
	c.settle(t)
	on := map[string]int{}
	for i, inst := range created {
		inst = c.get(t, inst.ID)
		on[inst.Host]++
		if inst.ReservationID != created[0].ReservationID || inst.LaunchIndex != i {
			t.Errorf("reservation %s, index %d", inst.ReservationID, inst.LaunchIndex)
		}
		if want := fmt.Sprintf("web 1-%d", i+1); inst.Name != want || inst.Hostname != fmt.Sprintf("web-1-%d", i+1) {
			t.Errorf("name %q, hostname %q, want %q", inst.Name, inst.Hostname, want)
		}
	}
	if on["host-1"] != 2 || on["host-2"] != 2 {
		t.Errorf("spread as %v", on)
	}
	c.clean(t)
}

func TestFailedBuild(t *testing.T) {
	t.Parallel()
	only := func(method string, err error) func(compute.DriverCall) error {
		return func(call compute.DriverCall) error {
			if call.Method == method {
				return err
			}
			return nil
		}
	}
	for _, test := range []struct {
		name    string
		fault   func(compute.DriverCall) error
		network error
		change  func(*compute.CreateRequest)
		message string // %s is the instance
	}{
		{
			name: "every host fails", fault: only("Spawn", errInjected),
			message: "Exceeded maximum number of retries. Exhausted all hosts available for retrying build failures " +
				"for instance %s.",
		},
		{
			name: "bad image", fault: only("Spawn", fmt.Errorf("%w: it has a backing file", driver.ErrBadImage)),
			message: "Build of instance %s aborted: Image image is unacceptable: image not usable: it has a backing file",
		},
		{
			name: "no address left", network: &compute.Refusal{Reason: compute.BadRequest, Message: "no more addresses"},
			message: "Build of instance %s aborted: Failed to allocate the network(s) with error no more addresses, " +
				"not rescheduling.",
		},
		{
			name: "network service down", network: errInjected,
			message: "Build of instance %s aborted: Failed to allocate the network(s), not rescheduling.",
		},
		{
			name: "too large for any host", change: func(r *compute.CreateRequest) { r.Flavor.RootGiB = 1 << 20 },
			message: "No valid host was found. ",
		},
		{
			name: "image larger than the disk", change: func(r *compute.CreateRequest) { r.ImageID = "large" },
			message: "Build of instance %s aborted: Flavor's disk is too small for requested image. " +
				"Flavor disk is 1073741824 bytes, image is 1099511627776 bytes.",
		},
		{
			name: "filtered out",
			change: func(r *compute.CreateRequest) {
				r.SchedulerHints = map[string][]string{"same_host": {"4bf3473b-d550-4b65-9409-292d44ab14a2"}}
			},
			message: "No valid host was found. There are not enough hosts available.",
		},
		{
			name: "forced host fails", fault: only("Spawn", errInjected), message: "injected",
			change: func(r *compute.CreateRequest) { r.AvailabilityZone = "nova:host-2" },
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := start(t)
			if test.fault != nil {
				c = start(t, failing(test.fault))
			}
			c.ports.broken = test.network
			r := request()
			if test.change != nil {
				test.change(&r)
			}
			inst := c.create(t, r)
			c.settle(t)
			c.want(t, inst.ID, compute.Error, compute.NoTask, compute.PowerNoState)
			inst = c.get(t, inst.ID)
			want := test.message
			if strings.Contains(want, "%s") {
				want = fmt.Sprintf(want, inst.ID)
			}
			if inst.Fault == nil || inst.Fault.Message != want || inst.Fault.Code != 500 || inst.Fault.Details == "" {
				t.Errorf("fault %+v, want %q", inst.Fault, want)
			}
			if inst.Host != "" || len(inst.VIFs) != 0 {
				t.Errorf("left on %q with %v", inst.Host, inst.VIFs)
			}
			action, err := c.InstanceAction(t.Context(), inst.ID, user.RequestID)
			if err != nil || action.Message != "Error" || action.Events[0].Result != compute.EventError {
				t.Errorf("recorded as %+v, %v", action, err)
			}
			c.clean(t)
			if err := c.Delete(t.Context(), user, inst.ID); err != nil {
				t.Fatal(err)
			}
			c.settle(t)
			c.clean(t)
		})
	}
}

// A host that fails after it has done its work leaves no second machine.
func TestSpawnThatOnlySeemsToFail(t *testing.T) {
	t.Parallel()
	c := start(t, func(config *compute.Config, _ *sim.Options) {
		config.Intercept = func(ctx context.Context, call compute.DriverCall, next func(context.Context) error) error {
			if err := next(ctx); err != nil || call.Method != "Spawn" || call.Host != "host-1" {
				return err
			}
			return errInjected
		}
	})
	if inst := c.active(t); inst.Host != "host-2" {
		t.Errorf("built on %s", inst.Host)
	}
	c.clean(t)
}

func TestPanicInABuild(t *testing.T) {
	t.Parallel()
	c := start(t, failing(func(call compute.DriverCall) error {
		if call.Method == "Spawn" {
			panic("a fault in a driver")
		}
		return nil
	}))
	inst := c.create(t, request())
	c.settle(t)
	c.want(t, inst.ID, compute.Error, compute.NoTask, compute.PowerNoState)
	if fault := c.get(t, inst.ID).Fault; fault == nil || fault.Message != "internal error" {
		t.Errorf("fault %+v", fault)
	}
	c.clean(t)
}

func TestBuildGoesToAnotherHost(t *testing.T) {
	t.Parallel()
	c := start(t, failing(func(call compute.DriverCall) error {
		if call.Method == "Spawn" && call.Host == "host-1" {
			return errInjected
		}
		return nil
	}))
	inst := c.active(t)
	if inst.Host != "host-2" || inst.Fault != nil {
		t.Errorf("built on %s, fault %+v", inst.Host, inst.Fault)
	}
	c.clean(t)
}

func TestCreateRefused(t *testing.T) {
	t.Parallel()
	c := start(t)
	for _, test := range []struct {
		name    string
		change  func(*compute.CreateRequest)
		kind    compute.Kind
		message string
	}{
		{
			"image", func(r *compute.CreateRequest) { r.ImageID = "missing" },
			compute.NotFound, "Image missing could not be found.",
		},
		{
			"zone", func(r *compute.CreateRequest) { r.AvailabilityZone = "mars" },
			compute.BadRequest, "The requested availability zone is not available",
		},
		{
			"host", func(r *compute.CreateRequest) { r.Host = "host-9" },
			compute.BadRequest, "Compute host host-9 could not be found.",
		},
		{
			"port", func(r *compute.CreateRequest) {
				r.MaxCount, r.Networks = 2, []compute.RequestedNetwork{{PortID: "port"}}
			},
			compute.BadRequest, "Failed to launch instances: Unable to launch multiple instances with a single " +
				"configured port ID. Please launch your instance one by one with different ports.",
		},
		{
			"metadata", func(r *compute.CreateRequest) {
				r.Metadata = map[string]string{}
				for i := range 129 {
					r.Metadata[fmt.Sprint(i)] = "x"
				}
			},
			compute.Forbidden, "Maximum number of metadata items exceeds 128",
		},
		{
			"files", func(r *compute.CreateRequest) { r.InjectedFiles = map[string][]byte{"/a": make([]byte, 10241)} },
			compute.Forbidden, "Personality file content exceeds maximum 10240",
		},
	} {
		r := request()
		test.change(&r)
		_, err := c.Create(t.Context(), user, r)
		t.Run(test.name, func(t *testing.T) { wantErr(t, err, test.kind, test.message) })
	}
	c.clean(t)
}

func TestQuota(t *testing.T) {
	t.Parallel()
	c := start(t)
	r := request()
	r.MinCount, r.MaxCount = 9, 9
	if _, err := c.Create(t.Context(), user, r); err != nil {
		t.Fatal(err)
	}
	r.MinCount, r.MaxCount = 2, 2
	_, err := c.Create(t.Context(), user, r)
	wantErr(t, err, compute.Forbidden, "Quota exceeded for instances: Requested 2, but already used 9 of 10 instances")
	r.MinCount, r.MaxCount = 2, 3
	_, err = c.Create(t.Context(), user, r)
	wantErr(t, err, compute.Forbidden, "Quota exceeded for instances: Requested 2-3, but already used 9 of 10 instances")
	r.MinCount = 1
	if created, err := c.Create(t.Context(), user, r); err != nil || len(created) != 1 {
		t.Errorf("of one to three servers with room for one: %d, %v", len(created), err)
	}
	if err := c.SetLimits(t.Context(), "p1", "", map[compute.Resource]int{
		compute.QuotaInstances: compute.Unlimited, compute.QuotaCores: 10, compute.QuotaRAM: 5200,
	}); err != nil {
		t.Fatal(err)
	}
	r.MinCount, r.MaxCount = 1, 1
	_, err = c.Create(t.Context(), user, r)
	wantErr(t, err, compute.Forbidden,
		"Quota exceeded for cores, ram: Requested 1, 512, but already used 10, 5120 of 10, 5200 cores, ram")

	// Another project is another quota, and what is deleted counts no more.
	if _, err := c.Create(t.Context(), admin, r); err != nil {
		t.Error(err)
	}
	all, _ := c.List(t.Context(), compute.Filter{ProjectID: "p1"})
	for _, inst := range all {
		if err := c.Delete(t.Context(), user, inst.ID); err != nil {
			t.Error(err)
		}
	}
	c.settle(t)
	used, err := c.Usage(t.Context(), "p1", "")
	if err != nil || used[compute.QuotaInstances] != 0 || used[compute.QuotaCores] != 0 || used[compute.QuotaRAM] != 0 {
		t.Errorf("used after all were deleted: %v, %v", used, err)
	}
	c.clean(t)
}
