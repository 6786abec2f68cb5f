// SPDX-License-Identifier: MPL-2.0

package server

import (
	"context"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/timelimit"
)

const about = `A server. Most changes are made to the server as it is; which ones take another server, and with it other disks, each
attribute says, and so does the plan. A change of image, keypair or user data does what ` + "`image_change`, `key_change` and " +
	"`user_data_change`" + ` say.

A server that Nova cannot build stays in the state as tainted, with its ` + "`fault`" + `; so does one whose creation is interrupted, and
goes on by itself. Only if Terraform itself is killed, the provider outlives it to delete what nobody would hear of.

The provider adds the key ` + "`terraform:create`" + ` to the metadata of the servers that it makes. By its value, a random text, it knows a
server whose creation was answered by nothing, and does not make another one. Neither ` + "`metadata` nor `all_metadata`" + ` have it.`

func resourceSchema(ctx context.Context) schema.Schema {
	attributes := map[string]schema.Attribute{
		"id": schema.StringAttribute{
			Computed: true, MarkdownDescription: "The server's id.",
			PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
		},
		"timeouts": timeoutsAttribute(ctx),
	}
	maps.Copy(attributes, shownFields.Resource())
	maps.Copy(attributes, labelAttributes())
	maps.Copy(attributes, bootAttributes())
	maps.Copy(attributes, passwordAttributes())
	maps.Copy(attributes, placeAttributes())
	maps.Copy(attributes, sizeAttributes())
	maps.Copy(attributes, powerAttributes())
	maps.Copy(attributes, lockAttributes()) // among them one that is shown
	maps.Copy(attributes, waitAttributes())
	maps.Copy(attributes, endAttributes())
	maps.Copy(attributes, networkAttributes())
	maps.Copy(attributes, groupAttributes())
	maps.Copy(attributes, volumeAttributes())
	return schema.Schema{MarkdownDescription: about, Attributes: attributes}
}

func timeoutsAttribute(ctx context.Context) schema.Attribute {
	return timelimit.Attribute(ctx, timeouts.Opts{
		Create: true, Update: true, Delete: true,
		CreateDescription: "How long making a server may take, until it is as it is to be, `10m` for example. Default: 30 minutes.",
		UpdateDescription: "How long all changes together may take. Default: 30 minutes.",
		DeleteDescription: "How long it may take until the server is gone. Default: 30 minutes.",
	})
}
