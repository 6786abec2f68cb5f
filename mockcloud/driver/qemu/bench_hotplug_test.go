// SPDX-License-Identifier: MPL-2.0

package qemu

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// BenchmarkHotplug is an attach and a detach of a volume, beside the same commands by hand over QMP. The two take turns;
// the guest lets go at the next tick of its timer, of which it has 18 a second.
func BenchmarkHotplug(b *testing.B) {
	h := opened(b)
	dm := newMachine(bootSector(yielding))
	if err := h.Spawn(b.Context(), dm); err != nil {
		b.Fatal(err)
	}
	v := driver.Volume{ID: uuid.NewString(), Path: filepath.Join(b.TempDir(), "volume"), Size: 1 << 20, BootIndex: -1}
	if err := os.WriteFile(v.Path, make([]byte, v.Size), 0o600); err != nil {
		b.Fatal(err)
	}
	m, err := h.find(dm.ID)
	if err != nil {
		b.Fatal(err)
	}
	hand := byHandPlug{b, m.instance()}
	var attach, detach, handAttach, handDetach time.Duration
	for b.Loop() {
		attach += timed(b, func() error { return h.AttachVolume(b.Context(), dm.ID, v) })
		detach += timed(b, func() error { return h.DetachVolume(b.Context(), dm.ID, v.ID) })
		handAttach += timed(b, func() error { return hand.attach(v) })
		handDetach += timed(b, hand.detach)
	}
	for unit, sum := range map[string]time.Duration{
		"ms/attach": attach, "ms/detach": detach, "ms/attach-hand": handAttach, "ms/detach-hand": handDetach,
	} {
		b.ReportMetric(float64(sum.Microseconds())/1000/float64(b.N), unit)
	}
}

func timed(b *testing.B, do func() error) time.Duration {
	b.Helper()
	start := clock.Wall().Now()
	if err := do(); err != nil {
		b.Fatal(err)
	}
	return clock.Wall().Now().Sub(start)
}

// byHandPlug plugs with nothing but QMP.
type byHandPlug struct {
	b *testing.B
	q *instance
}

func (p byHandPlug) all(commands ...[2]any) error {
	for _, c := range commands {
		if err := p.q.mon.Execute(p.b.Context(), c[0].(string), c[1], nil); err != nil {
			return err
		}
	}
	return nil
}

func (p byHandPlug) attach(v driver.Volume) error {
	return p.all(
		[2]any{"blockdev-add", obj{"driver": "file", "node-name": "file-hand", "filename": v.Path}},
		[2]any{"blockdev-add", obj{"driver": "raw", "node-name": "hand", "file": "file-hand"}},
		[2]any{"device_add", obj{"driver": "virtio-blk-pci", "id": "hand", "drive": "hand", "bus": portName(0)}},
	)
}

func (p byHandPlug) detach() error {
	events, end, err := p.q.follow(p.b.Context())
	if err != nil {
		return err
	}
	defer end()
	if err := p.all([2]any{"device_del", obj{"id": "hand"}}); err != nil {
		return err
	}
	for e := range events {
		if e.Event == "DEVICE_DELETED" && e.Data["device"] == "hand" {
			break
		}
	}
	return p.all([2]any{"blockdev-del", obj{"node-name": "hand"}}, [2]any{"blockdev-del", obj{"node-name": "file-hand"}})
}
