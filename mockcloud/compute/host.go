// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"cmp"
	"context"
	"errors"
	"maps"
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
	Zone           string // of an aggregate, or of its own
	Number         int64  // id of the hypervisor before 2.53
	ServiceNumber  int64  // id of the service before 2.53
	ServiceID      string // UUID
	HypervisorID   string // UUID
	Disabled       bool
	DisabledReason string
	ForcedDown     bool
	PoweredOff     bool `json:",omitzero"` // by an operator, until it is powered up or the cloud starts anew
	Version        int  // of the service
	CreatedAt      time.Time
	UpdatedAt      time.Time // when an operator last changed it
	Ratios         Ratios
	Total          driver.Resources
	Cells          []NUMACell     `json:",omitzero"`
	Devices        []PCIDevice    `json:",omitzero"`
	Traits         []string       // in order
	Classes        map[string]int `json:",omitzero"`
	// OwnTraits and OwnClasses are what operators gave it through Placement; they are told among
	// Traits and Classes, too.
	OwnTraits  []string       `json:",omitzero"`
	OwnClasses map[string]int `json:",omitzero"`
	// FailedBuilds counts the builds that failed since one succeeded.
	FailedBuilds int `json:",omitzero"`

	// What follows is told, not stored.

	Up        bool      `json:"-"` // the service answers
	LastSeen  time.Time `json:"-"` // when it last did
	Used      Claim     `json:"-"` // what instances claim
	Instances int       `json:"-"` // how many
	Workload  int       `json:"-"` // of them, with a task under way
	Busy      int       `json:"-"` // of those, with one that is hard on disks
	// Generation counts the changes of what is claimed.
	Generation int `json:"-"`
}

// down tells that nothing can be asked of the host, as far as operators said.
func (h *Host) down() bool { return h.ForcedDown || h.PoweredOff }

// IP is the host's address. All hosts of a cloud are this machine.
func (h *Host) IP() string { return "127.0.0.1" }

// byTaskOnHost finds the instances of a host that something is done to.
const byTaskOnHost = "task_on_host"

// diskTasks are the tasks that Nova counts as I/O operations.
var diskTasks = []TaskState{
	Rebuilding, ResizePrep, ResizeMigrating, ImageSnapshot, ImageBackup, Unshelving, Rescuing,
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
	known, err := aggregates.All(tx)
	if err != nil {
		return nil, err
	}
	for _, h := range hosts {
		h.Up = m.hosts[h.Name] != nil && !h.down()
		h.LastSeen = h.UpdatedAt
		if h.Up {
			h.LastSeen = m.Clock.Now()
		}
		for _, a := range known {
			if a.Zone() != "" && a.has(h.Name) {
				h.Zone = a.Zone()
			}
		}
		h.Traits = slices.Compact(slices.Sorted(slices.Values(slices.Concat(h.Traits, h.OwnTraits))))
		if len(h.OwnClasses) > 0 {
			classes := maps.Clone(h.OwnClasses)
			maps.Copy(classes, h.Classes)
			h.Classes = classes
		}
		if err := h.count(tx); err != nil {
			return nil, err
		}
	}
	return hosts, nil
}

// count tells what instances do on the host.
func (h *Host) count(tx store.Tx) error {
	used, err := usageOf(tx, hostScope(h.Name))
	if err != nil {
		return err
	}
	h.Instances, h.Used, h.Generation = used.Instances, used.Claim, used.Generation
	working, err := instances.By(tx, byTaskOnHost, h.Name)
	if err != nil {
		return err
	}
	h.Workload, h.Busy = len(working), 0
	for _, inst := range working {
		if inst.VMState == Building || slices.Contains(diskTasks, inst.TaskState) {
			h.Busy++
		}
	}
	return nil
}

