// SPDX-License-Identifier: MPL-2.0

// Package qemu runs machines on real QEMU (7.2 or newer, x86_64, Linux). A Host is one compute host;
// each of its machines is a QEMU process that outlives ours and is driven over QMP. Guests are
// emulated (TCG) unless the host's processor can really virtualise (see Options.Accel). It has every ability
// of package driver but two: shared file systems, for which QEMU alone is not enough (virtiofsd), and switching
// hosts on and off.
//
// # A machine's files
//
// A machine is a directory, Options.Dir/machines/ID, which holds all that is the machine's alone:
//
//	machine.json              what it is, written before it is so
//	qemu.json                 the process that runs it, by pid and start time
//	qemu.log, console.log     what QEMU says, and the guest on its serial port
//	disk.qcow2                the root disk, an overlay on a base of Images
//	disk.swap.qcow2, disk.ephN.qcow2, disk.config.iso
//	disk.rescue.qcow2, disk.config.rescue.iso   while it is rescued
//	memory.state              the guest, while it is suspended
//	rebuilt, .draft-*         what a call is making; .frozen: the guest's file systems may be
//
// Its sockets (QMP twice, the serial port, VNC, SPICE, the guest agent) are in a short directory of their own, since
// the path of a unix socket has 107 bytes at most; Dir/run links to it. Nothing listens anywhere else. Options.Dir/aside
// has machines that are leaving for another host. Volumes are files of their owner's. Bases are shared by the hosts
// of an Images, and go when no disk lies on them any more; disks are never committed into what they lie on.
//
// # A restart
//
// New makes the machines of what is in the directory, whatever call was under way when the last process ended:
//
//   - A QEMU is a machine's if qemu.json names it and its command line has the machine's socket. It is adopted:
//     taken hold of by a pidfd, and spoken to on its first QMP socket, or on the second. One that answers on
//     neither runs on and can be killed.
//   - That of a machine whose machine.json cannot be read, or is of a newer version (spec_version.go), runs on, too.
//     The machine is listed with the error, and all that can be done with it is Destroy. Nothing of it is changed.
//   - A QEMU of the host's that no machine has, or whose guest was never let go, is killed.
//   - A machine whose Spawn had not ended is removed and listed with ErrInterrupted. Of other calls the draft
//     goes, and the machine is what its spec says; a guest that was stopped or frozen for the call goes on
//     (settle.go).
//   - A live migration that has committed is finished, any other is taken back (live_commit.go, live_recover.go).
//
// Close lets the machines run on. That a QEMU has ended the kernel tells at once (supervise.go).
package qemu

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"time"

	"golang.org/x/sync/semaphore"
	"golang.org/x/sys/unix"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
)

// Options make a Host. Dir, the totals and Images are required.
type Options struct {
	Dir  string // the host's state; one process at a time may have it open
	Name string // the host's name, for the log

	// The host's totals, as the scheduler sees them.
	VCPUs     int
	MemoryMiB int
	DiskGiB   int

	Images *Images // shared by the hosts of a cloud

	// Boots limits how many guests boot at a time, over all hosts that share it; nil does not. With
	// more boots than processors, TCG guests lose timer interrupts and some panic. A slot is held
	// from the start of QEMU until its guest uses less than half a processor for a second, or
	// bootLimit has passed. A reset takes no slot.
	Boots *semaphore.Weighted

	// Unplug is how long a guest may take to let go of a disk or a NIC; a minute by default, in which one that boots is up.
	Unplug time.Duration

	// Available is how much memory this machine has left, in MiB; nil asks the kernel.
	Available func() (int, error)

	Accel Accel  // Auto by default
	QEMU  string // the binary; "qemu-system-x86_64" by default

	// Clock times what users may turn: grace periods and the time of events. What we wait for from a
	// process (QMP replies, the end after quit) always takes the wall's time.
	Clock clock.Clock
	Log   *slog.Logger
}

// Accel chooses how guests' processors run.
type Accel string

// Auto is KVM where it is usable and TCG elsewhere.
const (
	Auto Accel = "auto"
	KVM  Accel = "kvm"
	TCG  Accel = "tcg"
)

