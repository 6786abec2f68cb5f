// SPDX-License-Identifier: MPL-2.0

package qemu

import (
	"fmt"
	"strconv"
	"strings"
)

// cpuArguments are the machine's processors and, where it has NUMA nodes, the memory of each.
func cpuArguments(s *spec) []string {
	smp := strconv.Itoa(s.VCPUs)
	if c := s.CPUs; c.Sockets > 0 {
		smp += fmt.Sprintf(",sockets=%d,cores=%d,threads=%d", c.Sockets, c.Cores, c.Threads)
	}
	args := []string{"-smp", smp}
	for i, cell := range s.CPUs.Cells {
		var node strings.Builder
		fmt.Fprintf(&node, "node,nodeid=%d,memdev=cell%d", i, i)
		for _, cpu := range cell.CPUs {
			fmt.Fprintf(&node, ",cpus=%d", cpu)
		}
		args = append(args,
			"-object", encode(obj{"qom-type": "memory-backend-ram", "id": fmt.Sprintf("cell%d", i), "size": int64(cell.MemoryMiB) << 20}),
			"-numa", node.String())
	}
	return args
}
