// SPDX-License-Identifier: MPL-2.0

//go:build linux

package main

import (
	"context"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
)

// The watchdog barks when it has not been fed for so long; it is fed in time for two misses. It counts the
// guest's own time: one that is paused does not hang.
const (
	watchdogTime = 20 * time.Second
	watchdogFeed = watchdogTime / 4
)

// Registers of the Intel 6300ESB, the watchdog that Nova's guests get (hw:watchdog_action).
const (
	esbID = "0x8086 0x25ab"
	// In configuration space:
	esbConfig, esbNoInterrupt = 0x60, 0x0003 // 1 kHz, no interrupt after the first stage, reset after the second
	esbLock, esbEnable        = 0x68, 0x02
	// In memory; a write takes effect behind the two words that unlock it.
	esbStage1, esbStage2, esbReload = 0x00, 0x04, 0x0c
	esbUnlock1, esbUnlock2          = 0x80, 0x86
	esbRestart                      = 0x100
)

// watchdog is an Intel 6300ESB. Debian's cloud kernel has no driver for it, so it is driven from here, through
// sysfs: a guest whose programs get no turn any more feeds nobody.
type watchdog struct {
	dir    string // of the PCI device in sysfs
	memory []byte // the page that its registers are in
	at     uintptr
}

// runWatchdog feeds the machine's watchdog, if it has one, until ctx ends.
func runWatchdog(ctx context.Context, c clock.Clock, out *console) error {
	dir, found := findWatchdog("/sys/bus/pci/devices")
	if !found {
		return nil
	}
	w, err := openWatchdog(dir)
	if err != nil {
		return fmt.Errorf("%s: %w", dir, err)
	}
	if err := w.start(watchdogTime); err != nil {
		return fmt.Errorf("%s: %w", dir, err)
	}
	out.logf("watchdog barks after %v", watchdogTime)
	for c.Sleep(ctx, watchdogFeed) == nil {
		w.feed()
	}
	return w.stop()
}

func findWatchdog(devices string) (dir string, found bool) {
	vendors, err := filepath.Glob(filepath.Join(devices, "*", "vendor"))
	if err != nil {
		return "", false
	}
	for _, file := range vendors {
		dir := filepath.Dir(file)
		vendor, err1 := os.ReadFile(file)
		device, err2 := os.ReadFile(filepath.Join(dir, "device"))
		if err1 == nil && err2 == nil && strings.TrimSpace(string(vendor))+" "+strings.TrimSpace(string(device)) == esbID {
			return dir, true
		}
	}
	return "", false
}

// openWatchdog maps the registers.
func openWatchdog(dir string) (*watchdog, error) {
	if err := os.WriteFile(filepath.Join(dir, "enable"), []byte("1"), 0); err != nil {
		return nil, err
	}
	resources, err := os.ReadFile(filepath.Join(dir, "resource"))
	if err != nil {
		return nil, err
	}
	var start uint64
	if _, err := fmt.Sscanf(string(resources), "0x%x", &start); err != nil {
		return nil, fmt.Errorf("resource: %w", err)
	}
	f, err := os.OpenFile(filepath.Join(dir, "resource0"), os.O_RDWR|unix.O_SYNC, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	page := os.Getpagesize()
	memory, err := unix.Mmap(int(f.Fd()), 0, page, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return nil, fmt.Errorf("map its registers: %w", err)
	}
	return &watchdog{dir: dir, memory: memory, at: uintptr(start) % uintptr(page)}, nil
}

// start lets it bark after that time, half of it for each of its two stages.
func (w *watchdog) start(after time.Duration) error {
	if err := w.configure(esbConfig, binary.LittleEndian.AppendUint16(nil, esbNoInterrupt)); err != nil {
		return err
	}
	for _, stage := range []uintptr{esbStage1, esbStage2} {
		w.unlock()
		store32(&w.memory[w.at+stage], uint32((after / 2).Milliseconds()))
	}
	w.feed()
	return w.configure(esbLock, []byte{esbEnable})
}

// feed lets it count from the beginning.
func (w *watchdog) feed() {
	w.unlock()
	store16(&w.memory[w.at+esbReload], esbRestart)
}

func (w *watchdog) stop() error { return w.configure(esbLock, []byte{0}) }

func (w *watchdog) unlock() {
	store16(&w.memory[w.at+esbReload], esbUnlock1)
	store16(&w.memory[w.at+esbReload], esbUnlock2)
}

// configure writes a register in configuration space.
func (w *watchdog) configure(register int64, value []byte) error {
	f, err := os.OpenFile(filepath.Join(w.dir, "config"), os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = f.WriteAt(value, register)
	return err
}

// A device sees each store, in its width; inlined, the compiler may leave out one that another follows.

//go:noinline
func store16(at *byte, value uint16) { *(*uint16)(unsafe.Pointer(at)) = value }

//go:noinline
func store32(at *byte, value uint32) { *(*uint32)(unsafe.Pointer(at)) = value }
