// SPDX-License-Identifier: MPL-2.0

package qemu

import (
	"testing"

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
