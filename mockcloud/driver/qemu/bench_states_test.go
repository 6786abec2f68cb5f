// SPDX-License-Identifier: MPL-2.0

package qemu

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver/qemu/qmp"
)

// BenchmarkSuspend is from the call to a guest on disk and back to one that runs, and BenchmarkSnapshot from the call to
// the last byte of the image, each beside the same QMP commands by hand to a QEMU of the same arguments. The two take
// turns, so that a busy machine is busy for both. The guest is Linux if MOCKCLOUD_GUEST_IMAGE names one, and one boot
// sector otherwise.
func BenchmarkSuspend(b *testing.B) {
	h, m, hand := sideBySide(b)
	saved := filepath.Join(b.TempDir(), "state")
	var suspend, byHand, resume, resumeByHand []time.Duration
	for b.Loop() {
		suspend = append(suspend, howLong(b, func() error { return h.Suspend(b.Context(), m.ID) }))
		byHand = append(byHand, howLong(b, func() error { return hand.suspend(saved) }))
		resume = append(resume, howLong(b, func() error { return h.Resume(b.Context(), m.ID) }))
		resumeByHand = append(resumeByHand, howLong(b, func() error { return hand.resume(saved) }))
	}
	report(b, suspend, "suspend")
	report(b, byHand, "suspend-by-hand")
	report(b, resume, "resume")
	report(b, resumeByHand, "resume-by-hand")
}

func BenchmarkSnapshot(b *testing.B) {
	h, m, hand := sideBySide(b)
	copied := filepath.Join(b.TempDir(), "copy.qcow2")
	var snapshot, byHand []time.Duration
	for b.Loop() {
		snapshot = append(snapshot, howLong(b, func() error { return h.Snapshot(b.Context(), m.ID, false, io.Discard) }))
		byHand = append(byHand, howLong(b, func() error { return hand.snapshot(copied) }))
	}
	report(b, snapshot, "snapshot")
	report(b, byHand, "snapshot-by-hand")
}

func howLong(b *testing.B, do func() error) time.Duration {
	b.Helper()
	start := clock.Wall().Now()
	if err := do(); err != nil {
		b.Fatal(err)
	}
	return clock.Wall().Now().Sub(start)
}

// report reports the median: one round that another process had the processor for says nothing.
func report(b *testing.B, took []time.Duration, name string) {
	b.Helper()
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "ms/"+name)
}

// sideBySide is a machine of a host's, and one by hand; both have booted.
func sideBySide(b *testing.B) (*Host, *driver.Machine, *handMade) {
	b.Helper()
	img, said := bootSector(deaf), banner
	if os.Getenv(guestImage) != "" {
		img, said = linux(b), "login:"
	}
	h := opened(b)
	m := newMachine(img)
	m.MemoryMiB, m.Root.GiB = 256, 1
	if err := h.Spawn(b.Context(), m); err != nil {
		b.Fatal(err)
	}
	hand := &handMade{b: b, h: h, m: h.machine("by-hand"), at: b.Context()}
	hand.m.dir = b.TempDir()
	hand.m.files.run = hand.m.dir
	hand.m.shape = spec{ID: "6d1f0c2a-7d0d-4c6a-9d57-0a4f3f1f9e11", Name: "by-hand", VCPUs: 1, MemoryMiB: 256}
	base := baseOf(b, h, img)
	hand.tool("create", "-q", "-f", "qcow2", "-F", base.Format, "-b", base.Path, hand.m.root(), "1G")
	if err := hand.start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = hand.cmd.Process.Kill()
		_ = hand.cmd.Wait() // it was killed
	})
	if err := hand.mon.Execute(b.Context(), "cont", nil, nil); err != nil {
		b.Fatal(err)
	}
	for _, log := range []string{h.machine(m.ID).console(), hand.m.console()} {
		eventually(b, "boot", func() bool {
			text, err := os.ReadFile(log)
			return err == nil && strings.Contains(string(text), said)
		})
	}
	return h, m, hand
}

// handMade is a QEMU that somebody drives by hand.
type handMade struct {
	b   *testing.B
	at  context.Context //nolint:containedctx // the benchmark's
	h   *Host
	m   *machine
	cmd *exec.Cmd
	mon *qmp.Client
}

