// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"slices"
	"strconv"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

// BareMetalNode is a machine of Ironic's, as far as Nova shows it.
type BareMetalNode struct {
	ID             string // UUID
	ProvisionState string // "available", "active"
	CPUs           string // numbers as text, as Ironic's properties are
	MemoryMB       string
	DiskGB         string
	InstanceID     string   // "" when no server runs on it
	MACs           []string // of its ports
}

// bareMetalView is a node in a list; its interfaces are not.
type bareMetalView struct {
	ID         string               `json:"id"`
	Interfaces []bareMetalInterface `json:"interfaces"`
	Host       string               `json:"host"`
	TaskState  string               `json:"task_state"`
	CPUs       string               `json:"cpus"`
	MemoryMB   string               `json:"memory_mb"`
	DiskGB     string               `json:"disk_gb"`
}

// bareMetalDetail is a node that is shown.
type bareMetalDetail struct {
	bareMetalView
	InstanceID *string `json:"instance_uuid"`
}

type bareMetalInterface struct {
	Address string `json:"address"`
}

// bareMetalRoutes are the proxy of Ironic, up to 2.35.
func (s *Service) bareMetalRoutes() []api.Route {
	const path = "/os-baremetal-nodes"
	return slices.Concat([]api.Route{
		api.Get(path, "nodes", s.listBareMetal).Only("-2.35").Policy(rule("os-baremetal-nodes:list")),
		api.Get(path+"/{id}", "node", s.showBareMetal).Only("-2.35").Policy(rule("os-baremetal-nodes:show")),
	}, s.bareMetalChanges(path))
}

func (n *nodeRecord) view() bareMetalView {
	return bareMetalView{
		ID: n.ID, Interfaces: []bareMetalInterface{}, Host: "IRONIC MANAGED", TaskState: n.State,
		CPUs: strconv.Itoa(n.CPUs), MemoryMB: strconv.Itoa(n.MemoryMiB), DiskGB: strconv.Itoa(n.DiskGiB),
	}
}

func (s *Service) listBareMetal(c *api.Call) ([]bareMetalView, error) {
	all, err := s.nodes(c.Context())
	views := []bareMetalView{}
	for _, n := range all {
		views = append(views, n.view())
	}
	return views, err
}

func (s *Service) showBareMetal(c *api.Call) (bareMetalDetail, error) {
	all, err := s.nodes(c.Context())
	if err != nil {
		return bareMetalDetail{}, err
	}
	at := slices.IndexFunc(all, func(n *nodeRecord) bool { return n.ID == c.Var("id") })
	if at < 0 {
		return bareMetalDetail{}, api.NotFound("Node %s could not be found.", c.Var("id"))
	}
	n := all[at]
	detail := bareMetalDetail{bareMetalView: n.view(), InstanceID: nullable(n.InstanceID)}
	for _, i := range n.Interfaces {
		detail.Interfaces = append(detail.Interfaces, bareMetalInterface{i.MAC})
	}
	return detail, nil
}
