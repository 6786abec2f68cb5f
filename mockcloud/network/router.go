// SPDX-License-Identifier: MPL-2.0

package network

import (
	"net/netip"
	"slices"
	"sync"

	"gvisor.dev/gvisor/pkg/tcpip/header"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// router is one of Neutron's: it passes packets on between the networks that it is on. It is made anew with
// each topology and does not change; what it has learned is in its memory, which stays.
type router struct {
	id       string
	ports    []*routerPort
	outside  *routerPort // its place on an external network; nil: none
	snat     netip.Addr  // what guests without a floating address come from, outside; invalid: no such
	caller   netip.Addr  // what the host comes from when it calls a floating address; invalid: it cannot
	own      map[netip.Addr]bool
	routes   []route // longest prefix first
	floating map[netip.Addr]netip.Addr
	fixed    map[netip.Addr]netip.Addr // the other way round
	memory   *routerMemory
	buffers  *sync.Pool
}

// routerMemory is what a router keeps while the topology changes.
type routerMemory struct {
	nat        *nat
	neighbours *neighbours
}

// routerPort is a router's place on a network.
type routerPort struct {
	router    *router
	network   *network
	mac       mac
	mtu       int
	addresses []driver.Address
	v4        netip.Addr // the first of them, what errors come from; invalid: none
	v6        netip.Addr
}

// route leads to a prefix: through out, to via or, where that is invalid, to the destination itself.
type route struct {
	to  netip.Prefix
	out *routerPort
	via netip.Addr
}

// newRouter reads a router; at are the networks that the fabric has, by id: ports on others are left out, for
// there is nobody.
func newRouter(r driver.Router, floating []driver.FloatingIP, at map[string]*network, memory *routerMemory, buffers *sync.Pool) *router {
	made := &router{
		id: r.ID, own: make(map[netip.Addr]bool), floating: make(map[netip.Addr]netip.Addr), fixed: make(map[netip.Addr]netip.Addr),
		memory: memory, buffers: buffers,
	}
	for _, p := range r.Inside {
		made.join(p, at)
	}
	if made.outside = made.join(r.Outside, at); made.outside != nil {
		if r.SNAT {
			made.snat = made.outside.v4
		}
		for _, f := range floating {
			if f.RouterID == r.ID {
				made.floating[f.Address], made.fixed[f.Fixed] = f.Fixed, f.Address
			}
		}
	}
	made.routeTo(r.Routes)
	return made
}

// join makes the router's port, nil if it is on no network that the fabric has.
func (r *router) join(p driver.RouterPort, at map[string]*network) *routerPort {
	hw, err := parseMAC(p.MAC)
	n := at[p.NetworkID]
	if err != nil || n == nil || p.Down {
		return nil
	}
	made := &routerPort{router: r, network: n, mac: hw, mtu: p.MTU, addresses: p.Addresses}
	if made.mtu == 0 {
		made.mtu = defaultMTU
	}
	for _, a := range p.Addresses {
		r.own[a.IP] = true
		switch {
		case a.IP.Is4() && !made.v4.IsValid():
			made.v4 = a.IP
		case a.IP.Is6() && !made.v6.IsValid():
			made.v6 = a.IP
		}
		r.routes = append(r.routes, route{to: a.Subnet.CIDR.Masked(), out: made})
	}
	r.ports = append(r.ports, made)
	return made
}

// routeTo adds the routes beyond the router's own networks: the extra ones, and the way out.
func (r *router) routeTo(extra []driver.Route) {
	near := slices.Clone(r.routes)
	for _, e := range extra {
		for _, n := range near {
			if n.to.Contains(e.NextHop) {
				r.routes = append(r.routes, route{to: e.Destination.Masked(), out: n.out, via: e.NextHop})
			}
		}
	}
	if r.outside != nil {
		for _, a := range r.outside.addresses {
			if gateway := a.Subnet.Gateway; gateway.IsValid() {
				r.routes = append(r.routes, route{to: netip.PrefixFrom(zeroOf(gateway), 0), out: r.outside, via: gateway})
			}
		}
	}
	slices.SortStableFunc(r.routes, func(a, b route) int { return b.to.Bits() - a.to.Bits() })
}

// zeroOf is the unspecified address of a's family.
func zeroOf(a netip.Addr) netip.Addr {
	if a.Is4() {
		return netip.IPv4Unspecified()
	}
	return netip.IPv6Unspecified()
}

// lookup is the way to an address; no out: there is none.
func (r *router) lookup(to netip.Addr) route {
	for _, known := range r.routes {
		if known.to.Contains(to) {
			if !known.via.IsValid() {
				known.via = to
			}
			return known
		}
	}
	return route{}
}

// receive takes a frame that is for the router, or for all.
func (p *routerPort) receive(f []byte) {
	switch etherType(f) {
	case header.ARPProtocolNumber:
		p.receiveARP(header.ARP(f[ethernetLen:]))
	case header.IPv4ProtocolNumber:
		if ip, ok := ipv4In(f); ok && destination(f) == p.mac {
			p.receiveIPv4(f, ip)
		}
	case header.IPv6ProtocolNumber:
		if ip, ok := ipv6In(f); ok {
			p.receiveIPv6(f, ip)
		}
	}
}

func (p *routerPort) receiveIPv4(f []byte, ip header.IPv4) {
	r, to := p.router, addr4(ip.DestinationAddress())
	if to == metadataAddr && p != r.outside { // the network's own service, whoever passes it on
		p.network.services.take(f)
		return
	}
	buf := r.buffers.Get().(*[bufferSize]byte)
	defer r.buffers.Put(buf)
	g := append(buf[:0], f[:ethernetLen+len(ip)]...)
	moved := header.IPv4(g[ethernetLen:])
	arrived := p == r.outside
	if !arrived && r.turnsBack(addr4(ip.SourceAddress()), to) {
		// Out and in again, so that the answer comes this way, too.
		if !r.translateSource(moved) {
			return
		}
		arrived = true
	}
	if arrived && r.translateDestination(moved) {
		to = addr4(moved.DestinationAddress())
	} else if r.own[to] {
		p.answerIPv4(f, ip)
		return
	}
	if ip.TTL() <= 1 {
		p.complain4(f, ip, header.ICMPv4TimeExceeded, header.ICMPv4TTLExceeded, 0)
		return
	}
	way := r.lookup(to)
	switch {
	case way.out == nil:
		p.complain4(f, ip, header.ICMPv4DstUnreachable, header.ICMPv4NetUnreachable, 0)
		return
	case len(ip) > way.out.mtu:
		p.complain4(f, ip, header.ICMPv4DstUnreachable, header.ICMPv4FragmentationNeeded, way.out.mtu)
		return
	case way.out == r.outside && p != r.outside && !r.translateSource(moved):
		return
	}
	moved.SetTTL(ip.TTL() - 1)
	moved.SetChecksum(0)
	moved.SetChecksum(^moved.CalculateChecksum())
	if !way.out.transmit(way.via, g) {
		p.complain4(f, ip, header.ICMPv4DstUnreachable, header.ICMPv4HostUnreachable, 0)
	}
}

// turnsBack tells packets from inside that are for inside, but by an address that is outside: those to a
// floating address, and the answers.
func (r *router) turnsBack(from, to netip.Addr) bool {
	if _, floats := r.floating[to]; floats {
		return true
	}
	_, floats := r.fixed[from]
	return floats && to == r.snat
}

func (p *routerPort) receiveIPv6(f []byte, ip header.IPv6) {
	r := p.router
	from, to := addr6(ip.SourceAddress()), addr6(ip.DestinationAddress())
	switch {
	case to.IsMulticast(), r.own[to], to == p.mac.linkLocal():
		p.answerIPv6(f, ip)
		return
	case destination(f) != p.mac, from.IsLinkLocalUnicast(), to.IsLinkLocalUnicast(), from.IsUnspecified():
		return // these stay on the link
	case ip.HopLimit() <= 1:
		p.complain6(f, ip, header.ICMPv6TimeExceeded, header.ICMPv6HopLimitExceeded, 0)
		return
	}
	way := r.lookup(to)
	switch {
	case p.leadsOut6(way):
		if !p.network.services.takeOut6(f, ip) {
			p.complain6(f, ip, header.ICMPv6DstUnreachable, header.ICMPv6Prohibited, 0)
		}
		return
	case way.out == nil:
		p.complain6(f, ip, header.ICMPv6DstUnreachable, header.ICMPv6NetworkUnreachable, 0)
		return
	case len(ip) > way.out.mtu:
		p.complain6(f, ip, header.ICMPv6PacketTooBig, 0, way.out.mtu)
		return
	}
	buf := r.buffers.Get().(*[bufferSize]byte)
	defer r.buffers.Put(buf)
	g := append(buf[:0], f[:ethernetLen+len(ip)]...)
	header.IPv6(g[ethernetLen:]).SetHopLimit(ip.HopLimit() - 1)
	if !way.out.transmit(way.via, g) {
		p.complain6(f, ip, header.ICMPv6DstUnreachable, header.ICMPv6AddressUnreachable, 0)
	}
}

// leadsOut6 tells whether a packet from inside is for the world, and there is egress. Without NAT an answer could not
// tell two networks with the same addresses apart beyond the router: so it leaves where the guest is, and only if there
// is a way out that is no guest's.
func (p *routerPort) leadsOut6(way route) bool {
	out := p.router.outside
	switch {
	case p.network.services.egress == nil || out == nil || p == out || !out.network.joined.Load().external:
		return false
	case way.out == nil:
		return true
	}
	_, taken := out.network.whoHas(way.via)
	return way.out == out && way.to.Bits() == 0 && !taken
}

// transmit brings a packet to a neighbour; false when there is nobody. The Ethernet header of g is written
// over.
func (p *routerPort) transmit(to netip.Addr, g []byte) bool {
	hw, known := p.network.whoHas(to)
	if !known {
		if hw, known = p.router.memory.neighbours.find(p, to, g); !known {
			return p.router.memory.neighbours.expects(p, to)
		}
	}
	copy(g[0:6], hw[:])
	copy(g[6:12], p.mac[:])
	p.network.emit(p, g)
	return true
}
