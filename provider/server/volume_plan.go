// SPDX-License-Identifier: MPL-2.0

package server

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/value"
)

// volumeReplacements are the changes of disks that take another server.
var volumeReplacements = []replacement{
	{"boot_volume", bootDiffers},
	{"block_devices", func(c planned) bool { return c.differs(c.plan.BlockDevices, c.state.BlockDevices, trusted) }},
}

// bootDiffers is whether the server is to boot from another volume. Of an imported server nobody knows what its volume was
// made from; of any, what the configuration does not say is left as it is.
func bootDiffers(c planned) bool {
	if c.config.BootVolume.IsUnknown() {
		return true
	}
	if c.config.BootVolume.IsNull() || c.state.BootVolume.IsNull() {
		return !c.imported && c.config.BootVolume.IsNull() != c.state.BootVolume.IsNull()
	}
	wants, has := c.config.boot(), c.state.boot()
	if !wants.VolumeID.IsNull() {
		return wants.VolumeID.IsUnknown() || !sameID(wants.VolumeID, has.VolumeID)
	}
	for _, words := range []struct{ wanted, has attr.Value }{
		{wants.ImageID, has.ImageID},
		{wants.SnapshotID, has.SnapshotID},
		{wants.Size, has.Size},
		{wants.VolumeType, has.VolumeType},
		{wants.DeviceType, has.DeviceType},
		{wants.DiskBus, has.DiskBus},
		{wants.Tag, has.Tag},
	} {
		if !words.wanted.IsNull() && c.differs(words.wanted, words.has, trusted) {
			return true
		}
	}
	return false
}

// planVolumes keeps the boot volume. The others are planned in the order and the words of the configuration, as interfaces
// are; see planNetworks.
func planVolumes(ctx context.Context, config model, plan *model, state model, imported bool, diags *diag.Diagnostics) {
	if value.Known(config.BootVolume) && value.Known(state.BootVolume) {
		boot := plan.boot()
		if boot.VolumeID.IsUnknown() {
			boot.VolumeID = state.boot().VolumeID
		}
		plan.setBoot(boot)
	}
	if imported && config.volumesKnown() {
		tellVolumesForgotten(unwantedVolumes(config.volumes(ctx, diags), state.volumes(ctx, diags), true), diags)
	}
}

// volumesKnown is whether each of the volumes is known as far as to tell whether there is one.
func (s *storing) volumesKnown() bool {
	return !s.Volumes.IsUnknown() && !slices.ContainsFunc(s.Volumes.Elements(), attr.Value.IsUnknown)
}

// sameVolumes is whether the configuration has the volumes of the state, in whatever order.
func (c *planned) sameVolumes(ctx context.Context, diags *diag.Diagnostics) bool {
	wants, has := c.config.volumes(ctx, diags), c.state.volumes(ctx, diags)
	return wants != nil && has != nil && c.config.volumesKnown() && len(wants) == len(has) && !slices.ContainsFunc(has, func(h volume) bool {
		return !slices.ContainsFunc(wants, func(w volume) bool { return w.same(h, false) && !w.deletes(h) })
	})
}

// deletes is whether the volume is wanted to be deleted with its server, or not to be, other than it is.
func (v volume) deletes(has volume) bool {
	return !v.DeleteOnTermination.IsNull() && !v.DeleteOnTermination.Equal(has.DeleteOnTermination)
}

func tellVolumesForgotten(forgotten []volume, diags *diag.Diagnostics) {
	var ids []string
	for _, v := range forgotten {
		ids = append(ids, v.VolumeID.ValueString())
	}
	if len(ids) > 0 {
		diags.AddAttributeWarning(path.Root("volumes"), "Volumes Left Alone", fmt.Sprintf(
			"The imported server has volumes that volumes does not have: %s. They are not detached, and not managed from now on.",
			strings.Join(ids, ", ")))
	}
}

