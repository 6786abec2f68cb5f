// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/scheduler"
)

// demand is what an instance takes of a host: by its flavor's numbers, and by what the extra specs and its
// image's properties add.
type demand struct {
	claim               Claim
	required, forbidden []string // traits
	classes             map[string]int
	cells               []scheduler.GuestCell
	devices             map[string]int // by alias
}

// demandOf is what the instance demands with that flavor. Errors are of kind BadRequest.
func demandOf(inst *Instance, flavor Flavor) (demand, error) {
	d := demand{claim: flavor.claim()}
	if inst.VolumeBacked() { // no host has its volume
		d.claim.DiskGiB -= flavor.RootGiB
	}
	for key, value := range inst.ImageProperties {
		d.trait(key, value)
	}
	for key, value := range flavor.ExtraSpecs {
		d.trait(key, value)
		d.class(key, value)
	}
	slices.Sort(d.required)
	slices.Sort(d.forbidden)
	var err error
	if d.devices, err = wantedDevices(flavor.ExtraSpecs["pci_passthrough:alias"]); err != nil {
		return d, err
	}
	t := topologyRequest{flavor.ExtraSpecs, inst.ImageProperties}
	if d.claim.Pinned, err = t.pinned(flavor.VCPUs); err != nil {
		return d, err
	}
	d.cells, err = t.cells(d.claim)
	return d, err
}

// claim is what a server of the flavor takes.
func (f Flavor) claim() Claim {
	return Claim{VCPUs: f.VCPUs, MemoryMiB: f.MemoryMiB, DiskGiB: f.hypervisorDisk()}
}

// trait reads trait:NAME=required|forbidden; what stands between trait and the colon groups traits of one
// provider, and hosts have but one.
func (d *demand) trait(key, value string) {
	scope, name, scoped := strings.Cut(key, ":")
	switch {
	case !scoped || !strings.HasPrefix(scope, "trait"):
	case value == "required" && !slices.Contains(d.required, name):
		d.required = append(d.required, name)
	case value == "forbidden" && !slices.Contains(d.forbidden, name):
		d.forbidden = append(d.forbidden, name)
	}
}

// class reads resources:CLASS=n. For the classes that flavors have numbers of, it says what is claimed of the
// host in their place.
func (d *demand) class(key, value string) {
	scope, name, scoped := strings.Cut(key, ":")
	amount, err := strconv.Atoi(value)
	if !scoped || !strings.HasPrefix(scope, "resources") || err != nil || amount < 0 {
		return
	}
	standard := map[string]*int{"VCPU": &d.claim.VCPUs, "MEMORY_MB": &d.claim.MemoryMiB, "DISK_GB": &d.claim.DiskGiB}
	if own := standard[name]; own != nil {
		*own = amount
		return
	}
	if d.classes == nil {
		d.classes = map[string]int{}
	}
	d.classes[name] += amount
}

// wantedDevices reads "alias:count, alias:count".
func wantedDevices(spec string) (map[string]int, error) {
	if spec == "" {
		return nil, nil
	}
	devices := map[string]int{}
	for item := range strings.SplitSeq(spec, ",") {
		alias, count, counted := strings.Cut(strings.TrimSpace(item), ":")
		n := 1
		if counted {
			var err error
			if n, err = strconv.Atoi(count); err != nil || n < 1 {
				return nil, refuse(BadRequest, "Invalid PCI alias definition: %s", item)
			}
		}
		devices[alias] += n
	}
	return devices, nil
}

// topologyRequest is what a flavor and an image ask of CPUs and memory. The flavor has the first word.
type topologyRequest struct{ specs, image map[string]string }

// of is an extra spec hw:NAME, or the image property hw_NAME.
func (t topologyRequest) of(name string) string {
	return or(t.specs["hw:"+name], t.image["hw_"+strings.ReplaceAll(name, ".", "_")])
}

// pinned is how many vCPUs get CPUs of their own.
func (t topologyRequest) pinned(vcpus int) (int, error) {
	switch t.of("cpu_policy") {
	case "dedicated":
		return vcpus, nil
	case "mixed":
		mask, err := parseCPUs(t.of("cpu_dedicated_mask"), vcpus)
		return len(mask), err
	}
	return 0, nil
}

