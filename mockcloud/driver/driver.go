// SPDX-License-Identifier: MPL-2.0

// Package driver is the door between compute and what runs machines: the simulated driver (sim) and
// real QEMU (qemu). A Driver is one compute host. It knows machines, disks and NICs, and nothing of
// Nova. What not every driver can do is an optional interface (see ability.go).
package driver

import (
	"context"
	"errors"
	"io"
	"time"
)

var (
	// ErrNotFound: the driver has no machine with that id.
	ErrNotFound = errors.New("machine not found")
	// ErrExists: a machine with that id is there already.
	ErrExists = errors.New("machine exists already")
	// ErrNoResources: the host has not enough memory or disk left.
	ErrNoResources = errors.New("not enough resources on the host")
	// ErrBadImage: the image cannot be booted from, or is refused as unsafe.
	ErrBadImage = errors.New("image not usable")
	// ErrInterrupted: a Spawn was under way when the process ended; the machine is not whole.
	ErrInterrupted = errors.New("machine was never completed")
)

// Driver runs the machines of one compute host. All methods are safe for concurrent use, and each
// honours its context. Calls for one machine are made one at a time, but for a Quiescer's.
type Driver interface {
	// Spawn makes the machine and powers it on; it returns when the machine runs (not when its
	// guest has booted). On error nothing of it is left.
	Spawn(ctx context.Context, m *Machine) error
	// Destroy ends the machine and removes everything it had. Nil when there is no such machine.
	Destroy(ctx context.Context, id string) error
	// Start powers a stopped machine on; nil when it runs already.
	Start(ctx context.Context, id string) error
	// Stop asks the guest to power off (ACPI) and, once grace has passed, pulls the plug; grace 0
	// pulls it at once. Nil when the machine is off already.
	Stop(ctx context.Context, id string, grace time.Duration) error
	// Reboot restarts a machine: soft asks the guest within grace and falls back to hard; hard
	// resets it, and powers on one that is off.
	Reboot(ctx context.Context, id string, soft bool, grace time.Duration) error
	// State is what the machine does now; ErrNotFound when there is none.
	State(ctx context.Context, id string) (State, error)
	// List tells every machine that the host has, also those found again after a restart.
	List(ctx context.Context) ([]Status, error)
	// Resources tells what the host has.
	Resources(ctx context.Context) (Resources, error)
	// Events tells of what happened to machines without a call: a guest that powered itself off, a
	// machine that died. The channel is the same on each call and is closed by Close.
	Events() <-chan Event
	// Close lets go of the host; machines that can outlive the process (qemu's) go on running.
	Close() error
}

// State is a machine's power state.
type State int

// The power states of a machine.
const (
	NoState State = iota
	Running
	Paused
	Shutdown
	Crashed
	Suspended
)

// Status is a machine as List tells of it.
type Status struct {
	ID    string
	State State
	// Err is ErrInterrupted for a machine whose Spawn never ended, and says why one cannot be read that may be
	// running all the same; nil otherwise.
	Err error
}

// Event is a change of state that no call asked for.
type Event struct {
	ID    string
	State State
	// Reason says why in words: "guest shut down", "QEMU was killed by signal 9".
	Reason string
	Time   time.Time
}

// Resources are a host's totals, and what kind of host it is (Nova: os-hypervisors).
type Resources struct {
	VCPUs      int
	MemoryMiB  int
	DiskGiB    int
	Hypervisor string // "QEMU", "fake"
	Version    int    // 7002022 is 7.2.22
	Arch       string // "x86_64"
	CPUModel   string
}

// Machine is the shape of a machine to spawn.
type Machine struct {
	ID        string // the server's UUID
	Name      string // as the hypervisor shows it: "instance-00000001"
	Hostname  string // what the guest calls itself; its metadata tells it
	VCPUs     int
	MemoryMiB int
	CPUs      CPUTopology
	Root      RootDisk
	// EphemeralGiB are extra blank disks, by their sizes; SwapMiB is one more, 0 none.
	EphemeralGiB []int
	SwapMiB      int
	NICs         []NIC
	// Volumes are attached beside the local disks; the one with BootIndex 0, if there is one, is booted
	// from, and Root has no image then. They need a VolumeAttacher.
	Volumes []Volume
	// ConfigDrive, unless empty, is attached as a small read-only disk labelled config-2: file
	// path in it to content.
	ConfigDrive map[string][]byte
	// Properties are the image's hw_* and os_* properties.
	Properties map[string]string
}

// DiskGiB is the size of the machine's own disks, without swap.
func (m *Machine) DiskGiB() int {
	sum := m.Root.GiB
	for _, gib := range m.EphemeralGiB {
		sum += gib
	}
	return sum
}

// CPUTopology is how a guest sees its CPUs. The zero value is a socket for each.
type CPUTopology struct {
	Sockets, Cores, Threads int       // cores of each socket, threads of each core
	Cells                   []CPUCell // NUMA nodes; none is one without a table
}

// CPUCell is a NUMA node of a guest.
type CPUCell struct {
	CPUs      []int // by number
	MemoryMiB int
}

// RootDisk is the disk that a machine boots from: a copy-on-write layer on an image.
type RootDisk struct {
	Image Image
	// GiB is the disk's virtual size; 0 takes the image's own.
	GiB int
}

// Volume is a disk that belongs to the block storage service.
type Volume struct {
	ID        string // the volume's UUID; the disk's serial number in the guest
	Path      string // raw file on this machine; "" for simulated ones
	Size      int64  // bytes
	Device    string // "/dev/vdb"
	Bus, Type string // "virtio", "disk"
	BootIndex int    // -1: not booted from
	Tag       string
	Shared    bool // other machines may have it, too, and write to it (multiattach)
}

// Image is where a disk's content comes from. Drivers cache it by Checksum.
type Image struct {
	ID       string
	Format   string // disk format: "qcow2", "raw"
	Checksum string // identifies the content: "sha512:…"
	Size     int64  // bytes
	Open     func(ctx context.Context) (io.ReadCloser, error)
}
