// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"maps"
	"net/http"
	"net/netip"
	"slices"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// The pools of floating IPs are Neutron's external networks, and what nova-network had a row for each is an address in the
// allocation pools of their subnets. So what is made in bulk is there for os-floating-ips at once, and for Neutron's own
// clients, and what those make is listed here. Of Neutron's making is no interface: Nova keeps that by itself.

// publicInterface is that of floating IPs whose request names none (Nova: public_interface).
const publicInterface = "eth0"

// ownerOfFloating is the owner of ports that stand for floating IPs.
const ownerOfFloating = "network:floatingip"

// floatingPools are all external networks, and who has what of their addresses.
type floatingPools struct {
	networks map[string]neutronNetwork
	subnets  []neutronSubnet
	floating map[netip.Addr]neutronFloatingIP
	others   map[netip.Addr]bool // of routers and the like
}

// floatingPools reads them, as the caller sees them, who is an administrator.
func (s *Service) floatingPools(c *api.Call) (*floatingPools, error) {
	n := s.neutron(c)
	p := &floatingPools{networks: map[string]neutronNetwork{}, floating: map[netip.Addr]neutronFloatingIP{}, others: map[netip.Addr]bool{}}
	external, err := neutronNetworks.list(n, where("router:external", "True"))
	if err != nil || len(external) == 0 {
		return p, inNovasWords(err)
	}
	for _, network := range external {
		p.networks[network.ID] = network
	}
	filters := where("network_id", slices.Sorted(maps.Keys(p.networks))...)
	ports, err := neutronPorts.list(n, filters)
	if err != nil {
		return nil, inNovasWords(err)
	}
	for _, port := range ports {
		for _, fixed := range port.FixedIPs {
			if a, err := netip.ParseAddr(fixed.IPAddress); err == nil && port.DeviceOwner != ownerOfFloating {
				p.others[a] = true
			}
		}
	}
	floating, err := neutronFloatingIPs.list(n, nil)
	if err != nil {
		return nil, inNovasWords(err)
	}
	for _, f := range floating {
		if a, err := netip.ParseAddr(f.Address); err == nil {
			p.floating[a] = f
		}
	}
	filters.Set("ip_version", "4")
	p.subnets, err = neutronSubnets.list(n, filters)
	return p, inNovasWords(err)
}

// floatingRange is which interface floating IPs were made for, and a name of the request that made them.
type floatingRange struct {
	addressRange

	Interface string
	Request   string `json:",omitzero"`
}

var floatingRangeTable = store.Table[floatingRange]{
	Name: "nova_floating_ranges",
	Key:  func(r *floatingRange) string { return r.Start.String() },
}

// floatingInfo is a floating IP as os-floating-ips-bulk shows it.
type floatingInfo struct {
	Address    string  `json:"address"`
	Pool       string  `json:"pool"`
	Interface  string  `json:"interface"`
	ProjectID  *string `json:"project_id"`
	InstanceID *string `json:"instance_uuid"`
	FixedIP    *string `json:"fixed_ip"`

	portID *string
}

func (s *Service) bulkRoutes() []api.Route {
	const path = "/os-floating-ips-bulk"
	routes := []api.Route{
		api.Get(path, "floating_ip_info", s.listBulk),
		api.Post(path, "floating_ips_bulk_create", s.createBulk),
		api.Get(path+"/{id}", "floating_ip_info", s.showBulk),
		api.Put(path+"/{id}", "", s.updateBulk).Answer("floating_ips_bulk_delete"),
	}
	// Kilo's reference has it by this method, too.
	routes = append(routes, s.Release.until(kilo, []api.Route{api.Post(path+"/{id}", "", s.updateBulk).Answer("floating_ips_bulk_delete")})...)
	for i := range routes {
		routes[i] = routes[i].Only(proxied).Policy(rule("os-floating-ips-bulk"))
	}
	return routes
}

func (s *Service) listBulk(c *api.Call) ([]floatingInfo, error) {
	p, err := s.floatingPools(c)
	if err != nil {
		return nil, err
	}
	var made []*floatingRange
	err = s.Store.View(c.Context(), func(tx store.Tx) error {
		made, err = floatingRangeTable.All(tx)
		return err
	})
	if err != nil {
		return nil, err
	}
	infos := []floatingInfo{}
	for a, networkID := range p.addresses() {
		f := p.floating[a]
		info := floatingInfo{
			Address: a.String(), Pool: p.networks[networkID].label(), Interface: publicInterface,
			ProjectID: nullable(f.ProjectID), InstanceID: nullable(f.instance()), FixedIP: f.FixedIP, portID: f.PortID,
		}
		for _, r := range made {
			if r.has(a) {
				info.Interface = r.Interface
			}
		}
		infos = append(infos, info)
	}
	slices.SortFunc(infos, func(a, b floatingInfo) int {
		return netip.MustParseAddr(a.Address).Compare(netip.MustParseAddr(b.Address))
	})
	return infos, nil
}

// addresses are all that are floating IPs or can be, with the ids of their networks. Of a subnet that is too large to be
// listed they are those in use.
func (p *floatingPools) addresses() map[netip.Addr]string {
	all := map[netip.Addr]string{}
	for a, f := range p.floating {
		all[a] = f.NetworkID
	}
	for _, s := range p.subnets {
		if s.CIDR.Bits() < shortestRange {
			continue
		}
		for _, pool := range s.Pools {
			for a := range pool.all() {
				if !p.others[a] {
					all[a] = s.NetworkID
				}
			}
		}
	}
	return all
}

// showBulk is the floating IPs that lead to servers on a host.
func (s *Service) showBulk(c *api.Call) ([]floatingInfo, error) {
	infos, err := s.listBulk(c)
	if err != nil {
		return nil, err
	}
	ports, err := neutronPorts.list(s.neutron(c), where("binding:host_id", c.Var("id")))
	if err != nil {
		return nil, inNovasWords(err)
	}
	there := map[string]bool{}
	for _, p := range ports {
		there[p.ID] = true
	}
	infos = slices.DeleteFunc(infos, func(i floatingInfo) bool { return i.portID == nil || !there[*i.portID] })
	if len(infos) == 0 {
		return nil, api.NotFound("Floating IP not found for host %s.", c.Var("id"))
	}
	return infos, nil
}

// updateBulk is PUT of what would be an id, and is always this word.
func (s *Service) updateBulk(c *api.Call, in *bulkDelete) (string, error) {
	if c.Var("id") != "delete" {
		return "", api.NewFault(http.StatusNotFound, "Unknown action")
	}
	return s.deleteBulk(c, in)
}
