// SPDX-License-Identifier: MPL-2.0

//go:build linux

package main

import (
	"context"
	"encoding/binary"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
)

// ending is a way for the machine to end.
type ending struct {
	name    string
	command int
}

var (
	powerOff = ending{"power off", unix.LINUX_REBOOT_CMD_POWER_OFF}
	halt     = ending{"halt", unix.LINUX_REBOOT_CMD_HALT}
	reboot   = ending{"reboot", unix.LINUX_REBOOT_CMD_RESTART}
)

// endings by signal: what busybox's poweroff, halt and reboot send to PID 1, and what the kernel
// sends for Ctrl-Alt-Del.
var endings = map[os.Signal]ending{
	unix.SIGUSR2: powerOff,
	unix.SIGPWR:  powerOff,
	unix.SIGUSR1: halt,
	unix.SIGTERM: reboot,
	unix.SIGINT:  reboot,
}

const (
	// stopTime is how long programs have between SIGTERM and SIGKILL.
	stopTime = 2 * time.Second
	// An input_event of linux/input.h on a 64-bit machine: time, type, code, value.
	inputEventSize = 24
	evKey          = 1
	keyPower       = 116
)

// watchPowerButton calls press when the ACPI power button is pressed; it ends with ctx.
func watchPowerButton(ctx context.Context, press func()) error {
	device, err := await(ctx, findPowerButton)
	if err != nil {
		return err
	}
	button, err := os.Open(device)
	if err != nil {
		return err
	}
	defer button.Close()
	defer context.AfterFunc(ctx, func() { button.Close() })()
	event := make([]byte, inputEventSize)
	for {
		if _, err := io.ReadFull(button, event); err != nil {
			return err
		}
		if isPowerPress(event) {
			press()
		}
	}
}

func isPowerPress(event []byte) bool {
	return binary.NativeEndian.Uint16(event[16:]) == evKey &&
		binary.NativeEndian.Uint16(event[18:]) == keyPower &&
		binary.NativeEndian.Uint32(event[20:]) == 1
}

func findPowerButton() (string, error) {
	names, err := filepath.Glob("/sys/class/input/event*/device/name")
	if err != nil {
		return "", err
	}
	for _, name := range names {
		if data, err := os.ReadFile(name); err == nil && strings.TrimSpace(string(data)) == "Power Button" {
			return "/dev/input/" + filepath.Base(filepath.Dir(filepath.Dir(name))), nil
		}
	}
	return "", os.ErrNotExist
}

// stopAll ends every process but ours: politely, with SIGHUP for the shells that ignore SIGTERM,
// then not.
func stopAll(ctx context.Context, c clock.Clock, procs *processes) {
	ctx, cancel := clock.WithTimeout(ctx, c, stopTime)
	defer cancel()
	for _, signal := range []unix.Signal{unix.SIGTERM, unix.SIGHUP, unix.SIGCONT} {
		_ = unix.Kill(-1, signal) // ESRCH: nobody is left
	}
	select {
	case <-procs.allGone():
	case <-ctx.Done():
		_ = unix.Kill(-1, unix.SIGKILL)
	}
}

// unmountAll writes everything to disk and leaves no file system that would need a repair.
func unmountAll() {
	unix.Sync()
	for _, target := range blockMounts() {
		if target != "/" {
			_ = unix.Unmount(target, unix.MNT_DETACH)
		}
	}
	_ = unix.Mount("", "/", "", unix.MS_REMOUNT|unix.MS_RDONLY, "")
	unix.Sync()
}

// blockMounts lists the mount points of block devices, the latest first.
func blockMounts() []string {
	data, err := os.ReadFile("/proc/mounts")
	if err != nil {
		return nil
	}
	var targets []string
	for line := range strings.Lines(string(data)) {
		fields := strings.Fields(line)
		if len(fields) > 1 && strings.HasPrefix(fields[0], "/dev/") {
			targets = append([]string{unescapeMount(fields[1])}, targets...)
		}
	}
	return targets
}

// unescapeMount undoes the octal escapes of /proc/mounts.
func unescapeMount(target string) string {
	return strings.NewReplacer(`\040`, " ", `\011`, "\t", `\012`, "\n", `\134`, `\`).Replace(target)
}
