// SPDX-License-Identifier: MPL-2.0

package network

import (
	"net/netip"
	"testing"

	"github.com/insomniacslk/dhcp/dhcpv4"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

func TestExtraDHCPOptions(t *testing.T) {
	t.Parallel()
	f := newFabric(t, Options{})
	p := testPort("net", 5, subnet("10.0.0.0/24"))
	p.DHCPOptions = []driver.DHCPOption{
		{Name: "mtu", Value: "1400"}, {Name: "ntp-server", Value: "10.0.0.7,10.0.0.8"}, {Name: "bootfile-name", Value: "pxelinux.0"},
		{Name: "option:dns-server", Value: "192.0.2.53"}, {Name: "classless-static-route", Value: "192.0.2.0/24,10.0.0.9"},
		{Name: "mtu", Value: "many"}, {Name: "nonsense", Value: "1"}, {Name: "15", Value: "own.example"}, {Name: "domain-name", Value: "six", IPv6: true},
	}
	ack := newStation(t, f, p).lease()
	for code, want := range map[uint8]string{
		26: "\x05\x78", 42: "\x0a\x00\x00\x07\x0a\x00\x00\x08", 67: "pxelinux.0", 6: "\xc0\x00\x02\x35", 15: "own.example",
		121: "\x18\xc0\x00\x02\x0a\x00\x00\x09",
	} {
		if got := string(ack.Options.Get(dhcpv4.GenericOptionCode(code))); got != want {
			t.Errorf("option %d: %q, not %q", code, got, want)
		}
	}
}

func TestReverseNames(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"5.2.0.10.in-addr.arpa": "10.0.2.5",
		"5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.1.8.0.0.0.0.d.f.ip6.arpa": "fd00:81::5",
		"0.10.in-addr.arpa": "", "5.d.f.ip6.arpa": "", "web.example": "",
	} {
		got, ok := reverse(name)
		if expected, _ := netip.ParseAddr(want); ok != (want != "") || got != expected {
			t.Errorf("%s: %s, %v", name, got, ok)
		}
	}
}
