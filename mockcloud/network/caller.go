// SPDX-License-Identifier: MPL-2.0

package network

import (
	"errors"
	"net/netip"
	"slices"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// callers are where the host may be, as guests see it, when it calls a floating address: addresses for documentation
// (RFC 5737) and for benchmarks (RFC 2544). The loopback addresses that it truly calls from would be refused by every
// guest as martian.
var callers = []netip.Addr{
	netip.AddrFrom4([4]byte{192, 0, 2, 1}), netip.AddrFrom4([4]byte{198, 51, 100, 1}),
	netip.AddrFrom4([4]byte{203, 0, 113, 1}), netip.AddrFrom4([4]byte{198, 18, 0, 1}),
}

// callerOf is the first of callers that leads out of all networks of a router: what is on a subnet, or behind an extra
// route, would be looked for there by who answers. Beyond are the subnets of the router's external network.
func callerOf(r driver.Router, beyond []driver.Subnet) (netip.Addr, error) {
	var taken []netip.Prefix
	for _, p := range append([]driver.RouterPort{r.Outside}, r.Inside...) {
		for _, a := range p.Addresses {
			taken = append(taken, a.Subnet.CIDR)
			for _, route := range a.Subnet.Routes {
				taken = append(taken, specific(route)...)
			}
		}
	}
	for _, s := range beyond {
		taken = append(taken, s.CIDR)
	}
	for _, route := range r.Routes {
		taken = append(taken, specific(route)...)
	}
	for _, a := range callers {
		if !slices.ContainsFunc(taken, func(p netip.Prefix) bool { return p.Contains(a) }) {
			return a, nil
		}
	}
	return netip.Addr{}, errors.New("subnets and routes take all addresses that the host could call from")
}

// specific is a route's destination, unless that is everything: then it is but another way out.
func specific(r driver.Route) []netip.Prefix {
	if r.Destination.Bits() == 0 {
		return nil
	}
	return []netip.Prefix{r.Destination}
}
