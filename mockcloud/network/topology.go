// SPDX-License-Identifier: MPL-2.0

package network

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/netip"
	"reflect"
	"slices"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// topology is what Follow was told, checked and prepared for the ports. It is replaced as a whole and never
// changes, so that frames read it without locks.
type topology struct {
	driver.Topology
	security *security
	trunks   []trunk
	callers  map[string]netip.Addr // by router: what the host calls its floating addresses from
	refused  refusals              // routers and floating addresses
}

// security is who may send what to whom.
type security struct {
	ports     map[string]driver.PortSecurity // those that cannot be read are down
	groups    map[string]*group
	unlimited bool
	refused   refusals
}

// refusals are why parts of a topology are left out.
type refusals map[refused]string

// refused is what cannot be read.
type refused struct{ what, id string }

// tell logs what was not left out before for the same reason.
func (r refusals) tell(log *slog.Logger, before refusals) {
	for part, why := range r {
		if before[part] != why {
			log.Error("left out of the topology", "what", part.what, "id", part.id, "error", why)
		}
	}
}

// Follow takes security, routers and floating addresses. When it returns, the new rules hold for frames to
// come, also those of flows that the old ones let through. Of what it cannot read it leaves out that alone, and says so
// in the log; a port whose rules that concerns is down.
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
	t := &topology{Topology: told, security: readSecurity(told, old), refused: make(refusals)}
	f.readTrunks(t, old)
	t.readRoutes()
	t.refused.tell(f.options.Log, old.refused)
	t.security.refused.tell(f.options.Log, old.security.refused)
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

// readSecurity reads what is said of ports and groups, and takes it over from the old topology if it is what it was.
// What cannot be read is nobody else's trouble: the ports that it is about are down, rather than under half of what was
// meant.
func readSecurity(told driver.Topology, old *topology) *security {
	if told.Unlimited == old.Unlimited && reflect.DeepEqual(told.Groups, old.Groups) && reflect.DeepEqual(told.Security, old.Security) {
		return old.security
	}
	s := &security{
		ports: maps.Clone(told.Security), groups: make(map[string]*group, len(told.Groups)), unlimited: told.Unlimited, refused: make(refusals),
	}
	for id := range told.Groups {
		s.groups[id] = &group{members: members{addresses: make(map[netip.Addr]bool)}}
	}
	for id, p := range told.Security {
		if err := s.enrol(p); err != nil {
			s.refused[refused{"port", id}] = err.Error()
			s.ports[id] = driver.PortSecurity{Down: true}
		}
	}
	for id, rules := range told.Groups {
		if err := s.groups[id].read(rules, s.groups); err != nil {
			s.refused[refused{"security group", id}] = err.Error()
		}
	}
	unread := func(group string) bool { return s.refused[refused{"security group", group}] != "" }
	for id, p := range s.ports {
		if slices.ContainsFunc(p.Groups, unread) {
			s.ports[id] = driver.PortSecurity{Down: true}
		}
	}
	return s
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
		if s.groups[id] == nil {
			return fmt.Errorf("there is no security group %s", id)
		}
	}
	for _, id := range p.Groups {
		s.groups[id].members.add(p)
	}
	return nil
}
