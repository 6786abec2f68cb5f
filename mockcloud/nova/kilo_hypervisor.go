// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"slices"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
)

// hypervisorWithPCI is a hypervisor with its pools of PCI devices.
type hypervisorWithPCI struct {
	Hypervisor
	Pools []pciPool `json:"os-pci:pci_stats"`
}

// pciPool are the free PCI devices of a hypervisor that are alike.
type pciPool struct {
	Count     int    `json:"count"`
	VendorID  string `json:"vendor_id"`
	ProductID string `json:"product_id"`
	Cell      int    `json:"numa_node"`
}

func (s *Service) kiloHypervisorRoutes() []api.Route {
	const path = "/os-hypervisors"
	show := api.QueryOf[hypervisorQuery]()
	return []api.Route{
		api.Get(path+"/os-pci", "hypervisors", s.listHypervisorsWithPCI).AskedBy(api.QueryOf[hypervisorListQuery]()).Loose(kiloOnly).
			Policy(rule("os-hypervisors:list-detail")),
		api.Get(path+"/{id}/os-pci", "hypervisor", s.showHypervisorWithPCI).Policy(rule("os-hypervisors:show")),
		// The reference names the id twice, by mistake as it seems; who does it with the same one is understood.
		api.Get(path+"/{id}/{again}", "hypervisor", twice(s.showHypervisor)).AskedBy(show).Loose(kiloOnly).Policy(rule("os-hypervisors:show")),
		api.Get(path+"/{id}/{again}/uptime", "hypervisor", twice(s.hypervisorUptime)).Policy(rule("os-hypervisors:uptime")),
	}
}

// twice is the handler for paths whose two ids are the same.
func twice[T any](handle func(*api.Call) (T, error)) func(*api.Call) (T, error) {
	return func(c *api.Call) (T, error) {
		if c.Var("again") != c.Var("id") {
			var none T
			return none, api.NotFound("The resource could not be found.")
		}
		return handle(c)
	}
}

func (s *Service) listHypervisorsWithPCI(c *api.Call) (api.Page[hypervisorWithPCI], error) {
	return hypervisorPage(s, c, s.hypervisorWithPCI)
}

func (s *Service) showHypervisorWithPCI(c *api.Call) (hypervisorWithPCI, error) {
	h, err := s.findHypervisor(c)
	if err != nil {
		return hypervisorWithPCI{}, err
	}
	return s.hypervisorWithPCI(c, h, false)
}

// hypervisorWithPCI counts free devices; as in Nova, a pool without any is none.
func (s *Service) hypervisorWithPCI(c *api.Call, h *compute.Host, servers bool) (view hypervisorWithPCI, err error) {
	if view.Hypervisor, err = s.hypervisorView(c, h, servers); err != nil {
		return view, err
	}
	view.Pools = []pciPool{}
	devices, err := s.Compute.HostDevices(c.Context(), h)
	for _, d := range devices {
		if !d.Free() {
			continue
		}
		at := slices.IndexFunc(view.Pools, func(p pciPool) bool {
			return p.VendorID == d.VendorID && p.ProductID == d.ProductID && p.Cell == d.Cell
		})
		if at < 0 {
			at = len(view.Pools)
			view.Pools = append(view.Pools, pciPool{VendorID: d.VendorID, ProductID: d.ProductID, Cell: d.Cell})
		}
		view.Pools[at].Count++
	}
	return view, err
}
