// SPDX-License-Identifier: MPL-2.0

package network

import (
	"fmt"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/insomniacslk/dhcp/dhcpv4"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

func TestLease(t *testing.T) {
	t.Parallel()
	f := newFabric(t, Options{Domain: "cloud.example"})
	lan := subnet("10.0.0.0/22")
	lan.Nameservers = []netip.Addr{netip.MustParseAddr("192.0.2.53"), netip.MustParseAddr("fd00::53"), netip.MustParseAddr("192.0.2.54")}
	lan.Routes = []driver.Route{{Destination: netip.MustParsePrefix("198.51.100.0/24"), NextHop: netip.MustParseAddr("10.0.0.9")}}
	ack := newStation(t, f, testPort("net", 5, lan)).lease()
	for _, c := range []struct{ option, got, want string }{
		{"address", ack.YourIPAddr.String(), "10.0.0.5"},
		{"server", ack.ServerIdentifier().String(), "10.0.0.1"},
		{"mask", net.IP(ack.SubnetMask()).String(), "255.255.252.0"},
		{"broadcast", ack.BroadcastAddress().String(), "10.0.3.255"},
		{"router", fmt.Sprint(ack.Router()), "[10.0.0.1]"},
		{"routes", fmt.Sprint(ack.ClasslessStaticRoute()), "[route to 198.51.100.0/24 via 10.0.0.9" +
			" route to 169.254.169.254/32 via 10.0.0.1 route to 0.0.0.0/0 via 10.0.0.1]"},
		{"name servers", fmt.Sprint(ack.DNS()), "[192.0.2.53 192.0.2.54]"},
		{"hostname", ack.HostName(), "vm-5"},
		{"domain", ack.DomainName(), "cloud.example"},
		{"MTU", fmt.Sprint(ack.Options.Get(dhcpv4.OptionInterfaceMTU)), "[5 170]"}, // 1450
		{"lease time", ack.IPAddressLeaseTime(0).String(), "24h0m0s"},
		{"renewal", ack.IPAddressRenewalTime(0).String(), "12h0m0s"},
		{"rebinding", ack.IPAddressRebindingTime(0).String(), "21h0m0s"},
	} {
		if c.got != c.want {
			t.Errorf("%s: got %s, want %s", c.option, c.got, c.want)
		}
	}
}

func TestLeaseWithoutGateway(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ dhcpPort, server, route string }{
		"DHCP port": {"10.0.0.2", "10.0.0.2", "[route to 169.254.169.254/32 via 10.0.0.2]"},
		"on link":   {"", "169.254.169.254", "[route to 169.254.169.254/32 via 0.0.0.0]"},
	} {
		f := newFabric(t, Options{})
		lan := subnet("10.0.0.0/24")
		lan.Gateway = netip.Addr{}
		lan.DHCPPort, _ = netip.ParseAddr(c.dhcpPort)
		ack := newStation(t, f, testPort("net", 5, lan)).lease()
		if got := fmt.Sprint(ack.ClasslessStaticRoute()); got != c.route {
			t.Errorf("%s: routes %s, want %s", name, got, c.route)
		}
		if ack.Router() != nil || ack.ServerIdentifier().String() != c.server || fmt.Sprint(ack.DNS()) != "["+c.server+"]" {
			t.Errorf("%s: %s", name, ack.Summary())
		}
	}
}

