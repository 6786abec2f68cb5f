// SPDX-License-Identifier: MPL-2.0

package network

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

const (
	defaultMTU = 1500
	minMTU     = 576
	maxMTU     = 65000
	bufferSize = 2048 // of a pooled frame: everything but jumbo frames
)

// settings are what Plug asked for, read once. They are the same on every host.
type settings struct {
	driver.Port // without Host
	guard       guard
	lease       *lease  // nil: no DHCP on the port's subnets
	lease6      *lease6 // nil: no DHCPv6
}

func readSettings(p driver.Port, domain string) (*settings, error) {
	hw, err := parseMAC(p.MAC)
	if err != nil {
		return nil, err
	}
	if p.ID == "" || p.NetworkID == "" {
		return nil, errors.New("a port needs an id and a network")
	}
	if p.MTU == 0 {
		p.MTU = defaultMTU
	}
	if p.MTU < minMTU || p.MTU > maxMTU {
		return nil, fmt.Errorf("MTU %d is not within %d-%d", p.MTU, minMTU, maxMTU)
	}
	p.Host, p.Addresses = "", slices.Clone(p.Addresses)
	ips := map[netip.Addr]bool{hw.linkLocal(): true}
	for i, a := range p.Addresses {
		if !a.IP.IsValid() || a.IP.Unmap() != a.IP || !a.Subnet.CIDR.Contains(a.IP) {
			return nil, fmt.Errorf("address %s is not in subnet %s", a.IP, a.Subnet.CIDR)
		}
		p.Addresses[i].Subnet.CIDR = a.Subnet.CIDR.Masked()
		ips[a.IP] = true
	}
	if p.Hostname == "" {
		p.Hostname = defaultHostname(p.Addresses)
	}
	s := &settings{Port: p, guard: guard{mac: hw, ips: ips, size: p.MTU + ethernetLen}}
	s.lease, s.lease6 = newLease(s, domain), newLease6(s, domain)
	return s, nil
}

// Stats counts a port's frames since it was plugged, as its guest sees them.
type Stats struct {
	TxFrames, TxBytes uint64 // sent by the guest
	RxFrames, RxBytes uint64 // delivered to the guest
	TxDropped         uint64 // refused: spoofed, malformed, too long or not allowed
	RxDropped         uint64 // lost: the guest did not read, or is not there
	RxRefused         uint64 // not allowed
}

type counters struct {
	txFrames, txBytes, rxFrames, rxBytes, txDropped, rxDropped, rxRefused atomic.Uint64
}

// port is a plugged port. It is bound on a host, or while its machine moves on two: its frames then go to
// where the guest has last been heard, to nowhere else, and before that to the first of them.
type port struct {
	settings atomic.Pointer[settings]
	policy   atomic.Pointer[policy]
	network  *network
	buffers  *sync.Pool
	counters counters
	tracked  conntrack
	metadata atomic.Int32 // connections to the metadata service
	active   atomic.Pointer[binding]

	parent   *port  // carries it, behind the tag vlan; nil: it is bound to hosts itself
	vlan     uint16 // of a sub-port
	left     atomic.Bool
	branches atomic.Pointer[map[uint16]*port] // of a trunk: its sub-ports, by tag

	mu       sync.Mutex // of those that change active
	bindings []*binding // as they were plugged; changed under the fabric's lock
}

func newPort(n *network, s *settings, buffers *sync.Pool) *port {
	p := &port{network: n, buffers: buffers}
	p.settings.Store(s)
	return p
}

// settle gives a guest that outlived another process time for its connections to be found again.
func (p *port) settle(dir, host string) {
	local, _ := socketPaths(dir, p.settings.Load().ID, host)
	if _, err := os.Lstat(local); err == nil {
		p.tracked.settled = p.network.watch.now() + settling
	}
}

// bind makes the port one of that host, too; nil if it is one. It begins to read and write with start.
func (p *port) bind(dir, host string) (*binding, error) {
	if p.on(host) != nil {
		return nil, nil //nolint:nilnil // nothing is new
	}
	b, err := newBinding(p, dir, host)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.bindings = append(p.bindings, b)
	if len(p.bindings) == 1 {
		p.active.Store(b)
	}
	return b, nil
}

// on is the port's binding on a host; nil if there is none.
func (p *port) on(host string) *binding {
	for _, b := range p.bindings {
		if b.host == host {
			return b
		}
	}
	return nil
}

// moveTo follows a guest that was heard on another host than before.
func (p *port) moveTo(b *binding) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !b.closed() {
		p.active.Store(b)
	}
}

// leave closes a binding.
func (p *port) leave(b *binding) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.bindings = slices.DeleteFunc(p.bindings, func(other *binding) bool { return other == b })
	if len(p.bindings) > 0 && p.active.Load() == b {
		p.active.Store(p.bindings[0])
	}
	b.close()
}

// close closes all bindings, and returns those that were open, to be waited for.
func (p *port) close() []*binding {
	p.left.Store(true)
	open := slices.Clone(p.bindings)
	for _, b := range open {
		p.leave(b)
	}
	return open
}

// closed tells whether the port is plugged no more.
func (p *port) closed() bool { return p.left.Load() }

// send gives the guest a copy of the frame.
func (p *port) send(frame []byte) {
	if p.parent != nil {
		p.parent.active.Load().send(p, frame)
		return
	}
	p.active.Load().send(p, frame)
}

func (p *port) stats() Stats {
	c := &p.counters
	return Stats{
		TxFrames: c.txFrames.Load(), TxBytes: c.txBytes.Load(), TxDropped: c.txDropped.Load(),
		RxFrames: c.rxFrames.Load(), RxBytes: c.rxBytes.Load(), RxDropped: c.rxDropped.Load(), RxRefused: c.rxRefused.Load(),
	}
}

// nic is what the machine's driver on a host must know.
func (p *port) nic(host string) driver.NIC {
	s, b := p.settings.Load(), p.on(host)
	return driver.NIC{PortID: s.ID, MAC: s.MAC, MTU: s.MTU, Local: b.local, Switch: b.bound}
}
