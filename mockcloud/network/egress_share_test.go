// SPDX-License-Identifier: MPL-2.0

package network

import (
	"net/netip"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// TestEgressShares: a guest that has its share of flows keeps nobody else in, whether it is on the external network
// itself, or behind a router with or without an address of its own outside.
func TestEgressShares(t *testing.T) {
	t.Parallel()
	world := netip.MustParseAddr("198.51.100.2")
	for what, c := range map[string]struct {
		network string
		lan     driver.Subnet
		router  mac
		float   bool
	}{
		"on the external network":   {"street", street(), serviceMAC("street"), false},
		"behind a router":           {"red", redLan(), mac{0xfa, 0x16, 0x3e, 0xff, 0, 1}, false},
		"behind a floating address": {"red", redLan(), mac{0xfa, 0x16, 0x3e, 0xff, 0, 1}, true},
	} {
		w := newWorld(t)
		f := newFabric(t, Options{Egress: true})
		f.dial = w.dial
		told := redAndBlue()
		if c.float {
			told.Floating = []driver.FloatingIP{{
				ID: "f", Address: netip.MustParseAddr("203.0.113.50"), RouterID: "r", PortID: "red-port-5", Fixed: netip.MustParseAddr("10.0.0.5"),
			}}
		}
		follow(t, f, told)
		f.networks["street"].services.egress.share = 2
		greedy, modest := newStation(t, f, testPort(c.network, 5, c.lan)), newStation(t, f, testPort(c.network, 6, c.lan))
		greedy.router, modest.router = c.router, c.router
		for port := range uint16(5) {
			greedy.send(greedy.outbound(world, 100+port, "more"))
		}
		greedy.send(greedy.echoRequest(c.lan.Gateway))
		greedy.next("echo of the gateway", func(f []byte) bool { return icmpOf(f) != nil })
		if got := w.calls(); len(got) != 2 {
			t.Errorf("%s: a guest with a share of 2 has %v", what, got)
		}
		modest.send(modest.outbound(world, 100, "one"))
		modest.next("its own answer", func(f []byte) bool { return payload(f) == "one" })
	}
}
