// SPDX-License-Identifier: MPL-2.0

// Package sim is a compute host whose machines are records: they start and stop as real ones do, in
// configured times on an injected clock, and run nothing.
//
// With a directory the machines outlive the process, as a hypervisor's do; without one they end with
// the Driver.
package sim

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// Options are what a simulated host is like. The zero value of each but Clock will do.
type Options struct {
	Clock clock.Clock
	// Dir keeps the machines, a file each; "" keeps them in memory only.
	Dir string
	// Times are how long things take.
	Times Times
	// Resources are the host's totals; what is zero is as of a host of 64 CPUs, 256 GiB and 4 TiB.
	Resources driver.Resources
}

// Times are how long a machine takes for what it does; zero is no time.
type Times struct {
	Spawn    time.Duration
	Start    time.Duration
	Shutdown time.Duration // of the guest, when asked to power off
	Reset    time.Duration // hard reboot
	Destroy  time.Duration
	Move     time.Duration // of a machine that is off to another host or size, and back
	// LiveMigration is how long a machine runs on before the other host has it.
	LiveMigration time.Duration
}

var defaultResources = driver.Resources{
	VCPUs: 64, MemoryMiB: 256 * 1024, DiskGiB: 4096,
	Hypervisor: "fake", Version: 1000, Arch: "x86_64", CPUModel: "simulated",
}

// Driver is a simulated host.
type Driver struct {
	Options
	events  chan driver.Event
	closed  chan struct{}
	senders sync.WaitGroup
	since   time.Time // when the host came up

	mu       sync.Mutex
	machines map[string]*machine
	aside    map[string]*machine // set aside by Depart
	leaving  map[string]*leaving
	consoles map[consoleKey]*consoleServer
	done     bool
}

var (
	_ driver.Driver        = (*Driver)(nil)
	_ driver.ConsoleLogger = (*Driver)(nil)
)

// errClosed: the driver was closed.
var errClosed = errors.New("simulated host is closed")

// New opens the host, with the machines that Options.Dir has.
func New(o Options) (*Driver, error) {
	if o.Clock == nil {
		return nil, errors.New("sim: a clock is required")
	}
	r, d := &o.Resources, defaultResources
	*r = driver.Resources{
		VCPUs: cmp.Or(r.VCPUs, d.VCPUs), MemoryMiB: cmp.Or(r.MemoryMiB, d.MemoryMiB), DiskGiB: cmp.Or(r.DiskGiB, d.DiskGiB),
		Hypervisor: cmp.Or(r.Hypervisor, d.Hypervisor), Version: cmp.Or(r.Version, d.Version),
		Arch: cmp.Or(r.Arch, d.Arch), CPUModel: cmp.Or(r.CPUModel, d.CPUModel),
	}
	machines, err := load(o.Dir)
	if err != nil {
		return nil, err
	}
	aside, err := loadAside(o.Dir)
	if err != nil {
		return nil, err
	}
	return &Driver{
		Options: o, machines: machines, aside: aside, leaving: map[string]*leaving{}, consoles: map[consoleKey]*consoleServer{},
		events: make(chan driver.Event), closed: make(chan struct{}), since: o.Clock.Now(),
	}, nil
}

// Spawn makes a machine and lets it boot. The image is not read: nothing boots from it.
func (d *Driver) Spawn(ctx context.Context, m *driver.Machine) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := d.fits(m); err != nil {
		return err
	}
	if err := d.add(newMachine(m)); err != nil {
		return err
	}
	if err := d.Clock.Sleep(ctx, d.Times.Spawn); err != nil {
		return errors.Join(err, d.remove(m.ID))
	}
	return d.change(m.ID, func(r *machine) {
		r.Spawning = false
		r.boot(d.Clock.Now())
	})
}

// fits refuses a machine that is larger than the host.
func (d *Driver) fits(m *driver.Machine) error {
	total := d.Options.Resources
	if m.MemoryMiB > total.MemoryMiB || m.VCPUs > total.VCPUs || m.Root.GiB > total.DiskGiB {
		return fmt.Errorf("%w: %d vCPUs, %d MiB and %d GiB", driver.ErrNoResources, m.VCPUs, m.MemoryMiB, m.Root.GiB)
	}
	return nil
}