// cells are the NUMA cells of a server that takes that much; none unless somebody asked for nodes, for pinned
// CPUs or for a page size.
func (t topologyRequest) cells(c Claim) ([]scheduler.GuestCell, error) {
	pages, err := pageSizes(t.of("mem_page_size"))
	if err != nil {
		return nil, err
	}
	nodes, err := strconv.Atoi(or(t.of("numa_nodes"), "0"))
	if err != nil || nodes < 0 {
		return nil, refuse(BadRequest, "hw:numa_nodes value of '%s' is invalid.", t.of("numa_nodes"))
	}
	if nodes == 0 && pages == nil && c.Pinned == 0 {
		return nil, nil
	}
	nodes = max(nodes, 1)
	cells := make([]scheduler.GuestCell, nodes)
	cpus, memory, pinned := 0, 0, 0
	for i := range cells {
		own, err := t.cellCPUs(i, nodes, c)
		if err != nil {
			return nil, err
		}
		mem, err := strconv.Atoi(or(t.of("numa_mem."+strconv.Itoa(i)), strconv.Itoa(c.MemoryMiB/nodes)))
		if err != nil {
			return nil, errAsymmetric
		}
		dedicated := 0
		if c.VCPUs > 0 {
			dedicated = own * c.Pinned / c.VCPUs
		}
		cells[i] = scheduler.GuestCell{CPUs: own - dedicated, Dedicated: dedicated, MemoryMiB: mem, PageKiB: pages}
		cpus, memory, pinned = cpus+own, memory+mem, pinned+dedicated
	}
	if cpus != c.VCPUs || memory != c.MemoryMiB {
		return nil, errAsymmetric
	}
	for i := 0; pinned < c.Pinned; i, pinned = (i+1)%nodes, pinned+1 { // what the division left over
		cells[i].CPUs, cells[i].Dedicated = cells[i].CPUs-1, cells[i].Dedicated+1
	}
	return cells, nil
}

// cellCPUs is how many CPUs the i-th of the nodes has.
func (t topologyRequest) cellCPUs(i, nodes int, c Claim) (int, error) {
	list := t.of("numa_cpus." + strconv.Itoa(i))
	if list == "" {
		return c.VCPUs / nodes, nil
	}
	cpus, err := parseCPUs(list, c.VCPUs)
	return len(cpus), err
}

// errAsymmetric: the flavor cannot be divided by the number of its NUMA nodes.
var errAsymmetric = refuse(BadRequest, "Instance CPUs and/or memory cannot be evenly distributed across instance NUMA nodes. "+
	"Explicit assignment of CPUs and memory to nodes is required")

// hugePages are the sizes that hosts may have besides normal pages, in KiB, largest first.
var hugePages = []int{1024 * 1024, 2 * 1024}

// pageSizes are those that hw:mem_page_size allows, in KiB, the most wanted first.
func pageSizes(spec string) ([]int, error) {
	switch strings.ToLower(spec) {
	case "":
		return nil, nil
	case "small":
		return []int{scheduler.SmallPages}, nil
	case "large":
		return hugePages, nil
	case "any":
		return append(slices.Clone(hugePages), scheduler.SmallPages), nil
	}
	units := map[string]int{"kb": 1, "kib": 1, "mb": 1024, "mib": 1024, "gb": 1024 * 1024, "gib": 1024 * 1024}
	for _, unit := range slices.Backward(slices.Sorted(maps.Keys(units))) {
		if digits, has := strings.CutSuffix(strings.ToLower(spec), unit); has {
			n, err := strconv.Atoi(digits)
			if err != nil || n <= 0 {
				break
			}
			return []int{n * units[unit]}, nil
		}
	}
	n, err := strconv.Atoi(spec)
	if err != nil || n <= 0 {
		return nil, refuse(BadRequest, "Invalid memory page size '%s'", spec)
	}
	return []int{n}, nil
}

// parseCPUs reads "0-3,^1,7" as numbers below n.
func parseCPUs(list string, n int) (map[int]bool, error) {
	cpus := map[int]bool{}
	for item := range strings.SplitSeq(list, ",") {
		item, out := strings.CutPrefix(strings.TrimSpace(item), "^")
		from, to, isRange := strings.Cut(item, "-")
		if !isRange {
			to = from
		}
		low, err := strconv.Atoi(from)
		high, e := strconv.Atoi(to)
		if err != nil || e != nil || low > high || high >= n {
			return nil, refuse(BadRequest, "Invalid range expression '%s'", list)
		}
		for cpu := low; cpu <= high; cpu++ {
			if out {
				delete(cpus, cpu)
			} else {
				cpus[cpu] = true
			}
		}
	}
	return cpus, nil
}
