// SPDX-License-Identifier: MPL-2.0

package drivertest

import (
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// able is the driver's optional interface A; a promise about one that it lacks is skipped.
func able[A any](h *host) A {
	h.Helper()
	a, ok := h.Driver.(A)
	if !ok {
		h.Skipf("the driver has no %T", new(A))
	}
	return a
}

// reopen closes the host and opens it again, if its machines survive that.
func (h *host) reopen() {
	h.Helper()
	if h.subject.Survives {
		h.must(h.Close(), "Close")
		h.open()
	}
}

func pauses(h *host) {
	pauser := able[driver.Pauser](h)
	id := h.spawn()
	for range 2 { // again does no harm
		h.must(pauser.Pause(h.ctx, id), "Pause")
		h.wantState(id, driver.Paused)
	}
	h.reopen()
	pauser = able[driver.Pauser](h)
	h.wantState(id, driver.Paused)
	h.must(pauser.Unpause(h.ctx, id), "Unpause")
	h.wantState(id, driver.Running)
	h.must(h.Stop(h.ctx, id, grace), "Stop")
	if pauser.Pause(h.ctx, id) == nil {
		h.Error("a machine that is off was paused")
	}
	h.wantErr(pauser.Pause(h.ctx, "nobody"), driver.ErrNotFound, "Pause of no machine")
	h.wantErr(pauser.Unpause(h.ctx, "nobody"), driver.ErrNotFound, "Unpause of no machine")
}

func suspends(h *host) {
	suspender := able[driver.Suspender](h)
	id := h.spawn()
	h.must(suspender.Suspend(h.ctx, id), "Suspend")
	h.wantState(id, driver.Suspended)
	h.reopen()
	suspender = able[driver.Suspender](h)
	h.wantState(id, driver.Suspended)
	h.must(suspender.Resume(h.ctx, id), "Resume")
	h.wantState(id, driver.Running)
	h.must(suspender.Suspend(h.ctx, id), "Suspend again")
	h.must(h.Start(h.ctx, id), "Start of a suspended machine")
	h.wantState(id, driver.Running)
	h.wantErr(suspender.Suspend(h.ctx, "nobody"), driver.ErrNotFound, "Suspend of no machine")
	h.wantErr(suspender.Resume(h.ctx, "nobody"), driver.ErrNotFound, "Resume of no machine")
}

func rebuilds(h *host) {
	rebuilder := able[driver.Rebuilder](h)
	m := h.machine()
	h.must(h.Spawn(h.ctx, m), "Spawn")
	for _, preserve := range []bool{false, true} {
		h.must(h.Stop(h.ctx, m.ID, grace), "Stop")
		h.must(rebuilder.Rebuild(h.ctx, m, preserve), "Rebuild")
		h.wantState(m.ID, driver.Running)
	}
	h.reopen()
	h.wantState(m.ID, driver.Running)
	other := *m
	other.ID = "nobody"
	h.wantErr(able[driver.Rebuilder](h).Rebuild(h.ctx, &other, false), driver.ErrNotFound, "Rebuild of no machine")
}

func rescues(h *host) {
	rescuer := able[driver.Rescuer](h)
	id := h.spawn()
	for _, rescue := range []driver.Rescue{
		{Image: h.subject.Image}, {Image: h.subject.Image, Stable: true, Device: "disk", Bus: "virtio"},
	} {
		h.must(rescuer.Rescue(h.ctx, id, rescue), "Rescue")
		h.wantState(id, driver.Running)
		h.reopen()
		rescuer = able[driver.Rescuer](h)
		h.must(rescuer.Unrescue(h.ctx, id), "Unrescue")
		h.wantState(id, driver.Running)
	}
	h.wantErr(rescuer.Rescue(h.ctx, "nobody", driver.Rescue{Image: h.subject.Image}), driver.ErrNotFound, "Rescue of no machine")
	h.wantErr(rescuer.Unrescue(h.ctx, "nobody"), driver.ErrNotFound, "Unrescue of no machine")
}

// talks is what asks a guest for something: what it does is up to the guest.
func talks(h *host) {
	id := h.spawn()
	if setter, ok := h.Driver.(driver.PasswordSetter); ok {
		h.wantErr(setter.SetPassword(h.ctx, "nobody", "root", "secret"), driver.ErrNotFound, "SetPassword of no machine")
	}
	if dumper, ok := h.Driver.(driver.CrashDumper); ok {
		h.must(dumper.InjectNMI(h.ctx, id), "InjectNMI")
		h.wantErr(dumper.InjectNMI(h.ctx, "nobody"), driver.ErrNotFound, "InjectNMI of no machine")
	}
}

// resetsLinks holds for drivers that can take links down and up.
func resetsLinks(h *host) {
	id, able := h.spawn(), able[driver.LinkResetter](h)
	h.must(able.ResetLinks(h.ctx, id), "ResetLinks")
	h.must(h.Stop(h.ctx, id, 0), "Stop")
	h.must(able.ResetLinks(h.ctx, id), "ResetLinks of a stopped machine")
	h.wantErr(able.ResetLinks(h.ctx, "nobody"), driver.ErrNotFound, "ResetLinks of no machine")
}

func diagnoses(h *host) {
	diagnoser := able[driver.Diagnoser](h)
	m := h.machine()
	h.must(h.Spawn(h.ctx, m), "Spawn")
	found, err := diagnoser.Diagnose(h.ctx, m.ID)
	h.must(err, "Diagnose")
	if found.State != driver.Running || found.Uptime < 0 || found.Uptime > time.Hour || len(found.CPUs) != m.VCPUs ||
		len(found.NICs) != len(m.NICs) || len(found.Disks) == 0 || found.MemoryMB.Maximum != int64(m.MemoryMiB) {
		h.Errorf("Diagnose = %+v", found)
	}
	_, err = diagnoser.Diagnose(h.ctx, "nobody")
	h.wantErr(err, driver.ErrNotFound, "Diagnose of no machine")
}
