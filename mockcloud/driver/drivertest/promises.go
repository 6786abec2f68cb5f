// SPDX-License-Identifier: MPL-2.0

package drivertest

import (
	"context"
	"strings"
	"sync"

	"github.com/google/uuid"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

func lifecycle(h *host) {
	h.wantList(nil)
	id := h.spawn()
	h.wantState(id, driver.Running)
	h.wantList(map[string]driver.State{id: driver.Running})
	h.must(h.Destroy(h.ctx, id), "Destroy")
	h.wantNone(id)
	h.must(h.Destroy(h.ctx, id), "Destroy again")
}

func power(h *host) {
	id := h.spawn()
	h.must(h.Start(h.ctx, id), "Start of a running machine")
	h.wantState(id, driver.Running)

	h.must(h.Stop(h.ctx, id, grace), "Stop within grace")
	h.wantState(id, driver.Shutdown)
	h.must(h.Stop(h.ctx, id, grace), "Stop of a stopped machine")
	h.wantList(map[string]driver.State{id: driver.Shutdown})

	h.must(h.Start(h.ctx, id), "Start")
	h.wantState(id, driver.Running)
	h.must(h.Stop(h.ctx, id, 0), "Stop at once")
	h.wantState(id, driver.Shutdown)
	h.must(h.Destroy(h.ctx, id), "Destroy of a stopped machine")
	h.wantNone(id)
}

func reboot(h *host) {
	id := h.spawn()
	h.must(h.Reboot(h.ctx, id, false, 0), "hard Reboot")
	h.wantState(id, driver.Running)
	h.must(h.Reboot(h.ctx, id, true, grace), "soft Reboot")
	h.wantState(id, driver.Running)
	h.must(h.Stop(h.ctx, id, 0), "Stop")
	h.must(h.Reboot(h.ctx, id, false, 0), "hard Reboot of a stopped machine")
	h.wantState(id, driver.Running)
}

func unknown(h *host) {
	id := uuid.NewString()
	_, err := h.State(h.ctx, id)
	h.wantErr(err, driver.ErrNotFound, "State")
	h.wantErr(h.Start(h.ctx, id), driver.ErrNotFound, "Start")
	h.wantErr(h.Stop(h.ctx, id, 0), driver.ErrNotFound, "Stop")
	h.wantErr(h.Reboot(h.ctx, id, false, 0), driver.ErrNotFound, "hard Reboot")
	h.wantErr(h.Reboot(h.ctx, id, true, grace), driver.ErrNotFound, "soft Reboot")
	h.must(h.Destroy(h.ctx, id), "Destroy of a machine that never was")
}

func exists(h *host) {
	m := h.machine()
	h.must(h.Spawn(h.ctx, m), "Spawn")
	h.wantErr(h.Spawn(h.ctx, m), driver.ErrExists, "Spawn again")
	h.wantList(map[string]driver.State{m.ID: driver.Running})
}

func failedSpawn(h *host) {
	m := h.machine()
	image := m.Root.Image
	m.Root.Image = h.unreadable()
	// A driver that boots nothing need not read the image; one that does must pass the cause on.
	if err := h.Spawn(h.ctx, m); err != nil {
		h.wantErr(err, errUnreadable, "Spawn")
		h.wantNone(m.ID)
		m.Root.Image = image
		h.must(h.Spawn(h.ctx, m), "Spawn under the same id, with an image that can be read")
	}
	h.wantState(m.ID, driver.Running)
}

func cancelledSpawn(h *host) {
	ctx, cancel := context.WithCancel(h.ctx)
	cancel()
	m := h.machine()
	h.wantErr(h.Spawn(ctx, m), context.Canceled, "Spawn")
	h.wantNone(m.ID)
}

func tooLarge(h *host) {
	r, err := h.Resources(h.ctx)
	h.must(err, "Resources")
	m := h.machine()
	m.MemoryMiB = r.MemoryMiB + 1
	h.wantErr(h.Spawn(h.ctx, m), driver.ErrNoResources, "Spawn with more memory than the host has")
	h.wantNone(m.ID)
}

func resources(h *host) {
	r, err := h.Resources(h.ctx)
	h.must(err, "Resources")
	if r.VCPUs < 1 || r.MemoryMiB < 1 || r.DiskGiB < 1 {
		h.Errorf("a host without totals: %+v", r)
	}
	if r.Hypervisor == "" || r.Version < 1 || r.Arch == "" || r.CPUModel == "" {
		h.Errorf("a host of no kind: %+v", r)
	}
}

func concurrent(h *host) {
	const n = 4
	machines := make([]*driver.Machine, n)
	want := map[string]driver.State{}
	for i := range machines {
		machines[i] = h.machine()
		want[machines[i].ID] = driver.Running
	}
	each := func(what string, f func(m *driver.Machine) error) {
		var wg sync.WaitGroup
		for _, m := range machines {
			wg.Go(func() {
				if err := f(m); err != nil {
					h.Errorf("%s: %v", what, err)
				}
			})
		}
		wg.Wait()
	}
	each("Spawn", func(m *driver.Machine) error { return h.Spawn(h.ctx, m) })
	h.wantList(want)
	each("Destroy", func(m *driver.Machine) error { return h.Destroy(h.ctx, m.ID) })
	h.wantList(nil)
}

func console(h *host) {
	logger, ok := h.Driver.(driver.ConsoleLogger)
	if !ok {
		h.Skip("the driver keeps no console")
	}
	_, err := logger.ConsoleOutput(h.ctx, uuid.NewString(), -1)
	h.wantErr(err, driver.ErrNotFound, "ConsoleOutput")
	id := h.spawn()
	out, err := logger.ConsoleOutput(h.ctx, id, 0)
	if err != nil || out != "" {
		h.Errorf("ConsoleOutput of no lines = %q, %v", out, err)
	}
	out, err = logger.ConsoleOutput(h.ctx, id, 2)
	if err != nil || strings.Count(strings.TrimSuffix(out, "\n"), "\n") > 1 {
		h.Errorf("ConsoleOutput of two lines = %q, %v", out, err)
	}
	h.must(h.Stop(h.ctx, id, 0), "Stop")
	_, err = logger.ConsoleOutput(h.ctx, id, -1)
	h.must(err, "ConsoleOutput of a stopped machine")
}

// eventsClose: what is asked for is no event, the channel is one, and Close closes it.
func eventsClose(h *host) {
	events := h.Events()
	if events == nil || events != h.Events() {
		h.Fatal("Events is not one channel")
	}
	id := h.spawn()
	h.must(h.Stop(h.ctx, id, grace), "Stop")
	h.must(h.Start(h.ctx, id), "Start")
	h.must(h.Reboot(h.ctx, id, false, 0), "hard Reboot")
	h.must(h.Reboot(h.ctx, id, true, grace), "soft Reboot")
	h.must(h.Destroy(h.ctx, id), "Destroy")
	h.must(h.Close(), "Close")
	for {
		select {
		case e, more := <-events:
			if !more {
				h.open() // for clear
				return
			}
			h.Errorf("an event nobody caused: %+v", e)
		case <-h.ctx.Done():
			h.Fatal("Close did not close the events")
		}
	}
}

func reopen(h *host) {
	if !h.subject.Survives {
		h.Skip("machines of this driver end with it")
	}
	running, stopped := h.spawn(), h.spawn()
	h.must(h.Stop(h.ctx, stopped, 0), "Stop")
	h.must(h.Close(), "Close")
	h.open()
	h.wantList(map[string]driver.State{running: driver.Running, stopped: driver.Shutdown})
	h.must(h.Start(h.ctx, stopped), "Start of a machine found again")
	h.must(h.Stop(h.ctx, running, grace), "Stop of a machine found again")
	h.wantList(map[string]driver.State{running: driver.Shutdown, stopped: driver.Running})
}

func killed(h *host) {
	if h.subject.Kill == nil {
		h.Skip("nothing can kill a machine of this driver")
	}
	id := h.spawn()
	h.subject.Kill(h.T, h.Driver, id)
	select {
	case e := <-h.Events():
		if e.ID != id || (e.State != driver.Crashed && e.State != driver.Shutdown) || e.Reason == "" || e.Time.IsZero() {
			h.Errorf("event %+v, want the crash of %s with a reason and a time", e, id)
		}
		h.wantState(id, e.State)
	case <-h.ctx.Done():
		h.Fatal("a killed machine caused no event")
	}
	h.must(h.Start(h.ctx, id), "Start of a killed machine")
	h.wantState(id, driver.Running)
}
