// SPDX-License-Identifier: MPL-2.0

package servergroup

import (
	"math"
	"regexp"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// antiAffinity is the policy that has a rule.
const antiAffinity = "anti-affinity"

var noEdgeRule = regexp.MustCompile(`^\S(.*\S)?$`)

func resourceSchema() schema.Schema {
	replace := []planmodifier.String{stringplanmodifier.RequiresReplace()}
	kept := []planmodifier.String{stringplanmodifier.UseStateForUnknown()}
	return schema.Schema{
		MarkdownDescription: "A server group: servers that the scheduler keeps together or apart. A server is put into it when it is created, " +
			"and is in it until it is deleted. Nova can change nothing about a group, so each change replaces it; servers of the old group " +
			"stay where they are and are in none.",
		Attributes: map[string]schema.Attribute{
			"id": schema.StringAttribute{Computed: true, MarkdownDescription: "The id.", PlanModifiers: kept},
			"name": schema.StringAttribute{
				Required: true, MarkdownDescription: "The name, which other groups may have, too.",
				Validators: []validator.String{
					stringvalidator.LengthBetween(1, 255),
					stringvalidator.RegexMatches(noEdgeRule, "may not begin or end with white space"),
				},
				PlanModifiers: replace,
			},
			"policy": schema.StringAttribute{
				Required: true,
				MarkdownDescription: "`affinity` for all servers on one host, `anti-affinity` for each on another; a server for which that cannot be " +
					"is not built. `soft-affinity` and `soft-anti-affinity` are as near to that as can be; they need microversion 2.15.",
				Validators:    []validator.String{stringvalidator.OneOf("affinity", antiAffinity, "soft-affinity", "soft-anti-affinity")},
				PlanModifiers: replace,
			},
			"max_server_per_host": schema.Int64Attribute{
				Optional:            true,
				MarkdownDescription: "How many servers of the group one host may have, for the policy `anti-affinity`. Default: 1. Needs microversion 2.64.",
				Validators:          []validator.Int64{int64validator.Between(1, math.MaxInt32)},
				PlanModifiers:       []planmodifier.Int64{int64planmodifier.RequiresReplace()},
			},
			"members": schema.SetAttribute{
				ElementType: types.StringType, Computed: true,
				MarkdownDescription: "The ids of the servers in it, as of the last refresh.",
			},
			"project_id": schema.StringAttribute{
				Computed: true, MarkdownDescription: "The id of the project that owns it. Needs microversion 2.13.", PlanModifiers: kept,
			},
			"user_id": schema.StringAttribute{
				Computed: true, MarkdownDescription: "The id of the user who made it. Needs microversion 2.13.", PlanModifiers: kept,
			},
		},
	}
}
