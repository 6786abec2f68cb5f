// SPDX-License-Identifier: MPL-2.0

package compute_test

import (
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
)

// BenchmarkServer is a server's life: create, until it is ACTIVE, delete, until it is gone.
func BenchmarkServer(b *testing.B) {
	c := start(b)
	for b.Loop() {
		inst := c.create(b, request())
		c.settle(b)
		if got := c.get(b, inst.ID); got.VMState != compute.Active {
			b.Fatalf("vm_state %s, fault %+v", got.VMState, got.Fault)
		}
		if err := c.Delete(b.Context(), user, inst.ID); err != nil {
			b.Fatal(err)
		}
		c.settle(b)
	}
}

// BenchmarkList is the list of a project with 100 servers, in a cloud with 500.
func BenchmarkList(b *testing.B) {
	c := start(b)
	if err := c.SetClassLimits(b.Context(), "default", map[compute.Resource]int{
		compute.QuotaInstances: -1, compute.QuotaCores: -1, compute.QuotaRAM: -1,
	}); err != nil {
		b.Fatal(err)
	}
	for project := range 5 {
		caller := user
		caller.ProjectID = string(rune('a' + project))
		r := request()
		r.MinCount, r.MaxCount = 100, 100
		if _, err := c.Create(b.Context(), caller, r); err != nil {
			b.Fatal(err)
		}
	}
	c.settle(b)
	for b.Loop() {
		found, err := c.List(b.Context(), compute.Filter{ProjectID: "a"})
		if err != nil || len(found) != 100 {
			b.Fatalf("%d servers, %v", len(found), err)
		}
	}
}
