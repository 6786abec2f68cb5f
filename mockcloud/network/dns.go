// SPDX-License-Identifier: MPL-2.0

package network

import (
	"encoding/hex"
	"net/netip"
	"slices"
	"strings"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// dnsTTL is short because servers come and go.
const dnsTTL = 10 // seconds

// resolver is what one guest is answered from: the names of its network's ports, and of the domains it is told of.
type resolver struct {
	*table

	domain string // of the networks
	zones  []driver.Zone
}

// resolver is that of who sent a frame.
func (s *services) resolver(t *table, f []byte) resolver {
	r := resolver{table: t, domain: s.domain}
	asks := t.mac[source(f)] // nil for a router
	for _, z := range s.network.topology.Load().Zones {
		if !z.Private || asks != nil && z.Ports[asks.settings.Load().ID] {
			r.zones = append(r.zones, z)
		}
	}
	return r
}

// answer answers one query; nil when it is no query. Names of neither the network nor the domains are refused, and
// outside is true of these.
func (r resolver) answer(query []byte) (answer []byte, outside bool) {
	var p dnsmessage.Parser
	head, err := p.Start(query)
	if err != nil || head.Response {
		return nil, false
	}
	reply := dnsmessage.Message{Header: dnsmessage.Header{
		ID: head.ID, Response: true, OpCode: head.OpCode, RecursionDesired: head.RecursionDesired,
	}}
	question, err := p.Question()
	switch {
	case head.OpCode != 0:
		reply.RCode = dnsmessage.RCodeNotImplemented
	case err != nil:
		reply.RCode = dnsmessage.RCodeFormatError
	default:
		reply.Questions = []dnsmessage.Question{question}
		reply.RCode = dnsmessage.RCodeRefused
		if question.Class == dnsmessage.ClassINET || question.Class == dnsmessage.ClassANY {
			r.resolve(&reply, question)
		}
	}
	out, err := reply.Pack()
	if err != nil {
		return nil, false
	}
	return out, reply.RCode == dnsmessage.RCodeRefused
}

// resolve fills reply if the question is about a name or an address that this network answers for.
func (r resolver) resolve(reply *dnsmessage.Message, q dnsmessage.Question) {
	name := canonical(q.Name.String())
	if ip, ok := reverse(name); ok {
		r.resolvePointer(reply, q, ip)
		return
	}
	addrs, known, ours := r.lookup(name)
	if !ours {
		return
	}
	reply.Authoritative = true
	if !known {
		reply.RCode = dnsmessage.RCodeNameError
		return
	}
	reply.RCode = dnsmessage.RCodeSuccess
	for _, a := range addrs {
		head := dnsmessage.ResourceHeader{Name: q.Name, Class: dnsmessage.ClassINET, TTL: dnsTTL}
		switch {
		case a.Is4() && wants(q, dnsmessage.TypeA):
			reply.Answers = append(reply.Answers, dnsmessage.Resource{Header: head, Body: &dnsmessage.AResource{A: a.As4()}})
		case a.Is6() && wants(q, dnsmessage.TypeAAAA):
			reply.Answers = append(reply.Answers, dnsmessage.Resource{Header: head, Body: &dnsmessage.AAAAResource{AAAA: a.As16()}})
		}
	}
}

// lookup is what a name stands for; ours tells that nobody else is to be asked for it. Where a domain is in another, or
// is the networks' own, the names of both hold.
func (r resolver) lookup(name string) (addrs []netip.Addr, known, ours bool) {
	apex := false // a domain is there even where it has no address
	for _, z := range r.zones {
		below, within := strings.CutSuffix(name, "."+z.Domain)
		apex = apex || name == z.Domain
		if ours = ours || within || apex; !within {
			continue
		}
		if addrs, known = z.Names[below]; !known && z.Private {
			addrs, known = r.names[below]
		}
		if known {
			return addrs, true, true
		}
	}
	host, qualified := strings.CutSuffix(name, "."+canonical(r.domain))
	if qualified || !strings.Contains(name, ".") {
		addrs, known = r.names[host]
		ours = true
	}
	return addrs, known || apex, ours
}

func (r resolver) resolvePointer(reply *dnsmessage.Message, q dnsmessage.Question, ip netip.Addr) {
	p := r.ip[ip]
	if p == nil {
		return
	}
	reply.Authoritative, reply.RCode = true, dnsmessage.RCodeSuccess
	target, err := dnsmessage.NewName(canonical(p.settings.Load().Hostname) + "." + canonical(r.domain) + ".")
	if err == nil && wants(q, dnsmessage.TypePTR) {
		reply.Answers = []dnsmessage.Resource{{
			Header: dnsmessage.ResourceHeader{Name: q.Name, Class: dnsmessage.ClassINET, TTL: dnsTTL},
			Body:   &dnsmessage.PTRResource{PTR: target},
		}}
	}
}

func wants(q dnsmessage.Question, t dnsmessage.Type) bool {
	return q.Type == t || q.Type == dnsmessage.TypeALL
}

// canonical is a name in lower case without the dot of the root.
func canonical(name string) string { return strings.ToLower(strings.TrimSuffix(name, ".")) }

// reverse reads an address out of 4.3.2.10.in-addr.arpa, or the 32 nibbles before ip6.arpa.
func reverse(name string) (netip.Addr, bool) {
	if labels, ok := strings.CutSuffix(name, ".in-addr.arpa"); ok {
		ip, err := netip.ParseAddr(labels)
		if err != nil || !ip.Is4() {
			return netip.Addr{}, false
		}
		b := ip.As4()
		return netip.AddrFrom4([4]byte{b[3], b[2], b[1], b[0]}), true
	}
	labels, ok := strings.CutSuffix(name, ".ip6.arpa")
	nibbles := strings.Split(labels, ".")
	if !ok || len(nibbles) != 32 {
		return netip.Addr{}, false
	}
	slices.Reverse(nibbles)
	b, err := hex.DecodeString(strings.Join(nibbles, ""))
	if err != nil || len(b) != 16 {
		return netip.Addr{}, false
	}
	return netip.AddrFrom16([16]byte(b)), true
}
