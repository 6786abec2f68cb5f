// SPDX-License-Identifier: MPL-2.0

package neutron

import (
	"fmt"
	"net"
	"net/netip"
	"slices"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// Pool is a range of addresses that ports get theirs from, both ends included.
type Pool struct {
	Start netip.Addr `json:"start" need:"2.0-" format:"ip"`
	End   netip.Addr `json:"end"   need:"2.0-" format:"ip"`
}

func (p Pool) String() string { return p.Start.String() + "-" + p.End.String() }

func (p Pool) has(a netip.Addr) bool { return p.Start.Compare(a) <= 0 && a.Compare(p.End) <= 0 }

// last is the highest address of a prefix.
func last(p netip.Prefix) netip.Addr {
	bytes := p.Masked().Addr().AsSlice()
	for bit := p.Bits(); bit < len(bytes)*8; bit++ {
		bytes[bit/8] |= 1 << (7 - bit%8)
	}
	a, _ := netip.AddrFromSlice(bytes)
	return a
}

// bounds are the lowest and highest address that a port of the subnet may have.
func (s *Subnet) bounds() (low, high netip.Addr) {
	low, high = s.CIDR.Addr(), last(s.CIDR)
	free := s.CIDR.Addr().BitLen() - s.CIDR.Bits()
	switch {
	case s.IPVersion == 4 && free > 1:
		return low.Next(), high.Prev()
	case s.IPVersion == 6 && free > 0:
		return low.Next(), high
	}
	return low, high
}

// reserved reports whether no host may have the address: a network's own, or its broadcast.
func (s *Subnet) reserved(a netip.Addr) bool {
	low, high := s.bounds()
	return a.Less(low) || high.Less(a)
}

// firstAddress is the gateway of a subnet whose request names none.
func (s *Subnet) firstAddress() netip.Addr {
	low, _ := s.bounds()
	return low
}

// defaultPools are all addresses but the gateway's.
func (s *Subnet) defaultPools() []Pool {
	low, high := s.bounds()
	if !s.CIDR.Contains(s.GatewayIP) {
		return []Pool{{low, high}}
	}
	pools := []Pool{}
	if low.Less(s.GatewayIP) {
		pools = append(pools, Pool{low, s.GatewayIP.Prev()})
	}
	if s.GatewayIP.Less(high) {
		pools = append(pools, Pool{s.GatewayIP.Next(), high})
	}
	return pools
}

func (s *Subnet) checkPools() error {
	sorted := slices.SortedFunc(slices.Values(s.AllocationPools), func(a, b Pool) int { return a.Start.Compare(b.Start) })
	for i, pool := range sorted {
		switch {
		case pool.Start.Is4() != pool.End.Is4(), pool.End.Less(pool.Start):
			return poolInvalid.of(pool)
		case s.reserved(pool.Start), s.reserved(pool.End), !s.CIDR.Contains(pool.Start), !s.CIDR.Contains(pool.End):
			return poolOutOfBounds.of(pool, s.CIDR)
		case i > 0 && !sorted[i-1].End.Less(pool.Start):
			return poolsOverlap.of(sorted[i-1], pool, s.CIDR)
		case s.GatewayIP.IsValid() && pool.has(s.GatewayIP):
			return gatewayInPool.of(s.GatewayIP, pool)
		}
	}
	return nil
}

// addressKey is the value of the unique index that makes sure that no two ports have one address.
func addressKey(subnet string, a netip.Addr) string { return subnet + "/" + a.String() }

func taken(tx store.Tx, subnet string, a netip.Addr) (bool, error) {
	for _, err := range tx.Lookup(portTable.Name, "address", addressKey(subnet, a)) {
		return err == nil, err
	}
	return false, nil
}

// holderOf is the port that has the address, or nil.
func holderOf(tx store.Tx, subnet string, a netip.Addr) (*Port, error) {
	found, err := portTable.By(tx, "address", addressKey(subnet, a))
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return found[0], nil
}

// eui64 is the address that an interface makes of the subnet's prefix and its own MAC.
func (s *Subnet) eui64(mac string) netip.Addr {
	hardware, err := net.ParseMAC(mac)
	if err != nil || len(hardware) != 6 {
		return netip.Addr{}
	}
	bytes := s.CIDR.Addr().As16()
	copy(bytes[8:], []byte{hardware[0] ^ 2, hardware[1], hardware[2], 0xff, 0xfe, hardware[3], hardware[4], hardware[5]})
	return netip.AddrFrom16(bytes)
}

// fixedRequest is an address as a request asks for it: by subnet, by address, or by both.
type fixedRequest struct {
	SubnetID  string     `json:"subnet_id"  format:"uuid"`
	IPAddress netip.Addr `json:"ip_address" format:"ip"`
}

const maxFixedIPs = 5

// allocation chooses addresses for a port on a network.
type allocation struct {
	*op
	network *Network
	subnets []*Subnet
	mac     string
	// kept are the addresses that the port has already: asked for again, they are free to it.
	kept   []FixedIP
	chosen []FixedIP
}

func (o *op) allocation(n *Network, p *Port) (*allocation, error) {
	within, err := subnetTable.By(o.tx, "network_id", n.ID)
	if err != nil {
		return nil, err
	}
	return &allocation{op: o, network: n, subnets: within, mac: p.MACAddress, kept: p.FixedIPs}, nil
}

// some serves a request that names addresses or subnets.
func (a *allocation) some(wanted []fixedRequest) ([]FixedIP, error) {
	if len(wanted) > maxFixedIPs {
		return nil, invalidInput.of("Exceeded maximum amount of fixed ips per port")
	}
	for _, want := range wanted {
		s, err := a.subnetOf(want)
		if err != nil {
			return nil, err
		}
		ip := want.IPAddress
		if !ip.IsValid() {
			if ip, err = a.next(s); err != nil {
				return nil, err
			}
			if !ip.IsValid() {
				return nil, NoMoreIPs.of(a.network.ID)
			}
		} else if err := a.check(s, ip); err != nil {
			return nil, err
		}
		a.chosen = append(a.chosen, FixedIP{SubnetID: s.ID, IPAddress: ip})
	}
	return a.chosen, nil
}

func (a *allocation) subnetOf(want fixedRequest) (*Subnet, error) {
	for _, s := range a.subnets {
		if want.SubnetID != "" && s.ID == want.SubnetID || want.SubnetID == "" && want.IPAddress.IsValid() && s.CIDR.Contains(want.IPAddress) {
			return s, nil
		}
	}
	switch {
	case want.SubnetID == "" && !want.IPAddress.IsValid():
		return nil, invalidInput.of("IP allocation requires subnet_id or ip_address")
	case want.SubnetID == "":
		return nil, AddressNotInNetwork.of(want.IPAddress)
	}
	if _, err := a.op.subnets.find(a.op, want.SubnetID); err != nil {
		return nil, err
	}
	return nil, invalidInput.of(fmt.Sprintf("Failed to create port on network %s, because fixed_ips included invalid subnet %s", a.network.ID, want.SubnetID))
}

func (a *allocation) check(s *Subnet, ip netip.Addr) error {
	if !s.CIDR.Contains(ip) || s.reserved(ip) {
		return AddressNotInSubnet.of(ip)
	}
	wanted := FixedIP{SubnetID: s.ID, IPAddress: ip}
	if slices.Contains(a.chosen, wanted) {
		return invalidInput.of(fmt.Sprintf("Duplicate IP address '%s'", ip))
	}
	if slices.Contains(a.kept, wanted) {
		return nil
	}
	used, err := taken(a.tx, s.ID, ip)
	if err == nil && used {
		return AddressInUse.of(ip, s.ID)
	}
	return err
}

// next is a free address of that subnet, one the port has already before others.
func (a *allocation) next(s *Subnet) (netip.Addr, error) {
	if s.auto() {
		return s.eui64(a.mac), nil
	}
	for _, has := range a.kept {
		if has.SubnetID == s.ID && !slices.Contains(a.chosen, has) {
			return has.IPAddress, nil
		}
	}
	// What this allocation has chosen is not in the table yet: pools are few and so are choices.
	for _, pool := range s.AllocationPools {
		for ip := pool.Start; ip.IsValid() && !pool.End.Less(ip); ip = ip.Next() {
			used, err := taken(a.tx, s.ID, ip)
			if err != nil {
				return netip.Addr{}, err
			}
			if !used && !slices.Contains(a.chosen, FixedIP{SubnetID: s.ID, IPAddress: ip}) {
				return ip, nil
			}
		}
	}
	return netip.Addr{}, nil
}

// any serves a request that names nothing: one IPv4 and one IPv6 address, and one of each subnet whose
// addresses ports make by themselves. None on a network without subnets.
func (a *allocation) any() ([]FixedIP, error) {
	for _, version := range []int{4, 6} {
		tried, found := false, false
		for _, s := range a.subnets {
			if s.IPVersion != version || found && !s.auto() {
				continue
			}
			ip, err := a.next(s)
			if err != nil {
				return nil, err
			}
			tried = true
			if ip.IsValid() {
				found = found || !s.auto()
				a.chosen = append(a.chosen, FixedIP{SubnetID: s.ID, IPAddress: ip})
			}
		}
		if tried && !found && !slices.ContainsFunc(a.subnets, (*Subnet).auto) {
			return nil, NoMoreIPs.of(a.network.ID)
		}
	}
	return a.chosen, nil
}
