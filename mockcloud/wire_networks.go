// SPDX-License-Identifier: MPL-2.0

package mockcloud

import (
	"context"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/neutron"
)

// networks is Neutron as compute wants it.
type networks struct{ neutron *neutron.Service }

var _ compute.Networks = networks{}

// networkHosts are the machines that ports are on, and the one that gives networks their DHCP.
func (c *Cloud) networkHosts(ctx context.Context) ([]neutron.Host, error) {
	hosts, err := c.Compute.Hosts(ctx)
	if err != nil {
		return nil, err
	}
	now := c.options.Clock.Now()
	control := neutron.Host{Name: compute.ControlHost, Up: true, Since: now, LastSeen: now}
	all := make([]neutron.Host, len(hosts), len(hosts)+1)
	for i, h := range hosts {
		all[i] = neutron.Host{Name: h.Name, Compute: true, Up: h.Up, Since: h.CreatedAt, LastSeen: h.LastSeen}
		if h.CreatedAt.Before(control.Since) { // it is as old as the cloud
			control.Since = h.CreatedAt
		}
	}
	return append(all, control), nil
}

// kinds are compute's kinds of the neighbours' HTTP statuses.
var kinds = map[int]compute.Kind{
	http.StatusBadRequest: compute.BadRequest, http.StatusForbidden: compute.Forbidden,
	http.StatusNotFound: compute.NotFound, http.StatusConflict: compute.Conflict,
	http.StatusServiceUnavailable: compute.Unavailable,
}

// refusal is a neighbour's fault as compute's.
func refusal(err error) error {
	fault := api.AsFault(err)
	if fault == nil {
		return err
	}
	kind, known := kinds[fault.Code]
	if !known {
		return err
	}
	return &compute.Refusal{Reason: kind, Message: fault.Message}
}

// words are how Nova tells a fault of Neutron's: %s is what it is about.
type words struct {
	kind   neutron.Kind
	reason compute.Kind
	format string
}

// forServers are Nova's words for what stands in the way of a server's network.
var forServers = []words{
	{neutron.OverQuota, compute.Forbidden, "Maximum number of ports exceeded"},
	{neutron.PortNotFound, compute.NotFound, "Port id %s could not be found."},
	{neutron.PortInUse, compute.Conflict, "Port %s is still in use."},
	{neutron.SecurityGroupNotFound, compute.NotFound, "Unable to find security_group with name or id '%s'"},
}

// forInterface are those for what stands in the way of one interface more.
func forInterface(inst *compute.Instance, want compute.RequestedNetwork) []words {
	return []words{
		{neutron.NetworkAmbiguous, compute.BadRequest, "Multiple possible networks found, use a Network ID to be more specific."},
		{neutron.NoNetwork, compute.BadRequest, "No specific network was requested and none are available for project '%s'."},
		{neutron.NetworkRequiresSubnet, compute.BadRequest, "Network requires port_security_enabled and subnet associated in order to apply security groups."},
		{neutron.NoMoreIPs, compute.BadRequest, "No fixed IP addresses available for network: %s"},
		{neutron.PortNotUsable, compute.BadRequest, "Port %s not usable for instance " + inst.ID + "."},
		{neutron.AddressInUse, compute.Conflict, "Fixed IP %s is already in use."},
		{neutron.AddressNotInNetwork, compute.BadRequest, "Invalid input received: Fixed IP %s is not a valid ip address for network " + want.NetworkID + "."},
	}
}

// inNovasWords is a fault of Neutron's as Nova tells it.
func inNovasWords(err error, known ...words) error {
	for _, w := range append(known, forServers...) {
		if w.kind.Is(err) {
			message := strings.ReplaceAll(w.format, "%s", api.AsFault(err).Subject)
			return &compute.Refusal{Reason: w.reason, Message: message}
		}
	}
	return refusal(err)
}

func (n networks) Resolve(ctx context.Context, caller compute.Caller, want []compute.RequestedNetwork, groups []string,
	count int,
) ([]compute.RequestedNetwork, error) {
	if len(want) == 1 && want[0].None {
		return want, nil
	}
	nics, err := nicsOf(want)
	if err != nil {
		return nil, err
	}
	chosen, err := n.neutron.Resolve(ctx, neutronCaller(caller), nics, false, groups, count)
	if err != nil {
		return nil, inNovasWords(err)
	}
	if len(chosen) == 0 {
		return []compute.RequestedNetwork{{None: true}}, nil
	}
	resolved := make([]compute.RequestedNetwork, len(chosen))
	for i, nic := range chosen {
		resolved[i] = compute.RequestedNetwork{Auto: nic.Auto, NetworkID: nic.NetworkID, PortID: nic.PortID, Tag: nic.Tag}
		if nic.FixedIP.IsValid() {
			resolved[i].FixedIP = nic.FixedIP.String()
		}
	}
	return resolved, nil
}

func (n networks) Allocate(ctx context.Context, caller compute.Caller, inst *compute.Instance) ([]compute.VIF, error) {
	if len(inst.RequestedNetworks) == 1 && inst.RequestedNetworks[0].None {
		return nil, nil
	}
	nics, err := nicsOf(inst.RequestedNetworks)
	if err != nil {
		return nil, err
	}
	attached, err := n.neutron.Attach(ctx, neutronCaller(caller), device(inst), nics, inst.SecurityGroups)
	if err != nil {
		return nil, refusal(err)
	}
	return vifs(attached), nil
}

func (n networks) Deallocate(ctx context.Context, inst *compute.Instance) error {
	return n.neutron.DetachAll(ctx, inst.ID)
}

