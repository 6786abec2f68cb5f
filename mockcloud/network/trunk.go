// SPDX-License-Identifier: MPL-2.0

package network

import (
	"encoding/binary"
	"fmt"
	"reflect"
)

const (
	vlanProtocol = 0x8100 // 802.1Q
	vlanTagLen   = 4
	maxVLAN      = 4094
)

// trunk is a plugged port that carries others: those of its machine's on other networks, each behind a VLAN tag.
type trunk struct {
	parent string
	subs   []subPort
}

type subPort struct {
	settings *settings
	vlan     uint16
}

// readTrunks checks the topology's trunks; those that are what they were are taken over. A sub-port that cannot be
// plugged is left out, as a port that cannot is refused alone: nobody's rules wait for it.
func (f *Fabric) readTrunks(t, old *topology) {
	if t.trunks = old.trunks; reflect.DeepEqual(t.Trunks, old.Trunks) {
		return
	}
	t.trunks = nil
	for _, told := range t.Trunks {
		read := trunk{parent: told.PortID}
		seen := make(map[uint16]bool)
		for _, sub := range told.SubPorts {
			s, err := readSettings(sub.Port, f.options.Domain)
			if sub.VLAN == 0 || sub.VLAN > maxVLAN || seen[sub.VLAN] {
				err = fmt.Errorf("VLAN %d is none, or another's", sub.VLAN)
			}
			if err != nil {
				f.options.Log.Error("sub-port not plugged", "port", sub.Port.ID, "parent", told.PortID, "error", err)
				continue
			}
			seen[sub.VLAN] = true
			read.subs = append(read.subs, subPort{s, sub.VLAN})
		}
		t.trunks = append(t.trunks, read)
	}
}

// branch brings the sub-ports of plugged trunks to what the topology says. One that cannot join its network is left
// out: the others do not wait for it. Called with the fabric's lock held.
func (f *Fabric) branch(t *topology) (left departure) {
	carried := make(map[*port]map[uint16]*port)
	stays := make(map[string]bool)
	for _, k := range t.trunks {
		parent := f.ports[k.parent]
		if parent == nil || parent.parent != nil {
			continue
		}
		carried[parent] = make(map[uint16]*port, len(k.subs))
		for _, sub := range k.subs {
			if old := f.ports[sub.settings.ID]; old != nil && !old.isBranch(parent, sub) {
				left.add(f.unplug(old.settings.Load().ID))
			}
			p, err := f.graft(parent, sub)
			if err != nil {
				f.options.Log.Error("sub-port not plugged", "port", sub.settings.ID, "parent", k.parent, "error", err)
				continue
			}
			carried[parent][sub.vlan], stays[sub.settings.ID] = p, true
		}
	}
	for id, p := range f.ports {
		if p.parent != nil && !stays[id] {
			left.add(f.unplug(id))
		}
		if branches := carried[p]; len(branches) > 0 || p.branches.Load() != nil {
			p.branches.Store(&branches)
		}
	}
	return left
}

// trunk tells whether the port's machine takes tagged frames for its sub-ports'.
func (p *port) trunk() bool {
	branches := p.branches.Load()
	return branches != nil && len(*branches) > 0
}

// isBranch tells whether a port is already what a trunk's sub-port is to be.
func (p *port) isBranch(parent *port, sub subPort) bool {
	return p.parent == parent && p.vlan == sub.vlan && p.network.id == sub.settings.NetworkID
}

// graft plugs a sub-port, or changes a plugged one.
func (f *Fabric) graft(parent *port, sub subPort) (*port, error) {
	s := *sub.settings
	s.Device = parent.settings.Load().Device
	return f.plug(&s, func(n *network) (*port, *binding, error) {
		p := f.ports[s.ID]
		if p == nil {
			p = newPort(n, &s, &f.buffers)
			p.parent, p.vlan = parent, sub.vlan
		}
		return p, nil, nil
	})
}

// carry takes a tagged frame of a trunk's machine to the sub-port that it is for; false when the tag is none's.
// The frame is written over.
func (p *port) carry(f []byte) bool {
	branches := p.branches.Load()
	if branches == nil || len(f) < ethernetLen+vlanTagLen || etherType(f) != vlanProtocol {
		return false
	}
	sub := (*branches)[binary.BigEndian.Uint16(f[ethernetLen:])&0xfff]
	if sub == nil {
		return false
	}
	copy(f[vlanTagLen:], f[:ethernetLen-2])
	sub.network.receive(sub, f[vlanTagLen:])
	return true
}

// tag is a copy of the frame with a VLAN tag, in buf if that is large enough.
func tag(buf, frame []byte, vlan uint16) []byte {
	const macs = ethernetLen - 2
	tagged := append(buf[:0], frame[:macs]...)
	tagged = binary.BigEndian.AppendUint16(tagged, vlanProtocol)
	tagged = binary.BigEndian.AppendUint16(tagged, vlan)
	return append(tagged, frame[macs:]...)
}
