// SPDX-License-Identifier: MPL-2.0

package securitygroup

import (
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/network"
)

// maxText is the length that names and descriptions have room for.
const maxText = 255

// ruleAttributes are the attributes of ruleModel. None has a default: null says it all, also within a set.
func ruleAttributes() map[string]schema.Attribute {
	text := func(description string, validators ...validator.String) schema.StringAttribute {
		return schema.StringAttribute{Optional: true, MarkdownDescription: description, Validators: validators}
	}
	number := func(description string, least, most int64) schema.Int64Attribute {
		return schema.Int64Attribute{
			Optional: true, MarkdownDescription: description, Validators: []validator.Int64{int64validator.Between(least, most)},
		}
	}
	some := stringvalidator.LengthAtLeast(1)
	return map[string]schema.Attribute{
		"direction": text("`ingress` for what comes in, which is the default, or `egress` for what goes out.",
			stringvalidator.OneOf(network.Ingress, network.Egress)),
		"ethertype": text("`IPv4` or `IPv6`. Default: that of `remote_ip_prefix` or, without one, of the protocol: `IPv4` but for those of IPv6 alone.",
			stringvalidator.OneOf(network.IPv4, network.IPv6)),
		"protocol":       text("The protocol by name (`tcp`, `udp`, `icmp`, `ipv6-icmp`, `sctp`, `gre`, `esp`, `vrrp` ...) or number. Default: any.", some),
		"port_range_min": number("The first port of protocols that have ports. Default: every port.", 1, 65535),
		"port_range_max": number("The last port. Default: `port_range_min`, so that the rule is for one port.", 1, 65535),
		"icmp_type":      number("The type of ICMP, 8 for echo requests for example. Default: every type.", 0, 255),
		"icmp_code":      number("The code of ICMP; it needs `icmp_type`. Default: every code.", 0, 255),
		"remote_ip_prefix": text("The addresses of the other side, as a CIDR prefix without host bits. Default: all, unless another `remote_` "+
			"attribute says which.", some),
		"remote_group_id":         text("The id of a security group: the other side are the ports in it.", some),
		"remote_address_group_id": text("The id of an address group of Neutron: the other side are the addresses in it.", some),
		"description":             text("A description. Needs Neutron.", stringvalidator.LengthBetween(1, maxText)),
	}
}

func ruleSchema() schema.Schema {
	attributes := ruleAttributes()
	attributes["id"] = schema.StringAttribute{
		Computed: true, MarkdownDescription: "The id.",
		PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
	}
	attributes["security_group_id"] = schema.StringAttribute{
		Required: true, MarkdownDescription: "The id of the security group that the rule is in.",
		Validators:    []validator.String{stringvalidator.LengthAtLeast(1)},
		PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()},
	}
	return schema.Schema{
		MarkdownDescription: "A rule of a security group. Rules cannot be changed: each change replaces the rule, unless it is only another " +
			"spelling of the same. For a group whose `nova_security_group` has `rules`, put the rule there.\n\n" +
			"Where the cloud's catalogue has no Neutron, Nova's own API (microversion 2.35 and older) makes the rule; what that API has no " +
			"word for is an error of the plan.",
		Attributes: attributes,
	}
}
