// SPDX-License-Identifier: MPL-2.0

package mockcloud

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strings"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/neutron"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/socks"
)

// DialGuest connects to a TCP port of the guest with that name, or fixed or floating address; names are those
// of the cloud's DNS, with or without its domain. scope is a project or a network, by id or name, that chooses
// where several have the same; "" is everywhere. It is the operator's way in: security groups do not apply.
func (c *Cloud) DialGuest(ctx context.Context, scope, host string, port uint16) (net.Conn, error) {
	records, err := c.Neutron.Topology(ctx)
	if err != nil {
		return nil, err
	}
	project := scope
	if scope != "" {
		if id, err := c.Keystone.ProjectID(ctx, scope); err == nil {
			project = id
		}
	}
	found, err := guestOf(records, host, func(p *neutron.Port) bool {
		return scope == "" || p.ProjectID == project || inNetwork(records, p, scope)
	})
	if err != nil {
		return nil, fmt.Errorf("dial %s: %w", host, err)
	}
	return c.options.Fabric.Dial(ctx, found.ID, port)
}

func inNetwork(t *neutron.Topology, p *neutron.Port, named string) bool {
	for _, n := range t.Networks {
		if n.ID == p.NetworkID && (n.ID == named || n.Name == named) {
			return true
		}
	}
	return false
}

// guestOf is the port of the one server that has the name or the address.
func guestOf(t *neutron.Topology, host string, within func(*neutron.Port) bool) (found *neutron.Port, err error) {
	address, err := netip.ParseAddr(host)
	named := err != nil
	host = strings.TrimSuffix(strings.ToLower(strings.TrimSuffix(host, ".")), "."+neutron.DNSDomain)
	for _, p := range t.Ports {
		switch {
		case !p.Plug.Attached, !within(p), named && strings.ToLower(p.DNSName) != host, !named && !reachedBy(t, p, address):
			continue
		case found != nil && found.DeviceID != p.DeviceID:
			return nil, fmt.Errorf("servers %s and %s both have it: say a project or a network as user", found.DeviceID, p.DeviceID)
		case found == nil || p.Plug.Index < found.Plug.Index:
			found = p
		}
	}
	if found == nil {
		return nil, socks.ErrNobody
	}
	return found, nil
}

// reachedBy tells whether an address leads to the port.
func reachedBy(t *neutron.Topology, p *neutron.Port, a netip.Addr) bool {
	for _, ip := range p.FixedIPs {
		if ip.IPAddress == a {
			return true
		}
	}
	for _, f := range t.Floating {
		if f.PortID == p.ID && f.Address == a {
			return true
		}
	}
	return false
}
