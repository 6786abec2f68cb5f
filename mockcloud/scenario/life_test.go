// SPDX-License-Identifier: MPL-2.0

package scenario

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/local"
)

// tooLong is beyond any machine's slowness. What things take, which is to be less than a second, is measured and told: no
// test holds a busy machine to it.
const tooLong = 10 * time.Second

// TestRestart: guests run on while the cloud is away, and are there with it again: with their volumes, their
// console, their network. What dies meanwhile, and what dies later, is noticed at once.
func TestRestart(t *testing.T) {
	t.Parallel()
	c := newCloud(t, local.Options{})
	s, other := c.boot(with{"name": "stays"}), c.boot(with{"name": "other"})
	volume := c.volume(with{"size": 1})
	s.attach(volume, nil)
	c.eventually("the volume is in the guest", func() bool { return s.run("ls /dev/vdb 2>&1; true") == "/dev/vdb" })
	s.run("echo of before | dd of=/dev/vdb conv=fsync 2>/dev/null")
	boot := s.bootID()
	s.run("(while :; do cat /proc/uptime >>/tmp/beats; sleep 0.1; done) >/dev/null 2>&1 &")

	dead := other.pid()
	c.leave()
	<-time.After(time.Second) // away
	if err := syscall.Kill(dead, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	c.reopen()
	opened := time.Since(began)
	v := s.show()
	if v.Status != "ACTIVE" || len(v.Volumes) != 1 {
		t.Errorf("after the restart: %+v", v)
	}
	if got := s.run("cat /proc/sys/kernel/random/boot_id"); got != boot {
		t.Errorf("the guest booted with the cloud: %s, then %s", boot, got)
	}
	t.Logf("the cloud was open after %v, the guest answered after %v", opened, time.Since(began))
	if opened > tooLong {
		t.Errorf("machines were taken hold of after %v", opened)
	}
	if got := s.run("dd if=/dev/vdb bs=16 count=1 2>/dev/null | head -n 1"); got != "of before" {
		t.Errorf("the volume says %q", got)
	}
	s.run("echo to the console >/dev/ttyS0")
	c.eventually("the console is written to", func() bool { return strings.Contains(s.console(), "to the console") })
	if got := s.run("wget -qO- http://169.254.169.254/openstack/latest/meta_data.json"); !strings.Contains(got, s.ID) {
		t.Errorf("the metadata service says %q", got)
	}
	if got := s.run("awk 'NR>1 && $1-last>10 {print $1-last} {last=$1}' /tmp/beats"); got != "" {
		t.Errorf("the guest stood still for %s s", got)
	}
	v = other.wait("SHUTOFF")
	if v.Power != shutDown {
		t.Errorf("the machine that died while the cloud was away has the power state %d", v.Power)
	}
	s.detach(volume)

	killed := time.Now()
	if err := syscall.Kill(s.pid(), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	s.wait("SHUTOFF")
	if took := time.Since(killed); took > tooLong {
		t.Errorf("a QEMU that died was noticed after %v", took)
	} else {
		t.Logf("a QEMU that died was noticed after %v", took)
	}
	dir := s.dir()
	s.delete()
	if left, err := filepath.Glob(dir + "*"); err != nil || len(left) > 0 {
		t.Errorf("files of a server that is gone: %v %v", left, err)
	}
}

// TestFullHosts: what no host has room for is NoValidHost, and leaves no machine.
func TestFullHosts(t *testing.T) {
	t.Parallel()
	c := newCloud(t, local.Options{Hosts: []local.Host{
		{Name: "little", VCPUs: 1, MemoryMiB: 300, DiskGiB: 2}, {Name: "less", Zone: "edge", VCPUs: 1, MemoryMiB: 140, DiskGiB: 1},
	}})
	first := c.boot(with{"name": "first"})
	if host := first.show().Host; host != "little" {
		t.Errorf("it is on %s", host) // the other one's zone was not asked for, but is any's
	}
	another := c.create(with{"name": "second", "availability_zone": "edge"})
	if v := another.wait("ACTIVE"); v.Host != "less" {
		t.Errorf("it is on %s", v.Host)
	}
	third := c.create(with{"name": "third", "flavorRef": c.flavor("m1.micro")})
	var v view
	c.eventually("the third server is decided on", func() bool { v = third.show(); return v.Status != "BUILD" })
	if v.Status != "ERROR" || !strings.Contains(v.Fault.Message, "No valid host") || v.Host != "" {
		t.Errorf("%+v", v)
	}
	dirs, err := filepath.Glob(filepath.Join(c.options.Dir, "hosts", "*", "machines", third.ID))
	if err != nil || len(dirs) > 0 {
		t.Errorf("a machine was half made: %v %v", dirs, err)
	}
	if _, err := os.Stat(first.dir()); err != nil {
		t.Error(err)
	}
}
