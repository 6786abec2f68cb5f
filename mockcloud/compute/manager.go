// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// Config is what a Manager is made of.
type Config struct {
	Store    store.Store
	Clock    clock.Clock
	Hosts    []HostSpec
	Images   Images
	Networks Networks
	// Volumes is nil in a cloud without block storage.
	Volumes Volumes
	// Shares is nil in a cloud without shared file systems.
	Shares Shares
	// Fabric is the data plane that machines' NICs are plugged into; nil is driver.NoFabric.
	Fabric driver.Fabric
	// ConfigDrive makes config drives; nil makes machines without any.
	ConfigDrive ConfigDrive
	// Intercept, unless nil, stands around every call of a driver: faults, delays, traces.
	Intercept Interceptor
	// Pace, unless nil, says how long an action takes beyond what it needs, so that clients can see its
	// task_state: by the action's name in the API ("reboot"). Package pace has them.
	Pace func(action string) time.Duration
	// Notify, unless nil, is told of what happens to servers. It must not wait.
	Notify func(Notification)
	// ReclaimInterval is how long a deleted server can be restored; 0 deletes at once.
	ReclaimInterval time.Duration
	// ResizeConfirmWindow is after how long a resize is confirmed by itself; 0 leaves it to the user.
	ResizeConfirmWindow time.Duration
	// ShelvedOffloadTime is how long a shelved server stays on its host: 0 is not at all, less is for ever.
	ShelvedOffloadTime time.Duration
	// Log receives what an operator should know; nil discards it.
	Log *slog.Logger
	// DefaultScheduleZone is the availability zone of servers whose request names none; "" is any
	// (Nova: [DEFAULT] default_schedule_zone).
	DefaultScheduleZone string
	// Quotas are limits to take instead of Nova's own defaults where neither a project nor the
	// default class sets any.
	Quotas map[Resource]int
}

// HostSpec is a compute host and the driver that runs its machines.
type HostSpec struct {
	Name   string
	Zone   string // availability zone, while no aggregate says another; "" is "nova"
	Driver driver.Driver
	// NovaCell is the cell of Nova that the host is in; "" is "cell1".
	NovaCell string
	// Ratios are how far it may be overcommitted; a zero one is Nova's initial one.
	Ratios Ratios
	// Cells are its NUMA cells; nil is one with all its CPUs, shared, and all its memory.
	Cells []NUMACell
	// Devices are the PCI devices that flavors can ask for by alias.
	Devices []PCIDevice
	// Traits are traits beyond those that its driver has: "CUSTOM_SSD".
	Traits []string
	// Classes are what it has of resource classes beyond CPUs, memory and disk: "CUSTOM_LICENSE": 4.
	Classes map[string]int
}

// twice is an address at which the host would have two PCI devices; "" is none.
func (s *HostSpec) twice() string {
	seen := map[string]bool{}
	for _, d := range s.Devices {
		if seen[d.Address] {
			return d.Address
		}
		seen[d.Address] = true
	}
	return ""
}

// Manager is the compute service: all hosts of a cloud and what is under way on them. All methods
// are safe for concurrent use.
type Manager struct {
	Config
	hosts    map[string]*host
	ctx      context.Context // of everything under way; ends with Close
	stop     context.CancelFunc
	lines    *lines
	still    stillnesses
	watchers sync.WaitGroup
}

// New makes a Manager. Nothing happens before Open.
func New(config Config) (*Manager, error) {
	if config.Store == nil || config.Clock == nil || config.Images == nil || config.Networks == nil {
		return nil, errors.New("compute: store, clock, images and networks are required")
	}
	if config.Fabric == nil {
		config.Fabric = driver.NoFabric{}
	}
	if config.Log == nil {
		config.Log = slog.New(slog.DiscardHandler)
	}
	m := &Manager{Config: config, hosts: map[string]*host{}, lines: newLines()}
	for _, spec := range config.Hosts {
		if spec.Name == "" || spec.Driver == nil || m.hosts[spec.Name] != nil {
			return nil, fmt.Errorf("compute: host %q needs a driver and a name of its own", spec.Name)
		}
		if address := spec.twice(); address != "" {
			return nil, fmt.Errorf("compute: host %q has two PCI devices at %s", spec.Name, address)
		}
		spec.Zone = or(spec.Zone, defaultZone)
		m.hosts[spec.Name] = &host{HostSpec: spec, m: m}
	}
	m.ctx, m.stop = context.WithCancel(context.Background())
	return m, nil
}

// Open records the hosts, settles what an earlier process left unfinished (recover.go) and begins to
// watch the machines. Call it before serving.
func (m *Manager) Open(ctx context.Context) error {
	if err := m.reindex(ctx); err != nil {
		return err
	}
	if err := m.recordServices(ctx); err != nil {
		return err
	}
	if err := m.recordHosts(ctx); err != nil {
		return err
	}
	for _, h := range m.hosts {
		m.watchers.Go(h.watch)
	}
	if m.ReclaimInterval > 0 {
		m.watchers.Go(m.reclaim)
	}
	if m.ResizeConfirmWindow > 0 {
		m.watchers.Go(m.confirmOverdue)
	}
	if m.ShelvedOffloadTime > 0 {
		m.watchers.Go(m.offloadOverdue)
	}
	return m.recover(ctx)
}

// Close ends every operation where it is and waits until each has returned. Machines run on; the
// drivers and the store stay open, for they are the caller's. An operation that was under way is
// settled by the next Open, as after a crash.
func (m *Manager) Close() error {
	m.lines.close()
	m.stop()
	m.watchers.Wait()
	return m.Wait(context.Background())
}

// Wait returns once no operation is under way.
func (m *Manager) Wait(ctx context.Context) error { return m.lines.wait(ctx) }
