// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"context"
	"errors"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// Claim is what an instance takes of its host.
type Claim struct {
	VCPUs     int
	MemoryMiB int
	DiskGiB   int
}

// plus is the claim and n times another.
func (c Claim) plus(n int, other Claim) Claim {
	return Claim{
		VCPUs: c.VCPUs + n*other.VCPUs, MemoryMiB: c.MemoryMiB + n*other.MemoryMiB, DiskGiB: c.DiskGiB + n*other.DiskGiB,
	}
}

// Allocation is a live instance's share of its project's quota and, once it is scheduled, of its
// host. It is written with the instance and deleted with it, in the same transactions.
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
}

// Allocations tells what every live instance takes, in the order of instance ids.
func (m *Manager) Allocations(ctx context.Context) (all []*Allocation, err error) {
	err = m.Store.View(ctx, func(tx store.Tx) error {
		all, err = allocations.All(tx)
		return err
	})
	return all, err
}

// usage is the sum of the allocations of a project, of a user in it or of a host, so that neither
// quota nor the scheduler has to read them all. Only allocate and free write it, together with the
// allocation.
type usage struct {
	Scope     string
	Instances int
	Claim
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
	if err := free(tx, inst.ID); err != nil {
		return err
	}
	a := &Allocation{
		InstanceID: inst.ID, ProjectID: inst.ProjectID, UserID: inst.UserID, Host: inst.Host,
		Claim: Claim{
			VCPUs: inst.Flavor.VCPUs, MemoryMiB: inst.Flavor.MemoryMiB, DiskGiB: inst.Flavor.hypervisorDisk(),
		},
	}
	if err := allocations.Insert(tx, a); err != nil {
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

// count adds the allocation n times to the sums that it is part of. A sum of nothing is no row.
func (a *Allocation) count(tx store.Tx, n int) error {
	scopes := []string{limitScope(a.ProjectID, "")}
	if a.UserID != "" {
		scopes = append(scopes, limitScope(a.ProjectID, a.UserID))
	}
	if a.Host != "" {
		scopes = append(scopes, hostScope(a.Host))
	}
	for _, scope := range scopes {
		u, err := usageOf(tx, scope)
		if err != nil {
			return err
		}
		u.Instances, u.Claim = u.Instances+n, u.Claim.plus(n, a.Claim)
		if u.Instances == 0 {
			err = usages.Delete(tx, scope)
		} else {
			err = usages.Put(tx, u)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
