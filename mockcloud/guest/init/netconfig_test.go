// SPDX-License-Identifier: MPL-2.0

//go:build linux

package main

import (
	"net"
	"net/netip"
	"reflect"
	"testing"
	"time"

	"github.com/insomniacslk/dhcp/dhcpv4"
)

func ack(t *testing.T, modifiers ...dhcpv4.Modifier) *dhcpv4.DHCPv4 {
	t.Helper()
	m, err := dhcpv4.New(modifiers...)
	if err != nil {
		t.Fatal(err)
	}
	// Over the wire and back, as a guest gets it.
	m, err = dhcpv4.FromBytes(m.ToBytes())
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestLeaseWithARouter(t *testing.T) {
	t.Parallel()
	got, err := fromACK(ack(t,
		dhcpv4.WithYourIP(net.IPv4(10, 0, 0, 5)),
		dhcpv4.WithNetmask(net.CIDRMask(26, 32)),
		dhcpv4.WithOption(dhcpv4.OptRouter(net.IPv4(10, 0, 0, 1))),
		dhcpv4.WithOption(dhcpv4.OptDNS(net.IPv4(10, 0, 0, 2), net.IPv4(10, 0, 0, 3))),
		dhcpv4.WithOption(dhcpv4.OptHostName("host-10-0-0-5")),
		dhcpv4.WithOption(dhcpv4.OptDomainName("openstacklocal")),
		dhcpv4.WithGeneric(dhcpv4.OptionInterfaceMTU, []byte{0x05, 0xa2}),
		dhcpv4.WithLeaseTime(86400),
	))
	if err != nil {
		t.Fatal(err)
	}
	want := lease{
		netConfig: netConfig{
			addresses: []netip.Prefix{netip.MustParsePrefix("10.0.0.5/26")},
			routes:    []netRoute{{netip.MustParsePrefix("0.0.0.0/0"), netip.MustParseAddr("10.0.0.1")}},
			dns:       []netip.Addr{netip.MustParseAddr("10.0.0.2"), netip.MustParseAddr("10.0.0.3")},
			search:    []string{"openstacklocal"},
			hostname:  "host-10-0-0-5",
			mtu:       1442,
		},
		renew: 12 * time.Hour, expire: 24 * time.Hour,
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestClasslessRoutesReplaceTheRouter(t *testing.T) {
	t.Parallel()
	metadata := netip.MustParsePrefix("169.254.169.254/32")
	got, err := fromACK(ack(t,
		dhcpv4.WithYourIP(net.IPv4(10, 0, 0, 5)),
		dhcpv4.WithNetmask(net.CIDRMask(24, 32)),
		dhcpv4.WithOption(dhcpv4.OptRouter(net.IPv4(10, 0, 0, 9))),
		dhcpv4.WithOption(dhcpv4.OptClasslessStaticRoute(
			&dhcpv4.Route{Dest: ipNet(metadata), Router: net.IPv4(10, 0, 0, 2)},
			&dhcpv4.Route{Dest: ipNet(netip.MustParsePrefix("10.9.0.0/16")), Router: net.IPv4zero},
			&dhcpv4.Route{Dest: ipNet(netip.MustParsePrefix("0.0.0.0/0")), Router: net.IPv4(10, 0, 0, 1)},
		)),
	))
	if err != nil {
		t.Fatal(err)
	}
	want := []netRoute{
		{metadata, netip.MustParseAddr("10.0.0.2")},
		{netip.MustParsePrefix("10.9.0.0/16"), netip.Addr{}},
		{netip.MustParsePrefix("0.0.0.0/0"), netip.MustParseAddr("10.0.0.1")},
	}
	if !reflect.DeepEqual(got.routes, want) {
		t.Errorf("routes %v, want %v", got.routes, want)
	}
	if r := route(3, want[0]); r.Gw.String() != "10.0.0.2" || r.Priority != routeMetric+3 || r.Dst.String() != "169.254.169.254/32" {
		t.Errorf("kernel route %+v", r)
	}
	if _, err := fromACK(ack(t)); err == nil {
		t.Error("a lease without an address was taken")
	}
}

func TestResolvConf(t *testing.T) {
	t.Parallel()
	a, b := netip.MustParseAddr("10.0.0.2"), netip.MustParseAddr("fd00::2")
	got := resolvConf([]netConfig{
		{dns: []netip.Addr{a}, search: []string{"one"}},
		{dns: []netip.Addr{a, b}, search: []string{"one", "two"}},
	})
	if want := "search one two\nnameserver 10.0.0.2\nnameserver fd00::2\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got := resolvConf(nil); got != "" {
		t.Errorf("%q for no link", got)
	}
}

// networkDocument has the shape of Nova's network_data.json: a port with a fixed address, one with
// DHCP.
const networkDocument = `{
 "links": [
  {"id": "tap1", "type": "ovs", "mtu": 1450, "ethernet_mac_address": "fa:16:3e:00:00:01", "vif_id": "v1"},
  {"id": "tap2", "type": "ovs", "mtu": null, "ethernet_mac_address": "fa:16:3e:00:00:02", "vif_id": "v2"}],
 "networks": [
  {"id": "network0", "type": "ipv4", "link": "tap1", "ip_address": "10.0.0.5", "netmask": "255.255.255.0", "network_id": "n",
   "routes": [{"network": "0.0.0.0", "netmask": "0.0.0.0", "gateway": "10.0.0.1"}],
   "services": [{"type": "dns", "address": "10.0.0.2"}]},
  {"id": "network1", "type": "ipv6", "link": "tap1", "ip_address": "fd00::5/64", "gateway": "fd00::1", "routes": []},
  {"id": "network2", "type": "ipv4_dhcp", "link": "tap2"}],
 "services": [{"type": "dns", "address": "10.0.0.3"}]}`

func TestNetworkData(t *testing.T) {
	t.Parallel()
	data, err := parseNetworkData([]byte(networkDocument))
	if err != nil {
		t.Fatal(err)
	}
	fixed, dhcp, err := data.forLink("FA:16:3E:00:00:01")
	if err != nil || dhcp {
		t.Fatalf("dhcp %v, %v", dhcp, err)
	}
	want := netConfig{
		addresses: []netip.Prefix{netip.MustParsePrefix("10.0.0.5/24"), netip.MustParsePrefix("fd00::5/64")},
		routes: []netRoute{
			{netip.MustParsePrefix("0.0.0.0/0"), netip.MustParseAddr("10.0.0.1")},
			{netip.MustParsePrefix("::/0"), netip.MustParseAddr("fd00::1")},
		},
		dns: []netip.Addr{netip.MustParseAddr("10.0.0.2"), netip.MustParseAddr("10.0.0.3")},
		mtu: 1450,
	}
	if !reflect.DeepEqual(fixed, want) {
		t.Errorf("got  %+v\nwant %+v", fixed, want)
	}
	for _, mac := range []string{"fa:16:3e:00:00:02", "fa:16:3e:00:00:99"} {
		if _, dhcp, err := data.forLink(mac); !dhcp || err != nil {
			t.Errorf("%s: dhcp %v, %v", mac, dhcp, err)
		}
	}
	var none *networkData
	if _, dhcp, _ := none.forLink("fa:16:3e:00:00:01"); !dhcp {
		t.Error("no network data means DHCP")
	}
}

func TestBadNetworkDataFallsBackToDHCP(t *testing.T) {
	t.Parallel()
	for _, network := range []string{
		`"ip_address": "10.0.0.x"`,
		`"ip_address": "10.0.0.5", "netmask": "ffff::"`,
		`"ip_address": "10.0.0.5/24", "gateway": "up"`,
		`"ip_address": "10.0.0.5/24", "routes": [{"network": "10.0.0.0/8", "gateway": ""}]`,
	} {
		data, err := parseNetworkData([]byte(`{"links": [{"id": "l", "ethernet_mac_address": "aa:bb:cc:dd:ee:ff"}],
			"networks": [{"link": "l", "type": "ipv4", ` + network + `}]}`))
		if err != nil {
			t.Fatal(err)
		}
		if _, dhcp, err := data.forLink("aa:bb:cc:dd:ee:ff"); err == nil || !dhcp {
			t.Errorf("%s: dhcp %v, %v", network, dhcp, err)
		}
	}
	if _, err := parseNetworkData([]byte("[")); err == nil {
		t.Error("no JSON was taken")
	}
}
