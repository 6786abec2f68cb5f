// SPDX-License-Identifier: MPL-2.0

package floatingip

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-nettypes/iptypes"
	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/timelimit"
)

const (
	maxText = 255

	anotherPool = "Replaces the floating IP, unless it is the id of the pool that it is from."
	anotherIP   = "Replaces the association, unless it is the same floating IP by its id rather than its address, or the other way round."
)

// otherPool: the state may have the pool's name and the configuration its id.
func otherPool(ctx context.Context, req planmodifier.StringRequest, resp *stringplanmodifier.RequiresReplaceIfFuncResponse) {
	var id types.String
	resp.Diagnostics.Append(req.State.GetAttribute(ctx, path.Root("network_id"), &id)...)
	resp.RequiresReplace = req.PlanValue.IsUnknown() || !req.PlanValue.Equal(id)
}

// otherIP: the state may have the address and the configuration the id.
func otherIP(ctx context.Context, req planmodifier.StringRequest, resp *stringplanmodifier.RequiresReplaceIfFuncResponse) {
	var id, address types.String
	resp.Diagnostics.Append(req.State.GetAttribute(ctx, path.Root("id"), &id)...)
	resp.Diagnostics.Append(req.State.GetAttribute(ctx, path.Root("address"), &address)...)
	resp.RequiresReplace = req.PlanValue.IsUnknown() || !req.PlanValue.Equal(id) && !req.PlanValue.Equal(address)
}

func resourceSchema() schema.Schema {
	kept := []planmodifier.String{stringplanmodifier.UseStateForUnknown()}
	some := []validator.String{stringvalidator.LengthAtLeast(1)}
	return schema.Schema{
		MarkdownDescription: "A floating IP: an address of an external network that a project holds, and leads to a server of its choice by " +
			"`nova_floating_ip_association`.\n\nWhere the cloud's catalogue has no Neutron, Nova's own API (microversion 2.35 and older) gives " +
			"it; what that API has no word for is an error of the plan.",
		Attributes: map[string]schema.Attribute{
			"id": schema.StringAttribute{Computed: true, MarkdownDescription: "The id.", PlanModifiers: kept},
			"pool": schema.StringAttribute{
				Required: true, MarkdownDescription: "The pool that it is taken from: the name or id of an external network; without Neutron, a name of Nova's. " +
					anotherPool,
				Validators:    some,
				PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplaceIf(otherPool, anotherPool, anotherPool)},
			},
			"address": schema.StringAttribute{
				Optional: true, Computed: true, CustomType: iptypes.IPv4AddressType{},
				MarkdownDescription: "The address. To ask for one in particular takes an administrator, as a rule. Default: any that is free. To give it needs Neutron.",
				PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown(), stringplanmodifier.RequiresReplace()},
			},
			"subnet_id": schema.StringAttribute{
				Optional: true, MarkdownDescription: "The id of the subnet of the external network that the address is taken from. Needs Neutron.",
				Validators:    some,
				PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()},
			},
			"description": schema.StringAttribute{
				Optional: true, MarkdownDescription: "A description. Needs Neutron.",
				Validators: []validator.String{stringvalidator.LengthBetween(1, maxText)},
			},
			"tags": schema.SetAttribute{
				ElementType: types.StringType, Optional: true,
				MarkdownDescription: "All tags; others are removed. Without this attribute the tags are left alone. Needs Neutron.",
				Validators: []validator.Set{
					setvalidator.SizeAtMost(50), setvalidator.ValueStringsAre(stringvalidator.LengthBetween(1, maxText)),
				},
			},
			"network_id": schema.StringAttribute{
				Computed: true, MarkdownDescription: "The id of the external network; null without Neutron.", PlanModifiers: kept,
			},
			"project_id": schema.StringAttribute{
				Computed: true, MarkdownDescription: "The id of the project that holds it; null without Neutron.", PlanModifiers: kept,
			},
		},
	}
}

func associationSchema(ctx context.Context) schema.Schema {
	some := []validator.String{stringvalidator.LengthAtLeast(1)}
	kept := []planmodifier.String{stringplanmodifier.UseStateForUnknown()}
	return schema.Schema{
		MarkdownDescription: "Leads a floating IP to a server, or to a port that is no server's. Another server, port or fixed address is a " +
			"change in place.\n\nWhere the cloud's catalogue has no Neutron, the server action `addFloatingIp` of Nova (microversion 2.43 and " +
			"older) does it.",
		Attributes: map[string]schema.Attribute{
			"id": schema.StringAttribute{Computed: true, MarkdownDescription: "The id of the floating IP.", PlanModifiers: kept},
			"floating_ip": schema.StringAttribute{
				Required: true, MarkdownDescription: "The address or the id of the floating IP.", Validators: some,
				PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplaceIf(otherIP, anotherIP, anotherIP)},
			},
			"address": schema.StringAttribute{Computed: true, MarkdownDescription: "The address of the floating IP.", PlanModifiers: kept},
			"server_id": schema.StringAttribute{
				Optional: true, Computed: true, MarkdownDescription: "The id of the server. Default: the one whose port `port_id` is, if any.",
				Validators: append([]validator.String{stringvalidator.AtLeastOneOf(path.MatchRoot("port_id"))}, some...),
			},
			"port_id": schema.StringAttribute{
				Optional: true, Computed: true,
				MarkdownDescription: "The id of the port. Default: the server's port with `fixed_ip`, or its first with an IPv4 address. Needs Neutron.",
				Validators:          some,
			},
			"fixed_ip": schema.StringAttribute{
				Optional: true, Computed: true, CustomType: iptypes.IPv4AddressType{},
				MarkdownDescription: "Which address of the server or port. Default: the first of IPv4.",
			},
			"wait_until_shown": schema.BoolAttribute{
				Optional: true, Computed: true, Default: booldefault.StaticBool(true),
				MarkdownDescription: "Whether to wait until Nova shows the floating IP among the server's addresses. Nova hears of it from Neutron; " +
					"on a cloud where it does not, that takes minutes. Default: `true`.",
			},
			"timeouts": timelimit.Attribute(ctx, timeouts.Opts{
				Create: true, Update: true,
				CreateDescription: "How long to wait until the server shows it, `30s` or `10m` for example. Default: 10 minutes.",
				UpdateDescription: "The same, after a change. Default: 10 minutes.",
			}),
		},
	}
}
