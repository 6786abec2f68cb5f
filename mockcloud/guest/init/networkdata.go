// SPDX-License-Identifier: MPL-2.0

//go:build linux

package main

import (
	"encoding/json"
	"fmt"
	"net"
	"net/netip"
	"strings"
)

// networkData is OpenStack's network_data.json as far as a guest without bonds and VLANs needs it.
type networkData struct {
	Links []struct {
		ID  string `json:"id"`
		MAC string `json:"ethernet_mac_address"`
		MTU int    `json:"mtu"`
	} `json:"links"`
	Networks []networkDataNetwork `json:"networks"`
	Services []networkDataService `json:"services"`
}

type networkDataNetwork struct {
	Link    string `json:"link"`
	Type    string `json:"type"` // ipv4, ipv4_dhcp, ipv6, ipv6_slaac...
	Address string `json:"ip_address"`
	Netmask string `json:"netmask"`
	Gateway string `json:"gateway"`
	Routes  []struct {
		Network string `json:"network"`
		Netmask string `json:"netmask"`
		Gateway string `json:"gateway"`
	} `json:"routes"`
	Services []networkDataService `json:"services"`
}

type networkDataService struct {
	Type    string `json:"type"`
	Address string `json:"address"`
}

func parseNetworkData(data []byte) (*networkData, error) {
	var n networkData
	if err := json.Unmarshal(data, &n); err != nil {
		return nil, fmt.Errorf("network_data.json: %w", err)
	}
	return &n, nil
}

// forLink is the configuration of the link with this hardware address, and whether DHCP is to be
// asked as well. A link that is not described, or no description at all, means DHCP.
func (n *networkData) forLink(mac string) (config netConfig, dhcp bool, err error) {
	if n == nil {
		return netConfig{}, true, nil
	}
	for _, link := range n.Links {
		if !strings.EqualFold(link.MAC, mac) {
			continue
		}
		config.mtu = link.MTU
		for _, network := range n.Networks {
			if network.Link != link.ID {
				continue
			}
			switch network.Type {
			case "ipv4", "ipv6":
				if err := network.addTo(&config); err != nil {
					return netConfig{}, true, err
				}
			case "ipv4_dhcp":
				dhcp = true
			}
		}
		config.dns = append(config.dns, resolvers(n.Services)...)
		return config, dhcp, nil
	}
	return netConfig{}, true, nil
}

// addTo adds a network with a fixed address.
func (n networkDataNetwork) addTo(config *netConfig) error {
	address, err := parsePrefix(n.Address, n.Netmask)
	if err != nil {
		return fmt.Errorf("network_data.json: address: %w", err)
	}
	config.addresses = append(config.addresses, address)
	if n.Gateway != "" {
		via, err := netip.ParseAddr(n.Gateway)
		if err != nil {
			return fmt.Errorf("network_data.json: gateway: %w", err)
		}
		config.routes = append(config.routes, netRoute{defaultRoute(via), via})
	}
	for _, r := range n.Routes {
		to, err := parsePrefix(r.Network, r.Netmask)
		if err != nil {
			return fmt.Errorf("network_data.json: route: %w", err)
		}
		via, err := netip.ParseAddr(r.Gateway)
		if err != nil {
			return fmt.Errorf("network_data.json: route: %w", err)
		}
		config.routes = append(config.routes, netRoute{to.Masked(), via})
	}
	config.dns = append(config.dns, resolvers(n.Services)...)
	return nil
}

func defaultRoute(via netip.Addr) netip.Prefix {
	if via.Is4() {
		return netip.PrefixFrom(netip.IPv4Unspecified(), 0)
	}
	return netip.PrefixFrom(netip.IPv6Unspecified(), 0)
}

// parsePrefix takes an address with the mask beside it, spelled 255.255.255.0 or ffff:ffff::, or
// behind it as /24.
func parsePrefix(address, mask string) (netip.Prefix, error) {
	if strings.Contains(address, "/") {
		return netip.ParsePrefix(address)
	}
	addr, err := netip.ParseAddr(address)
	if err != nil || mask == "" {
		return netip.PrefixFrom(addr, addr.BitLen()), err
	}
	maskAddr, err := netip.ParseAddr(mask)
	if err != nil {
		return netip.Prefix{}, err
	}
	ones, bits := net.IPMask(maskAddr.AsSlice()).Size()
	if bits != addr.BitLen() {
		return netip.Prefix{}, fmt.Errorf("netmask %s is none of %s", mask, address)
	}
	return netip.PrefixFrom(addr, ones), nil
}

func resolvers(services []networkDataService) []netip.Addr {
	var out []netip.Addr
	for _, s := range services {
		if addr, err := netip.ParseAddr(s.Address); err == nil && s.Type == "dns" {
			out = append(out, addr)
		}
	}
	return out
}
