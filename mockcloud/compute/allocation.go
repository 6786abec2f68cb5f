// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"context"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// Claim is what an instance takes of its host.
type Claim struct {
	VCPUs     int
	MemoryMiB int
	DiskGiB   int
}

// Allocation is a live instance's share of its project's quota and, once it is scheduled, of its
// host. It is written with the instance and deleted with it, in the same transactions, so there is
// no counter that could go wrong.
type Allocation struct {
	InstanceID string
	ProjectID  string
	UserID     string
	Host       string // "" while unscheduled
	Claim
}

var allocations = store.Table[Allocation]{
	Name: "compute_allocations",
	Key:  func(a *Allocation) string { return a.InstanceID },
	Indexes: []store.Index[Allocation]{
		{Name: byProject, Of: func(a *Allocation) []string { return []string{a.ProjectID} }},
		{Name: byHost, Of: func(a *Allocation) []string { return when(a.Host != "", a.Host) }},
	},
}

// Allocations tells what every live instance takes, in the order of instance ids.
func (m *Manager) Allocations(ctx context.Context) (all []*Allocation, err error) {
	err = m.Store.View(ctx, func(tx store.Tx) error {
		all, err = allocations.All(tx)
		return err
	})
	return all, err
}

// allocate writes the instance's allocation: on its host if it has one.
func allocate(tx store.Tx, inst *Instance) error {
	return allocations.Put(tx, &Allocation{
		InstanceID: inst.ID, ProjectID: inst.ProjectID, UserID: inst.UserID, Host: inst.Host,
		Claim: Claim{
			VCPUs: inst.Flavor.VCPUs, MemoryMiB: inst.Flavor.MemoryMiB, DiskGiB: inst.Flavor.hypervisorDisk(),
		},
	})
}
