// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

const (
	defaultZone = "nova"
	// serviceVersion is the version of Nova's services at 2.104.
	serviceVersion = 72
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
	Ratios         Ratios
	Total          driver.Resources

	// What follows is told, not stored.

	Up        bool      `json:"-"` // the service answers
	LastSeen  time.Time `json:"-"` // when it last did
	Used      Claim     `json:"-"` // what instances claim
	Instances int       `json:"-"` // how many
}

// Ratios are how far a host may be overcommitted (cpu_allocation_ratio and so on).
type Ratios struct{ CPU, RAM, Disk float64 }

// initialRatios are Nova's initial_*_allocation_ratio.
var initialRatios = Ratios{CPU: 4, RAM: 1, Disk: 1}

var hostRecords = store.Table[Host]{
	Name: "compute_hosts",
	Key:  func(h *Host) string { return h.Name },
}

// Hosts tells every compute host, in the order of names.
func (m *Manager) Hosts(ctx context.Context) (hosts []*Host, err error) {
	err = m.Store.View(ctx, func(tx store.Tx) error {
		hosts, err = m.hostsIn(tx)
		return err
	})
	return hosts, err
}

func (m *Manager) hostsIn(tx store.Tx) ([]*Host, error) {
	hosts, err := hostRecords.All(tx)
	if err != nil {
		return nil, err
	}
	for _, h := range hosts {
		h.Up = m.hosts[h.Name] != nil && !h.ForcedDown
		h.LastSeen = h.UpdatedAt
		if h.Up {
			h.LastSeen = m.Clock.Now()
		}
		used, err := usageOf(tx, hostScope(h.Name))
		if err != nil {
			return nil, err
		}
		h.Instances, h.Used = used.Instances, used.Claim
	}
	return hosts, nil
}

// HostChange is a change of a host by an operator; nil leaves an attribute as it is.
type HostChange struct {
	Disabled       *bool
	DisabledReason *string
	ForcedDown     *bool
}

// UpdateHost applies the change. An error of kind NotFound if there is no such host. A host that is up
// again is rid of the machines whose servers were deleted meanwhile.
func (m *Manager) UpdateHost(ctx context.Context, name string, change HostChange) error {
	back := false
	err := m.Store.Update(ctx, func(tx store.Tx) error {
		h, err := hostRecords.Get(tx, name)
		if errors.Is(err, store.ErrNotFound) {
			return refuse(NotFound, "Compute host %s could not be found.", name)
		}
		if err != nil {
			return err
		}
		down := h.ForcedDown
		set(&h.Disabled, change.Disabled)
		set(&h.DisabledReason, change.DisabledReason)
		set(&h.ForcedDown, change.ForcedDown)
		if !h.Disabled {
			h.DisabledReason = ""
		}
		back = down && !h.ForcedDown
		h.UpdatedAt = m.Clock.Now()
		return hostRecords.Put(tx, h)
	})
	if h := m.hosts[name]; err == nil && back && h != nil {
		m.inTurn("host "+name, "", h.reap)
	}
	return err
}

// set assigns what a change names.
func set[T any](to *T, value *T) {
	if value != nil {
		*to = *value
	}
}

// recordHosts brings the records up to date with the hosts of this process. A host that is no longer
// there stays recorded, and down.
func (m *Manager) recordHosts(ctx context.Context) error {
	names := make([]string, 0, len(m.hosts))
	for name := range m.hosts {
		names = append(names, name)
	}
	slices.SortFunc(names, cmp.Compare[string])
	for _, name := range names {
		h := m.hosts[name]
		total, err := h.resources(ctx)
		if err != nil {
			return err
		}
		if err := m.Store.Update(ctx, func(tx store.Tx) error { return m.recordHost(tx, h, total) }); err != nil {
			return err
		}
	}
	return nil
}

func (m *Manager) recordHost(tx store.Tx, h *host, total driver.Resources) error {
	record, err := hostRecords.Get(tx, h.Name)
	if errors.Is(err, store.ErrNotFound) {
		now := m.Clock.Now()
		known, err := hostRecords.All(tx)
		if err != nil {
			return err
		}
		record = &Host{
			Name: h.Name, Node: h.Name, Number: int64(len(known)) + 1,
			ServiceID: uuid.NewString(), HypervisorID: uuid.NewString(),
			Ratios: initialRatios, CreatedAt: now, UpdatedAt: now,
		}
	} else if err != nil {
		return err
	}
	record.Zone, record.Version, record.Total = h.Zone, serviceVersion, total
	return hostRecords.Put(tx, record)
}