// unwantedVolumes are those of has that none of wants is.
func unwantedVolumes(wants, has []volume, believe bool) []volume {
	return slices.DeleteFunc(slices.Clone(has), func(h volume) bool {
		return slices.ContainsFunc(wants, func(w volume) bool { return w.same(h, believe) })
	})
}

// missingVolumes are those of wants that are none of has.
func missingVolumes(wants, has []volume, believe bool) []volume {
	return slices.DeleteFunc(slices.Clone(wants), func(w volume) bool {
		return slices.ContainsFunc(has, func(h volume) bool { return w.same(h, believe) })
	})
}

// volumesChanged is whether there is a volume to attach or to detach.
func volumesChanged(plan, state model) bool {
	if plan.Volumes.IsUnknown() {
		return false
	}
	if !plan.volumesKnown() {
		return true
	}
	var diags diag.Diagnostics
	wants, has := plan.volumes(context.Background(), &diags), state.volumes(context.Background(), &diags)
	return len(missingVolumes(wants, has, plan.believing)) > 0 || !plan.believing && len(unwantedVolumes(wants, has, false)) > 0
}

// deletion is a volume whose deletion with the server is to change.
type deletion struct {
	attribute, volume string
	wanted            bool
}

// deletions are those of the volumes that stay.
func deletions(plan, state model) []deletion {
	var diags diag.Diagnostics
	var all []deletion
	wants, has := plan.boot(), state.boot()
	changes := func(wanted, has types.Bool) bool { return value.Known(wanted) && !wanted.Equal(has) }
	if sameID(wants.VolumeID, has.VolumeID) && changes(wants.DeleteOnTermination, has.DeleteOnTermination) {
		all = append(all, deletion{"boot_volume", wants.VolumeID.ValueString(), wants.DeleteOnTermination.ValueBool()})
	}
	for _, w := range plan.volumes(context.Background(), &diags) {
		for _, h := range state.volumes(context.Background(), &diags) {
			if w.same(h, plan.believing) && changes(w.DeleteOnTermination, h.DeleteOnTermination) {
				all = append(all, deletion{"volumes", w.VolumeID.ValueString(), w.DeleteOnTermination.ValueBool()})
			}
		}
	}
	return all
}

func deletionChanged(plan, state model) bool { return len(deletions(plan, state)) > 0 }

// tellLost says what is lost with a server whose place another one takes, and what stays.
func (c planned) tellLost(resp *resource.ModifyPlanResponse) {
	var diags diag.Diagnostics
	var lost, stays []string
	sort := func(deleted types.Bool, what string) {
		if deleted.ValueBool() {
			lost = append(lost, what)
		} else {
			stays = append(stays, what)
		}
	}
	local := func(d blockDevice) bool { return d.DestinationType.ValueString() == toLocal }
	if !c.state.ImageID.IsNull() || c.state.anyDevice(local) {
		lost = append(lost, "its disks on the host")
	}
	if boot := c.state.boot(); boot.VolumeID.ValueString() != "" {
		sort(boot.DeleteOnTermination, "the volume that it boots from, "+boot.VolumeID.ValueString())
	}
	for i, d := range c.state.devices(context.Background(), &diags) {
		if !local(d) {
			sort(d.DeleteOnTermination, fmt.Sprintf("the volume of block_devices[%d]", i))
		}
	}
	for _, v := range c.state.volumes(context.Background(), &diags) {
		sort(v.DeleteOnTermination, "volume "+v.VolumeID.ValueString())
	}
	detail := fmt.Sprintf("Another server takes the place of server %q (%s) because of %s.",
		c.state.Name.ValueString(), c.state.ID.ValueString(), resp.RequiresReplace[0])
	if len(lost) > 0 {
		detail += " Everything on these is lost: " + strings.Join(lost, "; ") + "."
	}
	if len(stays) > 0 {
		detail += " These stay: " + strings.Join(stays, "; ") + "."
	}
	resp.Diagnostics.AddAttributeWarning(resp.RequiresReplace[0], "Server Will Be Replaced", detail)
}
