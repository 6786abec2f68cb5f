// SPDX-License-Identifier: MPL-2.0

package network

import (
	"encoding/hex"
	"net/netip"
	"slices"
	"strings"

	"golang.org/x/net/dns/dnsmessage"
)

// dnsTTL is short because servers come and go.
const dnsTTL = 10 // seconds

// answerDNS answers one query from the names of a network's ports; nil when it is no query. Names outside of the
// network are refused, and outside is true of these.
func (t *table) answerDNS(domain string, query []byte) (answer []byte, outside bool) {
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
			t.resolve(&reply, question, domain)
		}
	}
	out, err := reply.Pack()
	if err != nil {
		return nil, false
	}
	return out, reply.RCode == dnsmessage.RCodeRefused
}

// resolve fills reply if the question is about a name or an address that this network answers for.
func (t *table) resolve(reply *dnsmessage.Message, q dnsmessage.Question, domain string) {
	name := canonical(q.Name.String())
	if ip, ok := reverse(name); ok {
		t.resolvePointer(reply, q, ip, domain)
		return
	}
	host, qualified := strings.CutSuffix(name, "."+canonical(domain))
	if !qualified && strings.Contains(name, ".") {
		return
	}
	reply.Authoritative = true
	addrs, ok := t.names[host]
	if !ok {
		reply.RCode = dnsmessage.RCodeNameError
		return
	}
	reply.RCode = dnsmessage.RCodeSuccess
	for _, a := range addrs {
		r := dnsmessage.ResourceHeader{Name: q.Name, Class: dnsmessage.ClassINET, TTL: dnsTTL}
		switch {
		case a.Is4() && wants(q, dnsmessage.TypeA):
			reply.Answers = append(reply.Answers, dnsmessage.Resource{Header: r, Body: &dnsmessage.AResource{A: a.As4()}})
		case a.Is6() && wants(q, dnsmessage.TypeAAAA):
			reply.Answers = append(reply.Answers, dnsmessage.Resource{Header: r, Body: &dnsmessage.AAAAResource{AAAA: a.As16()}})
		}
	}
}

func (t *table) resolvePointer(reply *dnsmessage.Message, q dnsmessage.Question, ip netip.Addr, domain string) {
	p := t.ip[ip]
	if p == nil {
		return
	}
	reply.Authoritative, reply.RCode = true, dnsmessage.RCodeSuccess
	target, err := dnsmessage.NewName(canonical(p.settings.Load().Hostname) + "." + canonical(domain) + ".")
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
