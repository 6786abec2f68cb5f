// SPDX-License-Identifier: MPL-2.0

package server

import (
	"context"
	"fmt"
	"maps"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/datasourcevalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/diagnose"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/session"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/value"
)

// NewDataSource returns the data source nova_server.
func NewDataSource() datasource.DataSource { return &serverData{} }

var (
	_ datasource.DataSourceWithConfigure        = (*serverData)(nil)
	_ datasource.DataSourceWithConfigValidators = (*serverData)(nil)
)

type serverData struct{ session.DataSource }

type dataModel struct {
	shown
	ID               types.String `tfsdk:"id"`
	Name             types.String `tfsdk:"name"`
	Description      types.String `tfsdk:"description"`
	ImageID          types.String `tfsdk:"image_id"`
	KeyName          types.String `tfsdk:"key_name"`
	SecurityGroups   types.Set    `tfsdk:"security_groups"`
	ConfigDrive      types.Bool   `tfsdk:"config_drive"`
	Tags             types.Set    `tfsdk:"tags"`
	AvailabilityZone types.String `tfsdk:"availability_zone"`
	Hostname         types.String `tfsdk:"hostname"`
	AccessIPv4       types.String `tfsdk:"access_ip_v4"`
	AccessIPv6       types.String `tfsdk:"access_ip_v6"`
	PowerState       types.String `tfsdk:"power_state"`
}

func (d *serverData) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = "nova_server"
}

func (d *serverData) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	text := func(description string) schema.StringAttribute {
		return schema.StringAttribute{Computed: true, MarkdownDescription: description}
	}
	set := func(description string) schema.SetAttribute {
		return schema.SetAttribute{ElementType: types.StringType, Computed: true, MarkdownDescription: description}
	}
	attributes := map[string]schema.Attribute{
		"id":                schema.StringAttribute{Optional: true, Computed: true, MarkdownDescription: "The id."},
		"name":              schema.StringAttribute{Optional: true, Computed: true, MarkdownDescription: "The name, if only one server has it."},
		"description":       text("The description. Needs microversion 2.19."),
		"image_id":          text("The id of the image; null if the server boots from a volume."),
		"key_name":          text("The name of the keypair."),
		"security_groups":   set("The names of the security groups."),
		"config_drive":      schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether the guest gets its metadata on a disk as well."},
		"tags":              set("The tags. Needs microversion 2.26."),
		"availability_zone": text("The availability zone."),
		"hostname":          text("The guest's host name. Needs microversion 2.90, or 2.3 as an administrator."),
		"access_ip_v4":      text("The IPv4 address by which people reach the server."),
		"access_ip_v6":      text("The IPv6 address by which people reach the server."),
		"power_state":       text("The status in small letters: `active`, `shutoff` ..."),
	}
	maps.Copy(attributes, shownFields.Data())
	resp.Schema = schema.Schema{MarkdownDescription: "A server that exists already, by id or by name.", Attributes: attributes}
}

// ConfigValidators: an id or a name, not both.
func (d *serverData) ConfigValidators(context.Context) []datasource.ConfigValidator {
	return []datasource.ConfigValidator{datasourcevalidator.ExactlyOneOf(path.MatchRoot("id"), path.MatchRoot("name"))}
}

func (d *serverData) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var config dataModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if d.Cloud(&resp.Diagnostics) == nil || resp.Diagnostics.HasError() {
		return
	}
	found := d.find(ctx, config, &resp.Diagnostics)
	if found == nil {
		return
	}
	config.take(found)
	resp.Diagnostics.Append(resp.State.Set(ctx, config)...)
}

// find is the server, or nil after an error in diags.
func (d *serverData) find(ctx context.Context, config dataModel, diags *diag.Diagnostics) *nova.Server {
	if id := config.ID.ValueString(); id != "" {
		found, err := d.Servers().Get(ctx, id)
		switch {
		case gone(found, err):
			diags.Append(diagnose.Missing("Server", fmt.Sprintf("the id %q", id)))
		case err != nil:
			diags.Append(diagnose.Failure("Read", "Server", id, err))
		default:
			return found
		}
		return nil
	}
	name := config.Name.ValueString()
	all, err := d.Servers().Named(ctx, name)
	switch {
	case err != nil:
		diags.Append(diagnose.Failure("Find", "Server", name, err))
	case len(all) == 0:
		diags.Append(diagnose.Missing("Server", fmt.Sprintf("the name %q", name)))
	case len(all) > 1:
		var ids []string
		for _, s := range all {
			ids = append(ids, s.ID)
		}
		diags.AddError("Several Servers", fmt.Sprintf("%d servers have the name %q: %s. Use an id.", len(all), name, strings.Join(ids, ", ")))
	default:
		return all[0]
	}
	return nil
}

func (m *dataModel) take(s *nova.Server) {
	m.shown.take(s)
	m.ID = types.StringValue(s.ID)
	m.Name = types.StringValue(s.Name)
	m.Description = value.Text(s.Description)
	m.ImageID = value.Text(s.Image.ID)
	m.KeyName = value.Text(s.KeyName)
	m.ConfigDrive = types.BoolValue(strings.EqualFold(s.ConfigDrive, "true"))
	m.Tags = value.SetOf(append([]string{}, s.Tags...))
	m.AvailabilityZone = value.Text(s.AvailabilityZone)
	m.Hostname = value.Text(s.Hostname)
	m.AccessIPv4 = value.Text(s.AccessIPv4)
	m.AccessIPv6 = value.Text(s.AccessIPv6)
	m.PowerState = types.StringValue(powerState(s.Status))
	groups := []string{}
	for _, group := range s.SecurityGroups {
		groups = append(groups, group.Name)
	}
	m.SecurityGroups = value.SetOf(groups)
}
