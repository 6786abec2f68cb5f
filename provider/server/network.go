// SPDX-License-Identifier: MPL-2.0

package server

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework-nettypes/iptypes"
	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
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
	{path.Root("network_mode"), since(37), func(m model) bool { return value.Known(m.NetworkMode) }},
	{path.Root("networks"), since(42), func(m model) bool { return m.tagsNetworks() }},
}

// networkReplacements are the changes of networking that take another server.
var networkReplacements = []replacement{
	{"network_mode", func(c planned) bool { return c.differs(c.plan.NetworkMode, c.state.NetworkMode, trusted) }},
	{"networks", func(c planned) bool { return c.differs(c.plan.Networks, c.state.Networks, trusted) }},
}

// network is one interface that the server is created with.
type network struct {
	UUID    types.String      `tfsdk:"uuid"`
	Port    types.String      `tfsdk:"port"`
	FixedIP iptypes.IPAddress `tfsdk:"fixed_ip"`
	Tag     types.String      `tfsdk:"tag"`
}

// networks are the interfaces of m, without those that are wholly unknown yet.
func (m *model) networks(ctx context.Context, diags *diag.Diagnostics) []network {
	var all []network
	for _, element := range m.Networks.Elements() {
		object, ok := element.(types.Object)
		if !ok || !value.Known(object) {
			continue
		}
		var n network
		diags.Append(object.As(ctx, &n, basetypes.ObjectAsOptions{})...)
		all = append(all, n)
	}
	return all
}

func (m *model) tagsNetworks() bool {
	var diags diag.Diagnostics
	return slices.ContainsFunc(m.networks(context.Background(), &diags), func(n network) bool { return value.Known(n.Tag) })
}

// networkRequest is the interfaces that the plan asks for. If it asks for none in particular, that is
// "auto", which has to be said since 2.37 and could not be said before.
func (m *model) networkRequest(ctx context.Context, c *client.Client, at client.Microversion, diags *diag.Diagnostics) (any, client.Microversion, error) {
	if mode := m.NetworkMode.ValueString(); mode != "" {
		return mode, at, nil
	}
	if m.Networks.IsNull() {
		const withModes client.Microversion = 37
		_, best, err := c.Best(ctx, withModes)
		if err != nil || best < withModes {
			return nil, at, err
		}
		return "auto", max(at, withModes), nil
	}
	var requests []nova.NetworkRequest
	for _, n := range m.networks(ctx, diags) {
		requests = append(requests, nova.NetworkRequest{
			UUID: n.UUID.ValueString(), Port: n.Port.ValueString(), FixedIP: n.FixedIP.ValueString(), Tag: n.Tag.ValueString(),
		})
	}
	return requests, at, nil
}

// networkAttributes are the attributes of networking.
func networkAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"network_mode": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "In place of `networks`: `auto` for the project's network, which Nova makes if there is none, or `none`. " +
				"Default without `networks`: `auto`. Needs microversion 2.37. A change replaces the server.",
			Validators: []validator.String{
				stringvalidator.OneOf("auto", "none"), stringvalidator.ConflictsWith(path.MatchRoot("networks")),
			},
		},
		"networks": networksAttribute(),
	}
}

func networksAttribute() schema.Attribute {
	peer := func(name string) path.Expression { return path.MatchRelative().AtParent().AtName(name) }
	return schema.ListNestedAttribute{
		Optional: true,
		MarkdownDescription: "The interfaces to create the server with, in the guest's order. What the interfaces became is in `addresses`. " +
			"A change replaces the server.",
		Validators: []validator.List{listvalidator.SizeAtLeast(1)},
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"uuid": schema.StringAttribute{
				Optional: true, MarkdownDescription: "The id of a network in which Nova makes a port. Either this or `port`.",
				Validators: []validator.String{
					stringvalidator.RegexMatches(uuidRule, "has to be a UUID"), stringvalidator.ExactlyOneOf(peer("port")),
				},
			},
			"port": schema.StringAttribute{
				Optional: true, MarkdownDescription: "The id of a port to use.",
				Validators: []validator.String{
					stringvalidator.RegexMatches(uuidRule, "has to be a UUID"), stringvalidator.ConflictsWith(peer("fixed_ip")),
				},
			},
			"fixed_ip": schema.StringAttribute{
				CustomType: iptypes.IPAddressType{}, Optional: true, MarkdownDescription: "The address in the network of `uuid`. Default: a free one.",
			},
			"tag": schema.StringAttribute{
				Optional: true, MarkdownDescription: "A tag by which the guest finds the interface in its metadata. Needs microversion 2.42.",
				Validators: []validator.String{
					stringvalidator.LengthBetween(1, 60), stringvalidator.RegexMatches(tagRule, "may hold neither a comma nor a slash"),
				},
			},
		}},
	}
}

func networkType() types.ObjectType {
	return types.ObjectType{AttrTypes: map[string]attr.Type{
		"uuid": types.StringType, "port": types.StringType, "fixed_ip": iptypes.IPAddressType{}, "tag": types.StringType,
	}}
}
