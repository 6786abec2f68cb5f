// SPDX-License-Identifier: MPL-2.0

package network

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"gvisor.dev/gvisor/pkg/tcpip/header"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/splice"
)

const (
	privileged  = 1024  // ports below are root's, as a rule
	shifted     = 10000 // where those are instead: 22 is at 10022
	wholeRange  = 64    // ports of a rule that are all listened on; of a wider one only the usual
	doorDial    = 15 * time.Second
	doorCallers = 512 // connections through one door at a time
)

// usualPorts are what is listened on where a rule opens a wide range of ports.
func usualPorts() []uint16 {
	return []uint16{21, 22, 25, 53, 80, 443, 3000, 3306, 3389, 5000, 5432, 5900, 6379, 6443, 8000, 8080, 8081, 8443, 9000, 9090, 9100}
}

// doors are the host's listeners for floating addresses that are loopback addresses, which are the host's own
// without any configuration on Linux. Each is there while its floating address leads somewhere and a security
// group lets the host in on that port: where nobody may pass, nobody listens.
type doors struct {
	log   *slog.Logger
	clock clock.Clock
	usual []uint16

	mu    sync.Mutex
	open  map[doorKey]*door
	tried map[doorKey]bool // whose failure has been told
	done  sync.WaitGroup
}

type doorKey struct {
	address netip.Addr
	port    uint16
}

// door is one port of a floating address.
type door struct {
	driver.Door
	beyond   atomic.Pointer[network] // the external network
	listener net.Listener
	stop     context.CancelFunc
	callers  atomic.Int32
}

func newDoors(o Options) *doors {
	d := &doors{log: o.Log, clock: o.Clock, usual: o.FloatingPorts, open: make(map[doorKey]*door), tried: make(map[doorKey]bool)}
	if d.usual == nil {
		d.usual = usualPorts()
	}
	return d
}

// wantedDoor is a door that ought to be.
type wantedDoor struct {
	driver.FloatingIP
	beyond *network
}

// doorsOf are the doors that a topology has. Called with the fabric's lock held.
func (f *Fabric) doorsOf(t *topology) map[doorKey]wantedDoor {
	outside := make(map[string]*network)
	for _, r := range f.routing.routers {
		if r.outside != nil {
			outside[r.id] = r.outside.network
		}
	}
	wanted := make(map[doorKey]wantedDoor)
	for _, a := range t.Floating {
		if beyond := outside[a.RouterID]; beyond != nil && a.Address.IsLoopback() {
			for _, port := range t.security.admitted(a.PortID, f.doors.usual) {
				wanted[doorKey{a.Address, port}] = wantedDoor{a, beyond}
			}
		}
	}
	return wanted
}

// admitted are the TCP ports on which a port's guest can be called from outside.
func (s *security) admitted(portID string, usual []uint16) []uint16 {
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
			for _, n := range r.admitted(usual) {
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

// admitted are the TCP ports that a rule opens to the outside, as far as they are listened on.
func (r *rule) admitted(usual []uint16) (ports []uint16) {
	asked := opening{remote: outsideAddr, protocol: uint8(header.TCPProtocolNumber)}
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
		if w, stays := wanted[key]; !stays || w.PortID != was.PortID || w.Fixed != was.Fixed {
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
			d.log.Warn("a floating IP is not listened for", "address", key.address, "port", key.port, "error", err)
		}
	}
}

// listen opens a door. Where a port below 1024 is not to be had, it is at 10000 more.
func (d *doors) listen(key doorKey, w wantedDoor) (*door, error) {
	ctx, stop := context.WithCancel(context.Background())
	listener, err := listenOn(ctx, key.address, key.port)
	if key.port < privileged && (errors.Is(err, syscall.EACCES) || errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.EADDRINUSE)) {
		listener, err = listenOn(ctx, key.address, key.port+shifted)
	}
	if err != nil {
		stop()
		return nil, err
	}
	made := &door{listener: listener, stop: stop, Door: driver.Door{
		Address: key.address, Port: key.port, PortID: w.PortID, Fixed: w.Fixed, Listens: listener.Addr().(*net.TCPAddr).AddrPort(),
	}}
	made.beyond.Store(w.beyond)
	d.done.Go(func() { made.serve(ctx, d.clock) })
	return made, nil
}

func listenOn(ctx context.Context, ip netip.Addr, port uint16) (net.Listener, error) {
	return (&net.ListenConfig{}).Listen(ctx, "tcp4", netip.AddrPortFrom(ip, port).String())
}

func (d *door) close() {
	d.stop()
	_ = d.listener.Close()
}

// serve connects who calls with the guest.
func (d *door) serve(ctx context.Context, c clock.Clock) {
	var open sync.WaitGroup
	defer open.Wait()
	for {
		near, err := d.listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil { // out of descriptors
			if c.Sleep(ctx, time.Second) != nil {
				return
			}
			continue
		}
		if d.callers.Add(1) > doorCallers {
			d.callers.Add(-1)
			refuse(near)
			continue
		}
		open.Go(func() {
			defer d.callers.Add(-1)
			d.connect(ctx, c, near)
		})
	}
}

// connect calls the guest at its floating address from outside of its network, so that router and security
// groups do what they do. A guest that refuses, or does not answer, is a connection that is reset.
func (d *door) connect(ctx context.Context, c clock.Clock, near net.Conn) {
	asking, cancel := clock.WithTimeout(ctx, c, doorDial)
	far, err := d.beyond.Load().services.connect(asking, outsideAddr, netip.AddrPortFrom(d.Address, d.Port))
	cancel()
	if err != nil {
		refuse(near)
		return
	}
	splice.Conns(ctx, near, far)
}

// refuse resets a connection that has been accepted.
func refuse(c net.Conn) {
	if tcp, ok := c.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = c.Close()
}

// close closes all doors, and waits for who is in them.
func (d *doors) close() {
	d.follow(nil)
	d.done.Wait()
}

// Doors are where the host listens for floating addresses, in order.
func (f *Fabric) Doors() []driver.Door {
	f.doors.mu.Lock()
	defer f.doors.mu.Unlock()
	list := make([]driver.Door, 0, len(f.doors.open))
	for _, d := range f.doors.open {
		list = append(list, d.Door)
	}
	slices.SortFunc(list, func(a, b driver.Door) int {
		return cmp.Or(a.Address.Compare(b.Address), cmp.Compare(a.Port, b.Port))
	})
	return list
}
