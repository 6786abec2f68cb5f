// SPDX-License-Identifier: MPL-2.0

package driver

import (
	"context"
	"errors"
	"io"
	"time"
)

// Abilities are what not every driver can do: optional interfaces beside Driver, whose rules on calls
// hold for them, too. ErrNotFound when there is no such machine.

var (
	// ErrAborted: a live migration was ended by AbortMigration; the machine runs on where it was.
	ErrAborted = errors.New("migration aborted")
	// ErrNoMigration: no live migration of the machine is under way.
	ErrNoMigration = errors.New("no migration under way")
	// ErrPostCopy: a live migration cannot be aborted any more: part of the guest may be on the other host alone.
	ErrPostCopy = errors.New("migration is in post-copy")
	// ErrNoAgent: nothing in the guest listens to the agent's port, or what does is silent.
	ErrNoAgent = errors.New("the guest agent does not answer")
	// ErrNoDevice: the machine has no such disk or NIC.
	ErrNoDevice = errors.New("device not found")
)

// ConsoleLogger keeps what a machine's serial console printed.
type ConsoleLogger interface {
	// ConsoleOutput is the end of the console's log: its last lines, or all that is kept (at
	// least 100 KiB) when lines is negative.
	ConsoleOutput(ctx context.Context, id string, lines int) (string, error)
}

// Pauser freezes machines in memory.
type Pauser interface {
	// Pause stops the machine's CPUs; nil when they are stopped.
	Pause(ctx context.Context, id string) error
	// Unpause lets them go on.
	Unpause(ctx context.Context, id string) error
}

// Suspender freezes machines on disk.
type Suspender interface {
	// Suspend writes the machine's memory to disk and ends it; its state is then Suspended, also
	// after a restart of the host.
	Suspend(ctx context.Context, id string) error
	// Resume lets it go on where it was.
	Resume(ctx context.Context, id string) error
}

// Snapshotter copies root disks.
type Snapshotter interface {
	// Snapshot writes the machine's root disk, as it is at one moment, to w as one qcow2 image
	// without a backing file. The machine may run. quiesce asks the guest agent to freeze the file
	// systems meanwhile, and fails where there is none.
	Snapshot(ctx context.Context, id string, quiesce bool, w io.Writer) error
}

// Rebuilder makes machines anew in place.
type Rebuilder interface {
	// Rebuild replaces the machine by m, of the same id, and powers it on. The ephemeral disks keep
	// their content when preserveEphemeral is set.
	Rebuild(ctx context.Context, m *Machine, preserveEphemeral bool) error
}

// Rescuer boots machines from another disk.
type Rescuer interface {
	// Rescue restarts the machine from a rescue disk; its own disks stay attached.
	Rescue(ctx context.Context, id string, rescue Rescue) error
	// Unrescue restarts it from its own root disk.
	Unrescue(ctx context.Context, id string) error
}

// Rescue is the disk that a machine is rescued with.
type Rescue struct {
	Image Image
	// Stable keeps the places of the machine's own disks and adds the rescue disk behind them, as a
	// Device ("disk", "cdrom" …) on Bus ("virtio", "scsi" …; "" is the driver's choice). Otherwise it comes
	// first.
	Stable      bool
	Device, Bus string
	// ConfigDrive, unless empty, takes the place of the machine's own meanwhile: it has the password to log in
	// with.
	ConfigDrive map[string][]byte
}

// Mover moves machines that are off to another host, or makes them another size, and can take that back
// (resize, cold migration).
type Mover interface {
	// Depart powers the machine off, within grace, and sets it aside: List no longer tells of it,
	// and a machine of that id may arrive on this host, too. Its disks stay where Baggage says until
	// Forget or Return.
	Depart(ctx context.Context, id string, grace time.Duration) (Baggage, error)
	// Arrive makes a machine of another host's baggage in the shape of m, whose disks may be larger, and
	// powers it on if run says so. On error nothing of it is left.
	Arrive(ctx context.Context, m *Machine, from Baggage, run bool) error
	// Forget removes what Depart set aside; nil when there is nothing.
	Forget(ctx context.Context, id string) error
	// Return takes back what Depart set aside, in the shape of m, and powers it on if run says so. A
	// machine of that id that arrived on this host must have been destroyed.
	Return(ctx context.Context, m *Machine, run bool) error
}

