// SPDX-License-Identifier: MPL-2.0

package network

import (
	"net/netip"
	"strconv"
	"strings"
)

// What a rule is about.
const (
	Ingress = "ingress"
	Egress  = "egress"
	IPv4    = "IPv4"
	IPv6    = "IPv6"
)

// Rule is a rule of a security group, in Neutron's words.
type Rule struct {
	ID                   string `json:"id"`
	GroupID              string `json:"security_group_id"`
	Direction            string `json:"direction"`
	EtherType            string `json:"ethertype"`
	Protocol             string `json:"protocol"`       // "": any
	First                *int64 `json:"port_range_min"` // the type of ICMP
	Last                 *int64 `json:"port_range_max"` // the code of ICMP
	RemotePrefix         string `json:"remote_ip_prefix"`
	RemoteGroupID        string `json:"remote_group_id"`
	RemoteAddressGroupID string `json:"remote_address_group_id"`
	Description          string `json:"description"`
	ProjectID            string `json:"project_id"`
}

// Key is what a rule lets through, in one spelling: rules with the same key are the same to the network, and a group has
// no two of them. The description is no part of it.
type Key struct {
	Direction, EtherType string
	Protocol             int // -1: any
	First, Last          int64
	Remote               string
}

// The numbers of protocols (IANA) that decisions depend on.
const (
	icmp   = 1
	tcp    = 6
	udp    = 17
	icmpv6 = 58
)

// protocols are the names that Neutron takes for protocols, with their numbers.
var protocols = map[string]int{
	"ah": 51, "dccp": 33, "egp": 8, "esp": 50, "gre": 47, "icmp": icmp, "icmpv6": icmpv6, "igmp": 2, "ipip": 4,
	"ipv6-encap": 41, "ipv6-frag": 44, "ipv6-icmp": icmpv6, "ipv6-nonxt": 59, "ipv6-opts": 60, "ipv6-route": 43, "ospf": 89,
	"pgm": 113, "rsvp": 46, "sctp": 132, "tcp": tcp, "udp": udp, "udplite": 136, "vrrp": 112,
}

// ported are the protocols that have ports.
var ported = map[int]bool{tcp: true, udp: true, protocols["dccp"]: true, protocols["sctp"]: true, protocols["udplite"]: true}

// onlyIPv6 are those that IPv4 does not carry.
var onlyIPv6 = map[string]bool{
	"icmpv6": true, "ipv6-encap": true, "ipv6-frag": true, "ipv6-icmp": true, "ipv6-nonxt": true, "ipv6-opts": true, "ipv6-route": true,
}

// anyProtocol is the number of no protocol in particular.
const anyProtocol = -1

// lastPort is the highest port.
const lastPort = 65535

// Number is the protocol's number: -1 for any, and false for what is none.
func Number(protocol string) (int, bool) {
	protocol = strings.ToLower(protocol)
	if protocol == "" || protocol == "any" {
		return anyProtocol, true
	}
	if n, ok := protocols[protocol]; ok {
		return n, true
	}
	n, err := strconv.ParseUint(protocol, 10, 8)
	return int(n), err == nil && n > 0
}

// HasPorts is whether the protocol has ports.
func HasPorts(protocol string) bool {
	n, _ := Number(protocol)
	return ported[n]
}

// IsICMP is whether the protocol is ICMP, of IPv4 or IPv6.
func IsICMP(protocol string) bool {
	n, _ := Number(protocol)
	return n == icmp || n == icmpv6
}

// OnlyIPv6 is whether Neutron takes the protocol for IPv6 alone.
func OnlyIPv6(protocol string) bool { return onlyIPv6[strings.ToLower(protocol)] }

// Key is the rule in one spelling: protocols by number, all ports as none, prefixes without host bits, and every address
// as no prefix.
func (r Rule) Key() Key {
	k := Key{Direction: strings.ToLower(r.Direction), EtherType: IPv4, First: -1, Last: -1}
	if strings.EqualFold(r.EtherType, IPv6) {
		k.EtherType = IPv6
	}
	k.Protocol, _ = Number(r.Protocol)
	if k.Protocol == icmp && k.EtherType == IPv6 {
		k.Protocol = icmpv6
	}
	if r.First != nil {
		k.First = *r.First
	}
	if r.Last != nil {
		k.Last = *r.Last
	}
	if ported[k.Protocol] && k.First <= 1 && k.Last == lastPort {
		k.First, k.Last = -1, -1
	}
	switch {
	case r.RemoteGroupID != "":
		k.Remote = "group " + r.RemoteGroupID
	case r.RemoteAddressGroupID != "":
		k.Remote = "address group " + r.RemoteAddressGroupID
	default:
		k.Remote = prefix(r.RemotePrefix)
	}
	return k
}

// prefix is the prefix without host bits; "" for one of all addresses.
func prefix(text string) string {
	parsed, err := netip.ParsePrefix(text)
	if address, single := netip.ParseAddr(text); single == nil {
		parsed, err = netip.PrefixFrom(address, address.BitLen()), nil
	}
	switch {
	case err != nil:
		return text
	case parsed.Bits() == 0:
		return ""
	}
	return parsed.Masked().String()
}

// ByDefault is whether Neutron gives such a rule to every new group: all may go out.
func (r Rule) ByDefault() bool {
	return r.Key() == Key{Direction: Egress, EtherType: r.Key().EtherType, Protocol: anyProtocol, First: -1, Last: -1}
}

// Defaults are the rules that Neutron gives to every new group.
func Defaults() []Rule {
	return []Rule{{Direction: Egress, EtherType: IPv4}, {Direction: Egress, EtherType: IPv6}}
}
