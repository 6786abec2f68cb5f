// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"net"
	"net/netip"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

// showSubnets fills in what everybody sees of a network that was made through Nova.
func (view *oldNetwork) showSubnets(made *madeNetwork) {
	if v4, has := made.subnets[4]; has {
		view.CIDR, view.Netmask = new(v4.CIDR.String()), new(netmask(v4.CIDR))
		view.Gateway, view.Broadcast = v4.gateway(), new(lastOf(v4.CIDR).String())
		for i, to := range []**string{&view.DNS1, &view.DNS2} {
			if i < len(v4.DNS) {
				*to = new(v4.DNS[i])
			}
		}
	}
	if v6, has := made.subnets[6]; has {
		view.CIDRv6, view.NetmaskV6, view.GatewayV6 = new(v6.CIDR.String()), new(netmask(v6.CIDR)), v6.gateway()
	}
}

// showRest fills in what administrators see besides; of Neutron's own networks it is empty.
func (view *oldNetwork) showRest(n neutronNetwork, made *madeNetwork) {
	var r networkRecord
	var no, dhcp *bool
	var mtu *int
	var project *string
	if made != nil {
		r, no, mtu, project = *made.networkRecord, new(false), new(n.MTU), nullable(n.ProjectID)
		dhcp = new(made.subnets[4].EnableDHCP || made.subnets[6].EnableDHCP)
		if made.dhcpServer != "" {
			r.DHCPServer = new(made.dhcpServer)
		}
	}
	view.Bridge, view.BridgeInterface, view.Host = api.Some(r.Bridge), api.Some(r.BridgeInterface), api.Some(r.Host)
	view.CreatedAt, view.UpdatedAt = api.Some(api.Micros{Time: r.CreatedAt}), api.Some(api.Micros{Time: r.UpdatedAt})
	view.Deleted, view.DeletedAt, view.Injected = api.Some(no), api.Some[*string](nil), api.Some(no)
	view.DHCPServer, view.DHCPStart, view.EnableDHCP = api.Some(r.DHCPServer), api.Some(r.DHCPStart), api.Some(dhcp)
	view.MTU, view.ProjectID, view.VLAN = api.Some(mtu), api.Some(project), api.Some(r.VLAN)
	view.MultiHost, view.ShareAddress = api.Some(r.MultiHost), api.Some(r.ShareAddress)
	view.Priority, view.RXTXBase = api.Some[*int](nil), api.Some[*int](nil)
	view.VPNPrivate, view.VPNPublic, view.VPNPort = api.Some(r.VPNPrivate), api.Some(r.VPNPublic), api.Some(r.VPNPort)
}

// gateway is the subnet's, nil for none.
func (sub neutronSubnet) gateway() *string {
	if !sub.Gateway.IsValid() {
		return nil
	}
	return new(sub.Gateway.String())
}

// netmask is the prefix's length as an address: "255.255.255.0".
func netmask(p netip.Prefix) string {
	return net.IP(net.CIDRMask(p.Bits(), p.Addr().BitLen())).String()
}

// lastOf is a prefix's highest address: of IPv4, its broadcast.
func lastOf(p netip.Prefix) netip.Addr {
	address := p.Masked().Addr().AsSlice()
	for i, bits := range net.CIDRMask(p.Bits(), p.Addr().BitLen()) {
		address[i] |= ^bits
	}
	last, _ := netip.AddrFromSlice(address)
	return last
}