// HostChange is a change of a host by an operator; nil leaves an attribute as it is.
type HostChange struct {
	Disabled       *bool
	DisabledReason *string
	ForcedDown     *bool
	Ratios         *Ratios
	OwnTraits      *[]string
	OwnClasses     *map[string]int

	poweredOff *bool // by PowerHost
}

// UpdateHost applies the change. An error of kind NotFound if there is no such host. A host that is up
// again is rid of the machines whose servers were deleted meanwhile.
func (m *Manager) UpdateHost(ctx context.Context, name string, change HostChange) error {
	back := false
	err := m.Store.Update(ctx, func(tx store.Tx) error {
		h, err := findHost(tx, name)
		if err != nil {
			return err
		}
		down := h.down()
		set(&h.Disabled, change.Disabled)
		set(&h.DisabledReason, change.DisabledReason)
		set(&h.ForcedDown, change.ForcedDown)
		set(&h.PoweredOff, change.poweredOff)
		set(&h.Ratios, change.Ratios)
		set(&h.OwnTraits, change.OwnTraits)
		set(&h.OwnClasses, change.OwnClasses)
		if !h.Disabled {
			h.DisabledReason = ""
		}
		back = down && !h.down()
		h.UpdatedAt = m.Clock.Now()
		return hostRecords.Put(tx, h)
	})
	h := m.hosts[name]
	if err != nil || h == nil {
		return err
	}
	if back {
		m.inTurn("host "+name, "", h.reap)
	}
	return nil
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
		record, err = &Host{
			Name: h.Name, Node: h.Name, ServiceID: uuid.NewString(), HypervisorID: uuid.NewString(),
			Ratios: initialRatios, CreatedAt: now, UpdatedAt: now,
		}, nil
	}
	if err != nil {
		return err
	}
	for _, number := range []struct {
		is       *int64
		sequence string
	}{{&record.Number, hostRecords.Name}, {&record.ServiceNumber, controlServices.Name}} {
		if *number.is != 0 {
			continue
		}
		if *number.is, err = next(tx, number.sequence); err != nil {
			return err
		}
	}
	record.Zone, record.Version, record.Total, record.PoweredOff = h.Zone, serviceVersion, total, false
	// As in Nova: a ratio that the configuration leaves open is Placement's to change.
	record.Ratios = Ratios{
		CPU: cmp.Or(h.Ratios.CPU, record.Ratios.CPU), RAM: cmp.Or(h.Ratios.RAM, record.Ratios.RAM),
		Disk: cmp.Or(h.Ratios.Disk, record.Ratios.Disk),
	}
	record.Cells, record.Devices, record.Classes = h.HostSpec.Cells, h.HostSpec.Devices, h.HostSpec.Classes
	record.Traits = h.traits(total)
	if err := recordDevices(tx, record.Name, record.Devices); err != nil {
		return err
	}
	return hostRecords.Put(tx, record)
}

// countBuild notes how a build on the host ended, for the scheduler's BuildFailureWeigher. What no other host
// would mend, and what somebody else ended, is not the host's failure.
func (m *Manager) countBuild(ctx context.Context, name string, result error) error {
	if errors.As(result, new(*BuildAborted)) || errors.Is(result, errPreempted) || errors.Is(result, context.Canceled) {
		return nil
	}
	known, err := m.failedBuilds(ctx, name)
	if err != nil || result == nil && known == 0 {
		return err
	}
	return m.Store.Update(ctx, func(tx store.Tx) error {
		h, err := hostRecords.Get(tx, name)
		if err != nil {
			return err
		}
		h.FailedBuilds++
		if result == nil {
			h.FailedBuilds = 0
		}
		return hostRecords.Put(tx, h)
	})
}

func (m *Manager) failedBuilds(ctx context.Context, name string) (n int, err error) {
	err = m.Store.View(ctx, func(tx store.Tx) error {
		h, err := findHost(tx, name)
		if err == nil {
			n = h.FailedBuilds
		}
		return err
	})
	return n, err
}
