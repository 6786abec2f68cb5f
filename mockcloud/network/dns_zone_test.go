// SPDX-License-Identifier: MPL-2.0

package network

import (
	"net/netip"
	"testing"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// Guests of every network are told the names of a public domain, those of a private one only the guests that it is for.
func TestDNSZones(t *testing.T) {
	t.Parallel()
	f := newFabric(t, Options{Domain: "cloud.example"})
	lan := subnet("10.0.0.0/24")
	near := newStation(t, f, testPort("net", 5, lan))
	plug(t, f, testPort("net", 6, lan))
	far := newStation(t, f, testPort("other", 7, lan))
	at := func(addresses ...string) (list []netip.Addr) {
		for _, a := range addresses {
			list = append(list, netip.MustParseAddr(a))
		}
		return list
	}
	if err := f.Follow(t.Context(), driver.Topology{Unlimited: true, Sequence: 1, Zones: []driver.Zone{
		{Domain: "example.org", Names: map[string][]netip.Addr{"www": at("198.51.100.7"), "six": at("2001:db8::7"), "deep.sub": at("198.51.100.8")}},
		{Domain: "sub.example.org", Names: map[string][]netip.Addr{"own": at("198.51.100.9")}},
		{Domain: "cloud.example", Names: map[string][]netip.Addr{"door": at("198.51.100.10")}},
		{Domain: "zone.example", Private: true, Names: map[string][]netip.Addr{"db": at("10.9.9.9")}, Ports: map[string]bool{near.port.ID: true}},
	}}); err != nil {
		t.Fatal(err)
	}
	for i, c := range []struct {
		asks  *station
		name  string
		kind  dnsmessage.Type
		rcode dnsmessage.RCode
		want  string
	}{
		{near, "www.example.org.", dnsmessage.TypeA, dnsmessage.RCodeSuccess, "[198.51.100.7]"},
		{far, "WWW.Example.ORG.", dnsmessage.TypeA, dnsmessage.RCodeSuccess, "[198.51.100.7]"},
		{near, "www.example.org.", dnsmessage.TypeAAAA, dnsmessage.RCodeSuccess, "[]"},
		{near, "six.example.org.", dnsmessage.TypeAAAA, dnsmessage.RCodeSuccess, "[2001:db8::7]"},
		{near, "none.example.org.", dnsmessage.TypeA, dnsmessage.RCodeNameError, "[]"},
		{near, "example.org.", dnsmessage.TypeA, dnsmessage.RCodeSuccess, "[]"},
		{near, "notexample.org.", dnsmessage.TypeA, dnsmessage.RCodeRefused, "[]"},
		{near, "own.sub.example.org.", dnsmessage.TypeA, dnsmessage.RCodeSuccess, "[198.51.100.9]"},
		{near, "deep.sub.example.org.", dnsmessage.TypeA, dnsmessage.RCodeSuccess, "[198.51.100.8]"},
		// The networks' own domain may have names more.
		{near, "door.cloud.example.", dnsmessage.TypeA, dnsmessage.RCodeSuccess, "[198.51.100.10]"},
		{near, "vm-6.cloud.example.", dnsmessage.TypeA, dnsmessage.RCodeSuccess, "[10.0.0.6]"},
		{near, "db.zone.example.", dnsmessage.TypeA, dnsmessage.RCodeSuccess, "[10.9.9.9]"},
		{near, "vm-6.zone.example.", dnsmessage.TypeA, dnsmessage.RCodeSuccess, "[10.0.0.6]"},
		{near, "vm-6.example.org.", dnsmessage.TypeA, dnsmessage.RCodeNameError, "[]"},
		{far, "db.zone.example.", dnsmessage.TypeA, dnsmessage.RCodeRefused, "[]"},
	} {
		got := c.asks.resolve(uint16(i), c.name, c.kind)
		if got.RCode != c.rcode || answers(got) != c.want {
			t.Errorf("%s %s: %s %s, want %s %s", c.name, c.kind, got.RCode, answers(got), c.rcode, c.want)
		}
	}
	if err := f.Follow(t.Context(), driver.Topology{Unlimited: true, Sequence: 2}); err != nil {
		t.Fatal(err)
	}
	if got := near.resolve(99, "www.example.org.", dnsmessage.TypeA); got.RCode != dnsmessage.RCodeRefused {
		t.Errorf("the name of a domain that is gone: %s %s", got.RCode, answers(got))
	}
}
