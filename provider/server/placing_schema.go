// SPDX-License-Identifier: MPL-2.0

package server

import (
	"regexp"

	"github.com/hashicorp/terraform-plugin-framework-nettypes/iptypes"
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

var cidrHintRule = regexp.MustCompile(`^/[0-9a-f.:]+$`)

// placeAttributes are the attributes of placing.
func placeAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"availability_zone": schema.StringAttribute{
			Optional: true, Computed: true,
			MarkdownDescription: "The availability zone, or as an administrator `zone:host` or `zone:host:node`. Default: as the cloud chooses. " +
				"A change replaces the server.",
			Validators: []validator.String{stringvalidator.LengthBetween(1, 255)},
		},
		"server_group_id": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "The id of the server group by whose policy the host is chosen. A change replaces the server.",
			Validators:          []validator.String{stringvalidator.RegexMatches(uuidRule, "has to be a UUID")},
		},
		"scheduler_hints": schema.SingleNestedAttribute{
			Optional:            true,
			MarkdownDescription: "What the cloud's scheduler filters are told, where it has them. Nova shows none of it. A change replaces the server.",
			Attributes:          hintAttributes(),
		},
		"placement": schema.SingleNestedAttribute{
			Optional: true,
			MarkdownDescription: "Where an administrator has the server made; where it is now, is in `host` and `hypervisor_hostname`. " +
				"A change replaces the server. Needs microversion 2.74.",
			Attributes: map[string]schema.Attribute{
				"host": schema.StringAttribute{
					Optional: true, MarkdownDescription: "The compute host.",
					Validators: []validator.String{
						stringvalidator.LengthBetween(1, 255),
						stringvalidator.AtLeastOneOf(path.MatchRelative().AtParent().AtName("hypervisor_hostname")),
					},
				},
				"hypervisor_hostname": schema.StringAttribute{
					Optional: true, MarkdownDescription: "The hypervisor's name for the host.",
					Validators: []validator.String{stringvalidator.LengthBetween(1, 255)},
				},
			},
		},
	}
}

func hintAttributes() map[string]schema.Attribute {
	servers := []validator.Set{
		setvalidator.SizeAtLeast(1), setvalidator.ValueStringsAre(stringvalidator.RegexMatches(uuidRule, "has to be a UUID")),
	}
	return map[string]schema.Attribute{
		"different_host": schema.SetAttribute{
			ElementType: types.StringType, Optional: true, Validators: servers,
			MarkdownDescription: "The ids of servers on whose hosts it is not to be (DifferentHostFilter).",
		},
		"same_host": schema.SetAttribute{
			ElementType: types.StringType, Optional: true, Validators: servers,
			MarkdownDescription: "The ids of servers on one of whose hosts it is to be (SameHostFilter).",
		},
		"build_near_host_ip": schema.StringAttribute{
			CustomType: iptypes.IPAddressType{}, Optional: true,
			MarkdownDescription: "An address near which its host is to be (SimpleCIDRAffinityFilter).",
		},
		"cidr": schema.StringAttribute{
			Optional: true, MarkdownDescription: "How near, `/24` for example.",
			Validators: []validator.String{
				stringvalidator.RegexMatches(cidrHintRule, "has to begin with a slash"),
				stringvalidator.AlsoRequires(path.MatchRelative().AtParent().AtName("build_near_host_ip")),
			},
		},
		"query": schema.StringAttribute{
			Optional: true, MarkdownDescription: "A query in JSON on what the hosts have (JsonFilter): `jsonencode([\">=\", \"$free_ram_mb\", 1024])`.",
			Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
		},
		"target_cell": schema.StringAttribute{
			Optional: true, MarkdownDescription: "The cell in which it is to be.", Validators: []validator.String{stringvalidator.LengthBetween(1, 255)},
		},
		"different_cell": schema.SetAttribute{
			ElementType: types.StringType, Optional: true, MarkdownDescription: "Cells in which it is not to be.",
			Validators: []validator.Set{setvalidator.SizeAtLeast(1)},
		},
		"extra": schema.MapAttribute{
			ElementType: types.StringType, Optional: true, MarkdownDescription: "Hints for filters of the cloud's own.",
			Validators: []validator.Map{mapvalidator.SizeAtLeast(1), mapvalidator.KeysAre(stringvalidator.NoneOf(
				"group", "different_host", "same_host", "build_near_host_ip", "cidr", "query", "target_cell", "different_cell"))},
		},
	}
}

func hintTypes() map[string]attr.Type {
	all := map[string]attr.Type{}
	for name, attribute := range hintAttributes() {
		all[name] = attribute.GetType()
	}
	return all
}

func pinTypes() map[string]attr.Type {
	return map[string]attr.Type{"host": types.StringType, "hypervisor_hostname": types.StringType}
}
