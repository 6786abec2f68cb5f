// SPDX-License-Identifier: MPL-2.0

// Package drivertest holds every driver to the promises of package driver: the same suite runs on
// simulated machines and on real QEMU. It imports no driver.
package drivertest

import (
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// Subject is the driver under test.
type Subject struct {
	// Open opens a host over the state in dir, which is empty at first. The suite closes it.
	Open func(t *testing.T, dir string) driver.Driver
	// Image is what machines boot; the suite asks nothing of its guest, which may be deaf to ACPI.
	Image driver.Image
	// MemoryMiB of a test machine; 0 is 64.
	MemoryMiB int
	// Survives: machines go on running after Close and are found again by the next Open.
	Survives bool
	// Kill ends a machine from outside, as a signal does; nil where nothing can.
	Kill func(t *testing.T, d driver.Driver, id string)
}

// grace is short because a guest that ignores ACPI makes the suite wait for all of it.
const grace = 200 * time.Millisecond

// patience bounds a single promise; it is met in milliseconds unless the promise is broken.
const patience = time.Minute

// Run runs the suite, each promise on a host of its own.
func Run(t *testing.T, s Subject) {
	t.Helper()
	if s.MemoryMiB == 0 {
		s.MemoryMiB = 64
	}
	for _, promise := range []struct {
		name string
		hold func(*host)
	}{
		{"Lifecycle", lifecycle},
		{"Power", power},
		{"Reboot", reboot},
		{"Unknown", unknown},
		{"Exists", exists},
		{"FailedSpawn", failedSpawn},
		{"CancelledSpawn", cancelledSpawn},
		{"TooLarge", tooLarge},
		{"Resources", resources},
		{"Concurrent", concurrent},
		{"Console", console},
		{"EventsClose", eventsClose},
		{"Reopen", reopen},
		{"Killed", killed},
		{"Pause", pauses},
		{"Suspend", suspends},
		{"Snapshot", snapshots},
		{"FailedSnapshot", failedSnapshots},
		{"SnapshotsAtOnce", snapshotsAtOnce},
		{"Rebuild", rebuilds},
		{"Rescue", rescues},
		{"Talk", talks},
		{"Diagnose", diagnoses},
		{"Consoles", consoles},
		{"SharedConsole", sharesConsole},
		{"Screenshot", screenshots},
		{"Volumes", volumes},
		{"CopyVolume", copiesVolumes},
		{"Devices", tellsDevices},
		{"Interfaces", interfaces},
		{"Links", resetsLinks},
		{"Shares", shares},
		{"Move", moves},
		{"Return", returns},
		{"LiveMigration", migratesLive},
		{"LiveMigrationAborted", abortsLive},
	} {
		t.Run(promise.name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			h := &host{T: t, ctx: ctx, subject: s, dir: t.TempDir()}
			h.open()
			defer h.clear()
			promise.hold(h)
		})
	}
}

// host is one promise's host.
type host struct {
	*testing.T

	driver.Driver

	ctx     context.Context //nolint:containedctx // it lives as long as the test
	subject Subject
	dir     string
	spawned []string
}

func (h *host) open() {
	h.Helper()
	h.Driver = h.subject.Open(h.T, h.dir)
	if h.Driver == nil {
		h.Fatal("Open returned no driver")
	}
}

// clear leaves no machine behind, whatever the test found.
func (h *host) clear() {
	// The test's context has ended by now if the test timed out, and machines must go all the same.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(h.ctx), patience)
	defer cancel()
	for _, id := range h.spawned {
		if err := h.Destroy(ctx, id); err != nil {
			h.Errorf("Destroy(%s) at the end: %v", id, err)
		}
	}
	if err := h.Close(); err != nil {
		h.Errorf("Close: %v", err)
	}
}

func (h *host) machine() *driver.Machine {
	id := uuid.NewString()
	h.spawned = append(h.spawned, id)
	return &driver.Machine{
		ID:        id,
		Name:      "instance-" + id[:8],
		VCPUs:     1,
		MemoryMiB: h.subject.MemoryMiB,
		Root:      driver.RootDisk{Image: h.subject.Image},
	}
}

// spawn makes a running machine and returns its id.
func (h *host) spawn() string {
	h.Helper()
	m := h.machine()
	h.must(h.Spawn(h.ctx, m), "Spawn")
	return m.ID
}

func (h *host) must(err error, what string) {
	h.Helper()
	if err != nil {
		h.Fatalf("%s: %v", what, err)
	}
}

// wantErr demands that err is (or wraps) want.
func (h *host) wantErr(err, want error, what string) {
	h.Helper()
	if !errors.Is(err, want) {
		h.Errorf("%s = %v, want %v", what, err, want)
	}
}

func (h *host) wantState(id string, want driver.State) {
	h.Helper()
	got, err := h.State(h.ctx, id)
	if err != nil || got != want {
		h.Errorf("State = %v, %v, want %v", got, err, want)
	}
}

// wantList demands that the host has exactly these machines, all of them whole.
func (h *host) wantList(want map[string]driver.State) {
	h.Helper()
	list, err := h.List(h.ctx)
	h.must(err, "List")
	if len(list) != len(want) {
		h.Errorf("List has %d machines, want %d: %v", len(list), len(want), list)
	}
	for _, s := range list {
		if state, ok := want[s.ID]; !ok || s.State != state || s.Err != nil {
			h.Errorf("List tells %+v, want state %v (known: %v)", s, state, ok)
		}
	}
}

// wantNone demands that nothing of a machine is left.
func (h *host) wantNone(id string) {
	h.Helper()
	_, err := h.State(h.ctx, id)
	h.wantErr(err, driver.ErrNotFound, "State of a machine that is not there")
	h.wantList(nil)
}

// unreadable is an image whose content cannot be had.
func (h *host) unreadable() driver.Image {
	img := h.subject.Image
	img.ID, img.Checksum = uuid.NewString(), "sha512:"+uuid.NewString()
	img.Open = func(context.Context) (io.ReadCloser, error) { return nil, errUnreadable }
	return img
}

var errUnreadable = errors.New("the image store is down")
