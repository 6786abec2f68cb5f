// SPDX-License-Identifier: MPL-2.0

package neutron

import (
	"math/big"
	"net/netip"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

// ipAvailability tells how many addresses of a network are used, and how many there are.
type ipAvailability struct {
	NetworkID   string               `json:"network_id"`
	NetworkName string               `json:"network_name"`
	ProjectID   string               `json:"project_id"`
	TenantID    string               `json:"tenant_id"`
	Total       *big.Int             `json:"total_ips"`
	Used        *big.Int             `json:"used_ips"`
	Subnets     []subnetAvailability `json:"subnet_ip_availability"`
}

type subnetAvailability struct {
	SubnetID   string       `json:"subnet_id"`
	SubnetName string       `json:"subnet_name"`
	IPVersion  int          `json:"ip_version"`
	CIDR       netip.Prefix `json:"cidr"`
	Total      *big.Int     `json:"total_ips"`
	Used       *big.Int     `json:"used_ips"`
}

func (s *Service) availabilityRoutes() []api.Route {
	one := func(c *api.Call) (out *ipAvailability, err error) {
		err = s.read(c, func(o *op) error {
			n, err := o.networks.find(o, c.Var("id"))
			if err == nil {
				out, err = o.availability(n)
			}
			return err
		})
		return out, err
	}
	all := func(c *api.Call) ([]*ipAvailability, error) {
		list := []*ipAvailability{}
		query := c.Request.URL.Query()
		err := s.read(c, func(o *op) error {
			rows, err := networkTable.All(o.tx)
			if err != nil {
				return err
			}
			for _, n := range rows {
				if id, name := query.Get("network_id"), query.Get("network_name"); id != "" && id != n.ID || name != "" && name != n.Name {
					continue
				}
				a, err := o.availability(n)
				if err != nil {
					return err
				}
				list = append(list, a)
			}
			return nil
		})
		return list, err
	}
	return []api.Route{
		api.Get("/network-ip-availabilities", "network_ip_availabilities", all).Policy("get_network_ip_availability"),
		api.Get("/network-ip-availabilities/{id}", "network_ip_availability", one).Policy("get_network_ip_availability"),
	}
}

func (o *op) availability(n *Network) (*ipAvailability, error) {
	a := &ipAvailability{
		NetworkID: n.ID, NetworkName: n.Name, ProjectID: n.ProjectID, TenantID: n.ProjectID,
		Total: new(big.Int), Used: new(big.Int), Subnets: []subnetAvailability{},
	}
	within, err := subnetTable.By(o.tx, "network_id", n.ID)
	if err != nil {
		return nil, err
	}
	for _, s := range within {
		holders, err := portTable.By(o.tx, "subnet_id", s.ID)
		if err != nil {
			return nil, err
		}
		used := 0
		for _, p := range holders {
			for _, ip := range p.FixedIPs {
				if ip.SubnetID == s.ID {
					used++
				}
			}
		}
		each := subnetAvailability{SubnetID: s.ID, SubnetName: s.Name, IPVersion: s.IPVersion, CIDR: s.CIDR, Total: new(big.Int), Used: big.NewInt(int64(used))}
		for _, pool := range s.AllocationPools {
			each.Total.Add(each.Total, pool.size())
		}
		a.Total.Add(a.Total, each.Total)
		a.Used.Add(a.Used, each.Used)
		a.Subnets = append(a.Subnets, each)
	}
	return a, nil
}

func (p Pool) size() *big.Int {
	n := new(big.Int).SetBytes(p.End.AsSlice())
	n.Sub(n, new(big.Int).SetBytes(p.Start.AsSlice()))
	return n.Add(n, big.NewInt(1))
}
