// SPDX-License-Identifier: MPL-2.0

package server

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework-nettypes/iptypes"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/client"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/value"
)

// networking is what a server is connected to.
type networking struct {
	Networks    types.List   `tfsdk:"networks"`
	NetworkMode types.String `tfsdk:"network_mode"`
}

// networkFeatures are the features of networking.
var networkFeatures = []feature{
	{path.Root("network_mode"), since(withModes), func(m model) bool { return value.Known(m.NetworkMode) }},
	{path.Root("networks"), since(withModes), func(m model) bool { return value.Known(m.Networks) && len(m.Networks.Elements()) == 0 }},
	{path.Root("networks"), since(42), func(m model) bool { return m.tagsNetworks() }},
}

// withModes is the first to know "auto" and "none", and wants one of them where no interface is asked for.
const withModes client.Microversion = 37

// The network modes.
const (
	auto = "auto"
	none = "none"
)

// network is one interface of a server.
type network struct {
	// What was asked for. What nobody asked for but an import found has its network in UUID.
	UUID    types.String      `tfsdk:"uuid"`
	Port    types.String      `tfsdk:"port"`
	FixedIP iptypes.IPAddress `tfsdk:"fixed_ip"`
	Tag     types.String      `tfsdk:"tag"`
	// What became of it.
	PortID    types.String `tfsdk:"port_id"`
	NetworkID types.String `tfsdk:"network_id"`
	MAC       types.String `tfsdk:"mac"`
	Addresses types.List   `tfsdk:"addresses"`
}

func networkType() types.ObjectType {
	return types.ObjectType{AttrTypes: map[string]attr.Type{
		"uuid": types.StringType, "port": types.StringType, "fixed_ip": iptypes.IPAddressType{}, "tag": types.StringType,
		"port_id": types.StringType, "network_id": types.StringType, "mac": types.StringType, "addresses": types.ListType{ElemType: types.StringType},
	}}
}

// networkList is the attribute of these interfaces.
func networkList(all []network) types.List {
	elements := []attr.Value{}
	for _, n := range all {
		elements = append(elements, types.ObjectValueMust(networkType().AttrTypes, map[string]attr.Value{
			"uuid": n.UUID, "port": n.Port, "fixed_ip": n.FixedIP, "tag": n.Tag,
			"port_id": n.PortID, "network_id": n.NetworkID, "mac": n.MAC, "addresses": n.Addresses,
		}))
	}
	return types.ListValueMust(networkType(), elements)
}

// networks are the interfaces of n. Of one that is wholly unknown yet, every word is.
func (n *networking) networks(ctx context.Context, diags *diag.Diagnostics) []network {
	var all []network
	for _, element := range n.Networks.Elements() {
		object, ok := element.(types.Object)
		if !ok || object.IsNull() {
			continue
		}
		one := network{
			UUID: types.StringUnknown(), Port: types.StringUnknown(), FixedIP: iptypes.NewIPAddressUnknown(), Tag: types.StringUnknown(),
			PortID: types.StringUnknown(), NetworkID: types.StringUnknown(), MAC: types.StringUnknown(), Addresses: types.ListUnknown(types.StringType),
		}
		if !object.IsUnknown() {
			diags.Append(object.As(ctx, &one, basetypes.ObjectAsOptions{})...)
		}
		all = append(all, one)
	}
	return all
}

func (n *networking) tagsNetworks() bool {
	var diags diag.Diagnostics
	return slices.ContainsFunc(n.networks(context.Background(), &diags), func(one network) bool { return value.Known(one.Tag) })
}

// given is whether the interface's port was there before the server had it.
func (n network) given() bool { return !n.Port.IsNull() }

// plugged is whether it is known which of the server's interfaces it is.
func (n network) plugged() bool { return n.PortID.ValueString() != "" }

// request is what Nova is asked for.
func (n network) request() nova.NetworkRequest {
	return nova.NetworkRequest{UUID: n.UUID.ValueString(), Port: n.Port.ValueString(), FixedIP: n.FixedIP.ValueString(), Tag: n.Tag.ValueString()}
}

// became fills in what the interface is.
func (n *network) became(one *nova.Interface) {
	n.PortID, n.NetworkID, n.MAC = types.StringValue(one.PortID), types.StringValue(one.NetworkID), types.StringValue(one.MAC)
	n.Addresses = value.ListOf(one.Addresses())
}

// is fills in what the interface is that serves n.
func (n *network) is(has network) {
	n.PortID, n.NetworkID, n.MAC, n.Addresses = has.PortID, has.NetworkID, has.MAC, has.Addresses
}

// foundNetwork is an interface that nobody asked for in particular.
func foundNetwork(one *nova.Interface) network {
	n := network{UUID: types.StringValue(one.NetworkID), Port: types.StringNull(), FixedIP: iptypes.NewIPAddressNull(), Tag: value.Text(one.Tag)}
	n.became(one)
	return n
}

// networkRequest is the interfaces that the plan asks for. If it asks for none in particular, that is
// "auto", which has to be said since 2.37 and could not be said before.
func (n *networking) networkRequest(ctx context.Context, c *client.Client, at client.Microversion, diags *diag.Diagnostics) (any, client.Microversion, error) {
	if mode := n.NetworkMode.ValueString(); mode != "" {
		return mode, at, nil
	}
	if !value.Known(n.Networks) {
		_, best, err := c.Best(ctx, withModes)
		if err != nil || best < withModes {
			return nil, at, err
		}
		return auto, max(at, withModes), nil
	}
	if len(n.Networks.Elements()) == 0 {
		return none, max(at, withModes), nil
	}
	var requests []nova.NetworkRequest
	for _, one := range n.networks(ctx, diags) {
		requests = append(requests, one.request())
	}
	return requests, at, nil
}
