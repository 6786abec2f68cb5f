// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"context"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// Host is a compute host as recorded: its service and its hypervisor (API: os-services,
// os-hypervisors).
type Host struct {
	Name           string
	Node           string // hypervisor hostname; the same as Name
	Zone           string
	Number         int64  // id of service and hypervisor before 2.53
	ServiceID      string // UUID
	HypervisorID   string // UUID
	Disabled       bool
	DisabledReason string
	ForcedDown     bool
	Version        int // of the service
	CreatedAt      time.Time
	UpdatedAt      time.Time // when an operator last changed it
	LastSeen       time.Time
	Ratios         Ratios
	Total          driver.Resources

	// Up and Used are told, not stored: whether the service answers, and what instances claim.
	Up   bool  `json:"-"`
	Used Claim `json:"-"`
	// Instances counts the instances on the host.
	Instances int `json:"-"`
}

// Ratios are how far a host may be overcommitted (cpu_allocation_ratio and so on).
type Ratios struct{ CPU, RAM, Disk float64 }

// Claim is what an instance takes of its host.
type Claim struct {
	VCPUs     int
	MemoryMiB int
	DiskGiB   int
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

var hostRecords = store.Table[Host]{
	Name: "compute_hosts",
	Key:  func(h *Host) string { return h.Name },
}

// DriverCall is one call of a host's driver.
type DriverCall struct {
	Host       string
	Method     string // "Spawn"
	InstanceID string
}

// Interceptor stands around a driver call: next makes it.
type Interceptor func(ctx context.Context, call DriverCall, next func(context.Context) error) error

// Hosts tells every compute host, in the order of names.
func (m *Manager) Hosts(ctx context.Context) ([]*Host, error) { return nil, errUnbuilt }

// HostChange is a change of a host by an operator; nil leaves an attribute as it is.
type HostChange struct {
	Disabled       *bool
	DisabledReason *string
	ForcedDown     *bool
}

// UpdateHost applies the change and returns the host after it.
func (m *Manager) UpdateHost(ctx context.Context, name string, change HostChange) (*Host, error) {
	return nil, errUnbuilt
}

// Uptime and other host facts follow with os-hypervisors.
