// SPDX-License-Identifier: MPL-2.0

package server

import (
	"regexp"

	"github.com/hashicorp/terraform-plugin-framework-nettypes/iptypes"
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
)

// Nova's own rules, so that a plan fails rather than an apply.
var (
	noEdgeRule   = regexp.MustCompile(`^\S(.*\S)?$`)
	uuidRule     = regexp.MustCompile(`^[0-9a-fA-F]{8}-?([0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}$`)
	metadataRule = regexp.MustCompile(`^[a-zA-Z0-9_:. -]{1,255}$`)
	tagRule      = regexp.MustCompile(`^[^,/]+$`)
	hostnameRule = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$`)
)

// labelAttributes are the attributes of labelling.
func labelAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"name": schema.StringAttribute{
			Required: true, MarkdownDescription: "The name. It need not be unique.",
			Validators: []validator.String{
				stringvalidator.LengthBetween(1, 255),
				stringvalidator.RegexMatches(noEdgeRule, "may not begin or end with white space"),
			},
		},
		"description": schema.StringAttribute{
			Optional: true, MarkdownDescription: "A description. Needs microversion 2.19.",
			Validators: []validator.String{stringvalidator.LengthBetween(1, 255)},
		},
		"metadata": schema.MapAttribute{
			ElementType: types.StringType, Optional: true,
			MarkdownDescription: "Metadata. Only these keys are managed: changes that others make to them are undone, keys that others add are left " +
				"alone. Nova changes metadata of a server only while it is active, paused, suspended or shut off; one that is otherwise is brought back for that.",
			Validators: []validator.Map{
				mapvalidator.KeysAre(
					stringvalidator.RegexMatches(metadataRule, "may hold letters, digits, spaces, and any of _ : . -"),
					stringvalidator.NoneOf(nova.MarkKey),
				),
				mapvalidator.ValueStringsAre(stringvalidator.LengthAtMost(255)),
			},
		},
		"tags": schema.SetAttribute{
			ElementType: types.StringType, Optional: true,
			MarkdownDescription: "All tags; others are removed. Without this attribute tags are left alone. Needs microversion 2.52.",
			Validators: []validator.Set{
				setvalidator.SizeAtMost(50),
				setvalidator.ValueStringsAre(stringvalidator.LengthBetween(1, 60),
					stringvalidator.RegexMatches(tagRule, "may hold neither a comma nor a slash")),
			},
		},
		"hostname": schema.StringAttribute{
			Optional: true, Computed: true,
			MarkdownDescription: "The host name that the metadata service tells the guest. Default: made from the name. Needs microversion 2.90, or 2.94 with dots in it.",
			Validators: []validator.String{
				stringvalidator.LengthBetween(2, 255),
				stringvalidator.RegexMatches(hostnameRule, "has to be a host name of letters, digits and hyphens"),
			},
		},
		"access_ip_v4": schema.StringAttribute{
			CustomType: iptypes.IPv4AddressType{}, Optional: true, Computed: true,
			MarkdownDescription: "The IPv4 address by which people reach the server. Nova only notes it.",
		},
		"access_ip_v6": schema.StringAttribute{
			CustomType: iptypes.IPv6AddressType{}, Optional: true, Computed: true,
			MarkdownDescription: "The IPv6 address by which people reach the server. Nova only notes it.",
		},
		"disk_config": schema.StringAttribute{
			Optional: true, Computed: true,
			MarkdownDescription: "`AUTO` for one partition of the size of the disk, or `MANUAL` for those that the image has, where the hypervisor " +
				"knows the difference. Default: what the image says.",
			Validators: []validator.String{stringvalidator.OneOf("AUTO", "MANUAL")},
		},
	}
}
