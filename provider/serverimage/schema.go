// SPDX-License-Identifier: MPL-2.0

package serverimage

import (
	"context"
	"maps"

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

// reserved are what Glance's images have beside their properties, and what Nova alone may write.
var reserved = []string{
	"id", "name", "status", "visibility", "protected", "owner", "checksum", "os_hash_algo", "os_hash_value", "os_hidden", "size", "virtual_size",
	"container_format", "disk_format", "min_ram", "min_disk", "tags", "created_at", "updated_at", "file", "schema", "self", "locations",
	"direct_url", "stores", "properties", mappings, "bdm_v2", "root_device_name", "instance_uuid", nova.MarkKey,
}

func resourceSchema(ctx context.Context) schema.Schema {
	attributes := map[string]schema.Attribute{
		"id": schema.StringAttribute{
			Computed: true, MarkdownDescription: "The image's id.",
			PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
		},
		"server_id": schema.StringAttribute{
			Required: true, MarkdownDescription: "The id of the server. A change makes another image and deletes this one.",
			Validators: []validator.String{stringvalidator.RegexMatches(nova.UUIDRule, nova.UUIDHolds)},
			PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplaceIf(
				func(_ context.Context, req planmodifier.StringRequest, resp *stringplanmodifier.RequiresReplaceIfFuncResponse) {
					resp.RequiresReplace = !req.StateValue.IsNull()
				}, replaces, replaces)},
		},
		"name": schema.StringAttribute{
			Required: true, MarkdownDescription: "The image's name.",
			Validators: []validator.String{
				stringvalidator.LengthBetween(1, 255),
				stringvalidator.RegexMatches(nova.NameRule, nova.NameHolds),
			},
		},
		"properties": schema.MapAttribute{
			ElementType: types.StringType, Optional: true,
			MarkdownDescription: "Properties of the image. Only these are managed: changes that others make to them are undone, those that Nova, " +
				"Glance and others add are left alone.",
			Validators: []validator.Map{
				mapvalidator.KeysAre(
					stringvalidator.RegexMatches(nova.KeyRule, nova.KeyHolds),
					stringvalidator.NoneOf(reserved...),
				),
				mapvalidator.ValueStringsAre(stringvalidator.LengthBetween(1, 255)),
			},
		},
		"timeouts": timeoutsAttribute(ctx),
	}
	maps.Copy(attributes, shownFields.Resource())
	return schema.Schema{
		MarkdownDescription: "An image of a server as it is when the resource is created: a snapshot of its root disk or, if it is on volumes, snapshots of these. The " +
			"server goes on running, with pauses that depend on the cloud's hypervisor. Destroying the resource deletes the image, and the volume snapshots with it.\n\n" +
			"The image is made once. `lifecycle { replace_triggered_by }` has another made whenever something changes.",
		Attributes: attributes,
	}
}

const replaces = "Replaces the image, unless it was imported and Nova did not note its server."

func timeoutsAttribute(ctx context.Context) schema.Attribute {
	return timelimit.Attribute(ctx, timeouts.Opts{
		Create: true, Delete: true,
		CreateDescription: "How long to wait for the image, `1h` for example. Default: 30 minutes.",
		DeleteDescription: "How long to wait until the volume snapshots are gone. Default: 30 minutes.",
	})
}
