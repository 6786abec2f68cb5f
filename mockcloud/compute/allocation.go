// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"context"
	"errors"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/scheduler"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// Claim is what an instance takes of its host.
type Claim struct {
	VCPUs     int
	MemoryMiB int
	DiskGiB   int
	// Pinned are those of the vCPUs that have CPUs of their own.
	Pinned int `json:",omitzero"`
}

// plus is the claim and n times another.
func (c Claim) plus(n int, other Claim) Claim {
	return Claim{
		VCPUs: c.VCPUs + n*other.VCPUs, MemoryMiB: c.MemoryMiB + n*other.MemoryMiB, DiskGiB: c.DiskGiB + n*other.DiskGiB,
		Pinned: c.Pinned + n*other.Pinned,
	}
}

// Allocation is a live instance's share of its project's quota and, once it is scheduled, of its
// host. It is written with the instance and deleted with it, in the same transactions. What a migration
// keeps of another host is one, too, of no quota.
type Allocation struct {
	InstanceID string // of a migration's: the migration's id
	ProjectID  string
	UserID     string
	Host       string // "" while unscheduled
	Claim             // by the flavor
	// Hosted is what it takes of its host, where that is not what the flavor's numbers say.
	Hosted *Claim `json:",omitzero"`
	// Reserved is what it takes of its project's quota beyond Claim: what a resize, or the way back, will need.
	Reserved Claim `json:",omitzero"`
	AllocationParts
	// Migrating is the instance for which a migration keeps this; "" for an instance's own.
	Migrating string `json:",omitzero"`
}

// AllocationParts are what an instance has of its host beyond amounts.
type AllocationParts struct {
	Cells   []scheduler.CellShare `json:",omitzero"` // NUMA cells
	Devices []string              `json:",omitzero"` // PCI addresses
	Classes map[string]int        `json:",omitzero"` // of other resource classes
}

// OnHost is what the allocation takes of its host.
func (a *Allocation) OnHost() Claim {
	if a.Hosted != nil {
		return *a.Hosted
	}
	return a.Claim
}

// Indexes of the allocations.
const (
	allocationsByHost    = "host"
	allocationsWithParts = "parts" // by host, those with parts only
)

var allocations = store.Table[Allocation]{
	Name: "compute_allocations",
	Key:  func(a *Allocation) string { return a.InstanceID },
	Indexes: []store.Index[Allocation]{
		{Name: allocationsByHost, Of: func(a *Allocation) []string { return when(a.Host != "", a.Host) }},
		{Name: allocationsWithParts, Of: func(a *Allocation) []string {
			return when(a.Host != "" && len(a.Cells)+len(a.Devices)+len(a.Classes) > 0, a.Host)
		}},
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

// HostAllocations tells what is claimed of a host, in the order of ids.
func (m *Manager) HostAllocations(ctx context.Context, host string) (all []*Allocation, err error) {
	err = m.Store.View(ctx, func(tx store.Tx) error {
		all, err = allocations.By(tx, allocationsByHost, host)
		return err
	})
	return all, err
}

// Allocation tells what an instance, or a migration, has of its host; nil for nothing.
func (m *Manager) Allocation(ctx context.Context, id string) (a *Allocation, err error) {
	err = m.Store.View(ctx, func(tx store.Tx) error {
		a, err = allocations.Get(tx, id)
		return err
	})
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	return a, err
}

// usage is the sum of the allocations of a project, of a user in it or of a host, so that neither
// quota nor the scheduler has to read them all. Only allocate and free write it, together with the
// allocation.
type usage struct {
	Scope     string
	Instances int
	Claim
	Generation int `json:",omitzero"` // how often it changed, of a host's
}

var usages = store.Table[usage]{
	Name: "compute_usages",
	Key:  func(u *usage) string { return u.Scope },
}

func hostScope(name string) string { return "host/" + name }

// usageOf is the sum in that scope.
func usageOf(tx store.Tx, scope string) (*usage, error) {
	u, err := usages.Get(tx, scope)
	if errors.Is(err, store.ErrNotFound) {
		return &usage{Scope: scope}, nil
	}
	return u, err
}

// allocate writes the instance's allocation: on its host if it has one.
func allocate(tx store.Tx, inst *Instance) error {
	return allocateTo(tx, inst, &Allocation{InstanceID: inst.ID, Host: inst.Host}, inst.Flavor)
}

// hold keeps room on a host for a migration, under its id, until free: what the instance with that flavor
// takes there. Nova gives a migration the share of the host that the server leaves.
func hold(tx store.Tx, migrationID string, inst *Instance, host string, flavor Flavor) error {
	return allocateTo(tx, inst, &Allocation{InstanceID: migrationID, Host: host, Migrating: inst.ID}, flavor)
}

// allocateTo writes the allocation, in place of what it was.
func allocateTo(tx store.Tx, inst *Instance, a *Allocation, flavor Flavor) error {
	if err := free(tx, a.InstanceID); err != nil {
		return err
	}
	a.ProjectID, a.UserID, a.Claim = inst.ProjectID, inst.UserID, flavor.claim()
	if a.Host != "" {
		d, err := demandOf(inst, flavor)
		if err != nil {
			return err
		}
		if d.claim != a.Claim {
			a.Hosted = &d.claim
		}
		if a.AllocationParts, err = share(tx, a.Host, d); err != nil {
			return err
		}
	}
	if err := allocations.Insert(tx, a); err != nil {
		return err
	}
	return a.count(tx, 1)
}

// reserve takes more of the quota of the instance's project, until the instance is allocated anew.
func reserve(tx store.Tx, instanceID string, more Claim) error {
	a, err := allocations.Get(tx, instanceID)
	if err != nil {
		return err
	}
	if err := a.count(tx, -1); err != nil {
		return err
	}
	a.Reserved = more
	if err := allocations.Put(tx, a); err != nil {
		return err
	}
	return a.count(tx, 1)
}

// free deletes the instance's allocation, if it has one.
func free(tx store.Tx, instanceID string) error {
	a, err := allocations.Get(tx, instanceID)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := allocations.Delete(tx, instanceID); err != nil {
		return err
	}
	return a.count(tx, -1)
}

// count adds the allocation n times to the sums that it is part of. A sum of nothing is no row. A migration
// takes room, but is neither a server nor of anybody's quota.
func (a *Allocation) count(tx store.Tx, n int) error {
	one := n
	if a.Migrating != "" {
		one = 0
	}
	sums := map[string]Claim{}
	if a.Migrating == "" {
		sums[limitScope(a.ProjectID, "")] = a.Claim.plus(1, a.Reserved)
		if a.UserID != "" {
			sums[limitScope(a.ProjectID, a.UserID)] = a.Claim.plus(1, a.Reserved)
		}
	}
	if a.Host != "" {
		sums[hostScope(a.Host)] = a.OnHost()
	}
	for scope, claim := range sums {
		u, err := usageOf(tx, scope)
		if err != nil {
			return err
		}
		u.Instances, u.Claim = u.Instances+one, u.Claim.plus(n, claim)
		if scope == hostScope(a.Host) {
			u.Generation++ // and so its row stays
		}
		if *u == (usage{Scope: scope}) {
			err = usages.Delete(tx, scope)
		} else {
			err = usages.Put(tx, u)
		}
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
	}
	return nil
}
