// SPDX-License-Identifier: MPL-2.0

package scenario

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// TestInterface plugs a NIC into a server that runs, whose guest configures itself, and out again.
func TestInterface(t *testing.T) {
	t.Parallel()
	c := cloud(t)
	other := c.subnet("interface", "10.79.0.0/24")
	peer := c.boot(with{"name": "nic-peer", "networks": []with{{"uuid": other}}})
	s := c.boot(with{"name": "nic-one"})
	var made struct {
		Attachment struct {
			PortID string `json:"port_id"`
			MAC    string `json:"mac_addr"`
			IPs    []struct {
				Address string `json:"ip_address"`
			} `json:"fixed_ips"`
		} `json:"interfaceAttachment"`
	}
	s.call("POST", s.path("/os-interface"), with{"interfaceAttachment": with{"net_id": other, "tag": "second"}}, &made)
	nic := made.Attachment
	address := nic.IPs[0].Address
	s.eventually("the guest gives its new NIC its address", func() bool {
		said, err := s.attempt("ip -4 -o addr")
		return err == nil && strings.Contains(said, " "+address+"/")
	})
	if got := peer.run("ping -c 3 -W 2 " + address); !strings.Contains(got, " 0% packet loss") {
		t.Errorf("the new NIC is not reached: %s", got)
	}
	s.checkNIC(nic.MAC)

	s.call("DELETE", s.path("/os-interface/"+nic.PortID), nil, nil)
	s.eventually("the NIC is gone from the guest", func() bool {
		said, err := s.attempt("cat /sys/class/net/*/address")
		return err == nil && !strings.Contains(said, nic.MAC)
	})
	s.eventually("and from the API", func() bool { return len(s.show().Addresses) == 1 })
	if got, err := peer.attempt("ping -c 1 -W 1 " + address); err == nil {
		t.Errorf("the detached address answers: %s", got)
	}

	// What is plugged into a server that is off is there when it starts.
	s.do("os-stop", nil)
	s.wait("SHUTOFF")
	s.call("POST", s.path("/os-interface"), with{"interfaceAttachment": with{"net_id": other}}, &made)
	s.do("os-start", nil)
	s.wait("ACTIVE")
	s.eventually("the guest gives the NIC its address", func() bool {
		said, err := s.attempt("ip -4 -o addr")
		return err == nil && strings.Contains(said, " "+made.Attachment.IPs[0].Address+"/")
	})
}

// checkNIC compares what the metadata tells of the tagged NIC with the guest's own view of its bus.
func (s *server) checkNIC(mac string) {
	s.t.Helper()
	var meta struct {
		Devices []struct {
			Bus, Address, MAC string
			Tags              []string
		}
	}
	if err := json.Unmarshal([]byte(s.run("wget -q -O - http://169.254.169.254/openstack/latest/meta_data.json")), &meta); err != nil {
		s.t.Fatal(err)
	}
	seen := s.run(fmt.Sprintf(`for n in /sys/class/net/*; do [ "$(cat $n/address)" = %s ] && readlink $n | tr / '\n' | grep '^0000:' | tail -n 1; done; true`, mac))
	if len(meta.Devices) != 1 || meta.Devices[0].MAC != mac || meta.Devices[0].Address != seen || meta.Devices[0].Bus != "pci" {
		s.t.Errorf("the guest has it at %s, the metadata says %+v", seen, meta.Devices)
	}
}
