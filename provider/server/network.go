// SPDX-License-Identifier: MPL-2.0

package server

import (
	"context"
	"slices"
	"strings"

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

// networks are the interfaces of n, without those that are wholly unknown yet.
func (n *networking) networks(ctx context.Context, diags *diag.Diagnostics) []network {
	var all []network
	for _, element := range n.Networks.Elements() {
		object, ok := element.(types.Object)
		if !ok || !value.Known(object) {
			continue
		}
		var one network
		diags.Append(object.As(ctx, &one, basetypes.ObjectAsOptions{})...)
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

// asks is whether both are asked for in the same words.
func (n network) asks(other network) bool {
	return n.UUID.Equal(other.UUID) && n.Port.Equal(other.Port) && n.FixedIP.Equal(other.FixedIP) && n.Tag.Equal(other.Tag)
}

// became fills in what the interface is.
func (n *network) became(one *nova.Interface) {
	n.PortID, n.NetworkID, n.MAC = types.StringValue(one.PortID), types.StringValue(one.NetworkID), types.StringValue(one.MAC)
	n.Addresses = value.ListOf(one.Addresses())
}

// foundNetwork is an interface that nobody asked for in particular.
func foundNetwork(one *nova.Interface) network {
	n := network{UUID: types.StringValue(one.NetworkID), Port: types.StringNull(), FixedIP: iptypes.NewIPAddressNull(), Tag: value.Text(one.Tag)}
	n.became(one)
	return n
}

// fits is how well the interface has serves one that is asked for: 0 is not at all. What is asked for may be said in
// other words than it was: a port by its network, an address that the interface has anyway. With believe, a tag that
// has does not show is no hindrance.
func (n network) fits(has network, believe bool) int {
	score := 0
	for _, word := range []struct {
		asked attr.Value
		has   bool
		worth int
	}{
		{n.Port, sameID(n.Port, has.PortID), 8},
		{n.UUID, sameID(n.UUID, has.NetworkID), 1},
		{n.FixedIP, has.hasAddress(n.FixedIP.ValueString()), 4},
		{n.Tag, n.Tag.Equal(has.Tag) || believe && has.Tag.IsNull(), 2},
	} {
		switch {
		case word.asked.IsUnknown() || !word.asked.IsNull() && !word.has:
			return 0
		case !word.asked.IsNull():
			score += word.worth
		}
	}
	return score
}

// sameID is whether both are the same UUID, which may be written in capitals and without hyphens.
func sameID(a, b types.String) bool {
	plain := strings.NewReplacer("-", "")
	return strings.EqualFold(plain.Replace(a.ValueString()), plain.Replace(b.ValueString()))
}

func (n network) hasAddress(address string) bool {
	one := nova.Interface{}
	for _, element := range n.Addresses.Elements() {
		if text, ok := element.(types.String); ok {
			one.FixedIPs = append(one.FixedIPs, nova.FixedIP{Address: text.ValueString()})
		}
	}
	return one.Has(address)
}

// match finds for each of wants the one of has that is to serve it, or -1: first those that are asked for in the same
// words, then those that fit best. None serves two.
func match(wants, has []network, believe bool) []int {
	matches := slices.Repeat([]int{-1}, len(wants))
	take := func(want, one int) bool {
		free := matches[want] < 0 && !slices.Contains(matches, one)
		if free {
			matches[want] = one
		}
		return free
	}
	for w := range wants {
		for h := range has {
			if wants[w].asks(has[h]) && wants[w].fits(has[h], believe) > 0 && take(w, h) {
				break
			}
		}
	}
	type pair struct{ want, has, score int }
	var pairs []pair
	for w := range wants {
		for h := range has {
			if score := wants[w].fits(has[h], believe); score > 0 {
				pairs = append(pairs, pair{w, h, score})
			}
		}
	}
	slices.SortStableFunc(pairs, func(a, b pair) int { return b.score - a.score })
	for _, p := range pairs {
		take(p.want, p.has)
	}
	return matches
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
