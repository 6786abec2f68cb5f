// SPDX-License-Identifier: MPL-2.0

package scenario

import "testing"

// TestTopology: sockets, cores, threads and NUMA nodes that a flavor asks for are the guest's.
func TestTopology(t *testing.T) {
	t.Parallel()
	c := cloud(t)
	flavor := c.make("/flavors", "flavor", with{"name": "topology", "vcpus": 2, "ram": 256, "disk": 1})
	c.call("POST", "/flavors/"+flavor+"/os-extra_specs", with{"extra_specs": with{
		"hw:cpu_max_sockets": "1", "hw:cpu_cores": "2", "hw:numa_nodes": "2", "hw:numa_cpus.0": "0", "hw:numa_cpus.1": "1",
		"hw:numa_mem.0": "64", "hw:numa_mem.1": "192",
	}}, nil)
	s := c.boot(with{"name": "topology", "flavorRef": flavor})
	for what, want := range map[string]string{
		"grep -c ^processor /proc/cpuinfo":                                                                 "2",
		"grep '^physical id' /proc/cpuinfo | sort -u | wc -l":                                              "1",
		"grep '^cpu cores' /proc/cpuinfo | sort -u":                                                        "cpu cores\t: 2",
		"cat /sys/devices/system/node/online":                                                              "0-1",
		"cat /sys/devices/system/node/node0/cpulist":                                                       "0",
		"cat /sys/devices/system/node/node1/cpulist":                                                       "1",
		"[ $(awk '/MemTotal/{print $4}' /sys/devices/system/node/node1/meminfo) -gt 100000 ] && echo more": "more",
	} {
		if got := s.run(what); got != want {
			t.Errorf("%s: %q, want %q", what, got, want)
		}
	}
	var told struct {
		Nodes []struct {
			CPUs     []int `json:"vcpu_set"`
			MemoryMB int   `json:"memory_mb"`
		}
	}
	c.call("GET", s.path("/topology"), nil, &told)
	if len(told.Nodes) != 2 || told.Nodes[1].CPUs[0] != 1 || told.Nodes[1].MemoryMB != 192 {
		t.Errorf("the API tells %+v", told)
	}
}
