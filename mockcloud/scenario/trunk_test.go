// SPDX-License-Identifier: MPL-2.0

package scenario

import (
	"fmt"
	"strings"
	"testing"
)

// TestTrunk: behind its VLAN tag a guest is on the network of a sub-port, at once, with that port's addresses, and no longer
// than the port is in the trunk.
func TestTrunk(t *testing.T) {
	t.Parallel()
	c := cloud(t)
	const ports = "/network/v2.0/ports"
	far := c.subnet("trunk", "10.81.0.0/24")
	peer := c.boot(with{"name": "trunk-peer", "networks": []with{{"uuid": far}}})
	parent := c.make(ports, "port", with{"network_id": c.network})
	trunk := c.make("/network/v2.0/trunks", "trunk", with{"port_id": parent})
	s := c.boot(with{"name": "trunk", "networks": []with{{"port": parent}}})

	sub := c.make(ports, "port", with{"network_id": far})
	var made struct {
		Port struct {
			MAC string `json:"mac_address"`
			IPs []struct {
				Address string `json:"ip_address"`
			} `json:"fixed_ips"`
		}
	}
	c.call("GET", ports+"/"+sub, nil, &made)
	address := made.Port.IPs[0].Address
	subPorts := with{"sub_ports": []with{{"port_id": sub, "segmentation_type": "vlan", "segmentation_id": 10}}}
	c.call("PUT", "/network/v2.0/trunks/"+trunk+"/add_subports", subPorts, nil)
	s.run(fmt.Sprintf("ip link add link eth0 name eth0.10 type vlan id 10 && ip link set dev eth0.10 address %s && "+
		"ip link set dev eth0.10 up && ip addr add %s/24 dev eth0.10", made.Port.MAC, address))
	for at, to := range map[*server]string{s: peer.fixed(), peer: address} {
		if got := at.run("ping -c 3 -W 2 " + to); !strings.Contains(got, " 0% packet loss") {
			t.Errorf("%s does not reach %s: %s", at.ID, to, got)
		}
	}

	c.call("PUT", "/network/v2.0/trunks/"+trunk+"/remove_subports", subPorts, nil)
	if got, err := s.attempt("ping -c 1 -W 1 " + peer.fixed()); err == nil {
		t.Errorf("without the sub-port the peer answers: %s", got)
	}
	if got := s.run("cat /proc/net/vlan/config"); !strings.Contains(got, "eth0.10") {
		t.Errorf("the guest's VLANs are %s", got)
	}
}
