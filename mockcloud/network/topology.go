// SPDX-License-Identifier: MPL-2.0

package network

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"reflect"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// topology is what Follow was told, checked and prepared for the ports. It is replaced as a whole and never
// changes, so that frames read it without locks.
type topology struct {
	driver.Topology
	security *security
	trunks   []trunk
	refused  map[string]string // why routers and floating addresses are left out, by id
}

// security is who may send what to whom.
type security struct {
	ports     map[string]driver.PortSecurity
	groups    map[string]*group
	unlimited bool
}

// Follow takes security, routers and floating addresses. When it returns, the new rules hold for frames to
// come, also those of flows that the old ones let through.
func (f *Fabric) Follow(_ context.Context, told driver.Topology) error {
	left, err := f.follow(told)
	left.wait()
	return err
}

func (f *Fabric) follow(told driver.Topology) (left departure, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return left, net.ErrClosed
	}
	old := f.topology.Load()
	if told.Sequence < old.Sequence {
		return left, nil // newer news came first
	}
	t, err := readTopology(told, old)
	if err == nil {
		err = f.readTrunks(t, old)
	}
	if err != nil {
		return left, fmt.Errorf("topology %d: %w", told.Sequence, err)
	}
	f.readRoutes(t, old)
	f.topology.Store(t)
	f.protect(t, old)
	if !t.routesAs(old) {
		left.networks = f.route(t)
	}
	if !reflect.DeepEqual(t.Trunks, old.Trunks) {
		left.add(f.branch(t))
	}
	f.doors.follow(f.doorsOf(t))
	return left, nil
}

// routesAs tells whether routers, floating addresses and external networks are what they were.
func (t *topology) routesAs(old *topology) bool {
	return reflect.DeepEqual(t.Routers, old.Routers) && reflect.DeepEqual(t.Floating, old.Floating) && reflect.DeepEqual(t.External, old.External)
}

// protect gives each port its policy, unless security is what it was. Networks forget what it forbids.
func (f *Fabric) protect(t, old *topology) {
	if t.security == old.security {
		return
	}
	for _, p := range f.ports {
		p.protect(t.security)
	}
	for _, n := range f.networks {
		n.forget(n.table.Load())
	}
}

// readTopology checks what Follow was told. Security that is what it was is taken over from the old one.
func readTopology(told driver.Topology, old *topology) (t *topology, err error) {
	t = &topology{Topology: told, security: old.security}
	if told.Unlimited != old.Unlimited || !reflect.DeepEqual(told.Groups, old.Groups) || !reflect.DeepEqual(told.Security, old.Security) {
		t.security, err = readSecurity(told)
	}
	return t, err
}

func readSecurity(told driver.Topology) (*security, error) {
	s := &security{ports: told.Security, groups: make(map[string]*group, len(told.Groups)), unlimited: told.Unlimited}
	for id := range told.Groups {
		s.groups[id] = &group{members: members{addresses: make(map[netip.Addr]bool)}}
	}
	for id, p := range told.Security {
		if err := s.enrol(p); err != nil {
			return nil, fmt.Errorf("port %s: %w", id, err)
		}
	}
	for id, rules := range told.Groups {
		if err := s.groups[id].read(rules, s.groups); err != nil {
			return nil, fmt.Errorf("security group %s: %w", id, err)
		}
	}
	return s, nil
}

// enrol makes a port a member of its groups.
func (s *security) enrol(p driver.PortSecurity) error {
	for _, a := range p.Addresses {
		if !a.IsValid() || a.Unmap() != a {
			return fmt.Errorf("bad address %s", a)
		}
	}
	if _, err := readPairs(p.Allowed, mac{}); err != nil {
		return err
	}
	for _, id := range p.Groups {
		g := s.groups[id]
		if g == nil {
			return fmt.Errorf("there is no security group %s", id)
		}
		g.members.add(p)
	}
	return nil
}
