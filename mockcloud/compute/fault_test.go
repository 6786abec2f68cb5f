// SPDX-License-Identifier: MPL-2.0

package compute

import "testing"

func TestPublic(t *testing.T) {
	t.Parallel()
	for message, want := range map[string]string{
		"qemu-img create: exit status 1: qemu-img: /home/me/.local/state/mockcloud/hosts/compute-1/machines/a/disk.qcow2: Could not open '/x/y/base.raw'": "" +
			"qemu-img create: exit status 1: qemu-img: disk.qcow2: Could not open 'base.raw'",
		"open /srv/state/lock: permission denied":       "open lock: permission denied",
		"volume at /dev/vdb is busy":                    "volume at /dev/vdb is busy",
		"see http://169.254.169.254/openstack/latest":   "see http://169.254.169.254/openstack/latest",
		"path=/run/mockcloud-0123/a/agent,server=on":    "path=agent,server=on",
		"Unable to resize disk down: 1/2 of it is used": "Unable to resize disk down: 1/2 of it is used",
		"No valid host was found. ":                     "No valid host was found. ",
	} {
		if got := public(message); got != want {
			t.Errorf("%q: %q", message, got)
		}
	}
}
