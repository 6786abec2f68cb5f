// SPDX-License-Identifier: MPL-2.0

package server

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/client"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/fields"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/source"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/value"
)

// NewDataSource returns the data source nova_server.
func NewDataSource() datasource.DataSource { return source.One(dataNoun) }

// NewDataSourceList returns the data source nova_servers.
func NewDataSourceList() datasource.DataSource { return source.All(dataNoun) }

var dataNoun = source.Noun{
	Singular: "server", Plural: "servers", Label: "Server", Labels: "Servers",
	About:       "A server that exists already, by id or by what is known of it.",
	AboutPlural: "The servers of the project, or those of them that fit.",
	Shown:       dataFields(), Order: []string{"name"}, Newest: "created",
	Filters: dataFilters,
	List:    listData, Get: getData,
}

func dataFields() fields.Table {
	return shownFields.With(fields.Table{
		"id":                {Description: "The id."},
		"name":              {Description: "The name, which other servers may have, too."},
		"description":       {Description: "The description. Needs microversion 2.19."},
		"image_id":          {Description: "The id of the image; null if the server boots from a volume."},
		"key_name":          {Description: "The name of the keypair."},
		"security_groups":   {Of: fields.Set, Description: "The names of the security groups."},
		"config_drive":      {Of: fields.Flag, Description: "Whether the guest gets its metadata on a disk as well."},
		"tags":              {Of: fields.Set, Description: "The tags. Needs microversion 2.26."},
		"availability_zone": {Description: "The availability zone."},
		"hostname":          {Description: "The guest's host name. Needs microversion 2.90, or 2.3 as an administrator."},
		"access_ip_v4":      {Description: "The IPv4 address by which people reach the server."},
		"access_ip_v6":      {Description: "The IPv6 address by which people reach the server."},
		"power_state":       {Description: "What it does, in small letters: `active`, `shutoff` ..."},
		"task_state":        {Description: "What is being done to it; null for nothing."},
		"lock_reason":       {Description: "Why it is locked, as whoever did it says. Needs microversion 2.73."},
		"volume_ids":        {Of: fields.Set, Description: "The ids of the volumes that are attached to it."},
	})
}

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
	TaskState        types.String `tfsdk:"task_state"`
	LockReason       types.String `tfsdk:"lock_reason"`
	VolumeIDs        types.Set    `tfsdk:"volume_ids"`
}

func (m *dataModel) take(s *nova.Server) {
	m.shown.take(s)
	m.ID = types.StringValue(s.ID)
	m.Name = types.StringValue(s.Name)
	m.Description = value.Text(s.Description)
	m.ImageID = value.Text(s.Image.ID)
	m.KeyName = value.Text(s.KeyName)
	m.ConfigDrive = types.BoolValue(strings.EqualFold(s.ConfigDrive, "true"))
	m.Tags = value.SetOf(s.Tags) // null where the cloud knows none
	m.AvailabilityZone = value.Text(s.AvailabilityZone)
	m.Hostname = value.Text(s.Hostname)
	m.AccessIPv4 = value.Text(s.AccessIPv4)
	m.AccessIPv6 = value.Text(s.AccessIPv6)
	m.PowerState = types.StringValue(powerState(s))
	m.TaskState = value.Text(s.TaskState)
	m.LockReason = value.Text(s.LockedReason)
	groups := []string{}
	for _, group := range s.SecurityGroups {
		groups = append(groups, group.Name)
	}
	m.SecurityGroups = value.SetOf(groups)
	volumes := []string{}
	for _, volume := range s.Volumes {
		volumes = append(volumes, volume.ID)
	}
	m.VolumeIDs = value.SetOf(volumes)
}

func listData(ctx context.Context, c *client.Client, q source.Query) ([]fields.Row, error) {
	if name := q.Text("name"); name != "" {
		q.Values.Set("name", nova.Exactly(name))
	}
	var rows []fields.Row
	for s, err := range (nova.Servers{Client: c}).All(ctx, q.Values) {
		if err != nil {
			return nil, err
		}
		row, err := dataRow(ctx, s)
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// getData takes deleted servers for none, which administrators can still read.
func getData(ctx context.Context, c *client.Client, q source.Query) (fields.Row, error) {
	found, err := nova.Servers{Client: c}.Get(ctx, q.Text("id"))
	if gone(found, err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return dataRow(ctx, found)
}

func dataRow(ctx context.Context, s *nova.Server) (fields.Row, error) {
	var m dataModel
	m.take(s)
	object, diags := types.ObjectValueFrom(ctx, dataFields().Types(), m)
	if diags.HasError() {
		return nil, fmt.Errorf("showing server %s: %s", s.ID, diags[0].Detail())
	}
	return object.Attributes(), nil
}
