// SPDX-License-Identifier: MPL-2.0

package network

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"reflect"
	"sync"
	"sync/atomic"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// ErrNotPlugged is Dial's and PortStats' for a port that is not plugged.
var ErrNotPlugged = errors.New("port is not plugged")

// Options say how a Fabric is made; the zero value is usable.
type Options struct {
	// Dir is where the sockets are. Guests that outlive the process find the fabric again only when
	// the next one gets the same Dir. Socket paths are short (107 bytes at most): for a longer Dir a
	// directory named after its hash in os.TempDir() stands in, and for an empty one a fresh one that
	// Close removes.
	Dir string
	// Egress lets guests' TCP and UDP out to where the host can connect to.
	Egress bool
	// Resolver is the DNS server (IPv4) that guests' queries about names outside of the cloud go to, with Egress; without
	// one they are refused.
	Resolver netip.AddrPort
	// FloatingPorts are the ports of floating addresses, of TCP and of UDP, that are listened on where a security group
	// opens more than 64 in a row; nil is the usual ones of each.
	FloatingPorts []uint16
	// Domain is what hostnames end in for DHCP and DNS; empty is Neutron's "openstacklocal".
	Domain string
	// Clock times idle flows; nil is the wall clock. TCP's own timers run on the wall clock always.
	Clock clock.Clock
	// Log gets a line for each port that comes and goes, at debug level; nil is slog.Default().
	Log *slog.Logger
}

// Fabric is the user-space data plane of real guests; it implements driver.Fabric.
type Fabric struct {
	options   Options
	dir       string
	temporary bool // dir goes with the fabric
	serve     deviceHandler
	dial      dialer // out of the cloud, for egress
	buffers   sync.Pool
	watch     stopwatch

	topology atomic.Pointer[topology] // the last that was followed; never nil
	routing  routing
	doors    *doors

	mu       sync.Mutex // of Plug, Unplug, Follow and Close; frames never take it
	closed   bool
	ports    map[string]*port
	networks map[string]*network
}

var _ driver.Fabric = (*Fabric)(nil)

// New makes a fabric without ports. It fails only when its directory cannot be made, or is somebody
// else's.
func New(o Options) (*Fabric, error) {
	if o.Domain == "" {
		o.Domain = "openstacklocal"
	}
	if o.Clock == nil {
		o.Clock = clock.Wall()
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	dir, temporary, err := socketDir(o.Dir)
	if err != nil {
		return nil, fmt.Errorf("directory for the sockets of guests: %w", err)
	}
	f := &Fabric{
		options: o, dir: dir, temporary: temporary, watch: stopwatch{o.Clock, o.Clock.Now()},
		dial:     (&net.Dialer{}).DialContext,
		buffers:  sync.Pool{New: func() any { return new([bufferSize]byte) }},
		ports:    make(map[string]*port),
		networks: make(map[string]*network),
		doors:    newDoors(o),
	}
	f.topology.Store(&topology{
		Topology: driver.Topology{Unlimited: true}, security: &security{unlimited: true},
	})
	return f, nil
}

// Serve answers guests' requests to 169.254.169.254:80. Called once, before the first Plug.
func (f *Fabric) Serve(handler func(device string) http.Handler) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.serve = handler
}

// Plug connects a port on a host, or changes a plugged one to what port says. The paths of its sockets
// depend on the ids of port and host alone.
func (f *Fabric) Plug(ctx context.Context, want driver.Port) (driver.NIC, error) {
	s, err := readSettings(want, f.options.Domain)
	if err != nil {
		return driver.NIC{}, fmt.Errorf("plug port %s: %w", want.ID, err)
	}
	if old := f.port(s.ID); old != nil && old.network.id != s.NetworkID {
		if err := f.Unplug(ctx, s.ID); err != nil {
			return driver.NIC{}, err
		}
	}
	var left departure
	defer func() { left.wait() }()
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return driver.NIC{}, err
	}
	p, err := f.plug(s, func(n *network) (*port, *binding, error) { return f.join(n, s, want.Host) })
	if err != nil {
		return driver.NIC{}, fmt.Errorf("plug port %s: %w", s.ID, err)
	}
	left = f.branch(f.topology.Load())
	nic := p.nic(want.Host)
	f.options.Log.Debug("port plugged", "port", s.ID, "network", s.NetworkID, "device", s.Device, "mac", s.MAC, "host", want.Host, "socket", nic.Switch)
	return nic, nil
}

// plug makes a port a part of its network, as join makes it one. The binding that join may give begins to read then.
func (f *Fabric) plug(s *settings, join func(*network) (*port, *binding, error)) (*port, error) {
	if f.closed {
		return nil, net.ErrClosed
	}
	n, fresh, err := f.network(s.NetworkID)
	if err != nil {
		return nil, err
	}
	p, err := f.admit(n, s, join)
	switch {
	case fresh && err != nil:
		delete(f.networks, n.id)
		n.services.close()
	case fresh:
		f.route(f.topology.Load())
	}
	return p, err
}

