// SPDX-License-Identifier: MPL-2.0

package network

import (
	"cmp"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

const (
	privileged = 1024  // ports below are root's, as a rule
	shifted    = 10000 // where those are instead: 22 is at 10022
	wholeRange = 64    // ports of a rule that are all listened on; of a wider one only the usual
)

// usualPorts are what is listened on where a rule opens a wide range of ports of a protocol.
func usualPorts(protocol uint8) []uint16 {
	if protocol == protocolUDP {
		return []uint16{53, 123, 161, 443, 500, 514, 1194, 1812, 3478, 4500, 5060, 51820}
	}
	return []uint16{21, 22, 25, 53, 80, 443, 3000, 3306, 3389, 5000, 5432, 5900, 6379, 6443, 8000, 8080, 8081, 8443, 9000, 9090, 9100}
}

// doors are the host's sockets for floating addresses that are loopback addresses, which are the host's own
// without any configuration on Linux. Each is there while its floating address leads somewhere and a security
// group lets the host in on that port: where nobody may pass, nobody listens.
type doors struct {
	log   *slog.Logger
	clock clock.Clock
	usual map[uint8][]uint16 // by protocol

	mu    sync.Mutex
	open  map[doorKey]*door
	tried map[doorKey]bool // whose failure has been told
	done  sync.WaitGroup
}

type doorKey struct {
	address  netip.Addr
	protocol uint8
	port     uint16
}

// door is one port of a floating address.
type door struct {
	driver.Door
	caller netip.Addr              // where the host is, as the guest sees it
	beyond atomic.Pointer[network] // the external network
	socket io.Closer
	stop   context.CancelFunc
}

func newDoors(o Options) *doors {
	d := &doors{log: o.Log, clock: o.Clock, usual: make(map[uint8][]uint16), open: make(map[doorKey]*door), tried: make(map[doorKey]bool)}
	for _, protocol := range []uint8{protocolTCP, protocolUDP} {
		if d.usual[protocol] = o.FloatingPorts; o.FloatingPorts == nil {
			d.usual[protocol] = usualPorts(protocol)
		}
	}
	return d
}

// wantedDoor is a door that ought to be.
type wantedDoor struct {
	driver.FloatingIP
	caller netip.Addr
	beyond *network
}

// doorsOf are the doors that a topology has. Called with the fabric's lock held.
func (f *Fabric) doorsOf(t *topology) map[doorKey]wantedDoor {
	lead := make(map[string]*router)
	for _, r := range f.routing.routers {
		if r.outside != nil && r.caller.IsValid() {
			lead[r.id] = r
		}
	}
	wanted := make(map[doorKey]wantedDoor)
	for _, a := range t.Floating {
		r := lead[a.RouterID]
		if r == nil || !a.Address.IsLoopback() {
			continue
		}
		for protocol, usual := range f.doors.usual {
			for _, port := range t.security.admitted(a.PortID, opening{remote: r.caller, protocol: protocol}, usual) {
				wanted[doorKey{a.Address, protocol, port}] = wantedDoor{a, r.caller, r.outside.network}
			}
		}
	}
	return wanted
}

// admitted are the ports on which a port's guest can be called as asked.
func (s *security) admitted(portID string, asked opening, usual []uint16) []uint16 {
	p := s.ports[portID]
	switch {
	case p.Down:
		return nil
	case s.unlimited || p.Disabled:
		return usual
	}
	ports := make(map[uint16]bool)
	for _, id := range p.Groups {
		for _, r := range s.groups[id].ingress {
			for _, n := range r.admitted(asked, usual) {
				ports[n] = true
			}
		}
	}
	all := make([]uint16, 0, len(ports))
	for n := range ports {
		all = append(all, n)
	}
	return all
}

// admitted are the ports that a rule opens to who asks, as far as they are listened on.
func (r *rule) admitted(asked opening, usual []uint16) (ports []uint16) {
	first, last := max(r.First, 1), r.Last
	if last < 0 {
		last = 65535
	}
	if last-first < wholeRange {
		for n := first; n <= last; n++ {
			if asked.port = uint16(n); r.allows(&asked) {
				ports = append(ports, asked.port)
			}
		}
		return ports
	}
	for _, asked.port = range usual {
		if r.allows(&asked) {
			ports = append(ports, asked.port)
		}
	}
	return ports
}

// follow opens and closes doors until they are those that are wanted. What is closed is so at once, with
// every connection through it.
func (d *doors) follow(wanted map[doorKey]wantedDoor) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for key, was := range d.open {
		if w, stays := wanted[key]; !stays || w.PortID != was.PortID || w.Fixed != was.Fixed || w.caller != was.caller {
			was.close()
			delete(d.open, key)
		}
	}
	for key := range d.tried {
		if _, still := wanted[key]; !still {
			delete(d.tried, key)
		}
	}
	for key, w := range wanted {
		if has := d.open[key]; has != nil {
			has.beyond.Store(w.beyond)
			continue
		}
		made, err := d.listen(key, w)
		if err == nil {
			d.open[key] = made
			delete(d.tried, key)
		} else if !d.tried[key] {
			d.tried[key] = true
			d.log.Warn("a floating IP is not listened for", "address", key.address, "protocol", key.name(), "port", key.port, "error", err)
		}
	}
}

