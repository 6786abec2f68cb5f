// SPDX-License-Identifier: MPL-2.0

package scenario

import (
	"strings"
	"testing"
)

func TestPower(t *testing.T) {
	t.Parallel()
	c := cloud(t)
	s := c.boot(with{"name": "power", "config_drive": true, "user_data": "#!/bin/sh\necho user data ran >/from-user-data\n"})
	if got := s.run("hostname; cat /from-user-data"); got != "power\nuser data ran" {
		t.Errorf("the guest says %q", got)
	}
	if got := s.run("lsblk --nodeps -b -l | awk '$6 == \"disk\" { print $1, $4 }'"); got != "vda 1073741824" {
		t.Errorf("the guest's disks are %q", got)
	}
	if got := s.run("sudo mount $(blkid -L config-2 -o device) /mnt; cat /mnt/openstack/latest/meta_data.json; umount /mnt"); !strings.Contains(got, s.ID) {
		t.Errorf("the config drive says %q", got)
	}
	s.run("echo kept >/kept; sync")
	first := s.bootID()
	s.do("os-stop", nil)
	s.wait("SHUTOFF")
	s.do("os-start", nil)
	s.wait("ACTIVE")
	second := s.bootID()
	s.do("reboot", with{"type": "SOFT"})
	s.wait("ACTIVE")
	third := s.bootID()
	s.do("reboot", with{"type": "HARD"})
	s.wait("ACTIVE")
	if fourth := s.bootID(); first == second || second == third || third == fourth {
		t.Errorf("the guest did not boot each time: %s %s %s %s", first, second, third, fourth)
	}
	if got := s.run("cat /kept"); got != "kept" {
		t.Errorf("the disk is not what it was: %q", got)
	}
}
