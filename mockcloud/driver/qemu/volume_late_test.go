// SPDX-License-Identifier: MPL-2.0

package qemu

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// TestVolumesGoAlong: those that were plugged in are there in the QEMU that the guest goes on in, and can be unplugged,
// though the guest let go of one after we had given up.
func TestVolumesGoAlong(t *testing.T) {
	t.Parallel()
	from, to := twoHosts(t)
	dm := newMachine(bootSector(yielding))
	p := &plug{t, from, dm.ID}
	p.must(from.Spawn(t.Context(), dm))
	kept, late := p.volume(8, "kept"), p.volume(8, "late")
	for _, v := range []driver.Volume{kept, late} {
		p.must(p.AttachVolume(t.Context(), p.id, v))
	}
	m := p.machine()
	p.must(p.unplug(t.Context(), m, m.instance(), "vol1"))
	for range 2 {
		p.must(p.Suspend(t.Context(), p.id))
		p.must(p.Resume(t.Context(), p.id))
		dm.Volumes = []driver.Volume{kept, late}
		p.must(p.LiveMigrate(t.Context(), p.id, driver.LiveMove{To: to, Machine: dm, CopyDisks: true}))
		p.Host, to = to, p.Host
	}
	p.must(p.DetachVolume(t.Context(), p.id, late.ID))
	p.holds(kept)
	p.must(p.AttachVolume(t.Context(), p.id, late))
	p.holds(kept, late)
	p.must(p.DetachVolume(t.Context(), p.id, kept.ID))
	p.holds(late)
}

// TestAVolumeThatIsReleasedLate, after the detach was given up: it is the machine's until it is detached again, and back
// when the machine is powered on anew. A reset would be the end of a device that the guest was asked for.
func TestAVolumeThatIsReleasedLate(t *testing.T) {
	t.Parallel()
	released := func(p *plug) {
		m := p.machine()
		_ = m.instance().mon.Execute(p.Context(), "device_del", obj{"id": "vol0"}, nil) // should it not have heard of it
		p.must(p.run(p.Context(), m, m.instance(), "system_reset", nil, nil))           // as the guest does by itself
		eventually(p.T, "the release", func() bool {
			have, err := p.peripheral(p.Context(), m, m.instance())
			return err == nil && !have["vol0"]
		})
	}
	for name, test := range map[string]struct {
		then func(*plug, driver.Volume) error
		kept bool
	}{
		"detached again":         {func(p *plug, v driver.Volume) error { released(p); return p.DetachVolume(p.Context(), p.id, v.ID) }, false},
		"attached again":         {func(p *plug, v driver.Volume) error { released(p); return p.AttachVolume(p.Context(), p.id, v) }, true},
		"rebooted":               {func(p *plug, _ driver.Volume) error { released(p); return p.Reboot(p.Context(), p.id, false, 0) }, true},
		"rebooted, not released": {func(p *plug, _ driver.Volume) error { return p.Reboot(p.Context(), p.id, false, 0) }, true},
		"stopped and started": {func(p *plug, _ driver.Volume) error {
			released(p)
			return errors.Join(p.Stop(p.Context(), p.id, 0), p.Start(p.Context(), p.id))
		}, true},
		"extended, detached again": {func(p *plug, v driver.Volume) error {
			released(p)
			return errors.Join(p.ExtendVolume(p.Context(), p.id, v.ID, v.Size), p.DetachVolume(p.Context(), p.id, v.ID))
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := plugged(t, deaf, func(o *Options) { o.Unplug = time.Second })
			v := p.volume(8, "content")
			p.must(p.AttachVolume(t.Context(), p.id, v))
			m := p.machine()
			if s := m.spec(); s.Volumes[0].id() != "vol0" {
				t.Fatalf("the volume is %s", s.Volumes[0].id())
			}
			if err := p.DetachVolume(t.Context(), p.id, v.ID); !errors.Is(err, errHeld) {
				t.Fatalf("DetachVolume = %v", err)
			}
			p.holds(v)
			p.must(test.then(p, v))
			if !test.kept {
				p.holds()
				return
			}
			p.holds(v)
			// A reset that was under way has been seen through by now.
			lists, err := p.Devices(t.Context(), p.id)
			if err != nil || len(lists) != 1 || lists[0].VolumeID != v.ID {
				t.Errorf("devices %v, %v", lists, err)
			}
		})
	}
}

// over is a context that ends as soon as what waits for it has been done.
type over struct{ context.Context }

func (over) Err() error { return context.Canceled }

// TestARebootThatIsGivenUp before a machine that lacks a device is powered off is not said to have been done.
func TestARebootThatIsGivenUp(t *testing.T) {
	t.Parallel()
	p := plugged(t, deaf)
	m := p.machine()
	q := m.instance()
	q.wanted.Store(true)
	if err := p.Reboot(over{t.Context()}, p.id, false, 0); !errors.Is(err, context.Canceled) || m.instance() != q {
		t.Errorf("Reboot = %v", err)
	}
}
