// SPDX-License-Identifier: MPL-2.0

package interfaceattachment

import (
	"cmp"
	"context"
	"slices"

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

// NewDataSource returns the data source nova_interfaces.
func NewDataSource() datasource.DataSource { return &interfaces{} }

var _ datasource.DataSourceWithConfigure = (*interfaces)(nil)

type interfaces struct{ session.DataSource }

type interfacesModel struct {
	ServerID   types.String `tfsdk:"server_id"`
	Interfaces types.List   `tfsdk:"interfaces"`
}

var addressFields = fields.Table{
	"address":   {Of: fields.Text, Description: "The address."},
	"subnet_id": {Of: fields.Text, Description: "The id of its subnet."},
}

var interfaceFields = fields.Table{
	"port_id":    {Of: fields.Text, Description: "The id of the interface's port."},
	"network_id": {Of: fields.Text, Description: "The id of the network that it is in."},
	"mac":        {Of: fields.Text, Description: "Its MAC address."},
	"state":      {Of: fields.Text, Description: "The status of the port: `ACTIVE`, `DOWN` ..."},
	"tag":        {Of: fields.Text, Description: "Its tag. Needs microversion 2.70."},
	"addresses":  {Of: fields.Rows, Fields: addressFields, Description: "Its addresses, sorted."},
}

func (d *interfaces) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = "nova_interfaces"
}

func (d *interfaces) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := fields.Table{
		"interfaces": {Of: fields.Rows, Fields: interfaceFields, Description: "The interfaces, sorted by the ids of their ports."},
	}.Data()
	attributes["server_id"] = schema.StringAttribute{
		Required: true, MarkdownDescription: "The id of the server.", Validators: []validator.String{uuidRule},
	}
	resp.Schema = schema.Schema{MarkdownDescription: "The network interfaces of a server.", Attributes: attributes}
}

func (d *interfaces) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var config interfacesModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if d.Cloud(&resp.Diagnostics) == nil || resp.Diagnostics.HasError() {
		return
	}
	id := config.ServerID.ValueString()
	all, err := hotplug.Of(d.Session, id).Interfaces().All(ctx)
	if err != nil {
		resp.Diagnostics.Append(diagnose.Failure("Read Interfaces of", "Server", id, err))
		return
	}
	slices.SortFunc(all, func(a, b *nova.Interface) int { return cmp.Compare(a.PortID, b.PortID) })
	rows := []fields.Row{}
	for _, one := range all {
		rows = append(rows, row(one))
	}
	config.Interfaces = interfaceFields.List(rows)
	resp.Diagnostics.Append(resp.State.Set(ctx, config)...)
}

func row(one *nova.Interface) fields.Row {
	addresses := []fields.Row{}
	slices.SortFunc(one.FixedIPs, func(a, b nova.FixedIP) int { return cmp.Compare(a.Address, b.Address) })
	for _, ip := range one.FixedIPs {
		addresses = append(addresses, fields.Row{"address": value.Text(ip.Address), "subnet_id": value.Text(ip.SubnetID)})
	}
	return fields.Row{
		"port_id": value.Text(one.PortID), "network_id": value.Text(one.NetworkID), "mac": value.Text(one.MAC),
		"state": value.Text(one.State), "tag": value.Text(one.Tag), "addresses": addressFields.List(addresses),
	}
}