// Baggage is what a machine takes to another host: its disks, by name ("root", "ephemeral"), as paths on
// this machine. A simulated one has none.
type Baggage map[string]string

// LiveMigrator moves running machines between hosts of its own kind.
type LiveMigrator interface {
	// LiveMigrate moves the machine to another host and returns once it runs there and is gone
	// here. On error, and when ctx ends, it runs on here and nothing is left there. ErrAborted when
	// AbortMigration ended it.
	LiveMigrate(ctx context.Context, id string, move LiveMove) error
	// AbortMigration ends the machine's live migration: when it returns nil, LiveMigrate returns ErrAborted.
	// ErrNoMigration when there is none, or it has all but ended; ErrPostCopy.
	AbortMigration(ctx context.Context, id string) error
	// ForceComplete lets it end soon, at the cost of the guest: by post-copy or by a pause.
	ForceComplete(ctx context.Context, id string) error
	// MigrationProgress tells how far it is.
	MigrationProgress(ctx context.Context, id string) (Progress, error)
}

// LiveMove is where a running machine moves to.
type LiveMove struct {
	// To is the other host, a driver of the same kind.
	To Driver
	// Machine is its shape there: the NICs as they are plugged there.
	Machine *Machine
	// CopyDisks copies local disks, too; otherwise both hosts share them.
	CopyDisks bool
	// Dwell is how long it takes at least, for those who want to see it.
	Dwell time.Duration
}

// Progress is how far a live migration is, in bytes.
type Progress struct {
	MemoryTotal, MemoryProcessed, MemoryRemaining int64
	DiskTotal, DiskProcessed, DiskRemaining       int64
}

// VolumeAttacher attaches volumes to machines, also while they run. A driver without it cannot have
// volumes in Machine.Volumes either.
type VolumeAttacher interface {
	// AttachVolume attaches the volume; nil when it is attached already.
	AttachVolume(ctx context.Context, id string, v Volume) error
	// DetachVolume detaches it; ErrNoDevice when it is not attached.
	DetachVolume(ctx context.Context, id, volumeID string) error
	// SwapVolume copies an attached volume to another one, which takes its place, without the guest
	// noticing; ErrNoDevice when the former is not attached.
	SwapVolume(ctx context.Context, id, volumeID string, to Volume) error
	// ExtendVolume tells the guest of an attached volume's new size, in bytes.
	ExtendVolume(ctx context.Context, id, volumeID string, size int64) error
}

// VolumeCopier copies attached volumes as they are at one moment, while guests write to them. A driver whose guests
// write nothing needs it not: a volume's file may be copied as any other then.
type VolumeCopier interface {
	// CopyVolume writes the volume's content into the raw file at path, which is there and as large;
	// ErrNoDevice when the volume is not attached.
	CopyVolume(ctx context.Context, id, volumeID, path string) error
}

// Quiescer holds guests' file systems still, so that what others copy of their disks is whole. Both calls may come while
// CopyVolume is under way: a guest is not held longer than its own snapshots take.
type Quiescer interface {
	// Quiesce has the guest write out what it has not, and write nothing more; ErrNoAgent when it cannot be asked.
	Quiesce(ctx context.Context, id string) error
	// Unquiesce lets it write again, whether it was held or not.
	Unquiesce(ctx context.Context, id string) error
}

// DeviceTeller tells where guests see what is attached to their machines.
type DeviceTeller interface {
	// Devices are the machine's volumes and NICs.
	Devices(ctx context.Context, id string) ([]Device, error)
}

// Device is a volume's disk or a port's NIC in a guest.
type Device struct {
	VolumeID, PortID string // one of them
	Bus              string // "pci" or "scsi"
	Address          string // "0000:01:00.0" on PCI; "0:0:16:0" on SCSI: controller, channel, target, LUN
}

// ShareMounter lets machines have shared file systems (virtio-fs).
type ShareMounter interface {
	// MountShare gives a machine that is off a share, which its guest finds by its tag when it boots; nil
	// when it has it already.
	MountShare(ctx context.Context, id string, share Share) error
	// UnmountShare takes it away again; ErrNoDevice when the machine has none of that tag.
	UnmountShare(ctx context.Context, id, tag string) error
}

