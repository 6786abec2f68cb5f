// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// The cases are those of Nova's documentation of flavors' CPU topologies, and of its code's rules.
func TestCPUTopology(t *testing.T) {
	t.Parallel()
	type props map[string]string
	for _, c := range []struct {
		vcpus       int
		specs, hw   props
		want, fault string
	}{
		{vcpus: 4, want: "4:1:1"},
		{vcpus: 8, specs: props{"hw:cpu_sockets": "2", "hw:cpu_cores": "4"}, want: "2:4:1"},
		{vcpus: 8, specs: props{"hw:cpu_max_sockets": "2"}, want: "2:4:1"},
		{vcpus: 8, specs: props{"hw:cpu_threads": "2"}, want: "4:1:2"},
		{vcpus: 8, specs: props{"hw:cpu_max_sockets": "1", "hw:cpu_max_cores": "4"}, want: "1:4:2"},
		{vcpus: 8, specs: props{"hw:cpu_sockets": "2"}, hw: props{"hw_cpu_cores": "8"}, want: "1:8:1"},
		{vcpus: 8, specs: props{"hw:cpu_sockets": "8"}, hw: props{"hw_cpu_max_sockets": "2"}, want: "2:4:1"},
		{vcpus: 7, specs: props{"hw:cpu_max_sockets": "2", "hw:cpu_max_cores": "2", "hw:cpu_max_threads": "2"}, fault: "Requested vCPU limits 2:2:2 are impossible"},
		{vcpus: 2, specs: props{"hw:cpu_max_cores": "2"}, hw: props{"hw_cpu_max_cores": "4"}, fault: "exceeds the limits of the flavor (sockets=0, cores=2"},
		{vcpus: 2, hw: props{"hw_cpu_max_cores": "1", "hw_cpu_cores": "2"}, fault: "exceeds the limits of the flavor or image"},
	} {
		got, err := topologyRequest{c.specs, c.hw}.counted(c.vcpus)
		switch {
		case c.fault != "":
			if KindOf(err) != BadRequest || !strings.Contains(err.Error(), c.fault) {
				t.Errorf("%+v: %v, want %q", c, err, c.fault)
			}
		case err != nil || fmt.Sprintf("%d:%d:%d", got[0], got[1], got[2]) != c.want:
			t.Errorf("%+v: %v, %v", c, got, err)
		}
	}
}

func TestCPUTopologyHasCells(t *testing.T) {
	t.Parallel()
	inst := &Instance{Flavor: Flavor{VCPUs: 3, MemoryMiB: 300, ExtraSpecs: map[string]string{
		"hw:numa_nodes": "2", "hw:numa_cpus.0": "0,2", "hw:numa_cpus.1": "1", "hw:numa_mem.0": "200", "hw:numa_mem.1": "100",
	}}}
	got, err := cpuTopology(inst)
	want := driver.CPUTopology{Sockets: 3, Cores: 1, Threads: 1, Cells: []driver.CPUCell{
		{CPUs: []int{0, 2}, MemoryMiB: 200}, {CPUs: []int{1}, MemoryMiB: 100},
	}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v, want %+v", got, err, want)
	}
}
