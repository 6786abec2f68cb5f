// SPDX-License-Identifier: MPL-2.0

package scenario

import (
	"net/netip"
	"strconv"
	"testing"
)

// TestFping boots a server on a network of os-networks, and hears of os-fping what its guest does about echo requests:
// it answers, it keeps still, it is off. On resetNetwork the guest sees its link go and come back.
func TestFping(t *testing.T) {
	t.Parallel()
	c := cloud(t)
	old := c.at("2.4")
	var made struct{ Network struct{ ID, CIDR string } }
	old.call("POST", "/os-networks", with{"network": with{
		"label": "fping", "cidr": "10.91.0.0/24", "dhcp_server": "10.91.0.3", "allowed_start": "10.91.0.40", "project_id": c.project,
	}}, &made)
	c.later("/network/v2.0/networks/" + made.Network.ID) // nova-network's own way would have the project leave it first
	s := c.boot(with{"networks": []with{{"uuid": made.Network.ID}}})
	address := s.port().address(false)
	if a := netip.MustParseAddr(address); a.Less(netip.MustParseAddr("10.91.0.40")) || !netip.MustParsePrefix(made.Network.CIDR).Contains(a) {
		t.Errorf("the address %s is not one that is allowed", address)
	}
	s.run("ip -4 -o addr | grep -q ' " + address + "/'")
	s.run("ping -c 1 -W 5 10.91.0.3") // the network's services are where its DHCP server is to be

	alive := func() bool {
		t.Helper()
		var said struct{ Server struct{ Alive bool } }
		old.call("GET", "/os-fping/"+s.ID, nil, &said)
		return said.Server.Alive
	}
	ignore := func(echo string) { s.run("echo " + echo + " > /proc/sys/net/ipv4/icmp_echo_ignore_all") }
	if !alive() {
		t.Error("the guest runs, and is not alive")
	}
	ignore("1")
	if alive() {
		t.Error("the guest keeps still, and is alive")
	}
	ignore("0")
	if !alive() {
		t.Error("the guest answers again, and is not alive")
	}

	carrier := func() int {
		t.Helper()
		changes, err := strconv.Atoi(s.run("cat /sys/class/net/eth0/carrier_changes"))
		if err != nil {
			t.Fatal(err)
		}
		return changes
	}
	before := carrier()
	s.do("resetNetwork", nil)
	s.eventually("the link goes and comes back", func() bool { return carrier() >= before+2 })
	s.eventually("the guest is alive after resetNetwork", alive)

	var held struct {
		IP struct {
			Host, Hostname string
			Reserved       bool
		} `json:"fixed_ip"`
	}
	old.call("GET", "/os-fixed-ips/"+address, nil, &held)
	if held.IP.Host != s.show().Host || held.IP.Hostname != s.Name || held.IP.Reserved {
		t.Errorf("os-fixed-ips tells %+v of %s on %s", held.IP, s.Name, s.show().Host)
	}
	s.do("os-stop", nil)
	s.wait("SHUTOFF")
	if alive() {
		t.Error("the guest is off, and alive")
	}
}
