// SPDX-License-Identifier: MPL-2.0

package network

import (
	"net/netip"
	"testing"

	"gvisor.dev/gvisor/pkg/tcpip/header"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

func TestTrunk(t *testing.T) {
	t.Parallel()
	f := newFabric(t, Options{})
	red, blue := subnet("10.0.0.0/24"), subnet("10.1.0.0/24")
	parent := newStation(t, f, testPort("red", 5, red))
	beside, behind := newStation(t, f, testPort("red", 6, red)), newStation(t, f, testPort("blue", 6, blue))
	sub := testPort("blue", 7, blue)
	sub.Device = ""
	told := driver.Topology{Sequence: 1, Unlimited: true, Trunks: []driver.Trunk{{PortID: parent.port.ID, SubPorts: []driver.SubPort{{Port: sub, VLAN: 100}}}}}
	follow := func() {
		t.Helper()
		told.Sequence++
		if err := f.Follow(t.Context(), told); err != nil {
			t.Fatal(err)
		}
	}
	follow()
	inside := &station{t: t, port: sub, mac: mac{0xfa, 0x16, 0x3e, 0, 0, 7}, ip: sub.Addresses[0].IP}
	tagged := func(frame []byte, vlan uint16) []byte { return tag(nil, frame, vlan) }
	carries := func(what string, want bool) {
		t.Helper()
		before, _ := f.PortStats(behind.port.ID)
		behind.send(behind.datagram(inside, what))
		behind.send(arpFrame(behind.mac, header.ARPRequest, behind.mac, behind.ip, behind.ip))
		if err := waitUntil(t, func() bool { // when the second frame has been taken, the first is through
			now, err := f.PortStats(behind.port.ID)
			return err == nil && now.TxFrames == before.TxFrames+2
		}); err != nil {
			t.Fatal(err)
		}
		beside.send(beside.datagram(parent, "and then"))
		got := false
		parent.next("frame of its own network", func(g []byte) bool {
			if etherType(g) == vlanProtocol && string(g) == string(tagged(behind.datagram(inside, what), 100)) {
				got = true
			}
			return payload(g) == "and then"
		})
		if got != want {
			t.Errorf("%s: carried %t", what, got)
		}
	}
	carries("to the sub-port", true)
	parent.send(tagged(inside.datagram(behind, "of another tag"), 101))
	parent.send(tagged(behind.datagram(behind, "spoofed"), 100))
	parent.send(inside.datagram(beside, "not tagged"))
	parent.send(tagged(inside.datagram(behind, "from the sub-port"), 100))
	behind.next("frame of the sub-port", func(g []byte) bool {
		if p := payload(g); p != "" && p != "from the sub-port" {
			t.Errorf("heard %q", p)
		}
		return payload(g) == "from the sub-port"
	})
	if device := f.port(sub.ID).settings.Load().Device; device != parent.port.Device {
		t.Errorf("the sub-port is of device %q", device)
	}

	told.Trunks = nil
	follow()
	if f.port(sub.ID) != nil {
		t.Error("a sub-port of no trunk is plugged")
	}
	carries("without a trunk", false)
	told.Trunks = []driver.Trunk{{PortID: parent.port.ID, SubPorts: []driver.SubPort{{Port: sub, VLAN: 100}}}}
	follow()
	carries("with it again", true)

	small := sub // Neutron has networks of 68 bytes
	small.ID, small.MTU = "too-small", 68
	told.Trunks = []driver.Trunk{{PortID: parent.port.ID, SubPorts: []driver.SubPort{{Port: small, VLAN: 7}, {Port: sub, VLAN: 100}}}}
	follow()
	carries("beside a sub-port that cannot be", true)
	if f.port(small.ID) != nil {
		t.Error("a sub-port that cannot be is plugged")
	}

	if err := f.Unplug(t.Context(), parent.port.ID); err != nil {
		t.Fatal(err)
	}
	if f.port(sub.ID) != nil {
		t.Error("a sub-port outlives its trunk")
	}
	plug(t, f, parent.port)
	if f.port(sub.ID) == nil {
		t.Error("a trunk that is plugged again carries nothing")
	}

	for what, vlan := range map[string]uint16{"no tag": 0, "a reserved tag": 4095, "another's tag": 100} {
		told.Sequence++
		bad := testPort("blue", 9, blue)
		told.Trunks = []driver.Trunk{{PortID: parent.port.ID, SubPorts: []driver.SubPort{{Port: sub, VLAN: 100}, {Port: bad, VLAN: vlan}}}}
		if err := f.Follow(t.Context(), told); err != nil {
			t.Errorf("beside a sub-port with %s: %v", what, err)
		}
		if f.port(bad.ID) != nil || f.port(sub.ID) == nil {
			t.Errorf("a sub-port with %s is plugged, or the other is not", what)
		}
	}
}

// TestTagsOfOthers: a machine's sub-ports are reached by their networks alone, not by tagged frames on the trunk's own.
func TestTagsOfOthers(t *testing.T) {
	t.Parallel()
	f := newFabric(t, Options{})
	red, blue := subnet("10.0.0.0/24"), subnet("10.1.0.0/24")
	parent, hopper := newStation(t, f, testPort("red", 5, red)), newStation(t, f, testPort("red", 6, red))
	inside := &station{mac: mac{0xfa, 0x16, 0x3e, 0, 0, 7}, ip: netip.MustParseAddr("10.1.0.7")}
	told := driver.Topology{
		Security: map[string]driver.PortSecurity{parent.port.ID: {Disabled: true}, hopper.port.ID: {Disabled: true}},
		Trunks:   []driver.Trunk{{PortID: parent.port.ID, SubPorts: []driver.SubPort{{Port: testPort("blue", 7, blue), VLAN: 100}}}},
	}
	if err := f.Follow(t.Context(), told); err != nil {
		t.Fatal(err)
	}
	hop := hopper.datagram(inside, "hop")
	copy(hop, parent.mac[:])
	hopper.send(tag(nil, hop, 100))
	hopper.send(hopper.datagram(parent, "and then"))
	parent.next("frame without a tag", func(g []byte) bool {
		if etherType(g) == vlanProtocol {
			t.Error("a frame of the trunk's own network came to the machine as one of another")
		}
		return payload(g) == "and then"
	})
}
