// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"testing"
	"time"

	"github.com/gophercloud/gophercloud/v2/openstack/blockstorage/v3/volumes"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/networks"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/subnets"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/cloudtest"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/fault"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/nova"
)

// Mock is a mockcloud in this process, whatever the environment names: for tests that break it, or count what it is asked.
type Mock struct {
	*Target

	cloud *cloudtest.Cloud
	read  int64 // of the trace
}

// NewMock starts a mockcloud with room for as many servers as there is memory for.
func NewMock(t testing.TB, options ...cloudtest.Option) *Mock {
	t.Helper()
	needTerraform(t)
	cloud := cloudtest.Start(t, append(options, cloudtest.With(func(o *mockcloud.Options) {
		o.Quotas = map[compute.Resource]int{
			compute.QuotaInstances: compute.Unlimited, compute.QuotaCores: compute.Unlimited, compute.QuotaRAM: compute.Unlimited,
		}
	}))...)
	return &Mock{Target: connect(t, environment(cloud, "admin")), cloud: cloud}
}

// RateLimits has a cloud let no more requests of a user pass than Nova's filter "ratelimit" would:
// "(POST, */servers, ^/servers, 2, SECOND)".
func RateLimits(t testing.TB, limits string) cloudtest.Option {
	t.Helper()
	parsed, err := nova.ParseRateLimits(limits)
	if err != nil {
		t.Fatal(err)
	}
	return cloudtest.With(func(o *mockcloud.Options) { o.RateLimits = parsed })
}

// Break has a tenth of all requests go wrong until mend is called, the same ones in each run with that seed as far as the
// requests come in the same order: answers that say to wait, or how long; errors; connections that break. Half of what
// leaves the work in doubt comes when it is done.
func (m *Mock) Break(t testing.TB, seed uint64) (mend func()) {
	t.Helper()
	id, err := m.cloud.Faults().Add(fault.Rule{Probability: 0.1, Seed: seed, Effects: []fault.Effect{
		{Status: 429}, {Cut: true}, {Status: 500, After: true}, {Status: 503, RetryAfter: time.Second}, {Cut: true, After: true},
		{Status: 500}, {Status: 429, RetryAfter: 2 * time.Second}, {Cut: true, After: true}, {Status: 503}, {Cut: true},
	}})
	if err != nil {
		t.Fatal(err)
	}
	return func() {
		for _, rule := range m.cloud.Faults().List() {
			if rule.ID == id {
				t.Logf("%d of %d requests went wrong", rule.Struck, rule.Matched)
			}
		}
		if err := m.cloud.Faults().Remove(id); err != nil {
			t.Error(err)
		}
	}
}

// Unanswered breaks the connections of the first requests for an operation of a service ("network", "POST /floatingips"),
// so many of them, after their work is done.
func (m *Mock) Unanswered(t testing.TB, service, operation string, times int) {
	t.Helper()
	_, err := m.cloud.Faults().Add(fault.Rule{
		Service: service, Operation: operation, Times: times, Effects: []fault.Effect{{Cut: true, After: true}},
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Requests are how many requests of each kind ("POST /servers", "POST /servers/{id}/action reboot") the cloud has had of
// the service ("compute") since the last call. Those that it refused before it looked what they are for have a method
// alone ("POST ").
func (m *Mock) Requests(service string) map[string]int {
	asked := map[string]int{}
	for {
		entries, last := m.cloud.Trace().After(m.read, 1000)
		if len(entries) == 0 {
			return asked
		}
		m.read = last
		for _, request := range entries {
			if request.Service == service {
				name := request.Method + " " + request.Operation
				if request.Action != "" {
					name += " " + request.Action
				}
				asked[name]++
			}
		}
	}
}

// Volumes makes n empty volumes of 1 GiB, which are not in the configuration, and returns their ids.
func (m *Mock) Volumes(t testing.TB, n int) []string {
	t.Helper()
	service, err := m.Client.Volume()
	if err != nil {
		t.Fatal(err)
	}
	ids := make([]string, n)
	for i := range ids {
		made, err := volumes.Create(t.Context(), service, volumes.CreateOpts{Size: 1}, nil).Extract()
		if err != nil {
			t.Fatal(err)
		}
		if err := volumes.WaitForStatus(t.Context(), service, made.ID, "available"); err != nil {
			t.Fatal(err)
		}
		ids[i] = made.ID
	}
	return ids
}

// Net makes a network with a subnet, which is not in the configuration, and returns its id.
func (m *Mock) Net(t testing.TB) string {
	t.Helper()
	service, err := m.Client.Network()
	if err != nil {
		t.Fatal(err)
	}
	made, err := networks.Create(t.Context(), service, networks.CreateOpts{Name: "runs"}).Extract()
	if err == nil {
		_, err = subnets.Create(t.Context(), service, subnets.CreateOpts{NetworkID: made.ID, CIDR: "10.77.0.0/16", IPVersion: 4}).Extract()
	}
	if err != nil {
		t.Fatal(err)
	}
	return made.ID
}
