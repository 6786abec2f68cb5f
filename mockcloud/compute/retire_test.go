// SPDX-License-Identifier: MPL-2.0

package compute_test

import (
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
)

// A host that went down for good is deleted once its servers have been evacuated; what they kept of it goes with it.
func TestDeleteServiceOfEvacuatedHost(t *testing.T) {
	t.Parallel()
	c := start(t)
	inst := c.active(t)
	down := true
	if err := c.UpdateHost(t.Context(), inst.Host, compute.HostChange{ForcedDown: &down}); err != nil {
		t.Fatal(err)
	}
	if err := c.Evacuate(t.Context(), admin, inst.ID, compute.EvacuateRequest{}); err != nil {
		t.Fatal(err)
	}
	c.settle(t)
	services, err := c.Services(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, service := range services {
		if service.Host != inst.Host {
			continue
		}
		if err := c.DeleteService(t.Context(), service.ID); err != nil {
			t.Fatal(err)
		}
	}
	if kept, err := c.HostAllocations(t.Context(), inst.Host); err != nil || len(kept) != 0 {
		t.Errorf("the deleted host keeps %v, %v", kept, err)
	}
	if err := c.Delete(t.Context(), user, inst.ID); err != nil {
		t.Fatal(err)
	}
	c.settle(t)
	if left, err := c.Allocations(t.Context()); err != nil || len(left) != 0 {
		t.Errorf("left over: %v, %v", left, err)
	}
}
