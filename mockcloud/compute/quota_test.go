// SPDX-License-Identifier: MPL-2.0

package compute_test

import (
	"errors"
	"maps"
	"sync"
	"testing"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
)

// However many ask at once, no more than the limits is ever granted, and all of what they leave is.
func TestQuotaIsNeverOvershot(t *testing.T) {
	t.Parallel()
	for _, limits := range []map[compute.Resource]int{
		{compute.QuotaInstances: 10},
		{compute.QuotaCores: 10, compute.QuotaInstances: compute.Unlimited},
		{compute.QuotaRAM: 10 * 512, compute.QuotaInstances: compute.Unlimited},
	} {
		c := start(t)
		if err := c.SetClassLimits(t.Context(), "default", limits); err != nil {
			t.Fatal(err)
		}
		var (
			asking sync.WaitGroup
			mutex  sync.Mutex
			made   int
		)
		for n := range 100 {
			asking.Go(func() {
				r := request()
				r.MinCount, r.MaxCount = 1, n%3+1
				created, err := c.Create(t.Context(), user, r)
				if err != nil && !errors.As(err, new(*compute.QuotaExceeded)) {
					t.Error(err)
				}
				mutex.Lock()
				made += len(created)
				mutex.Unlock()
			})
		}
		asking.Wait()
		used, err := c.Usage(t.Context(), user.ProjectID, "")
		want := map[compute.Resource]int{compute.QuotaInstances: 10, compute.QuotaCores: 10, compute.QuotaRAM: 10 * 512}
		if err != nil || made != 10 || !maps.Equal(used, want) {
			t.Errorf("%v: %d servers were made, used are %v, %v", limits, made, used, err)
		}
		c.settle(t)
	}
}

// Without force a limit is neither set below what is used or granted to users, nor a user's beyond what the
// project's leave.
func TestLimitsWithin(t *testing.T) {
	t.Parallel()
	c := start(t)
	c.active(t)
	for _, name := range []string{"a", "b"} {
		if _, err := c.CreateServerGroup(t.Context(), user, compute.ServerGroup{Name: name, Policy: "affinity"}); err != nil {
			t.Fatal(err)
		}
	}
	set := func(user string, r compute.Resource, limit int) error {
		return c.SetLimitsWithin(t.Context(), "p1", user, map[compute.Resource]int{r: limit})
	}
	wantErr(t, set("", compute.QuotaInstances, 0), compute.BadRequest,
		"Quota limit 0 for instances must be greater than or equal to already used and reserved 1.")
	wantErr(t, set("", compute.QuotaServerGroups, 1), compute.BadRequest,
		"Quota limit 1 for server_groups must be greater than or equal to already used and reserved 2.")
	wantErr(t, set("u1", compute.QuotaInstances, 11), compute.BadRequest,
		"Quota limit 11 for instances must be less than or equal to 10.")
	wantErr(t, set("u1", compute.QuotaInstances, compute.Unlimited), compute.BadRequest,
		"Quota limit -1 for instances must be less than or equal to 10.")
	for _, step := range []struct {
		user     string
		resource compute.Resource
		limit    int
	}{
		{"u1", compute.QuotaInstances, 6},
		{"u2", compute.QuotaInstances, 4},
		{"", compute.QuotaServerGroups, 2},
		{"", compute.QuotaCores, compute.Unlimited},
		{"u1", compute.QuotaCores, 1000},
		{"u1", compute.QuotaInstances, 6}, // what one has already, one may have
	} {
		if err := set(step.user, step.resource, step.limit); err != nil {
			t.Errorf("%+v: %v", step, err)
		}
	}
	wantErr(t, set("", compute.QuotaInstances, 9), compute.BadRequest,
		"Quota limit 9 for instances must be greater than or equal to already used and reserved 10.")
	wantErr(t, set("u1", compute.QuotaInstances, 7), compute.BadRequest,
		"Quota limit 7 for instances must be less than or equal to 6.")
	if err := c.DeleteLimits(t.Context(), "p1", ""); err != nil {
		t.Fatal(err)
	}
	if limits, err := c.Limits(t.Context(), "p1", "u1"); err != nil || limits[compute.QuotaInstances] != 10 {
		t.Errorf("limits of a user whose project's were deleted: %v, %v", limits, err)
	}
}

// A server counts for the part of a period in which it was there, also when it is gone.
func TestActiveBetween(t *testing.T) {
	t.Parallel()
	c := start(t)
	began := c.clock.Now()
	inst := c.active(t)
	c.clock.Advance(2 * time.Hour)
	if err := c.Delete(t.Context(), user, inst.ID); err != nil {
		t.Fatal(err)
	}
	c.settle(t)
	c.clock.Advance(time.Hour)
	for _, period := range []struct{ from, to, ran time.Duration }{
		{-time.Hour, 3 * time.Hour, 2 * time.Hour},
		{time.Hour, 3 * time.Hour, time.Hour},
		{-time.Hour, time.Hour, time.Hour},
		{30 * time.Minute, time.Hour, 30 * time.Minute},
		{2 * time.Hour, 3 * time.Hour, 0},
		{-time.Hour, 0, 0},
	} {
		from, to := began.Add(period.from), began.Add(period.to)
		active, err := c.ActiveBetween(t.Context(), "p1", from, to)
		if err != nil {
			t.Fatal(err)
		}
		var ran time.Duration
		for _, i := range active {
			ran += i.RanFor(from, to)
		}
		if ran != period.ran || len(active) != min(1, int(period.ran)) {
			t.Errorf("from %v to %v: %d servers, %v", period.from, period.to, len(active), ran)
		}
	}
	if others, err := c.ActiveBetween(t.Context(), "p2", began, c.clock.Now()); err != nil || len(others) != 0 {
		t.Errorf("of another project: %v, %v", others, err)
	}
}
