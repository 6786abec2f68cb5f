// SPDX-License-Identifier: MPL-2.0

package qemu

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// plug is a host with a running machine, and what plugs into it.
type plug struct {
	*testing.T
	*Host

	id string
}

func plugged(t *testing.T, code []byte, change ...func(*Options)) *plug {
	t.Helper()
	h := opened(t, change...)
	m := newMachine(bootSector(code))
	if err := h.Spawn(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	return &plug{t, h, m.ID}
}

// volume is a new raw volume with something in it.
func (p *plug) volume(mib int64, content string) driver.Volume {
	p.Helper()
	v := driver.Volume{ID: uuid.NewString(), Size: mib << 20, Device: "/dev/vdb", Bus: "virtio", Type: "disk", BootIndex: -1}
	v.Path = filepath.Join(p.TempDir(), v.ID)
	p.must(os.WriteFile(v.Path, []byte(content), 0o600))
	p.must(os.Truncate(v.Path, v.Size))
	return v
}

func (p *plug) must(err error) {
	p.Helper()
	if err != nil {
		p.Fatal(err)
	}
}

func (p *plug) machine() *machine {
	p.Helper()
	m, err := p.whole(p.id)
	p.must(err)
	return m
}

// holds compares what the machine has with what it should have: the record, QEMU's devices and its open files.
func (p *plug) holds(want ...driver.Volume) {
	p.Helper()
	m := p.machine()
	s, paths := m.spec(), []string{}
	for _, v := range s.Volumes {
		paths = append(paths, v.Path)
	}
	if len(paths) != len(want) {
		p.Fatalf("the record has %v, want %d volumes", paths, len(want))
	}
	q := m.instance()
	devices, err := p.peripheral(p.Context(), m, q)
	p.must(err)
	nodes, err := p.nodes(p.Context(), m, q)
	p.must(err)
	for _, v := range want {
		at := slices.Index(paths, v.Path)
		if at < 0 || !devices[s.Volumes[at].id()] || !nodes["node-"+volumeNode(v.Path)] {
			p.Errorf("volume %s is not whole: %v %v %v", v.ID, paths, devices, nodes)
		}
		delete(nodes, "node-"+volumeNode(v.Path))
		delete(nodes, "file-"+volumeNode(v.Path))
	}
	for name := range nodes {
		if isVolumeNode(strings.TrimPrefix(strings.TrimPrefix(name, "file-"), "node-")) {
			p.Errorf("QEMU has node %s still", name)
		}
	}
}

// begins compares a file's first bytes.
func (p *plug) begins(path, want string) {
	p.Helper()
	f, err := os.Open(path)
	p.must(err)
	defer f.Close()
	got := make([]byte, len(want))
	if _, err := f.ReadAt(got, 0); err != nil || string(got) != want {
		p.Errorf("%s begins with %q (%v), want %q", path, got, err, want)
	}
}

// sizeOf is the size of a disk as its guest sees it.
func (p *plug) sizeOf(device string) int64 {
	p.Helper()
	var disks []struct {
		Qdev     string
		Inserted struct {
			Image struct {
				Size int64 `json:"virtual-size"`
			}
		}
	}
	m := p.machine()
	p.must(p.run(p.Context(), m, m.instance(), "query-block", nil, &disks))
	for _, d := range disks {
		if strings.Contains(d.Qdev, "/"+device+"/") {
			return d.Inserted.Image.Size
		}
	}
	p.Fatalf("there is no disk %s: %+v", device, disks)
	return 0
}

func TestSwapCarriesContent(t *testing.T) {
	t.Parallel()
	p := plugged(t, yielding)
	one, two, three := p.volume(8, "content"), p.volume(16, "overwritten"), p.volume(16, "")
	p.must(p.AttachVolume(t.Context(), p.id, one))
	p.must(p.SwapVolume(t.Context(), p.id, one.ID, two))
	p.holds(two)
	p.begins(two.Path, "content")
	if got := p.sizeOf("vol0"); got != two.Size {
		t.Errorf("the guest sees %d bytes of the larger volume's %d", got, two.Size)
	}
	if err := p.SwapVolume(t.Context(), p.id, two.ID, one); err == nil {
		t.Error("a volume was swapped for a smaller one")
	}
	missing := three
	missing.ID, missing.Path = "missing", filepath.Join(t.TempDir(), "missing")
	if err := p.SwapVolume(t.Context(), p.id, two.ID, missing); err == nil {
		t.Error("a volume was swapped for one that is not there")
	}
	p.holds(two)
	p.must(p.Stop(t.Context(), p.id, 0))
	p.must(p.SwapVolume(t.Context(), p.id, two.ID, three))
	p.begins(three.Path, "content")
	p.must(p.Start(t.Context(), p.id))
	p.holds(three)
}

// TestSwapThatShowsTooLittle: once the guest writes to the other volume, that is the one it has, whatever fails then.
func TestSwapThatShowsTooLittle(t *testing.T) {
	t.Parallel()
	p := plugged(t, yielding)
	one, two := p.volume(8, "content"), p.volume(8, "")
	two.Size = 1 << 62 // no file is as large
	p.must(p.AttachVolume(t.Context(), p.id, one))
	if err := p.SwapVolume(t.Context(), p.id, one.ID, two); err != nil {
		t.Errorf("SwapVolume = %v, and the guest has the other volume", err)
	}
	p.holds(two)
	p.begins(two.Path, "content")
}

// TestSwapOfAnotherProcess: what had been begun is taken back, or ended, by what the record says.
func TestSwapOfAnotherProcess(t *testing.T) {
	t.Parallel()
	for name, recorded := range map[string]bool{"taken back": false, "ended": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			h := open(t, dir)
			dm := newMachine(bootSector(yielding))
			p := &plug{t, h, dm.ID}
			p.must(h.Spawn(t.Context(), dm))
			one, two := p.volume(8, "content"), p.volume(16, "")
			p.must(h.AttachVolume(t.Context(), p.id, one))
			m := p.machine()
			q, s := m.instance(), m.spec()
			next := s.Volumes[0]
			next.Volume = two
			from, into := s.volumeDisk(s.Volumes[0]), s.volumeDisk(next)
			into.size = one.Size
			events, end, err := q.follow(t.Context())
			p.must(err)
			p.must(h.mirror(t.Context(), m, q, events, &from, &into))
			end()
			want := one
			if recorded {
				want = two
				p.must(m.changeVolume(one.ID, func(v *volume) { v.Volume = two }))
			}
			p.must(h.Close())
			p.Host = open(t, dir)
			defer func() { empty(t, p.Host) }()
			p.holds(want)
			p.begins(want.Path, "content")
		})
	}
}

