// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// cpuCounts are sockets, cores per socket and threads per core.
type cpuCounts [3]int

func (c cpuCounts) any() bool { return c != cpuCounts{} }

// beyond tells that one of them is more than its limit.
func (c cpuCounts) beyond(limits cpuCounts) bool {
	return c[0] > limits[0] || c[1] > limits[1] || c[2] > limits[2]
}

// counts reads hw:cpu_PREFIXsockets and so on, or the image's properties of those names; 0 where there is none.
func (t topologyRequest) counts(prefix string) (flavor, image cpuCounts, err error) {
	for i, name := range []string{"sockets", "cores", "threads"} {
		if flavor[i], err = strconv.Atoi(or(t.specs["hw:cpu_"+prefix+name], "0")); err != nil {
			return flavor, image, refuse(BadRequest, "Invalid flavor extra spec. Error: %v", err)
		}
		if image[i], err = strconv.Atoi(or(t.image["hw_cpu_"+prefix+name], "0")); err != nil {
			return flavor, image, refuse(BadRequest, "Invalid image property hw_cpu_%s%s: %v", prefix, name, err)
		}
	}
	return flavor, image, nil
}

// constraints are the topology that is preferred, 0 where there is no preference, and its limits. Any number of the
// image's takes the place of all of the flavor's, within the flavor's limits.
func (t topologyRequest) constraints() (preferred, limits cpuCounts, err error) {
	flavorMax, imageMax, err := t.counts("max_")
	if err != nil {
		return preferred, limits, err
	}
	for i := range limits {
		if flavorMax[i] > 0 && imageMax[i] > flavorMax[i] {
			return preferred, limits, refuse(BadRequest, "Image vCPU topology limits (sockets=%d, cores=%d, threads=%d) exceeds the limits of the flavor "+
				"(sockets=%d, cores=%d, threads=%d)", imageMax[0], imageMax[1], imageMax[2], flavorMax[0], flavorMax[1], flavorMax[2])
		}
		const unlimited = 65536
		limits[i] = cmp.Or(imageMax[i], flavorMax[i], unlimited)
	}
	preferred, image, err := t.counts("")
	switch {
	case err != nil:
		return preferred, limits, err
	case image.beyond(limits):
		return preferred, limits, refuse(BadRequest, "Image vCPU topology (sockets=%d, cores=%d, threads=%d) exceeds the limits of the flavor or image "+
			"(sockets=%d, cores=%d, threads=%d)", image[0], image[1], image[2], limits[0], limits[1], limits[2])
	case image.any():
		preferred = image
	case preferred.beyond(limits):
		preferred = cpuCounts{}
	}
	return preferred, limits, nil
}

// counted is the topology of so many vCPUs that is nearest to what is preferred; of several, the one with the fewest
// threads, and then the most sockets.
func (t topologyRequest) counted(vcpus int) (cpuCounts, error) {
	preferred, limits, err := t.constraints()
	if err != nil {
		return cpuCounts{}, err
	}
	var possible []cpuCounts
	for sockets := range min(vcpus, limits[0]) {
		for cores := range min(vcpus, limits[1]) {
			c := cpuCounts{sockets + 1, cores + 1, vcpus / ((sockets + 1) * (cores + 1))}
			if c[2] > 0 && c[0]*c[1]*c[2] == vcpus && c[2] <= limits[2] {
				possible = append(possible, c)
			}
		}
	}
	if len(possible) == 0 {
		return cpuCounts{}, refuse(BadRequest, "Requested vCPU limits %d:%d:%d are impossible to satisfy for vcpus count %d",
			min(vcpus, limits[0]), min(vcpus, limits[1]), min(vcpus, limits[2]), vcpus)
	}
	return slices.MaxFunc(possible, func(a, b cpuCounts) int {
		return cmp.Or(
			cmp.Compare(a.likeness(preferred), b.likeness(preferred)),
			cmp.Compare(a[0]*a[1], b[0]*b[1]), cmp.Compare(a[0], b[0]),
		)
	}), nil
}

// likeness is how many of the numbers are as preferred.
func (c cpuCounts) likeness(preferred cpuCounts) (n int) {
	for i := range c {
		if preferred[i] == c[i] {
			n++
		}
	}
	return n
}

// cpuTopology is how the guest of an instance sees its CPUs and its memory.
func cpuTopology(inst *Instance) (driver.CPUTopology, error) {
	asked := topologyRequest{inst.Flavor.ExtraSpecs, inst.ImageProperties}
	c, err := asked.counted(inst.Flavor.VCPUs)
	if err != nil {
		return driver.CPUTopology{}, err
	}
	top := driver.CPUTopology{Sockets: c[0], Cores: c[1], Threads: c[2]}
	d, err := demandOf(inst, inst.Flavor)
	if err != nil {
		return top, err
	}
	if d.claim.VCPUs != inst.Flavor.VCPUs || d.claim.MemoryMiB != inst.Flavor.MemoryMiB {
		return top, nil // resources:VCPU and the like: the cells are of what is claimed, not of what the guest has
	}
	next := 0
	for i, guest := range d.cells {
		cpus, err := asked.cellSet(i, next, guest.CPUs+guest.Dedicated, inst.Flavor.VCPUs)
		if err != nil {
			return top, err
		}
		next += len(cpus)
		top.Cells = append(top.Cells, driver.CPUCell{CPUs: cpus, MemoryMiB: guest.MemoryMiB})
	}
	return top, nil
}
