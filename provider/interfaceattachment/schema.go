// SPDX-License-Identifier: MPL-2.0

package interfaceattachment

import (
	"context"
	"net/netip"
	"regexp"

	"github.com/hashicorp/terraform-plugin-framework-nettypes/iptypes"
	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/listplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/timelimit"
)

var (
	uuidRule = stringvalidator.RegexMatches(
		regexp.MustCompile(`^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$`), "has to be a UUID, in small letters and with hyphens")
	tagRule = stringvalidator.RegexMatches(regexp.MustCompile(`^[^,/]+$`), "may hold neither a comma nor a slash")
)

const anotherAddress = "Another address replaces the interface."

// otherAddress is whether another address is asked for, rather than the same one in another spelling.
func otherAddress(_ context.Context, req planmodifier.StringRequest, resp *stringplanmodifier.RequiresReplaceIfFuncResponse) {
	wanted, err := netip.ParseAddr(req.ConfigValue.ValueString())
	has, none := netip.ParseAddr(req.StateValue.ValueString())
	resp.RequiresReplace = !req.ConfigValue.IsNull() && (err != nil || none != nil || wanted != has)
}

func resourceSchema(ctx context.Context) schema.Schema {
	kept := []planmodifier.String{stringplanmodifier.UseStateForUnknown()}
	given := []planmodifier.String{stringplanmodifier.UseStateForUnknown(), stringplanmodifier.RequiresReplaceIfConfigured()}
	replace := []planmodifier.String{stringplanmodifier.RequiresReplace()}
	other := func(names ...string) []path.Expression {
		var all []path.Expression
		for _, name := range names {
			all = append(all, path.MatchRoot(name))
		}
		return all
	}
	return schema.Schema{
		MarkdownDescription: "A network interface of a server that runs: one more than those in the `networks` of its `nova_server`. Nova " +
			"changes nothing about an interface, so each change detaches it and attaches another. A port that Nova made " +
			"for it is deleted with it; a port that was given stays.",
		Attributes: map[string]schema.Attribute{
			"id": schema.StringAttribute{Computed: true, MarkdownDescription: "`SERVER_ID/PORT_ID`.", PlanModifiers: kept},
			"server_id": schema.StringAttribute{
				Required: true, MarkdownDescription: "The id of the server.",
				Validators: []validator.String{uuidRule}, PlanModifiers: replace,
			},
			"port_id": schema.StringAttribute{
				Optional: true, Computed: true, MarkdownDescription: "The id of a port to use. Either this or `network_id`.",
				Validators: []validator.String{uuidRule, stringvalidator.ExactlyOneOf(other("network_id")...)}, PlanModifiers: given,
			},
			"network_id": schema.StringAttribute{
				Optional: true, Computed: true, MarkdownDescription: "The id of a network in which Nova makes a port.",
				Validators: []validator.String{uuidRule}, PlanModifiers: given,
			},
			"fixed_ip": schema.StringAttribute{
				CustomType: iptypes.IPAddressType{}, Optional: true, Computed: true,
				MarkdownDescription: "The address in the network of `network_id`. Default: a free one.",
				Validators:          []validator.String{stringvalidator.ConflictsWith(other("port_id")...)},
				PlanModifiers: []planmodifier.String{
					stringplanmodifier.UseStateForUnknown(), stringplanmodifier.RequiresReplaceIf(otherAddress, anotherAddress, anotherAddress),
				},
			},
			"tag": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "A tag by which the guest finds the interface in its metadata. Needs microversion 2.49.",
				Validators:          []validator.String{stringvalidator.LengthBetween(1, 60), tagRule}, PlanModifiers: replace,
			},
			"mac": schema.StringAttribute{Computed: true, MarkdownDescription: "The MAC address.", PlanModifiers: kept},
			"addresses": schema.ListAttribute{
				ElementType: types.StringType, Computed: true, MarkdownDescription: "All addresses of the port, sorted.",
				PlanModifiers: []planmodifier.List{listplanmodifier.UseStateForUnknown()},
			},
			"timeouts": timeoutsAttribute(ctx),
		},
	}
}

func timeoutsAttribute(ctx context.Context) schema.Attribute {
	return timelimit.Attribute(ctx, timeouts.Opts{
		Create: true, Delete: true,
		CreateDescription: "How long to wait for the interface, `2m` for example. Default: 10 minutes.",
		DeleteDescription: "How long to wait until it is detached. Default: 10 minutes.",
	})
}