func TestDetachFromADeafGuest(t *testing.T) {
	t.Parallel()
	p := plugged(t, deaf, func(o *Options) { o.Unplug = 300 * time.Millisecond })
	v := p.volume(8, "")
	p.must(p.AttachVolume(t.Context(), p.id, v))
	for range 2 { // it may be tried as often as one likes
		if err := p.DetachVolume(t.Context(), p.id, v.ID); !errors.Is(err, errHeld) {
			t.Errorf("DetachVolume = %v", err)
		}
	}
	p.holds(v)
	p.must(p.AttachVolume(t.Context(), p.id, v))
	p.must(p.Reboot(t.Context(), p.id, false, 0))
	p.holds(v) // as after any power-on
	p.must(p.Pause(t.Context(), p.id))
	p.must(p.AttachVolume(t.Context(), p.id, v))
	if err := p.DetachVolume(t.Context(), p.id, v.ID); !errors.Is(err, errHeld) {
		t.Errorf("DetachVolume from a paused machine = %v", err)
	}
	p.holds(v)
	p.must(p.Stop(t.Context(), p.id, 0))
	p.must(p.DetachVolume(t.Context(), p.id, v.ID))
	p.must(p.Start(t.Context(), p.id))
	p.holds()
}

func TestNoFreePort(t *testing.T) {
	t.Parallel()
	p := plugged(t, yielding)
	var all []driver.Volume
	for range hotplugPorts {
		all = append(all, p.volume(1, ""))
		p.must(p.AttachVolume(t.Context(), p.id, all[len(all)-1]))
	}
	more := p.volume(1, "")
	if err := p.AttachVolume(t.Context(), p.id, more); !errors.Is(err, errNoPort) {
		t.Errorf("AttachVolume = %v", err)
	}
	if err := p.AttachInterface(t.Context(), p.id, driver.NIC{PortID: "p"}); !errors.Is(err, errNoPort) {
		t.Errorf("AttachInterface = %v", err)
	}
	p.holds(all...)
	more.Bus = "scsi" // has room
	p.must(p.AttachVolume(t.Context(), p.id, more))
	p.must(p.DetachVolume(t.Context(), p.id, all[3].ID))
	all[3] = more
	p.holds(all...)
	p.must(p.Stop(t.Context(), p.id, 0))
	p.must(p.Start(t.Context(), p.id)) // with free ports again
	more = p.volume(1, "")
	p.must(p.AttachVolume(t.Context(), p.id, more))
	p.holds(append(all, more)...)
	for _, bad := range []driver.Volume{{ID: "a", Bus: "floppy", BootIndex: -1}, {ID: "b", Type: "floppy", BootIndex: -1}, {ID: "c"}} {
		if err := p.AttachVolume(t.Context(), p.id, bad); err == nil {
			t.Errorf("volume %+v was attached", bad)
		}
	}
	p.holds(append(all, more)...)
}

