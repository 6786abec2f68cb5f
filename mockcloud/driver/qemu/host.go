// SPDX-License-Identifier: MPL-2.0

package qemu

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// Host is one compute host of QEMU machines.
type Host struct {
	opts    Options
	version int
	runDir  string
	lock    *os.File
	notices *notices
	spice   func() bool // whether its QEMU has SPICE; asked once

	ctx    context.Context //nolint:containedctx // the life of the host: it ends supervisors
	cancel context.CancelFunc
	tasks  sync.WaitGroup // all goroutines of the host

	closing sync.Once

	passages passages

	mu       sync.Mutex
	machines map[string]*machine
}

var (
	_ driver.Driver        = (*Host)(nil)
	_ driver.ConsoleLogger = (*Host)(nil)
)

// New opens the host in opts.Dir: it finds the machines there, takes hold again of those that still
// run, and ends the QEMUs that belong to no machine. Machines whose Spawn never ended are listed with
// ErrInterrupted, and none of them runs.
func New(ctx context.Context, opts Options) (*Host, error) {
	opts, err := opts.complete()
	if err != nil {
		return nil, err
	}
	if opts.Dir, err = filepath.Abs(opts.Dir); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Join(opts.Dir, "machines"), 0o700); err != nil {
		return nil, err
	}
	h := &Host{opts: opts, notices: newNotices(), machines: map[string]*machine{}}
	if h.lock, err = lock(ctx, opts.Dir); err != nil {
		return nil, err
	}
	h.ctx, h.cancel = context.WithCancel(context.Background())
	h.spice = sync.OnceValue(h.offersSPICE)
	h.tasks.Go(func() { h.notices.pump(h.ctx.Done()) })
	h.tasks.Go(h.trimLogs)
	h.tasks.Go(h.evictIdle)
	if err := h.open(ctx); err != nil {
		_ = h.Close()
		return nil, fmt.Errorf("QEMU host in %s: %w", opts.Dir, err)
	}
	return h, nil
}

func (h *Host) open(ctx context.Context) (err error) {
	if h.version, err = version(ctx, h.opts.QEMU); err != nil {
		return err
	}
	if err := h.opts.Images.serve(h.opts.Dir); err != nil {
		return err
	}
	if h.runDir, err = runDir(h.opts.Dir); err != nil {
		return err
	}
	return h.recover(ctx)
}

// Close lets go of the machines, which run on, and closes Events.
func (h *Host) Close() (err error) {
	h.closing.Do(func() {
		h.cancel()
		h.tasks.Wait()
		close(h.notices.out)
		if h.runDir != "" {
			_ = os.Remove(h.runDir) // unless machines have their sockets there
		}
		err = h.lock.Close()
	})
	return err
}

// Events tells of machines that ended by themselves.
func (h *Host) Events() <-chan driver.Event { return h.notices.out }

// State is kept by QEMU's events: it asks nobody, so that a QEMU that hangs holds up nobody.
func (h *Host) State(_ context.Context, id string) (driver.State, error) {
	m, err := h.find(id)
	if err != nil {
		return driver.NoState, err
	}
	return m.status().State, nil
}

// List tells the machines in the order of their ids.
func (h *Host) List(context.Context) ([]driver.Status, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	list := make([]driver.Status, 0, len(h.machines))
	for _, m := range h.machines {
		list = append(list, m.status())
	}
	slices.SortFunc(list, func(a, b driver.Status) int { return cmp.Compare(a.ID, b.ID) })
	return list, nil
}

// Resources are the totals of the options, and QEMU's version.
func (h *Host) Resources(context.Context) (driver.Resources, error) {
	return driver.Resources{
		VCPUs: h.opts.VCPUs, MemoryMiB: h.opts.MemoryMiB, DiskGiB: h.opts.DiskGiB,
		Hypervisor: "QEMU", Version: h.version,
		Arch: "x86_64", CPUModel: h.opts.Accel.cpuModel(),
	}, nil
}

// machine is a machine of that id with nothing to it yet.
func (h *Host) machine(id string) *machine {
	return &machine{id: id, files: files{dir: filepath.Join(h.opts.Dir, "machines", id), run: filepath.Join(h.runDir, id)}}
}

func (h *Host) add(m *machine) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, ok := h.machines[m.id]; ok {
		return fmt.Errorf("%s: %w", m.id, driver.ErrExists)
	}
	h.machines[m.id] = m
	return nil
}

func (h *Host) find(id string) (*machine, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	m, ok := h.machines[id]
	if !ok {
		return nil, fmt.Errorf("%s: %w", id, driver.ErrNotFound)
	}
	return m, nil
}

func (h *Host) all() []*machine {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Collect(maps.Values(h.machines))
}

// whole is find for calls that need a machine which was completed.
func (h *Host) whole(id string) (*machine, error) {
	m, err := h.find(id)
	if err != nil {
		return nil, err
	}
	return m, m.status().Err
}

func (h *Host) forget(m *machine) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.machines, m.id)
}
