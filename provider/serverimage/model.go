// SPDX-License-Identifier: MPL-2.0

package serverimage

import (
	"context"

	"github.com/gophercloud/gophercloud/v2/openstack/image/v2/images"
	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/fields"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/value"
)

type model struct {
	shown
	ID         types.String   `tfsdk:"id"`
	ServerID   types.String   `tfsdk:"server_id"`
	Name       types.String   `tfsdk:"name"`
	Properties types.Map      `tfsdk:"properties"`
	Timeouts   timeouts.Value `tfsdk:"timeouts"`
}

// shown is what is only shown.
type shown struct {
	AllProperties   types.Map    `tfsdk:"all_properties"`
	SnapshotIDs     types.List   `tfsdk:"snapshot_ids"`
	Status          types.String `tfsdk:"status"`
	Visibility      types.String `tfsdk:"visibility"`
	Owner           types.String `tfsdk:"owner"`
	DiskFormat      types.String `tfsdk:"disk_format"`
	ContainerFormat types.String `tfsdk:"container_format"`
	MinDisk         types.Int64  `tfsdk:"min_disk"`
	MinRAM          types.Int64  `tfsdk:"min_ram"`
	Size            types.Int64  `tfsdk:"size"`
	Checksum        types.String `tfsdk:"checksum"`
	Created         types.String `tfsdk:"created"`
	Updated         types.String `tfsdk:"updated"`
}

var shownFields = fields.Table{
	"all_properties":   {Of: fields.Texts, Description: "All properties, including what Nova and others set."},
	"snapshot_ids":     {Of: fields.List, Description: "The ids of the volume snapshots that Nova made with the image of a server on volumes."},
	"status":           {Of: fields.Text, Description: "The status: `active` if servers can be made from it."},
	"visibility":       {Of: fields.Text, Description: "Who sees it: `private` as Nova makes it."},
	"owner":            {Of: fields.Text, Description: "The id of the project that owns it."},
	"disk_format":      {Of: fields.Text, Description: "The format of the disk: `qcow2`, `raw` ... Null for a server on volumes."},
	"container_format": {Of: fields.Text, Description: "The format of the container: `bare` as a rule."},
	"min_disk":         {Of: fields.Number, Description: "The least root disk that a server needs, in GiB."},
	"min_ram":          {Of: fields.Number, Description: "The least memory that a server needs, in MiB."},
	"size":             {Of: fields.Number, Description: "The size of the image's data in bytes; 0 for a server on volumes."},
	"checksum":         {Of: fields.Text, Description: "The MD5 sum of the image's data."},
	"created":          {Of: fields.Text, Description: "When it was created, in RFC 3339."},
	"updated":          {Of: fields.Text, Description: "When it was last changed, in RFC 3339."},
}

// fill takes over what Glance shows. Of the properties only those that m manages: an import manages none.
func (m *model) fill(ctx context.Context, image *images.Image, diags *diag.Diagnostics) {
	all := properties(image)
	m.ID = types.StringValue(image.ID)
	m.Name = types.StringValue(image.Name)
	if m.ServerID.IsNull() { // Nova notes it, though not with the image of a server on volumes
		m.ServerID = value.Text(all["instance_uuid"])
	}
	if managed := value.Map(ctx, m.Properties, diags); managed != nil {
		for key := range managed {
			if text, ok := all[key]; ok {
				managed[key] = text
			} else {
				delete(managed, key)
			}
		}
		m.Properties = value.MapOf(managed)
	}
	m.AllProperties = value.MapOf(all)
	ids := []attr.Value{}
	for _, id := range snapshotsOf(image) {
		ids = append(ids, types.StringValue(id))
	}
	m.SnapshotIDs = types.ListValueMust(types.StringType, ids)
	m.Status = types.StringValue(string(image.Status))
	m.Visibility = types.StringValue(string(image.Visibility))
	m.Owner = value.Text(image.Owner)
	m.DiskFormat = value.Text(image.DiskFormat)
	m.ContainerFormat = value.Text(image.ContainerFormat)
	m.MinDisk = types.Int64Value(int64(image.MinDiskGigabytes))
	m.MinRAM = types.Int64Value(int64(image.MinRAMMegabytes))
	m.Size = types.Int64Value(image.SizeBytes)
	m.Checksum = value.Text(image.Checksum)
	m.Created = value.Time(image.CreatedAt)
	m.Updated = value.Time(image.UpdatedAt)
}

// properties are the image's, without our mark.
func properties(image *images.Image) map[string]string {
	all := map[string]string{}
	for key, property := range image.Properties {
		if text, ok := property.(string); ok && key != nova.MarkKey {
			all[key] = text
		}
	}
	return all
}

// hold plans the values of the state for what a change of name or properties leaves as it is.
func (m *model) hold(state model) {
	held := state.shown
	held.AllProperties, held.Updated = m.AllProperties, m.Updated
	if m.Properties.Equal(state.Properties) {
		held.AllProperties = state.AllProperties
	}
	m.shown = held
}

// identify writes the identity where the caller keeps one.
func identify(ctx context.Context, identity *tfsdk.ResourceIdentity, id string) diag.Diagnostics {
	if identity == nil {
		return nil
	}
	return identity.SetAttribute(ctx, path.Root("id"), id)
}
