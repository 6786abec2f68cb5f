// SPDX-License-Identifier: MPL-2.0

package servermetadata

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/timelimit"
)

func resourceSchema(ctx context.Context) schema.Schema {
	return schema.Schema{
		MarkdownDescription: "Some keys of the metadata of a server, one that is not managed here for example. Other keys are left alone. Do not " +
			"give the same key in the `metadata` of the `nova_server`, or the two undo each other. Keys that the server has already with other " +
			"values are an error, so that nothing is overwritten unseen.",
		Attributes: map[string]schema.Attribute{
			"id": schema.StringAttribute{
				Computed: true, MarkdownDescription: "The server's id.",
				PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
			},
			"server_id": schema.StringAttribute{
				Required: true, MarkdownDescription: "The id of the server. A change moves the metadata to the other server.",
				Validators:    []validator.String{stringvalidator.RegexMatches(nova.UUIDRule, nova.UUIDHolds)},
				PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()},
			},
			"metadata": schema.MapAttribute{
				ElementType: types.StringType, Required: true,
				MarkdownDescription: "The metadata. Changes that others make to these keys are undone.",
				Validators: []validator.Map{
					mapvalidator.SizeAtLeast(1),
					mapvalidator.KeysAre(
						stringvalidator.RegexMatches(nova.KeyRule, nova.KeyHolds),
						stringvalidator.NoneOf(nova.MarkKey),
					),
					mapvalidator.ValueStringsAre(stringvalidator.LengthAtMost(255)),
				},
			},
			"timeouts": timeoutsAttribute(ctx),
		},
	}
}

func timeoutsAttribute(ctx context.Context) schema.Attribute {
	return timelimit.Attribute(ctx, timeouts.Opts{
		Create: true, Update: true, Delete: true,
		CreateDescription: "How long to wait for a server with which another task is under way, `10m` for example: Nova " +
			"changes no metadata meanwhile. Default: 10 minutes.",
		UpdateDescription: "How long to wait for a server that is busy. Default: 10 minutes.",
		DeleteDescription: "How long to wait for a server that is busy. Default: 10 minutes.",
	})
}
