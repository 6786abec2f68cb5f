// SPDX-License-Identifier: MPL-2.0

package scenario

import (
	"net"
	"strconv"
	"strings"
)

// datagrams: UDP to alpha's floating IP arrives. The guest's image has nothing that would answer: its kernel counts
// what comes to a port that nobody listens on.
func (q *quarter) datagrams(address string) {
	q.t.Helper()
	at := q.doorOf("udp", address, 7007)
	c, err := net.Dial("udp", at)
	if err != nil {
		q.t.Fatalf("UDP port 7007 of %s is at %q: %v", address, at, err)
	}
	defer c.Close()
	heard := func() int {
		n, err := strconv.Atoi(q.alpha.run("awk '/^Udp: [0-9]/ {print $3}' /proc/net/snmp"))
		if err != nil {
			q.t.Fatal(err)
		}
		return n
	}
	before := heard()
	q.eventually("alpha's kernel has heard five datagrams", func() bool {
		if _, err := c.Write([]byte("hello")); err != nil {
			q.t.Fatal(err)
		}
		return heard() >= before+5
	})
}

// hairpin: guests reach each other's floating IPs, and their own, where these are no loopback addresses. The router's
// gateway is another external network for that long.
func (q *quarter) hairpin() {
	gateway := func(network string) {
		q.call("PUT", "/network/v2.0/routers/"+q.router, with{"router": with{"external_gateway_info": with{"network_id": network}}}, nil)
	}
	market := q.make("/network/v2.0/networks", "network", with{"name": "market", "router:external": true})
	q.make("/network/v2.0/subnets", "subnet", with{"network_id": market, "cidr": "203.0.113.0/24", "ip_version": 4, "enable_dhcp": false})
	public := q.named("/network/v2.0/networks", "networks", "public")
	gateway(market)
	q.t.Cleanup(func() { gateway(public) })
	var made struct {
		FloatingIP struct {
			ID      string
			Address string `json:"floating_ip_address"`
		}
	}
	q.call("POST", "/network/v2.0/floatingips", with{"floatingip": with{"floating_network_id": market, "port_id": q.gamma.port().ID}}, &made)
	q.t.Cleanup(func() { q.remove("/network/v2.0/floatingips/" + made.FloatingIP.ID) })
	for _, from := range []*server{q.alpha, q.beta, q.gamma} {
		said := from.run("(sleep 2; echo) | nc -w 5 " + made.FloatingIP.Address + " 22 | head -n 1")
		if !strings.HasPrefix(said, "SSH-") {
			q.t.Errorf("from %s gamma's floating IP says %q", from.Name, said)
		}
	}
	if open := q.door(made.FloatingIP.Address, 22); open != "" {
		q.t.Errorf("this machine listens for an address that is not its own, at %s", open)
	}
}
