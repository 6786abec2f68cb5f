// SPDX-License-Identifier: MPL-2.0

package nova

import "github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"

// Topology is a server's NUMA topology.
type Topology struct {
	Nodes   []TopologyNode `json:"nodes"`
	PageKiB *int           `json:"pagesize_kb"`
}

// TopologyNode is a NUMA cell of a server; where it is on the host is for administrators.
type TopologyNode struct {
	MemoryMiB int                     `json:"memory_mb"`
	CPUs      []int                   `json:"vcpu_set"`
	Siblings  [][]int                 `json:"siblings"`
	HostNode  api.Opt[int]            `json:"host_node,omitempty"`
	Pinning   api.Opt[map[string]int] `json:"cpu_pinning,omitempty"`
}

func (s *Service) topologyRoutes() []api.Route {
	return []api.Route{
		api.Get("/servers/{id}/topology", "", s.showTopology).AskedBy(api.QueryOf[noQuery]()).Loose("-2.101").Only("2.78-"),
	}
}

func (s *Service) showTopology(c *api.Call) (out Topology, err error) {
	inst, err := s.server(c, c.Var("id"), "compute:server:topology:index")
	if err != nil {
		return out, err
	}
	whole := c.Allowed(rule("compute:server:topology:host:index"), targetOf(inst))
	found, err := s.Compute.Topology(c.Context(), inst)
	if err != nil {
		return out, refused(err)
	}
	out.Nodes = []TopologyNode{}
	for _, cell := range found.Cells {
		node := TopologyNode{MemoryMiB: cell.MemoryMiB, CPUs: cell.CPUs, Siblings: [][]int{}}
		if whole {
			node.HostNode, node.Pinning = api.Some(cell.HostCell), api.Some(map[string]int{})
		}
		out.Nodes = append(out.Nodes, node)
	}
	if found.PageKiB > 0 {
		out.PageKiB = &found.PageKiB
	}
	return out, nil
}
