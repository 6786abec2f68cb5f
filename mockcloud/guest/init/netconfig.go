// SPDX-License-Identifier: MPL-2.0

//go:build linux

package main

import (
	"encoding/binary"
	"errors"
	"net"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/insomniacslk/dhcp/dhcpv4"
)

// netConfig is what a link is to be given, wherever it comes from. Zero values change nothing.
type netConfig struct {
	addresses []netip.Prefix
	routes    []netRoute
	dns       []netip.Addr
	search    []string
	hostname  string
	mtu       int
}

// netRoute goes through a gateway, or is on the link if that is not valid.
type netRoute struct {
	to  netip.Prefix
	via netip.Addr
}

// lease is a DHCP answer as data.
type lease struct {
	netConfig
	renew  time.Duration // T1
	expire time.Duration
}

var errNoAddress = errors.New("the lease has no address")

// fromACK reads a DHCP acknowledgement. As RFC 3442 has it, classless static routes replace the
// router option.
func fromACK(ack *dhcpv4.DHCPv4) (lease, error) {
	addr, ok := netip.AddrFromSlice(ack.YourIPAddr.To4())
	if !ok || addr.IsUnspecified() {
		return lease{}, errNoAddress
	}
	bits := 32
	if mask := ack.SubnetMask(); mask != nil {
		bits, _ = mask.Size()
	}
	l := lease{
		netConfig: netConfig{
			addresses: []netip.Prefix{netip.PrefixFrom(addr, bits)},
			dns:       addrs(ack.DNS()),
			hostname:  ack.HostName(),
		},
		expire: ack.IPAddressLeaseTime(time.Hour),
	}
	l.renew = ack.IPAddressRenewalTime(l.expire / 2)
	if domain := ack.DomainName(); domain != "" {
		l.search = []string{strings.TrimRight(domain, "\x00")}
	}
	if labels := ack.DomainSearch(); labels != nil && len(labels.Labels) > 0 {
		l.search = labels.Labels
	}
	if mtu := ack.Options.Get(dhcpv4.OptionInterfaceMTU); len(mtu) == 2 {
		l.mtu = int(binary.BigEndian.Uint16(mtu))
	}
	l.routes = routesOf(ack)
	return l, nil
}

func routesOf(ack *dhcpv4.DHCPv4) []netRoute {
	var routes []netRoute
	for _, r := range ack.ClasslessStaticRoute() {
		to, ok := netip.AddrFromSlice(r.Dest.IP.To4())
		bits, _ := r.Dest.Mask.Size()
		if !ok {
			continue
		}
		via, _ := netip.AddrFromSlice(r.Router.To4())
		if via.IsUnspecified() {
			via = netip.Addr{} // on the link
		}
		routes = append(routes, netRoute{netip.PrefixFrom(to, bits).Masked(), via})
	}
	if routes != nil {
		return routes
	}
	if routers := addrs(ack.Router()); len(routers) > 0 {
		routes = []netRoute{{netip.PrefixFrom(netip.IPv4Unspecified(), 0), routers[0]}}
	}
	return routes
}

func addrs(ips []net.IP) []netip.Addr {
	var out []netip.Addr
	for _, ip := range ips {
		if addr, ok := netip.AddrFromSlice(ip); ok {
			out = append(out, addr.Unmap())
		}
	}
	return out
}

// resolvConf is /etc/resolv.conf for the name servers of all links, in the order given.
func resolvConf(configs []netConfig) string {
	var b strings.Builder
	var search []string
	var servers []netip.Addr
	for _, c := range configs {
		for _, domain := range c.search {
			if !slices.Contains(search, domain) {
				search = append(search, domain)
			}
		}
		for _, server := range c.dns {
			if !slices.Contains(servers, server) {
				servers = append(servers, server)
			}
		}
	}
	if len(search) > 0 {
		b.WriteString("search " + strings.Join(search, " ") + "\n")
	}
	for _, server := range servers {
		b.WriteString("nameserver " + server.String() + "\n")
	}
	return b.String()
}
