// SPDX-License-Identifier: MPL-2.0

package flavoraccess

import (
	"regexp"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
)

// flavorRule is Nova's for the ids of flavors.
var flavorRule = regexp.MustCompile(`^[A-Za-z0-9._-]([A-Za-z0-9 ._-]*[A-Za-z0-9._-])?$`)

func resourceSchema() schema.Schema {
	part := func(description string, rule *regexp.Regexp, holds string) schema.StringAttribute {
		return schema.StringAttribute{
			Required: true, MarkdownDescription: description,
			Validators:    []validator.String{stringvalidator.LengthBetween(1, 255), stringvalidator.RegexMatches(rule, holds)},
			PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()},
		}
	}
	return schema.Schema{
		MarkdownDescription: "Lets a project use a flavor that is not public. Granting it takes an administrator. Projects that have the flavor " +
			"otherwise keep it. Servers that a project has made of a flavor stay when it may no longer use it.",
		Attributes: map[string]schema.Attribute{
			"id": schema.StringAttribute{
				Computed: true, MarkdownDescription: "`FLAVOR_ID/PROJECT_ID`.",
				PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
			},
			"flavor_id": part("The id of a flavor with `is_public = false`. A change replaces the access.", flavorRule,
				"may hold letters, digits, spaces within, and any of . _ -"),
			"project_id": part("The id of the project. A change replaces the access.", nova.ProjectRule, nova.ProjectHolds),
		},
	}
}
