// SPDX-License-Identifier: MPL-2.0

package flavor

import (
	"math"
	"regexp"

	"github.com/hashicorp/terraform-plugin-framework-validators/float64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/boolplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/float64default"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/float64planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64default"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
)

// idRule is Nova's.
var idRule = regexp.MustCompile(`^[A-Za-z0-9._-]([A-Za-z0-9 ._-]*[A-Za-z0-9._-])?$`)

func resourceSchema() schema.Schema {
	number := func(description string, least int64) schema.Int64Attribute {
		return schema.Int64Attribute{
			Required: true, MarkdownDescription: description,
			Validators:    []validator.Int64{int64validator.Between(least, math.MaxInt32)},
			PlanModifiers: []planmodifier.Int64{int64planmodifier.RequiresReplace()},
		}
	}
	extra := func(description string) schema.Int64Attribute {
		attribute := number(description, 0)
		attribute.Required, attribute.Optional, attribute.Computed = false, true, true
		attribute.Default = int64default.StaticInt64(0)
		return attribute
	}
	return schema.Schema{
		MarkdownDescription: "A size for servers. Making flavors takes an administrator. Nova can change nothing but `description` and " +
			"`extra_specs`; any other change makes a new flavor and deletes the old one, which leaves the servers of the old one as they are.",
		Attributes: map[string]schema.Attribute{
			"id": schema.StringAttribute{
				Optional: true, Computed: true,
				MarkdownDescription: "The id: letters, digits, spaces within, `.`, `_` and `-`. Without one Nova makes a UUID.",
				Validators: []validator.String{
					stringvalidator.LengthBetween(1, 255),
					stringvalidator.RegexMatches(idRule, "may hold letters, digits, spaces within, and any of . _ -"),
				},
				PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown(), stringplanmodifier.RequiresReplace()},
			},
			"name": schema.StringAttribute{
				Required: true, MarkdownDescription: "The name, unique in the cloud.",
				Validators: []validator.String{
					stringvalidator.LengthBetween(1, 255),
					stringvalidator.RegexMatches(nova.NameRule, nova.NameHolds),
				},
				PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()},
			},
			"description": schema.StringAttribute{
				Optional: true, MarkdownDescription: "A description. Needs microversion 2.55.",
				Validators: []validator.String{
					stringvalidator.LengthBetween(1, 65535),
					stringvalidator.RegexMatches(nova.TextRule, nova.TextHolds),
				},
			},
			"vcpus":     number("The number of virtual processors.", 1),
			"ram":       number("The memory in MiB.", 1),
			"disk":      number("The root disk in GiB; 0 for the size of the image.", 0),
			"ephemeral": extra("A second, empty disk in GiB. Default: 0."),
			"swap":      extra("A swap disk in MiB. Default: 0."),
			"rxtx_factor": schema.Float64Attribute{
				Optional: true, Computed: true, Default: float64default.StaticFloat64(1),
				MarkdownDescription: "A factor of network bandwidth, which hardly any driver obeys. Default: 1.",
				Validators:          []validator.Float64{float64validator.Between(math.SmallestNonzeroFloat32, math.MaxFloat32)},
				PlanModifiers:       []planmodifier.Float64{float64planmodifier.RequiresReplace()},
			},
			"is_public": schema.BoolAttribute{
				Optional: true, Computed: true, Default: booldefault.StaticBool(true),
				MarkdownDescription: "Whether all projects see the flavor. Default: true.",
				PlanModifiers:       []planmodifier.Bool{boolplanmodifier.RequiresReplace()},
			},
			"extra_specs": schema.MapAttribute{
				ElementType: types.StringType, Optional: true,
				MarkdownDescription: "Extra specs, `hw:cpu_policy` for example. Only these keys are managed: changes that others make to them are " +
					"undone, keys that others add are left alone. Names and values in Nova's own namespaces are checked by the plan, and from " +
					"microversion 2.86 on by Nova; a provider with `max_microversion` below that can set what Nova does not know.",
				Validators: []validator.Map{
					mapvalidator.KeysAre(stringvalidator.RegexMatches(nova.KeyRule, nova.KeyHolds)),
					mapvalidator.ValueStringsAre(stringvalidator.LengthAtMost(255)),
				},
			},
		},
	}
}