func TestVolumeOfTwoMachines(t *testing.T) {
	t.Parallel()
	p := plugged(t, yielding)
	other := newMachine(bootSector(yielding))
	p.must(p.Spawn(t.Context(), other))
	alone, shared := p.volume(1, ""), p.volume(1, "")
	shared.Shared = true
	for _, v := range []driver.Volume{alone, shared} {
		p.must(p.AttachVolume(t.Context(), p.id, v))
	}
	two := &plug{t, p.Host, other.ID}
	if err := p.AttachVolume(t.Context(), other.ID, alone); err == nil {
		t.Error("two machines have a volume that is for one")
	}
	two.holds()
	p.must(p.AttachVolume(t.Context(), other.ID, shared))
	two.holds(shared)
	p.must(p.DetachVolume(t.Context(), p.id, shared.ID))
	two.holds(shared)
	p.holds(alone)
}

// TestVolumeHalfAttached: the record is ahead of QEMU, by all or by the device.
func TestVolumeHalfAttached(t *testing.T) {
	t.Parallel()
	p := plugged(t, yielding)
	one, two := p.volume(1, ""), p.volume(1, "")
	m := p.machine()
	q := m.instance()
	for _, v := range []driver.Volume{one, two} {
		p.must(m.change(func(s *spec) { _ = s.addVolume(v, s.Ports) }))
		s := m.spec()
		d := s.volumeDisk(s.Volumes[s.volumeAt(v.ID)])
		if v.ID == two.ID {
			p.must(p.addNodes(t.Context(), m, q, &d))
		}
	}
	p.must(p.DetachVolume(t.Context(), p.id, one.ID))
	p.must(p.AttachVolume(t.Context(), p.id, two))
	p.holds(two)
	p.must(p.DetachVolume(t.Context(), p.id, two.ID))
	p.holds()
}

func TestCopyOfAVolumeInUse(t *testing.T) {
	t.Parallel()
	p := plugged(t, yielding)
	v, running, off := p.volume(512, strings.Repeat("content", 1<<16)), p.volume(512, "stale"), p.volume(512, "stale")
	p.must(p.AttachVolume(t.Context(), p.id, v))
	p.must(p.CopyVolume(t.Context(), p.id, v.ID, running.Path))
	p.holds(v)
	p.must(p.Stop(t.Context(), p.id, 0))
	p.must(p.CopyVolume(t.Context(), p.id, v.ID, off.Path))
	want, err := os.ReadFile(v.Path)
	p.must(err)
	for _, c := range []driver.Volume{running, off} {
		got, err := os.ReadFile(c.Path)
		p.must(err)
		if !bytes.Equal(got, want) {
			t.Errorf("%s is no copy", c.Path)
		}
		info, err := os.Stat(c.Path)
		p.must(err)
		if used := info.Sys().(*syscall.Stat_t).Blocks * 512; used > 4<<20 {
			t.Errorf("the copy of %d bytes takes %d", len("content")<<16, used)
		}
	}
}

// TestBootsFromAVolume: the volume's boot sector runs, beside local disks and others on SCSI.
func TestBootsFromAVolume(t *testing.T) {
	t.Parallel()
	for _, bus := range []string{"virtio", "scsi"} {
		t.Run(bus, func(t *testing.T) {
			t.Parallel()
			h := opened(t)
			dm := newMachine(bootSector(yielding))
			p := &plug{t, h, dm.ID}
			image, err := dm.Root.Image.Open(t.Context())
			p.must(err)
			var sector bytes.Buffer
			_, err = sector.ReadFrom(image)
			p.must(errors.Join(err, image.Close()))
			root, data, disc := p.volume(8, sector.String()), p.volume(1, ""), p.volume(1, "")
			root.BootIndex, root.Device, root.Bus = 0, "/dev/vda", bus
			data.BootIndex, data.Bus, disc.Type = 1, bus, "cdrom"
			dm.Root, dm.EphemeralGiB, dm.SwapMiB, dm.ConfigDrive = driver.RootDisk{}, []int{1, 1}, 64, driveFiles()
			dm.Volumes = []driver.Volume{data, disc, root}
			dm.Properties = map[string]string{"hw_disk_bus": bus}
			p.must(h.Spawn(t.Context(), dm))
			p.holds(root, data, disc)
			eventually(t, "boot", func() bool {
				out, err := h.ConsoleOutput(t.Context(), dm.ID, -1)
				return err == nil && strings.Contains(out, banner)
			})
			if err := h.DetachVolume(t.Context(), dm.ID, root.ID); err == nil {
				t.Error("the volume that it boots from was detached")
			}
			next := p.volume(8, "")
			p.must(h.SwapVolume(t.Context(), dm.ID, root.ID, next))
			p.holds(next, data, disc)
			p.begins(next.Path, sector.String()[:100])
			p.must(h.Stop(t.Context(), dm.ID, 0))
			p.must(h.Start(t.Context(), dm.ID))
			p.holds(next, data, disc)
		})
	}
}