// Destroy removes the machine.
func (d *Driver) Destroy(ctx context.Context, id string) error {
	if _, err := d.State(ctx, id); errors.Is(err, driver.ErrNotFound) {
		return nil
	}
	if err := d.Clock.Sleep(ctx, d.Times.Destroy); err != nil {
		return err
	}
	return d.remove(id)
}

// Start boots a machine that is off.
func (d *Driver) Start(ctx context.Context, id string) error {
	state, err := d.State(ctx, id)
	if err != nil || state == driver.Running {
		return err
	}
	if err := d.Clock.Sleep(ctx, d.Times.Start); err != nil {
		return err
	}
	return d.change(id, func(r *machine) { r.boot(d.Clock.Now()) })
}

// Stop lets the guest shut down, or pulls the plug after grace.
func (d *Driver) Stop(ctx context.Context, id string, grace time.Duration) error {
	state, err := d.State(ctx, id)
	if err != nil {
		return err
	}
	if state == driver.Running {
		if err := d.Clock.Sleep(ctx, min(d.Times.Shutdown, grace)); err != nil {
			return err
		}
	}
	return d.change(id, func(r *machine) { r.halt(driver.Shutdown, d.Clock.Now()) })
}

// Reboot restarts the machine. A guest that is asked takes its time, at most grace.
func (d *Driver) Reboot(ctx context.Context, id string, soft bool, grace time.Duration) error {
	if _, err := d.State(ctx, id); err != nil {
		return err
	}
	down := d.Times.Reset
	if soft {
		down = min(d.Times.Shutdown, grace) + d.Times.Start
	}
	if err := d.Clock.Sleep(ctx, down); err != nil {
		return err
	}
	return d.change(id, func(r *machine) {
		r.halt(driver.Shutdown, d.Clock.Now())
		r.boot(d.Clock.Now())
	})
}

// State is the machine's power state.
func (d *Driver) State(ctx context.Context, id string) (driver.State, error) {
	if err := ctx.Err(); err != nil {
		return driver.NoState, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	m, err := d.find(id)
	if err != nil {
		return driver.NoState, err
	}
	return m.State, nil
}

// List tells every machine, in the order of ids.
func (d *Driver) List(ctx context.Context) ([]driver.Status, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	var list []driver.Status
	for _, id := range slices.Sorted(maps.Keys(d.machines)) {
		status := driver.Status{ID: id, State: d.machines[id].State}
		if d.machines[id].Spawning {
			status.Err = driver.ErrInterrupted
		}
		list = append(list, status)
	}
	return list, nil
}

// ConsoleOutput is the end of what the machine printed while it booted and halted.
func (d *Driver) ConsoleOutput(ctx context.Context, id string, lines int) (string, error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	m, err := d.find(id)
	if err != nil {
		return "", err
	}
	return tail(m.Console, lines), nil
}

// Resources tells the totals that the host was given.
func (d *Driver) Resources(ctx context.Context) (driver.Resources, error) {
	return d.Options.Resources, ctx.Err()
}

// find is the machine with that id; d.mu is held.
func (d *Driver) find(id string) (*machine, error) {
	m := d.machines[id]
	if m == nil {
		return nil, fmt.Errorf("%w: %s", driver.ErrNotFound, id)
	}
	return m, nil
}

func (d *Driver) add(m *machine) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case d.done:
		return errClosed
	case d.machines[m.ID] != nil:
		return fmt.Errorf("%w: %s", driver.ErrExists, m.ID)
	}
	if err := m.save(d.Dir); err != nil {
		return err
	}
	d.machines[m.ID] = m
	return nil
}

// change changes the machine and keeps it.
func (d *Driver) change(id string, change func(*machine)) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.done {
		return errClosed
	}
	m, err := d.find(id)
	if err != nil {
		return err
	}
	changed := *m
	change(&changed)
	if err := changed.save(d.Dir); err != nil {
		return err
	}
	*m = changed
	return nil
}

func (d *Driver) remove(id string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := discard(d.Dir, id); err != nil {
		return err
	}
	delete(d.machines, id)
	d.closeConsoles(id)
	return nil
}
