// SPDX-License-Identifier: MPL-2.0

package volumeattachment

import (
	"context"
	"regexp"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/timelimit"
)

var (
	uuidRule = stringvalidator.RegexMatches(
		regexp.MustCompile(`^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$`), "has to be a UUID, in small letters and with hyphens")
	tagRule    = stringvalidator.RegexMatches(regexp.MustCompile(`^[^,/]+$`), "may hold neither a comma nor a slash")
	deviceRule = stringvalidator.RegexMatches(regexp.MustCompile(`^/dev/x?[a-z]?d?[a-z]+[0-9]*$`), "has to be a device, /dev/vdb for example")
)

func resourceSchema(ctx context.Context) schema.Schema {
	replace := []planmodifier.String{stringplanmodifier.RequiresReplace()}
	return schema.Schema{
		MarkdownDescription: "A volume of a server: one more than those in the `volumes` of its `nova_server`. Nova changes only " +
			"`delete_on_termination` of it; each other change detaches the volume and attaches one again. The volumes' contents stay, but the " +
			"guest should not have a file system of them mounted then.",
		Attributes: map[string]schema.Attribute{
			"id": schema.StringAttribute{
				Computed: true, MarkdownDescription: "`SERVER_ID/VOLUME_ID`.",
				PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
			},
			"server_id": schema.StringAttribute{
				Required: true, MarkdownDescription: "The id of the server.",
				Validators: []validator.String{uuidRule}, PlanModifiers: replace,
			},
			"volume_id": schema.StringAttribute{
				Required: true, MarkdownDescription: "The id of the volume. One that several servers may have needs microversion 2.60.",
				Validators: []validator.String{uuidRule}, PlanModifiers: replace,
			},
			"device": schema.StringAttribute{
				Optional: true, Computed: true,
				MarkdownDescription: "The device to ask for, `/dev/vdb` for example. Most hypervisors take the next one that is free " +
					"instead, so find the volume in the guest by its id or `tag` rather. Default: the one that Nova chose.",
				Validators:    []validator.String{deviceRule},
				PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown(), stringplanmodifier.RequiresReplaceIfConfigured()},
			},
			"tag": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "A tag by which the guest finds the volume in its metadata. Needs microversion 2.49.",
				Validators:          []validator.String{stringvalidator.LengthBetween(1, 60), tagRule}, PlanModifiers: replace,
			},
			"delete_on_termination": schema.BoolAttribute{
				Optional: true, Computed: true, Default: booldefault.StaticBool(false),
				MarkdownDescription: "Whether the volume is deleted with the server. Default: false. `true` needs microversion 2.79, a change 2.85.",
			},
			"timeouts": timeoutsAttribute(ctx),
		},
	}
}

func timeoutsAttribute(ctx context.Context) schema.Attribute {
	return timelimit.Attribute(ctx, timeouts.Opts{
		Create: true, Delete: true,
		CreateDescription: "How long to wait until the guest has the volume, `2m` for example. Default: 10 minutes.",
		DeleteDescription: "How long to wait until the guest has let it go. Default: 10 minutes.",
	})
}