func (x *handMade) tool(args ...string) {
	x.b.Helper()
	if out, err := exec.CommandContext(x.at, "qemu-img", args...).CombinedOutput(); err != nil {
		x.b.Fatalf("%v: %s", err, out)
	}
}

// start runs QEMU, with its QMP sockets made before it as the host's are.
func (x *handMade) start(extra ...string) error {
	x.cmd = exec.CommandContext(x.at, x.h.opts.QEMU, append(x.h.arguments(x.m, nil), extra...)...)
	x.cmd.Stderr = os.Stderr
	for _, path := range []string{x.m.qmp(), x.m.qmp2()} {
		f, err := listening(path)
		if err != nil {
			return err
		}
		x.cmd.ExtraFiles = append(x.cmd.ExtraFiles, f)
	}
	defer func() {
		for _, f := range x.cmd.ExtraFiles {
			_ = f.Close() // QEMU has its own
		}
	}()
	if err := x.cmd.Start(); err != nil {
		return err
	}
	x.mon = qmp.New(x.m.qmp(), qmp.Options{})
	return x.mon.Dial(x.at)
}

// listening is a socket at path for a child.
func listening(path string) (*os.File, error) {
	if err := removeFile(path); err != nil {
		return nil, err
	}
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		return nil, err
	}
	l.SetUnlinkOnClose(false)
	f, err := l.File()
	return f, errors.Join(err, l.Close())
}

// run executes commands one after the other, and waits for the event that the last one ends with, if it names one.
func (x *handMade) run(until func(qmp.Event) bool, commands ...[2]any) error {
	events, err := x.mon.Events(x.at)
	if err != nil {
		return err
	}
	for _, c := range commands {
		if err := x.mon.Execute(x.at, c[0].(string), c[1], nil); err != nil {
			return err
		}
	}
	for until != nil && !until(<-events) {
		continue
	}
	return nil
}

func completed(e qmp.Event) bool { return e.Event == "MIGRATION" && e.Data["status"] == "completed" }

func (x *handMade) suspend(to string) error {
	file, err := os.Create(to)
	if err != nil {
		return err
	}
	defer file.Close()
	if err := x.mon.SendFile(x.at, "state", file); err != nil {
		return err
	}
	if err := x.run(completed,
		[2]any{"stop"}, [2]any{"migrate-set-capabilities", capabilities("events")},
		[2]any{"migrate-set-parameters", obj{"max-bandwidth": int64(4 << 30)}}, [2]any{"migrate", obj{"uri": "fd:state"}},
	); err != nil {
		return err
	}
	if err := x.run(nil, [2]any{"quit"}); err != nil {
		return err
	}
	return x.cmd.Wait()
}

func (x *handMade) resume(from string) error {
	file, err := os.Open(from)
	if err != nil {
		return err
	}
	defer file.Close()
	if err := x.start("-incoming", "defer"); err != nil {
		return err
	}
	if err := x.mon.SendFile(x.at, "state", file); err != nil {
		return err
	}
	if err := x.run(completed, [2]any{"migrate-set-capabilities", capabilities("events")}, [2]any{"migrate-incoming", obj{"uri": "fd:state"}}); err != nil {
		return err
	}
	return x.run(nil, [2]any{"cont"})
}

func (x *handMade) snapshot(to string) error {
	x.tool("create", "-q", "-f", "qcow2", to, "1G")
	if err := x.run(func(e qmp.Event) bool { return e.Event == "BLOCK_JOB_COMPLETED" },
		[2]any{"blockdev-add", obj{"driver": "qcow2", "node-name": "copy", "file": obj{"driver": "file", "filename": to}}},
		[2]any{"blockdev-backup", obj{"job-id": "copy", "device": "node-root", "target": "copy", "sync": "full"}},
	); err != nil {
		return err
	}
	if err := x.run(nil, [2]any{"blockdev-del", obj{"node-name": "copy"}}); err != nil {
		return err
	}
	file, err := os.Open(to)
	if err != nil {
		return err
	}
	defer file.Close()
	_, err = io.Copy(io.Discard, file)
	return err
}
