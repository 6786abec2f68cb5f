// SPDX-License-Identifier: MPL-2.0

package network

import (
	"context"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/networks"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/ports"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/subnets"
)

// neutronFloating are Neutron's floating IPs.
type neutronFloating struct{ *gophercloud.ServiceClient }

// neutronFloatingIP is a floating IP in Neutron's words.
type neutronFloatingIP struct {
	ID          string     `json:"id"`
	Address     string     `json:"floating_ip_address"`
	NetworkID   string     `json:"floating_network_id"`
	Description string     `json:"description"`
	ProjectID   string     `json:"project_id"`
	Tags        []string   `json:"tags"`
	FixedIP     string     `json:"fixed_ip_address"`
	PortID      string     `json:"port_id"`
	Port        *portOwner `json:"port_details"` // by an extension that not every cloud has
}

// portOwner is whose a port is.
type portOwner struct {
	DeviceID    string `json:"device_id"`
	DeviceOwner string `json:"device_owner"`
}

// server is the server whose port it is, "" if it is none's.
func (p portOwner) server() string {
	if !strings.HasPrefix(p.DeviceOwner, "compute:") {
		return ""
	}
	return p.DeviceID
}

type floatingBody struct {
	FloatingIP neutronFloatingIP `json:"floatingip"`
}

func (f neutronFloatingIP) plain() FloatingIP {
	plain := FloatingIP{
		ID: f.ID, Address: f.Address, Pool: Pool{ID: f.NetworkID}, Description: f.Description, ProjectID: f.ProjectID, Tags: f.Tags,
		Target: Target{PortID: f.PortID, FixedIP: f.FixedIP},
	}
	if f.Port != nil {
		plain.Target.ServerID = f.Port.server()
	}
	return plain
}

func (n neutronFloating) List(ctx context.Context, address string) ([]FloatingIP, error) {
	listed, err := pages[neutronFloatingIP](ctx, n.ServiceClient, "floatingips", "floatingips", named("floating_ip_address", address))
	var all []FloatingIP
	for _, f := range listed {
		all = append(all, f.plain())
	}
	return all, err
}

func (n neutronFloating) Like(ctx context.Context, f FloatingIP) ([]FloatingIP, error) {
	var from netip.Prefix
	if f.SubnetID != "" {
		subnet, err := subnets.Get(ctx, n.ServiceClient, f.SubnetID).Extract()
		if err != nil {
			return nil, err
		}
		if from, err = netip.ParsePrefix(subnet.CIDR); err != nil {
			return nil, err
		}
	}
	listed, err := n.List(ctx, f.Address)
	return slices.DeleteFunc(listed, func(other FloatingIP) bool {
		address, err := netip.ParseAddr(other.Address)
		return other.Pool.ID != f.Pool.ID || other.Description != f.Description || from.IsValid() && !(err == nil && from.Contains(address))
	}), err
}

func (n neutronFloating) Get(ctx context.Context, id string) (*FloatingIP, error) {
	var body floatingBody
	if _, err := n.ServiceClient.Get(ctx, n.ServiceURL("floatingips", id), &body, nil); err != nil {
		return nil, err
	}
	found := body.FloatingIP
	if found.PortID != "" && found.Port == nil {
		port, err := ports.Get(ctx, n.ServiceClient, found.PortID).Extract()
		if err != nil {
			return nil, err
		}
		found.Port = &portOwner{DeviceID: port.DeviceID, DeviceOwner: port.DeviceOwner}
	}
	plain := found.plain()
	return &plain, nil
}

func (n neutronFloating) Create(ctx context.Context, f FloatingIP) (*FloatingIP, error) {
	fields := map[string]any{"floating_network_id": f.Pool.ID}
	for name, text := range map[string]string{
		"floating_ip_address": f.Address, "subnet_id": f.SubnetID, "description": f.Description,
	} {
		if text != "" {
			fields[name] = text
		}
	}
	var body floatingBody
	_, err := n.Post(ctx, n.ServiceURL("floatingips"), map[string]any{"floatingip": fields}, &body, nil)
	made := body.FloatingIP.plain()
	return &made, err
}

func (n neutronFloating) Describe(ctx context.Context, id, description string) error {
	return n.put(ctx, id, map[string]any{"description": description})
}

func (n neutronFloating) put(ctx context.Context, id string, fields map[string]any) error {
	_, err := n.Put(ctx, n.ServiceURL("floatingips", id), map[string]any{"floatingip": fields}, nil, &gophercloud.RequestOpts{OkCodes: []int{200}})
	return err
}

func (n neutronFloating) SetTags(ctx context.Context, id string, tags []string) error {
	return setTags(ctx, n.ServiceClient, "floatingips", id, tags)
}

func (n neutronFloating) Delete(ctx context.Context, id string) error {
	_, err := n.ServiceClient.Delete(ctx, n.ServiceURL("floatingips", id), nil)
	return err
}

func (n neutronFloating) Pool(ctx context.Context, nameOrID string) (Pool, error) {
	for _, field := range []string{"id", "name"} {
		found, err := pages[networks.Network](ctx, n.ServiceClient, "networks", "networks", url.Values{field: {nameOrID}, "router:external": {"true"}})
		switch {
		case err != nil:
			return Pool{}, err
		case len(found) > 1:
			return Pool{}, fmt.Errorf("%d external networks are named %q: give the id of one", len(found), nameOrID)
		case len(found) == 1:
			return Pool{ID: found[0].ID, Name: found[0].Name}, nil
		}
	}
	return Pool{}, fmt.Errorf("there is no external network with the name or id %q, or it is not visible to this project", nameOrID)
}

func (n neutronFloating) Lead(ctx context.Context, f *FloatingIP, to Target) error {
	if to.PortID == "" {
		var err error
		if to, err = n.port(ctx, to); err != nil {
			return err
		}
	}
	fields := map[string]any{"port_id": to.PortID}
	if to.FixedIP != "" {
		fields["fixed_ip_address"] = to.FixedIP
	}
	return n.put(ctx, f.ID, fields)
}

// port is the server's port with the address, or the one with its first IPv4 address, as Nova chooses.
func (n neutronFloating) port(ctx context.Context, to Target) (Target, error) {
	found, err := pages[ports.Port](ctx, n.ServiceClient, "ports", "ports", url.Values{"device_id": {to.ServerID}})
	if err != nil {
		return to, err
	}
	for _, port := range found {
		for _, fixed := range port.FixedIPs {
			address, err := netip.ParseAddr(fixed.IPAddress)
			if err == nil && (fixed.IPAddress == to.FixedIP || to.FixedIP == "" && address.Is4()) {
				return Target{ServerID: to.ServerID, PortID: port.ID, FixedIP: fixed.IPAddress}, nil
			}
		}
	}
	if to.FixedIP != "" {
		return to, fmt.Errorf("none of the %d ports of server %s has the address %s", len(found), to.ServerID, to.FixedIP)
	}
	return to, fmt.Errorf("none of the %d ports of server %s has an IPv4 address", len(found), to.ServerID)
}

func (n neutronFloating) Release(ctx context.Context, f *FloatingIP) error {
	return n.put(ctx, f.ID, map[string]any{"port_id": nil})
}
