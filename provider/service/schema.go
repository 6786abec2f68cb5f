// SPDX-License-Identifier: MPL-2.0

package service

import (
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
)

// What destroying can do.
const (
	enable = "enable"
	keep   = "keep"
	remove = "delete"
)

func resourceSchema() schema.Schema {
	replace := []planmodifier.String{stringplanmodifier.RequiresReplace()}
	return schema.Schema{
		MarkdownDescription: "Whether a compute host takes servers: maintenance as code. A `nova-compute` registers itself, so creating this resource " +
			"takes the service over as it is and then sets what is given; what is not given is left alone, and the state shows it. " +
			"It takes an administrator. Servers that run on a host stay there when it is disabled: the action `nova_host_drain` moves them.",
		Attributes: map[string]schema.Attribute{
			"id": schema.StringAttribute{
				Computed: true, MarkdownDescription: "The id: a UUID from microversion 2.53 on, a number before.",
				PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
			},
			"host": schema.StringAttribute{
				Required: true, MarkdownDescription: "The name of the host. A change takes over another service.",
				Validators: []validator.String{
					stringvalidator.LengthBetween(1, 255), stringvalidator.RegexMatches(nova.HostRule, nova.HostHolds),
				},
				PlanModifiers: replace,
			},
			"binary": schema.StringAttribute{
				Optional: true, Computed: true, Default: stringdefault.StaticString(nova.Compute),
				MarkdownDescription: "Which service of the host. Default: `nova-compute`. Of others, `nova-scheduler` for example, Nova changes nothing; " +
					"they can be deleted with `on_destroy`. A change takes over another service.",
				Validators: []validator.String{
					stringvalidator.LengthBetween(1, 255), stringvalidator.RegexMatches(nova.HostRule, nova.HostHolds),
				},
				PlanModifiers: replace,
			},
			"status": schema.StringAttribute{
				Optional: true, Computed: true,
				MarkdownDescription: "`enabled`, or `disabled`: the scheduler puts no servers on the host.",
				Validators:          []validator.String{stringvalidator.OneOf(nova.Enabled, nova.Disabled)},
			},
			"disabled_reason": schema.StringAttribute{
				Optional: true, Computed: true, MarkdownDescription: "Why it is disabled, for people. Only with `status = \"disabled\"`.",
				Validators: []validator.String{stringvalidator.LengthBetween(1, 255), stringvalidator.AlsoRequires(path.MatchRoot("status"))},
			},
			"forced_down": schema.BoolAttribute{
				Optional: true, Computed: true,
				MarkdownDescription: "Whether the service counts as down whatever it says itself, so that servers can be evacuated from the host. The host has to " +
					"be off: its servers must not run twice. Needs microversion 2.11.",
			},
			"on_destroy": schema.StringAttribute{
				Optional: true, Computed: true, Default: stringdefault.StaticString(enable),
				MarkdownDescription: "What destroying the resource does: `enable` (the default) puts the host back into service, enabled and not forced down; " +
					"`keep` leaves it as it is; `delete` deletes the record of the service, of a host that is no more, and takes the host out of " +
					"its aggregates. Nova refuses that while there are servers on it. A `nova-compute` that runs registers itself anew.",
				Validators: []validator.String{stringvalidator.OneOf(enable, keep, remove)},
			},
			"state": schema.StringAttribute{
				Computed: true, MarkdownDescription: "`up`, or `down`: it has not been heard of for a while, or was forced down.",
			},
			"zone": schema.StringAttribute{Computed: true, MarkdownDescription: "The host's availability zone."},
		},
	}
}
