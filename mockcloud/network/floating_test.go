// SPDX-License-Identifier: MPL-2.0

package network

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// loopbackTown is redAndBlue with an external network of loopback addresses and a floating one for red's
// port 5, which a group opens to TCP port 8022 and, for a test that shares the machine, to the port that is
// free there.
func loopbackTown(t *testing.T, address string, rules ...driver.Rule) driver.Topology {
	t.Helper()
	told := redAndBlue()
	lo := subnet("127.64.0.0/16")
	told.Routers[0].Outside, told.External = outsideLeg("street", 9, lo), map[string][]driver.Subnet{"street": {lo}}
	told.Floating = []driver.FloatingIP{{
		ID: "f", Address: netip.MustParseAddr(address), RouterID: "r", PortID: "red-port-5", Fixed: netip.MustParseAddr("10.0.0.5"),
	}}
	told.Security = map[string]driver.PortSecurity{"red-port-5": {Groups: []string{"g"}, Addresses: []netip.Addr{netip.MustParseAddr("10.0.0.5")}}}
	told.Groups = map[string][]driver.Rule{"g": append(rules, driver.Rule{Egress: true, Protocol: -1, First: -1, Last: -1})}
	return told
}

// hostAddress is a loopback address of this process's own, by what a test calls it.
func hostAddress(n byte) string {
	return netip.AddrFrom4([4]byte{127, 64, byte(1 + os.Getpid()%250), n}).String()
}

func tcpRule(first, last int) driver.Rule { return driver.Rule{Protocol: 6, First: first, Last: last} }

func doorsOf(f *Fabric) string {
	var all []string
	for _, d := range f.Doors() {
		all = append(all, fmt.Sprintf("%s %d@%d", d.Protocol, d.Port, d.Listens.Port()))
	}
	return strings.Join(all, " ")
}

func TestFloatingAddressFromTheHost(t *testing.T) {
	t.Parallel()
	f := newFabric(t, Options{})
	tell := func(told driver.Topology) {
		t.Helper()
		if err := f.Follow(t.Context(), told); err != nil {
			t.Fatal(err)
		}
	}
	open := loopbackTown(t, hostAddress(5), tcpRule(8022, 8022), tcpRule(9022, 9022))
	tell(open)
	g := newGuest(t, f, testPort("red", 5, redLan()))
	g.echo(8022)
	if got := doorsOf(f); got != "tcp 8022@8022 tcp 9022@9022" {
		t.Fatalf("doors: %s", got)
	}
	c, err := net.Dial("tcp4", hostAddress(5)+":8022")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	roundTrip(t, c, strings.Repeat("from the host ", 10_000))
	refused, err := net.Dial("tcp4", hostAddress(5)+":9022") // open, but nobody in the guest listens
	if err == nil {
		_, err = refused.Read(make([]byte, 1))
		_ = refused.Close()
	}
	if err == nil {
		t.Error("nobody answered")
	}

	tell(loopbackTown(t, hostAddress(5), tcpRule(9022, 9022)))
	if _, err := c.Read(make([]byte, 1)); err == nil {
		t.Error("the connection outlives its door")
	}
	if c, err := net.Dial("tcp4", hostAddress(5)+":8022"); err == nil {
		_ = c.Close()
		t.Error("a port that no rule opens is listened on")
	}
	open.Floating = nil
	tell(open)
	if got := doorsOf(f); got != "" {
		t.Errorf("doors of a floating address that is none: %s", got)
	}
}

func TestDoorsAreWhereRulesLetIn(t *testing.T) {
	t.Parallel()
	usual := []uint16{22, 8080}
	for _, c := range []struct {
		rule      driver.Rule
		want, udp []uint16
	}{
		{tcpRule(22, 22), []uint16{22}, nil},
		{tcpRule(3000, 3002), []uint16{3000, 3001, 3002}, nil},
		{tcpRule(1, 65535), usual, nil},
		{tcpRule(-1, -1), usual, nil},
		{tcpRule(8000, 9000), []uint16{8080}, nil},
		{driver.Rule{Protocol: -1, First: -1, Last: -1}, usual, usual},
		{driver.Rule{Protocol: 17, First: 53, Last: 54}, nil, []uint16{53, 54}},
		{driver.Rule{Protocol: 17, First: 1, Last: 9000}, nil, usual},
		{driver.Rule{Protocol: 6, First: 22, Last: 22, IPv6: true}, nil, nil},
		{driver.Rule{Protocol: 6, First: 22, Last: 22, RemotePrefix: netip.MustParsePrefix("10.0.0.0/8")}, nil, nil},
		{driver.Rule{Protocol: 6, First: 22, Last: 22, RemotePrefix: netip.MustParsePrefix("192.0.2.0/24")}, []uint16{22}, nil},
	} {
		r, err := readRule(c.rule, nil)
		if err != nil {
			t.Fatal(err)
		}
		for protocol, want := range map[uint8][]uint16{protocolTCP: c.want, protocolUDP: c.udp} {
			if got := r.admitted(opening{remote: callers[0], protocol: protocol}, usual); !slices.Equal(got, want) {
				t.Errorf("%+v: protocol %d: %v, want %v", c.rule, protocol, got, want)
			}
		}
	}
}

// TestHairpin: a guest reaches another one's floating address, and its own: beside it on the network, on another one of
// the router's, on another router's, and outside.
func TestHairpin(t *testing.T) {
	t.Parallel()
	f := newFabric(t, Options{})
	told := redAndBlue()
	told.Routers = append(told.Routers, driver.Router{
		ID: "s", Inside: []driver.RouterPort{leg("green", 3, redLan())}, Outside: outsideLeg("street", 10, street()), SNAT: true,
	})
	for address, at := range map[string]driver.FloatingIP{
		"203.0.113.50": {ID: "f", RouterID: "r", PortID: "red-port-5", Fixed: netip.MustParseAddr("10.0.0.5")},
		"203.0.113.51": {ID: "g", RouterID: "s", PortID: "green-port-7", Fixed: netip.MustParseAddr("10.0.0.7")},
	} {
		at.Address = netip.MustParseAddr(address)
		told.Floating = append(told.Floating, at)
	}
	follow(t, f, told)
	g := newGuest(t, f, testPort("red", 5, redLan()))
	g.echo(7)
	for _, from := range []*guest{
		g, newGuest(t, f, testPort("red", 6, redLan())), newGuest(t, f, testPort("blue", 7, blueLan())), newGuest(t, f, testPort("street", 8, street())),
		newGuest(t, f, testPort("green", 5, redLan())), newGuest(t, f, testPort("green", 7, redLan())), // without a floating address, and with one
	} {
		c, err := from.dial(patient(t), "tcp", "203.0.113.50:7")
		if err != nil {
			t.Fatalf("%s: %v", from.port.ID, err)
		}
		roundTrip(t, c, strings.Repeat("by the front door ", 1000))
		_ = c.Close()
	}
}

// TestClosedFabricFollowsNothing: what is told late opens no door that nobody would close.
func TestClosedFabricFollowsNothing(t *testing.T) {
	t.Parallel()
	f := newFabric(t, Options{})
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if err := f.Follow(t.Context(), loopbackTown(t, hostAddress(6), tcpRule(8022, 8022))); !errors.Is(err, net.ErrClosed) {
		t.Errorf("a closed fabric follows: %v", err)
	}
	if got := doorsOf(f); got != "" {
		t.Errorf("doors: %s", got)
	}
}
