// SPDX-License-Identifier: MPL-2.0

package securitygroup

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/boolplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/timelimit"
)

// nestedRule is one of `rules`.
func nestedRule() schema.NestedAttributeObject {
	attributes := ruleAttributes()
	attributes["remote_self"] = schema.BoolAttribute{
		Optional: true, MarkdownDescription: "Whether the other side are the ports in this same group.",
	}
	return schema.NestedAttributeObject{Attributes: attributes}
}

func resourceSchema(ctx context.Context) schema.Schema {
	kept := []planmodifier.String{stringplanmodifier.UseStateForUnknown()}
	return schema.Schema{
		MarkdownDescription: "A security group: rules for the traffic of ports, and so of servers. A project's group `default` can be imported to " +
			"be managed; to destroy it only ends that.\n\nWhere the cloud's catalogue has no " +
			"Neutron, Nova's own API (microversion 2.35 and older) makes the group; what that API has no word for is an error of the plan.",
		Attributes: map[string]schema.Attribute{
			"id": schema.StringAttribute{Computed: true, MarkdownDescription: "The id.", PlanModifiers: kept},
			"name": schema.StringAttribute{
				Required: true, MarkdownDescription: "The name. Neutron does not demand that it is unique; a configuration that refers to groups by name does.",
				Validators: []validator.String{stringvalidator.LengthBetween(1, maxText)},
			},
			"description": schema.StringAttribute{
				Optional: true, MarkdownDescription: "A description.",
				Validators: []validator.String{stringvalidator.LengthBetween(1, maxText)},
			},
			"stateful": schema.BoolAttribute{
				Optional: true, Computed: true,
				MarkdownDescription: "Whether answers to what the rules let through are let through, too: the default. It cannot be changed while " +
					"ports are in the group. Needs Neutron.",
				PlanModifiers: []planmodifier.Bool{boolplanmodifier.UseStateForUnknown()},
			},
			"rules": schema.SetNestedAttribute{
				Optional: true, NestedObject: nestedRule(),
				MarkdownDescription: "All rules of the group; others are removed, but for the two that let everything out, with which Neutron " +
					"begins each group: see `delete_default_rules`. Without this attribute the rules are left alone: use it or " +
					"`nova_security_group_rule`, not both.",
			},
			"delete_default_rules": schema.BoolAttribute{
				Optional: true, Computed: true, Default: booldefault.StaticBool(false),
				MarkdownDescription: "Whether to remove the two rules that let everything out, unless `rules` has them. Back to `false` adds them " +
					"again. Default: `false`. Needs Neutron.",
			},
			"tags": schema.SetAttribute{
				ElementType: types.StringType, Optional: true,
				MarkdownDescription: "All tags; others are removed. Without this attribute the tags are left alone. Needs Neutron.",
				Validators: []validator.Set{
					setvalidator.SizeAtMost(50), setvalidator.ValueStringsAre(stringvalidator.LengthBetween(1, maxText)),
				},
			},
			"project_id": schema.StringAttribute{
				Computed: true, MarkdownDescription: "The id of the project that it is of.", PlanModifiers: kept,
			},
			"timeouts": timelimit.Attribute(ctx, timeouts.Opts{
				Delete:            true,
				DeleteDescription: "How long to wait until no server uses the group any more, `30s` or `10m` for example. Default: 5 minutes.",
			}),
		},
	}
}