// name is the protocol's, as Neutron and net.Listen have it.
func (k doorKey) name() string {
	if k.protocol == protocolUDP {
		return "udp"
	}
	return "tcp"
}

// listen opens a door. Where a port below 1024 is not to be had, it is at 10000 more.
func (d *doors) listen(key doorKey, w wantedDoor) (*door, error) {
	ctx, stop := context.WithCancel(context.Background())
	made := &door{caller: w.caller, stop: stop, Door: driver.Door{
		Address: key.address, Protocol: key.name(), Port: key.port, PortID: w.PortID, Fixed: w.Fixed,
	}}
	made.beyond.Store(w.beyond)
	serve, err := made.bind(ctx, key.port)
	if key.port < privileged && (errors.Is(err, syscall.EACCES) || errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.EADDRINUSE)) {
		serve, err = made.bind(ctx, key.port+shifted)
	}
	if err != nil {
		stop()
		return nil, err
	}
	d.done.Go(func() { serve(ctx, d.clock) })
	return made, nil
}

// bind opens the door's socket, and tells who is to serve it until that is closed.
func (d *door) bind(ctx context.Context, port uint16) (serve func(context.Context, clock.Clock), err error) {
	var listening net.ListenConfig
	d.Listens = netip.AddrPortFrom(d.Address, port)
	if d.Protocol == "udp" {
		packets, err := listening.ListenPacket(ctx, "udp4", d.Listens.String())
		if err != nil {
			return nil, err
		}
		d.socket = packets
		return newTalks(d, packets.(*net.UDPConn)).serve, nil
	}
	listener, err := listening.Listen(ctx, "tcp4", d.Listens.String())
	if err != nil {
		return nil, err
	}
	d.socket = listener
	return (&calls{door: d, listener: listener}).serve, nil
}

func (d *door) close() {
	d.stop()
	_ = d.socket.Close()
}

// close closes all doors, and waits for who is in them.
func (d *doors) close() {
	d.follow(nil)
	d.done.Wait()
}

// Doors are where the host listens for floating addresses, in order: TCP before UDP.
func (f *Fabric) Doors() []driver.Door {
	f.doors.mu.Lock()
	defer f.doors.mu.Unlock()
	list := make([]driver.Door, 0, len(f.doors.open))
	for _, d := range f.doors.open {
		list = append(list, d.Door)
	}
	slices.SortFunc(list, func(a, b driver.Door) int {
		return cmp.Or(a.Address.Compare(b.Address), cmp.Compare(a.Port, b.Port), cmp.Compare(a.Protocol, b.Protocol))
	})
	return list
}
