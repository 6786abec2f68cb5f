// SPDX-License-Identifier: MPL-2.0

package volumeattachment

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/diagnose"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/fields"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/hotplug"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/session"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/value"
)

// NewDataSource returns the data source nova_volume_attachments.
func NewDataSource() datasource.DataSource { return &attachments{} }

var _ datasource.DataSourceWithConfigure = (*attachments)(nil)

type attachments struct{ session.DataSource }

type attachmentsModel struct {
	ServerID types.String `tfsdk:"server_id"`
	Volumes  types.List   `tfsdk:"volumes"`
}

var attachmentFields = fields.Table{
	"volume_id":             {Of: fields.Text, Description: "The id of the volume."},
	"device":                {Of: fields.Text, Description: "The device as which Nova has it, `/dev/vda` for example."},
	"tag":                   {Of: fields.Text, Description: "Its tag. Needs microversion 2.70."},
	"delete_on_termination": {Of: fields.Flag, Description: "Whether it is deleted with the server. Needs microversion 2.79."},
}

func (d *attachments) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = "nova_volume_attachments"
}

func (d *attachments) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := fields.Table{
		"volumes": {Of: fields.Rows, Fields: attachmentFields, Description: "The volumes, in Nova's order."},
	}.Data()
	attributes["server_id"] = schema.StringAttribute{
		Required: true, MarkdownDescription: "The id of the server.", Validators: []validator.String{uuidRule},
	}
	resp.Schema = schema.Schema{MarkdownDescription: "The volumes of a server, including the one that it boots from.", Attributes: attributes}
}

func (d *attachments) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var config attachmentsModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	c := d.Cloud(&resp.Diagnostics)
	if c == nil || resp.Diagnostics.HasError() {
		return
	}
	id := config.ServerID.ValueString()
	all, err := hotplug.Of(d.Session, id).Volumes().All(ctx)
	if err != nil {
		resp.Diagnostics.Append(diagnose.Failure("Read Volumes of", "Server", id, err))
		return
	}
	rows, shown := []fields.Row{}, c.Check(ctx, nova.WithDeletion) == nil
	for _, one := range all {
		deletes := types.BoolNull()
		if shown {
			deletes = types.BoolValue(one.DeleteOnTermination)
		}
		rows = append(rows, fields.Row{
			"volume_id": value.Text(one.VolumeID), "device": value.Text(one.Device), "tag": value.Text(one.Tag), "delete_on_termination": deletes,
		})
	}
	config.Volumes = attachmentFields.List(rows)
	resp.Diagnostics.Append(resp.State.Set(ctx, config)...)
}
