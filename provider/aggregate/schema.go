// SPDX-License-Identifier: MPL-2.0

package aggregate

import (
	"regexp"

	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
)

var zoneRule = regexp.MustCompile(`^[^:]*$`)

func resourceSchema() schema.Schema {
	kept := []planmodifier.String{stringplanmodifier.UseStateForUnknown()}
	return schema.Schema{
		MarkdownDescription: "A host aggregate: a set of compute hosts with metadata that the scheduler heeds, and an availability zone if it has the " +
			"name of one. Making aggregates takes an administrator. All changes are made to the aggregate as it is. Destroying it takes " +
			"all hosts out of it first.",
		Attributes: map[string]schema.Attribute{
			"id": schema.StringAttribute{
				Computed: true, MarkdownDescription: "The id: a number.", PlanModifiers: kept,
			},
			"uuid": schema.StringAttribute{
				Computed: true, MarkdownDescription: "The UUID, by which Placement knows the aggregate. Shown from microversion 2.41 on.", PlanModifiers: kept,
			},
			"name": schema.StringAttribute{
				Required: true, MarkdownDescription: "The name, unique in the cloud.",
				Validators: []validator.String{
					stringvalidator.LengthBetween(1, 255), stringvalidator.RegexMatches(nova.NameRule, nova.NameHolds),
				},
			},
			"availability_zone": schema.StringAttribute{
				Optional: true, Computed: true,
				MarkdownDescription: "The availability zone that the hosts make. Nova does not change it while servers run on them, nor does it take " +
					"the zone away from an aggregate: without this attribute the zone is left as it is.",
				Validators: []validator.String{
					stringvalidator.LengthBetween(1, 255), stringvalidator.RegexMatches(nova.NameRule, nova.NameHolds),
					stringvalidator.RegexMatches(zoneRule, "may hold no colon"),
				},
				PlanModifiers: kept,
			},
			"metadata": schema.MapAttribute{
				ElementType: types.StringType, Optional: true,
				MarkdownDescription: "Metadata. Only these keys are managed: changes that others make to them are undone, keys that others add are " +
					"left alone. The zone has its own attribute.",
				Validators: []validator.Map{
					mapvalidator.KeysAre(stringvalidator.RegexMatches(nova.KeyRule, nova.KeyHolds),
						stringvalidator.NoneOf(nova.ZoneKey)),
					mapvalidator.ValueStringsAre(stringvalidator.LengthAtMost(255)),
				},
			},
			"hosts": schema.SetAttribute{
				ElementType: types.StringType, Optional: true, Computed: true,
				MarkdownDescription: "The names of all hosts of the aggregate; others are taken out. Without this attribute the hosts are left alone " +
					"and only shown, so that `nova_aggregate_host` can manage them one by one: use one of the two.",
				Validators: []validator.Set{
					setvalidator.ValueStringsAre(stringvalidator.LengthBetween(1, 255), stringvalidator.RegexMatches(nova.HostRule, nova.HostHolds)),
				},
			},
		},
	}
}