// Limits on what real processes may take, in wall time.
const (
	handshakeLimit = 30 * time.Second // exec to QMP; milliseconds on an idle machine
	callLimit      = 10 * time.Second // a QMP command
	quitLimit      = 5 * time.Second  // quit to the end of the process, before it is killed
	killLimit      = 10 * time.Second // SIGKILL to the end of the process
	bootLimit      = 30 * time.Second // how long a boot slot is held at most
	unplugLimit    = time.Minute      // device_del to the guest's answer
)

// pressEvery is how often the power button is pressed within grace: a guest that boots ignores it.
const pressEvery = 10 * time.Second

func (o Options) complete() (Options, error) {
	switch {
	case o.Dir == "":
		return o, errors.New("a QEMU host needs a directory")
	case o.VCPUs < 1 || o.MemoryMiB < 1 || o.DiskGiB < 1:
		return o, errors.New("a QEMU host needs totals of processors, memory and disk")
	case o.Images == nil:
		return o, errors.New("a QEMU host needs a cache of images")
	}
	if o.Unplug <= 0 {
		o.Unplug = unplugLimit
	}
	if o.Clock == nil {
		o.Clock = clock.Wall()
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	o.Log = o.Log.With("host", o.Name)
	if o.Available == nil {
		o.Available = memAvailable
	}
	if o.QEMU == "" {
		o.QEMU = "qemu-system-x86_64"
	}
	var err error
	if o.QEMU, err = exec.LookPath(o.QEMU); err != nil {
		return o, err
	}
	o.Accel, err = o.Accel.resolve()
	return o, err
}

// resolve decides on Auto.
func (a Accel) resolve() (Accel, error) {
	switch a {
	case KVM, TCG:
		return a, nil
	case Auto, "":
		if Virtualises() == nil {
			return KVM, nil
		}
		return TCG, nil
	default:
		return "", fmt.Errorf("accelerator %q is none of auto, kvm and tcg", a)
	}
}

// Virtualises tells why KVM is of no use here. /dev/kvm alone proves nothing: nested under a hypervisor
// that emulates it in software it boots no kernel, and then the processor has neither vmx nor svm.
func Virtualises() error {
	cpuinfo, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return err
	}
	if !regexp.MustCompile(`\b(vmx|svm)\b`).Match(cpuinfo) {
		return errors.New("the processor shows neither vmx nor svm: virtualisation is turned off, or not passed on to this virtual machine")
	}
	dev, err := os.OpenFile("/dev/kvm", os.O_RDWR, 0)
	if errors.Is(err, fs.ErrPermission) {
		return errors.New("/dev/kvm is not ours to use: sudo usermod -aG kvm $USER, and log in again")
	}
	if err != nil {
		return fmt.Errorf("the kernel offers no KVM: modprobe kvm-intel or kvm-amd: %w", err)
	}
	defer dev.Close()
	const createVM = 0xAE01 // ioctl(2) KVM_CREATE_VM
	machine, err := unix.IoctlRetInt(int(dev.Fd()), createVM)
	if err != nil {
		return fmt.Errorf("KVM makes no machine: %w", err)
	}
	return unix.Close(machine)
}

// cpuModel: TCG's own default lacks RDRAND and what distributions need since x86-64-v2.
func (a Accel) cpuModel() string {
	if a == KVM {
		return "host"
	}
	return "max"
}

// cpu is QEMU's option: the fifth level of page tables only makes an emulated walk longer.
func (a Accel) cpu() string {
	if a == KVM {
		return a.cpuModel()
	}
	return a.cpuModel() + ",la57=off"
}

var versionLine = regexp.MustCompile(`version (\d+)\.(\d+)\.(\d+)`)

// Version is the number of the QEMU in PATH: 7002022 is 7.2.22.
func Version(ctx context.Context) (int, error) { return version(ctx, "qemu-system-x86_64") }

// version is QEMU's as a number.
func version(ctx context.Context, binary string) (int, error) {
	ctx, cancel := clock.WithTimeout(ctx, clock.Wall(), handshakeLimit)
	defer cancel()
	out, err := exec.CommandContext(ctx, binary, "--version").Output()
	if err != nil {
		return 0, fmt.Errorf("%s --version: %w", binary, err)
	}
	m := versionLine.FindSubmatch(bytes.TrimSpace(out))
	if m == nil {
		return 0, fmt.Errorf("%s --version names no version", binary)
	}
	n := 0
	for _, part := range m[1:] {
		v, err := strconv.Atoi(string(part))
		if err != nil {
			return 0, err
		}
		n = n*1000 + v
	}
	return n, nil
}
