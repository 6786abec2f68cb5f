// SPDX-License-Identifier: MPL-2.0

package compute_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver/sim"
)

func ids(list []*compute.Instance) (ids []string) {
	for _, inst := range list {
		ids = append(ids, inst.ID)
	}
	return ids
}

// Pages of whatever length, one behind the other, are what List lists.
func TestPagesMakeUpTheList(t *testing.T) {
	t.Parallel()
	c := start(t, func(config *compute.Config, _ *sim.Options) {
		config.Quotas = map[compute.Resource]int{compute.QuotaInstances: 100, compute.QuotaCores: 100}
	})
	for n := range 12 {
		r := request()
		r.MinCount, r.MaxCount = 2, 2 // of the same instant
		owner := user
		owner.ProjectID = fmt.Sprintf("p%d", n%2)
		created, err := c.Create(t.Context(), owner, r)
		if err != nil {
			t.Fatal(err)
		}
		c.settle(t)
		c.clock.Advance(time.Duration(n%3) * time.Second)
		if n%4 == 0 {
			if err := c.Delete(t.Context(), admin, created[0].ID); err != nil {
				t.Fatal(err)
			}
		}
		c.settle(t)
	}
	keeps := map[string]func(*compute.Instance) bool{
		"all": func(*compute.Instance) bool { return true }, "some": func(i *compute.Instance) bool { return i.Number%3 == 0 },
		"none": func(*compute.Instance) bool { return false },
	}
	for _, filter := range []compute.Filter{
		{}, {ProjectID: "p1"}, {ProjectID: "p"}, {Deleted: compute.DeletedRows}, {ProjectID: "p0", Deleted: compute.DeletedRows},
		{Deleted: compute.AllRows}, {Host: "host-1"}, {ChangedSince: c.clock.Now().Add(-5 * time.Second)},
	} {
		all, err := c.List(t.Context(), filter)
		if err != nil {
			t.Fatal(err)
		}
		for name, keep := range keeps {
			for _, length := range []int{1, 5, 100} {
				var paged []*compute.Instance
				var after *compute.Instance
				for {
					page, err := c.Page(t.Context(), filter, after, length, keep)
					if err != nil || len(page) > length {
						t.Fatalf("a page of %d has %d: %v", length, len(page), err)
					}
					if paged = append(paged, page...); len(page) < length {
						break
					}
					after = page[len(page)-1]
				}
				want := ids(slices.DeleteFunc(slices.Clone(all), func(i *compute.Instance) bool { return !keep(i) }))
				if got := ids(paged); !slices.Equal(got, want) {
					t.Errorf("%+v, %s, pages of %d: %v, want %v", filter, name, length, got, want)
				}
			}
		}
	}
}
