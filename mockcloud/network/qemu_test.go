// SPDX-License-Identifier: MPL-2.0

package network

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gvisor.dev/gvisor/pkg/tcpip/header"
)

// TestQEMU boots a real machine from the network: the boot firmware of its virtio NIC asks for a lease
// and, once it has taken it, announces its address to everybody.
func TestQEMU(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("boots a machine")
	}
	qemu, err := exec.LookPath("qemu-system-x86_64")
	if err != nil {
		t.Skip(err)
	}
	if !hasBootROM(t, qemu) {
		t.Skip("QEMU has no boot firmware for its virtio NIC (ipxe-qemu)")
	}
	f := newFabric(t, Options{})
	lan := subnet("10.0.0.0/24")
	neighbour := newStation(t, f, testPort("net", 6, lan))
	nic := plug(t, f, testPort("net", 5, lan))
	machine := exec.CommandContext(t.Context(), qemu, "-machine", "q35,accel=tcg", "-m", "128", "-nodefaults",
		"-display", "none", "-sandbox", "on",
		"-netdev", "dgram,id=n0,local.type=unix,local.path="+nic.Local+",remote.type=unix,remote.path="+nic.Switch,
		"-device", "virtio-net-pci,netdev=n0,bootindex=1,mac="+nic.MAC)
	var stderr bytes.Buffer
	machine.Stderr = &stderr
	if err := machine.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := machine.Wait(); err != nil && t.Context().Err() == nil {
			_ = neighbour.conn.Close() // ends the wait below
		}
	}()
	t.Cleanup(func() {
		<-ended
		if t.Failed() {
			t.Log(stderr.String())
		}
	})
	neighbour.next("announcement", func(f []byte) bool {
		a := header.ARP(f[ethernetLen:])
		return etherType(f) == header.ARPProtocolNumber && source(f).String() == nic.MAC &&
			bytes.Equal(a.ProtocolAddressSender(), []byte{10, 0, 0, 5})
	})
	if stats, err := f.PortStats(nic.PortID); err != nil || stats.TxDropped != 0 || stats.RxFrames < 2 {
		t.Errorf("stats %+v, %v", stats, err)
	}
}

// hasBootROM tells whether a virtio NIC can boot.
func hasBootROM(t *testing.T, qemu string) bool {
	directories, err := exec.CommandContext(t.Context(), qemu, "-L", "help").Output()
	if err != nil {
		t.Fatal(err)
	}
	return slices.ContainsFunc(strings.Fields(string(directories)), func(dir string) bool {
		_, err := os.Stat(filepath.Join(dir, "efi-virtio.rom"))
		return err == nil
	})
}