func (n networks) VIFs(ctx context.Context, instanceID string) ([]compute.VIF, error) {
	attached, err := n.neutron.DevicePorts(ctx, instanceID)
	if err != nil {
		return nil, refusal(err)
	}
	return vifs(attached), nil
}

// Attach is in the name of the server's project: an administrator may ask for somebody else.
func (n networks) Attach(ctx context.Context, caller compute.Caller, inst *compute.Instance, want compute.RequestedNetwork,
) (compute.VIF, error) {
	owner := neutronCaller(caller)
	owner.ProjectID = inst.ProjectID
	var asked []compute.RequestedNetwork
	if want.NetworkID != "" || want.PortID != "" {
		asked = append(asked, want)
	}
	nics, err := nicsOf(asked)
	if err != nil {
		return compute.VIF{}, err
	}
	if nics, err = n.neutron.Resolve(ctx, owner, nics, true, nil, 1); err != nil {
		return compute.VIF{}, inNovasWords(err, forInterface(inst, want)...)
	}
	nics[0].Tag = want.Tag
	attached, err := n.neutron.Attach(ctx, owner, device(inst), nics, nil)
	if err != nil {
		return compute.VIF{}, inNovasWords(err, forInterface(inst, want)...)
	}
	return vifs(attached)[0], nil
}

func (n networks) Detach(ctx context.Context, inst *compute.Instance, portID string) error {
	has, err := n.neutron.DevicePorts(ctx, inst.ID)
	if err != nil {
		return refusal(err)
	}
	if !slices.ContainsFunc(has, func(a *neutron.Attachment) bool { return a.Port.ID == portID }) {
		return &compute.Refusal{Reason: compute.NotFound, Message: "Port id " + portID + " could not be found."}
	}
	return refusal(n.neutron.Detach(ctx, portID))
}

func (n networks) Bind(ctx context.Context, inst *compute.Instance, host string) error {
	return refusal(n.neutron.Bind(ctx, inst.ID, host))
}

func (n networks) AddFixedIP(ctx context.Context, inst *compute.Instance, networkID string) error {
	return inNovasWords(n.neutron.AddFixedIP(ctx, inst.ID, networkID))
}

func (n networks) RemoveFixedIP(ctx context.Context, inst *compute.Instance, address netip.Addr) error {
	return inNovasWords(n.neutron.RemoveFixedIP(ctx, inst.ID, address))
}

// device is the instance as Neutron's ports name it.
func device(inst *compute.Instance) neutron.Device {
	return neutron.Device{ID: inst.ID, Owner: "compute:" + inst.Zone, Host: inst.Host, Hostname: inst.Hostname}
}

func neutronCaller(c compute.Caller) neutron.Caller {
	return neutron.Caller{UserID: c.UserID, ProjectID: c.ProjectID, Admin: c.Admin}
}

func nicsOf(want []compute.RequestedNetwork) ([]neutron.NIC, error) {
	var nics []neutron.NIC
	for _, w := range want {
		nic := neutron.NIC{Auto: w.Auto, NetworkID: w.NetworkID, PortID: w.PortID, Tag: w.Tag}
		if w.FixedIP != "" {
			var err error
			if nic.FixedIP, err = netip.ParseAddr(w.FixedIP); err != nil {
				return nil, &compute.Refusal{Reason: compute.BadRequest, Message: "Fixed IP " + w.FixedIP + " is not a valid ip address"}
			}
		}
		nics = append(nics, nic)
	}
	return nics, nil
}

func vifs(attached []*neutron.Attachment) []compute.VIF {
	var list []compute.VIF
	for _, a := range attached {
		p := a.Port
		vif := compute.VIF{
			PortID: p.ID, NetworkID: p.NetworkID, NetworkLabel: a.Network.Name, MAC: p.MACAddress, MTU: a.Network.MTU,
			VNICType: p.VNICType, Tag: p.Plug.Tag, PreserveOnDelete: !p.Plug.Created, Hostname: p.DNSName,
		}
		for _, ip := range p.FixedIPs {
			vif.Addresses = append(vif.Addresses, compute.VIFAddress{
				IP: ip.IPAddress, Type: "fixed", Subnet: subnet(a.Subnets[ip.SubnetID], a.DHCP[ip.SubnetID]),
			})
		}
		for _, o := range p.DHCPOptions {
			vif.DHCPOptions = append(vif.DHCPOptions, driver.DHCPOption{Name: o.Name, Value: o.Value.Value, IPv6: o.IPVersion == 6})
		}
		for _, f := range a.Floating {
			vif.Addresses = append(vif.Addresses, compute.VIFAddress{IP: f.Address, Type: "floating", FixedIP: f.FixedIP})
		}
		list = append(list, vif)
	}
	return list
}

func subnet(s *neutron.Subnet, dhcp netip.Addr) driver.Subnet {
	if s == nil {
		return driver.Subnet{}
	}
	out := driver.Subnet{ID: s.ID, CIDR: s.CIDR, Gateway: s.GatewayIP, DHCP: s.EnableDHCP, DHCPPort: dhcp}
	for _, server := range s.DNSNameservers {
		if addr, err := netip.ParseAddr(server); err == nil {
			out.Nameservers = append(out.Nameservers, addr)
		}
	}
	for _, route := range s.HostRoutes {
		out.Routes = append(out.Routes, driver.Route{Destination: route.Destination, NextHop: route.NextHop})
	}
	if s.IPv6RAMode != nil {
		out.RAMode = *s.IPv6RAMode
	}
	if s.IPv6AddressMode != nil {
		out.AddressMode = *s.IPv6AddressMode
	}
	return out
}