func TestLeaseKeepsToItsPort(t *testing.T) {
	t.Parallel()
	f := newFabric(t, Options{})
	lan := subnet("10.0.0.0/24")
	s, other := newStation(t, f, testPort("net", 5, lan)), newStation(t, f, testPort("net", 6, lan))
	ack := s.lease()

	renew, _ := dhcpv4.NewRenewFromAck(ack)
	if got := s.askDHCP(renew); got.MessageType() != dhcpv4.MessageTypeAck || !got.YourIPAddr.Equal(ack.YourIPAddr) {
		t.Errorf("renewing: %s", got.Summary())
	}
	inform, _ := dhcpv4.NewInform(s.mac[:], ack.YourIPAddr, dhcpv4.WithRequestedOptions(msClasslessRoutes),
		dhcpv4.WithOption(dhcpv4.OptServerIdentifier(ack.ServerIdentifier())))
	got := s.askDHCP(inform)
	if got.MessageType() != dhcpv4.MessageTypeAck || !got.YourIPAddr.IsUnspecified() || got.IPAddressLeaseTime(0) != 0 ||
		got.HostName() != "vm-5" || got.Options.Get(msClasslessRoutes) == nil {
		t.Errorf("INFORM: %s", got.Summary())
	}
	wrong, _ := dhcpv4.New(dhcpv4.WithHwAddr(s.mac[:]), dhcpv4.WithMessageType(dhcpv4.MessageTypeRequest),
		dhcpv4.WithOption(dhcpv4.OptRequestedIPAddress(net.IPv4(10, 0, 0, 77))))
	if got := s.askDHCP(wrong); got.MessageType() != dhcpv4.MessageTypeNak || got.ServerIdentifier() == nil {
		t.Errorf("REQUEST of another address: %s", got.Summary())
	}

	// Silence: the answer to the DISCOVER that follows is the next there is.
	elsewhere, _ := dhcpv4.NewRequestFromOffer(ack, dhcpv4.WithOption(dhcpv4.OptServerIdentifier(net.IPv4(10, 0, 0, 66))))
	foreign, _ := dhcpv4.NewDiscovery(other.mac[:])
	release, _ := dhcpv4.New(dhcpv4.WithHwAddr(s.mac[:]), dhcpv4.WithMessageType(dhcpv4.MessageTypeRelease))
	for _, m := range []*dhcpv4.DHCPv4{elsewhere, foreign, release} {
		s.sendDHCP(m)
	}
	discover, _ := dhcpv4.NewDiscovery(s.mac[:], dhcpv4.WithBroadcast(true))
	s.sendDHCP(discover)
	f1 := s.next("DHCP answer", func(f []byte) bool { return payload(f) != "" })
	if m, err := dhcpv4.FromBytes([]byte(payload(f1))); err != nil || m.TransactionID != discover.TransactionID {
		t.Errorf("answered what it should not: %v, %v", m, err)
	}
	if !destination(f1).group() {
		t.Error("the broadcast flag was not honoured")
	}
	if stats, err := f.PortStats(other.port.ID); err != nil || stats.RxFrames+stats.RxDropped != 0 {
		t.Errorf("others heard of it: %+v, %v", stats, err)
	}
}

func TestNoDHCP(t *testing.T) {
	t.Parallel()
	f := newFabric(t, Options{})
	lan := subnet("10.0.0.0/24")
	lan.DHCP = false
	p := testPort("net", 5, lan)
	p.Addresses = append(p.Addresses, driver.Address{
		IP: netip.MustParseAddr("fd00::5"), Subnet: driver.Subnet{CIDR: netip.MustParsePrefix("fd00::/64"), DHCP: true},
	})
	s := newStation(t, f, p)
	discover, _ := dhcpv4.NewDiscovery(s.mac[:])
	s.sendDHCP(discover)
	s.send(s.echoRequest(lan.Gateway))
	s.next("echo reply", func(f []byte) bool {
		if payload(f) != "" {
			t.Errorf("a port without DHCP was answered")
		}
		return icmpOf(f) != nil
	})
}

func TestDefaultHostname(t *testing.T) {
	t.Parallel()
	p := testPort("net", 5, subnet("10.0.0.0/24"))
	p.Hostname = ""
	s, err := readSettings(p, "example")
	if err != nil || s.lease.options == nil || s.Hostname != "host-10-0-0-5" {
		t.Errorf("hostname %q, %v", s.Hostname, err)
	}
	if leaseTime != 24*time.Hour {
		t.Error("Neutron's default lease is a day")
	}
}