func (f *Fabric) admit(n *network, s *settings, join func(*network) (*port, *binding, error)) (*port, error) {
	if err := n.table.Load().admits(s, n.services.mac); err != nil {
		return nil, err
	}
	p, b, err := join(n)
	if err != nil {
		return nil, err
	}
	if f.ports[s.ID] == nil || !reflect.DeepEqual(p.settings.Load(), s) {
		p.settings.Store(s)
		p.protect(f.topology.Load().security)
		f.ports[s.ID] = p
		n.with(p)
	}
	if b != nil {
		b.start()
	}
	return p, nil
}

// join makes the port, if it is new, and makes it one of the host.
func (f *Fabric) join(n *network, s *settings, host string) (*port, *binding, error) {
	p := f.ports[s.ID]
	if p == nil {
		p = newPort(n, s, &f.buffers)
		p.settle(f.dir, host)
	}
	b, err := p.bind(f.dir, host)
	return p, b, err
}

func (f *Fabric) network(id string) (n *network, fresh bool, err error) {
	if n, ok := f.networks[id]; ok {
		return n, false, nil
	}
	n = &network{id: id, watch: f.watch, topology: &f.topology}
	n.joined.Store(newJoined())
	n.table.Store(newTable(map[string]*port{}, n.joined.Load()))
	if n.services, err = newServices(n, f.options, f.serve, f.dial); err != nil {
		return nil, false, err
	}
	f.networks[id] = n
	return n, true, nil
}

// Unplug disconnects a port on all hosts and removes its sockets; nil when it is not plugged.
func (f *Fabric) Unplug(_ context.Context, portID string) error {
	f.mu.Lock()
	left := f.unplug(portID)
	f.mu.Unlock()
	left.wait()
	return nil
}

// Leave disconnects a port on one host and removes its sockets there; nil when it is not plugged there. A
// port that has left its last host is unplugged.
func (f *Fabric) Leave(_ context.Context, portID, host string) error {
	f.mu.Lock()
	left := f.leave(portID, host)
	f.mu.Unlock()
	left.wait()
	return nil
}

// departure is what has left the fabric and must still end, which needs no lock.
type departure struct {
	bindings []*binding
	networks []*network
}

func (d *departure) add(other departure) {
	d.bindings = append(d.bindings, other.bindings...)
	d.networks = append(d.networks, other.networks...)
}

func (d departure) wait() {
	for _, b := range d.bindings {
		b.wait()
	}
	for _, n := range d.networks {
		n.services.close()
	}
}

func (f *Fabric) unplug(portID string) (left departure) {
	if p := f.ports[portID]; p != nil {
		delete(f.ports, portID)
		if p.network.without(portID) == 0 {
			left.networks = f.route(f.topology.Load())
		}
		left.bindings = p.close()
		if p.parent == nil {
			left.add(f.branch(f.topology.Load()))
		}
		f.options.Log.Debug("port unplugged", "port", portID)
	}
	removeSockets(f.dir, portID)
	return left
}

func (f *Fabric) leave(portID, host string) (left departure) {
	if p := f.ports[portID]; p != nil {
		b := p.on(host)
		if b != nil && len(p.bindings) == 1 {
			return f.unplug(portID)
		}
		if b != nil {
			p.leave(b)
			left.bindings = []*binding{b}
			f.options.Log.Debug("port left a host", "port", portID, "host", host)
		}
	}
	local, bound := socketPaths(f.dir, portID, host)
	_ = os.Remove(local)
	_ = os.Remove(bound)
	return left
}

// Dial opens a TCP connection to the guest behind a port, on its first address, as from its network's
// own services. It waits for the guest as long as ctx does, asking ever more rarely as TCP does: for a guest
// that still boots, calling anew with a short ctx notices it sooner.
func (f *Fabric) Dial(ctx context.Context, portID string, tcpPort uint16) (net.Conn, error) {
	p := f.port(portID)
	if p == nil {
		return nil, fmt.Errorf("dial %s: %w", portID, ErrNotPlugged)
	}
	return p.network.services.dial(ctx, p.settings.Load(), tcpPort)
}

// PortStats are the counts of a plugged port.
func (f *Fabric) PortStats(portID string) (Stats, error) {
	p := f.port(portID)
	if p == nil {
		return Stats{}, fmt.Errorf("stats of %s: %w", portID, ErrNotPlugged)
	}
	return p.stats(), nil
}

func (f *Fabric) port(id string) *port {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.ports[id]
}

// Close ends every connection and goroutine. Guests' own sockets stay: machines go on running, and are
// heard again once a new fabric on the same Dir has their ports plugged.
func (f *Fabric) Close() error {
	f.mu.Lock()
	networks := f.networks
	var open []*binding
	for _, p := range f.ports {
		open = append(open, p.close()...)
	}
	f.ports, f.networks, f.closed = map[string]*port{}, map[string]*network{}, true
	f.mu.Unlock()

	f.routing.close()
	f.doors.close()
	for _, b := range open {
		b.wait()
	}
	for _, n := range networks {
		n.services.close()
	}
	if f.temporary {
		return os.RemoveAll(f.dir)
	}
	_ = os.Remove(f.dir) // unless machines have their sockets there
	return nil
}
