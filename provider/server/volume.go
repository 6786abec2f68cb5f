// SPDX-License-Identifier: MPL-2.0

package server

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/client"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/value"
)

// storing is the disks of a server that its image and its flavor do not make by themselves.
type storing struct {
	BootVolume   types.Object `tfsdk:"boot_volume"`
	BlockDevices types.List   `tfsdk:"block_devices"`
	Volumes      types.List   `tfsdk:"volumes"`
}

// volume is a volume that a server can get and lose while it runs.
type volume struct {
	VolumeID            types.String `tfsdk:"volume_id"`
	Device              types.String `tfsdk:"device"`
	Tag                 types.String `tfsdk:"tag"`
	DeleteOnTermination types.Bool   `tfsdk:"delete_on_termination"`
}

func volumeType() types.ObjectType {
	return types.ObjectType{AttrTypes: map[string]attr.Type{
		"volume_id": types.StringType, "device": types.StringType, "tag": types.StringType, "delete_on_termination": types.BoolType,
	}}
}

// volumeList is the attribute of these volumes; nil is null.
func volumeList(all []volume) types.List {
	if all == nil {
		return types.ListNull(volumeType())
	}
	elements := []attr.Value{}
	for _, v := range all {
		elements = append(elements, types.ObjectValueMust(volumeType().AttrTypes, map[string]attr.Value{
			"volume_id": v.VolumeID, "device": v.Device, "tag": v.Tag, "delete_on_termination": v.DeleteOnTermination,
		}))
	}
	return types.ListValueMust(volumeType(), elements)
}

// volumes are the volumes of s, without those that are wholly unknown yet; nil if the attribute is null.
func (s *storing) volumes(ctx context.Context, diags *diag.Diagnostics) []volume {
	if !value.Known(s.Volumes) {
		return nil
	}
	all := []volume{}
	for _, element := range s.Volumes.Elements() {
		object, ok := element.(types.Object)
		if !ok || !value.Known(object) {
			continue
		}
		var one volume
		diags.Append(object.As(ctx, &one, basetypes.ObjectAsOptions{})...)
		all = append(all, one)
	}
	return all
}

// request is what Nova is asked for when the volume is attached later on.
func (v volume) request() nova.VolumeRequest {
	return nova.VolumeRequest{
		VolumeID: v.VolumeID.ValueString(), Device: v.Device.ValueString(), Tag: v.Tag.ValueString(),
		DeleteOnTermination: v.DeleteOnTermination.ValueBool(),
	}
}

// disk is what Nova is asked for when the server is created with the volume.
func (v volume) disk() nova.BlockDevice {
	return nova.BlockDevice{
		BootIndex: -1, Source: fromVolume, Destination: toVolume, SourceID: v.VolumeID.ValueString(), Device: v.Device.ValueString(),
		Tag: v.Tag.ValueString(), DeleteOnTermination: v.DeleteOnTermination.ValueBool(),
	}
}

// same is whether both are the same volume, attached in the same way; the deletion can be changed. What the
// configuration does not say is left as it is; with believe, what has does not show is no difference.
func (v volume) same(has volume, believe bool) bool {
	left := func(asked, has types.String) bool {
		return asked.IsNull() || asked.Equal(has) || believe && has.IsNull()
	}
	return sameID(v.VolumeID, has.VolumeID) && left(v.Device, has.Device) && left(v.Tag, has.Tag)
}

// volumeFeatures are the features of storing.
var volumeFeatures = []feature{
	{path.Root("volumes"), since(42), func(m model) bool {
		return m.anyVolume(func(v volume) bool { return value.Known(v.Tag) })
	}},
	{path.Root("boot_volume").AtName("tag"), since(42), func(m model) bool { return value.Known(m.boot().Tag) }},
	{path.Root("boot_volume").AtName("volume_type"), since(67), func(m model) bool { return value.Known(m.boot().VolumeType) }},
	{path.Root("block_devices"), since(42), func(m model) bool {
		return m.anyDevice(func(d blockDevice) bool { return value.Known(d.Tag) })
	}},
	{path.Root("block_devices"), since(67), func(m model) bool {
		return m.anyDevice(func(d blockDevice) bool { return value.Known(d.VolumeType) })
	}},
}

func (s *storing) anyVolume(is func(volume) bool) bool {
	var diags diag.Diagnostics
	return slices.ContainsFunc(s.volumes(context.Background(), &diags), is)
}

func (s *storing) anyDevice(is func(blockDevice) bool) bool {
	var diags diag.Diagnostics
	return slices.ContainsFunc(s.devices(context.Background(), &diags), is)
}

// withMultiattach is the first that gives a server a volume which others may have, too.
const withMultiattach client.Microversion = 60

// requestDisks asks for the disks in the body of a creation. Where Nova is told of any, it wants to be told of the image
// as well.
func (s *storing) requestDisks(ctx context.Context, body *nova.ServerCreate, diags *diag.Diagnostics) {
	var disks []nova.BlockDevice
	if value.Known(s.BootVolume) {
		disks = append(disks, s.boot().disk())
	}
	for _, d := range s.devices(ctx, diags) {
		disks = append(disks, d.disk())
	}
	for _, v := range s.volumes(ctx, diags) {
		disks = append(disks, v.disk())
	}
	if len(disks) > 0 && body.ImageRef != "" {
		image := nova.BlockDevice{Source: fromImage, Destination: toLocal, SourceID: body.ImageRef, DeleteOnTermination: true}
		disks = append([]nova.BlockDevice{image}, disks...)
	}
	body.BlockDevices = disks
}

// sharing is the microversion at, or one that takes volumes which others may have, too, where there are volumes. Personality
// is older than that.
func (m *model) sharing(ctx context.Context, c *client.Client, at client.Microversion) (client.Microversion, error) {
	if value.Known(m.Personality) || !m.anyVolume(func(volume) bool { return true }) {
		return at, nil
	}
	_, best, err := c.Best(ctx, withMultiattach)
	return max(at, best), err
}
