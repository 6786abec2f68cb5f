// SPDX-License-Identifier: MPL-2.0

package qemu

import (
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver/qemu/qmp"
)

// BenchmarkSpawn is from the call to a running guest, beside what the same QEMU takes by hand
// (qemu-img, exec, the QMP handshake and cont). The two take turns, so that a busy machine is busy
// for both.
func BenchmarkSpawn(b *testing.B) {
	img := bootSector(deaf)
	h := opened(b)
	base := baseOf(b, h, img)
	var driver, hand time.Duration
	wall := clock.Wall()
	for b.Loop() {
		m := newMachine(img)
		start := wall.Now()
		if err := h.Spawn(b.Context(), m); err != nil {
			b.Fatal(err)
		}
		driver += wall.Now().Sub(start)
		if err := h.Destroy(b.Context(), m.ID); err != nil {
			b.Fatal(err)
		}
		start = wall.Now()
		cmd := byHand(b, h, base)
		hand += wall.Now().Sub(start)
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // it was killed
	}
	b.ReportMetric(float64(driver.Milliseconds())/float64(b.N), "ms/spawn")
	b.ReportMetric(float64(hand.Milliseconds())/float64(b.N), "ms/hand")
}

// byHand runs the QEMU of a machine without a host. It makes its QMP sockets itself, by path.
func byHand(b *testing.B, h *Host, on base) *exec.Cmd {
	b.Helper()
	m := h.machine("by-hand")
	m.dir = b.TempDir()
	m.run = m.dir
	m.shape = spec{ID: "6d1f0c2a-7d0d-4c6a-9d57-0a4f3f1f9e11", Name: "by-hand", VCPUs: 1, MemoryMiB: 64}
	if out, err := exec.CommandContext(b.Context(), "qemu-img", "create", "-q", "-f", "qcow2", "-F", on.Format, "-b", on.Path, m.root()).CombinedOutput(); err != nil {
		b.Fatalf("%v: %s", err, out)
	}
	args := h.arguments(m, nil)
	for i, arg := range args {
		switch arg {
		case "socket,id=qmp0,fd=3,server=on,wait=off":
			args[i] = "socket,id=qmp0,path=" + m.qmp() + ",server=on,wait=off"
		case "socket,id=qmp1,fd=4,server=on,wait=off":
			args[i] = "socket,id=qmp1,path=" + m.qmp2() + ",server=on,wait=off"
		}
	}
	cmd := exec.CommandContext(b.Context(), h.opts.QEMU, args...)
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	for {
		client := qmp.New(filepath.Join(m.run, "qmp"), qmp.Options{})
		if client.Dial(b.Context()) == nil {
			if err := client.Execute(b.Context(), "cont", nil, nil); err != nil {
				b.Fatal(err)
			}
			_ = client.Disconnect()
			return cmd
		}
		if err := clock.Wall().Sleep(b.Context(), time.Millisecond); err != nil {
			b.Fatal(err)
		}
	}
}
