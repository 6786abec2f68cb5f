// SPDX-License-Identifier: MPL-2.0

package quotaset

import (
	"maps"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/quotas"
)

// What destroying can do.
const (
	reset = "reset"
	keep  = "keep"
)

func resourceSchema() schema.Schema {
	id := []validator.String{stringvalidator.LengthBetween(1, 255), stringvalidator.RegexMatches(nova.ProjectRule, nova.ProjectHolds)}
	replace := []planmodifier.String{stringplanmodifier.RequiresReplace()}
	attributes := map[string]schema.Attribute{
		"id": schema.StringAttribute{
			Computed: true, MarkdownDescription: "`PROJECT_ID`, or `PROJECT_ID/USER_ID`.",
			PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
		},
		"project_id": schema.StringAttribute{
			Required: true, MarkdownDescription: "The id of the project. A change replaces the resource.", Validators: id, PlanModifiers: replace,
		},
		"user_id": schema.StringAttribute{
			Optional: true, MarkdownDescription: "The id of a user, whose own limits within the project are meant. A change replaces the resource.",
			Validators: id, PlanModifiers: replace,
		},
		"force": schema.BoolAttribute{
			Optional: true,
			MarkdownDescription: "Whether limits may be set below what is used already, and a user's above those of the project. Nova refuses " +
				"that otherwise.",
		},
		"on_destroy": schema.StringAttribute{
			Optional: true, Computed: true, Default: stringdefault.StaticString(reset),
			MarkdownDescription: "What destroying the resource does: `reset` (the default) removes all limits of the project, and of the users in it " +
				"unless the resource is about one user, so that the cloud's defaults hold again; `keep` leaves them as they are.",
			Validators: []validator.String{stringvalidator.OneOf(reset, keep)},
		},
	}
	maps.Copy(attributes, quotas.Attributes())
	return schema.Schema{
		MarkdownDescription: "The compute quotas of a project, or of a user in a project. Setting them takes an administrator. Limits that are not " +
			"given are left alone, and the state shows what holds; 0 allows nothing, -1 anything. A limit that is taken out of the " +
			"configuration stays as it was set, as Nova can only reset all of them. A quota set cannot be created twice: what holds before " +
			"the resource is created is taken over.",
		Attributes: attributes,
	}
}