// Share is a shared file system.
type Share struct {
	ID       string
	Tag      string
	Protocol string // "NFS" or "CEPHFS"
	Location string // export location: "10.0.0.50:/mnt/foo"
}

// InterfaceAttacher attaches NICs to machines, also while they run.
type InterfaceAttacher interface {
	AttachInterface(ctx context.Context, id string, nic NIC) error
	// DetachInterface detaches it; ErrNoDevice when the machine has none for that port.
	DetachInterface(ctx context.Context, id, portID string) error
}

// LinkResetter has guests notice their network anew.
type LinkResetter interface {
	// ResetLinks takes the link of each of the machine's NICs down and up again, so that its guest asks the network
	// again for what it was given there, its addresses. A machine that is off has no link: nil.
	ResetLinks(ctx context.Context, id string) error
}

// PasswordSetter changes a guest's password through its agent.
type PasswordSetter interface {
	// SetPassword returns once the user has the password; ErrNoAgent where nobody in the guest can do it.
	SetPassword(ctx context.Context, id, user, password string) error
}

// CrashDumper makes a guest dump its memory and crash, by a non-maskable interrupt.
type CrashDumper interface {
	InjectNMI(ctx context.Context, id string) error
}

// Diagnoser tells what a machine uses.
type Diagnoser interface {
	Diagnose(ctx context.Context, id string) (Diagnostics, error)
}

// Diagnostics are what a running machine has used since it was powered on.
type Diagnostics struct {
	State    State
	Uptime   time.Duration
	CPUs     []time.Duration // each one's busy time
	MemoryMB MemoryUse
	NICs     []NICUse
	Disks    []DiskUse
}

// MemoryUse is a machine's memory, in MiB.
type MemoryUse struct{ Maximum, Used int64 }

// NICUse is what a NIC has carried.
type NICUse struct {
	MAC                                     string
	RxBytes, RxPackets, RxErrors, RxDropped int64
	TxBytes, TxPackets, TxErrors, TxDropped int64
	RxRate, TxRate                          int64
}

// DiskUse is what a disk has carried.
type DiskUse struct {
	Device                                                     string
	ReadBytes, ReadRequests, WriteBytes, WriteRequests, Errors int64
}

// ConsoleType is how a machine's console is reached.
type ConsoleType string

// The types of console.
const (
	ConsoleVNC    ConsoleType = "vnc"
	ConsoleSPICE  ConsoleType = "spice"
	ConsoleSerial ConsoleType = "serial"
	ConsoleRDP    ConsoleType = "rdp"
)

// ConsoleServer has consoles that a client can connect to.
type ConsoleServer interface {
	// Console tells where the machine's console of that type listens: a TCP address or a socket on this
	// machine. Several clients may share a screen or a serial port. While the machine is off there may be
	// nobody. ErrNoDevice when the machine has none of that type.
	Console(ctx context.Context, id string, kind ConsoleType) (ConsoleAddress, error)
}

// ConsoleAddress is where a console listens: a TCP address, or a unix socket.
type ConsoleAddress struct {
	Host    string
	Port    int
	TLSPort int    // 0: none
	Path    string // of a unix socket; "" for TCP
}

// Screenshooter shows what is on a machine's screen.
type Screenshooter interface {
	// Screenshot is the screen as a PNG file. ErrNoDevice while the machine is off: nothing drives its screen.
	Screenshot(ctx context.Context, id string) ([]byte, error)
}

// ImageCacher fetches images before a machine needs them.
type ImageCacher interface {
	// CacheImage returns once the host has the image; nil when it had it already.
	CacheImage(ctx context.Context, image Image) error
}

// HostKeeper lets an operator switch the host itself (Nova: os-hosts; no hypervisor that Nova supports
// today can do it).
type HostKeeper interface {
	// HostPower powers the host up or down, or restarts it ("startup", "shutdown", "reboot"), and
	// its machines with it.
	HostPower(ctx context.Context, action string) error
	// HostMaintenance begins or ends a maintenance window.
	HostMaintenance(ctx context.Context, on bool) error
}

// UptimeTeller knows since when the host is up.
type UptimeTeller interface {
	// HostUptime is what uptime(1) says on the host: " 08:32:11 up 93 days, 18:25, 12 users, load
	// average: 0.20, 0.12, 0.14".
	HostUptime(ctx context.Context) (string, error)
}
