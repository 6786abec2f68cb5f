// SPDX-License-Identifier: MPL-2.0

package metadata

import (
	"net"
	"net/netip"
	"slices"
	"strconv"
)

// exposedTypes are the VIF types that guests are told; the others are "phy".
var exposedTypes = []string{"bridge", "dvs", "hw_veb", "hyperv", "ovs", "tap", "vhostuser", "vif"}

// networkData is network_data.json.
func (i *Instance) networkData() map[string]any {
	if len(i.VIFs) == 0 {
		return map[string]any{}
	}
	links, networks, services := []any{}, []any{}, []map[string]string{}
	for _, v := range i.VIFs {
		if len(v.Subnets) == 0 {
			continue
		}
		link := v.link(len(links))
		links = append(links, link)
		for _, s := range []*Subnet{v.first(netip.Addr.Is4), v.first(netip.Addr.Is6)} {
			if s == nil || len(s.Addresses) == 0 {
				continue
			}
			network := s.describe()
			network["id"] = "network" + strconv.Itoa(len(networks))
			network["link"], network["network_id"] = link["id"], v.NetworkID
			networks = append(networks, network)
			for _, dns := range s.services() {
				if !slices.ContainsFunc(services, func(known map[string]string) bool {
					return known["address"] == dns["address"]
				}) {
					services = append(services, dns)
				}
			}
		}
	}
	return map[string]any{"links": links, "networks": networks, "services": services}
}

func (v VIF) link(n int) map[string]any {
	link := map[string]any{
		"id": v.DevName, "vif_id": v.ID, "type": "phy", "mtu": nil, "ethernet_mac_address": v.MAC,
	}
	if v.DevName == "" {
		link["id"] = "interface" + strconv.Itoa(n)
	}
	if slices.Contains(exposedTypes, v.Type) {
		link["type"] = v.Type
	}
	// Where there is a DHCP server, the MTU is its to tell.
	if v.MTU != 0 && !slices.ContainsFunc(v.Subnets, func(s Subnet) bool { return s.DHCPServer.IsValid() }) {
		link["mtu"] = v.MTU
	}
	return link
}

// first is the first subnet of an IP version; nil when there is none.
func (v VIF) first(version func(netip.Addr) bool) *Subnet {
	n := slices.IndexFunc(v.Subnets, func(s Subnet) bool { return version(s.CIDR.Addr()) })
	if n < 0 {
		return nil
	}
	return &v.Subnets[n]
}

// describe is a member of "networks", but for its id, link and network.
func (s *Subnet) describe() map[string]any {
	kind := "ipv6"
	if s.CIDR.Addr().Is4() {
		kind = "ipv4"
	}
	switch {
	case s.IPv6AddressMode != "":
		kind += "_" + s.IPv6AddressMode
	case s.DHCPServer.IsValid() || s.DHCP:
		return map[string]any{"type": kind + "_dhcp"}
	}
	routes := []map[string]string{}
	if s.Gateway.IsValid() {
		everywhere := netip.IPv6Unspecified()
		if s.CIDR.Addr().Is4() {
			everywhere = netip.IPv4Unspecified()
		}
		routes = append(routes, route(netip.PrefixFrom(everywhere, 0), s.Gateway))
	}
	for _, r := range s.Routes {
		routes = append(routes, route(r.Destination.Masked(), r.NextHop))
	}
	return map[string]any{
		"type": kind, "ip_address": s.Addresses[0].String(), "netmask": netmask(s.CIDR),
		"routes": routes, "services": s.services(),
	}
}

func route(to netip.Prefix, via netip.Addr) map[string]string {
	return map[string]string{"network": to.Addr().String(), "netmask": netmask(to), "gateway": via.String()}
}

// netmask is a prefix's mask written as an address, for IPv6 as well.
func netmask(p netip.Prefix) string {
	return net.IP(net.CIDRMask(p.Bits(), p.Addr().BitLen())).String()
}

func (s *Subnet) services() []map[string]string {
	list := []map[string]string{}
	for _, a := range s.DNS {
		list = append(list, map[string]string{"type": "dns", "address": a.String()})
	}
	return list
}
