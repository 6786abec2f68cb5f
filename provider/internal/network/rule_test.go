// SPDX-License-Identifier: MPL-2.0

package network_test

import (
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/network"
)

func rule(change func(*network.Rule)) network.Rule {
	r := network.Rule{Direction: network.Ingress, EtherType: network.IPv4}
	change(&r)
	return r
}

func port(n int64) *int64 { return &n }

// TestKey: what is the same to the network has the same key, and nothing else has.
func TestKey(t *testing.T) {
	t.Parallel()
	type change = func(*network.Rule)
	for name, test := range map[string]struct {
		a, b change
		same bool
	}{
		"name and number": {func(r *network.Rule) { r.Protocol = "tcp" }, func(r *network.Rule) { r.Protocol = "6" }, true},
		"capitals":        {func(r *network.Rule) { r.Protocol = "TCP" }, func(r *network.Rule) { r.Protocol = "tcp" }, true},
		"any":             {func(r *network.Rule) { r.Protocol = "any" }, func(*network.Rule) {}, true},
		"all ports": {
			func(r *network.Rule) { r.Protocol, r.First, r.Last = "udp", port(1), port(65535) },
			func(r *network.Rule) { r.Protocol = "udp" }, true,
		},
		"all types of ICMP are no ports": {
			func(r *network.Rule) { r.Protocol, r.First = "icmp", port(1) }, func(r *network.Rule) { r.Protocol = "icmp" }, false,
		},
		"echo reply": {func(r *network.Rule) { r.Protocol, r.First = "icmp", port(0) }, func(r *network.Rule) { r.Protocol = "icmp" }, false},
		"ICMP of IPv6": {
			func(r *network.Rule) { r.EtherType, r.Protocol = network.IPv6, "icmp" },
			func(r *network.Rule) { r.EtherType, r.Protocol = network.IPv6, "ipv6-icmp" }, true,
		},
		"host bits":     {func(r *network.Rule) { r.RemotePrefix = "10.0.0.5/24" }, func(r *network.Rule) { r.RemotePrefix = "10.0.0.0/24" }, true},
		"single":        {func(r *network.Rule) { r.RemotePrefix = "10.0.0.5" }, func(r *network.Rule) { r.RemotePrefix = "10.0.0.5/32" }, true},
		"IPv6 spelling": {func(r *network.Rule) { r.RemotePrefix = "2001:DB8:0::/48" }, func(r *network.Rule) { r.RemotePrefix = "2001:db8::/48" }, true},
		"everyone":      {func(r *network.Rule) { r.RemotePrefix = "0.0.0.0/0" }, func(*network.Rule) {}, true},
		"another":       {func(r *network.Rule) { r.RemotePrefix = "10.0.0.0/24" }, func(r *network.Rule) { r.RemotePrefix = "10.0.1.0/24" }, false},
		"groups":        {func(r *network.Rule) { r.RemoteGroupID = "a" }, func(r *network.Rule) { r.RemoteAddressGroupID = "a" }, false},
		"direction":     {func(r *network.Rule) { r.Direction = network.Egress }, func(*network.Rule) {}, false},
		"ethertype":     {func(r *network.Rule) { r.EtherType = network.IPv6 }, func(*network.Rule) {}, false},
		"description":   {func(r *network.Rule) { r.Description = "a" }, func(*network.Rule) {}, true},
	} {
		if a, b := rule(test.a).Key(), rule(test.b).Key(); (a == b) != test.same {
			t.Errorf("%s: %+v and %+v", name, a, b)
		}
	}
}

func TestByDefault(t *testing.T) {
	t.Parallel()
	for _, r := range network.Defaults() {
		if !r.ByDefault() {
			t.Errorf("%+v", r)
		}
	}
	if rule(func(*network.Rule) {}).ByDefault() || rule(func(r *network.Rule) { r.Direction, r.RemoteGroupID = network.Egress, "g" }).ByDefault() {
		t.Error("another rule is one of the default ones")
	}
}

func TestNumber(t *testing.T) {
	t.Parallel()
	for protocol, want := range map[string]int{"tcp": 6, "17": 17, "": -1, "any": -1, "ICMP": 1, "255": 255} {
		if n, ok := network.Number(protocol); n != want || !ok {
			t.Errorf("%q is %d, %t", protocol, n, ok)
		}
	}
	for _, protocol := range []string{"0", "256", "-1", "tpc", "6.0"} {
		if n, ok := network.Number(protocol); ok {
			t.Errorf("%q is %d", protocol, n)
		}
	}
}

func TestUnproxied(t *testing.T) {
	t.Parallel()
	for part, r := range map[string]network.Rule{
		"direction":               rule(func(r *network.Rule) { r.Direction, r.Protocol = network.Egress, "tcp" }),
		"remote_address_group_id": rule(func(r *network.Rule) { r.RemoteAddressGroupID, r.Protocol = "a", "tcp" }),
		"description":             rule(func(r *network.Rule) { r.Description, r.Protocol = "a", "tcp" }),
		"protocol":                rule(func(r *network.Rule) { r.Protocol = "sctp" }),
		"ethertype":               rule(func(r *network.Rule) { r.EtherType, r.Protocol, r.RemoteGroupID = network.IPv6, "tcp", "g" }),
		"":                        rule(func(r *network.Rule) { r.RemoteGroupID = "g" }),
	} {
		if got, _ := r.Unproxied(); got != part {
			t.Errorf("%+v: %q", r, got)
		}
	}
	if part, _ := rule(func(*network.Rule) {}).Unproxied(); part != "protocol" {
		t.Errorf("a rule for everyone and everything: %q", part)
	}
}
