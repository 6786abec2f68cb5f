// SPDX-License-Identifier: MPL-2.0

package server

import (
	"context"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/hotplug"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/value"
)

// applyVolumes detaches what the plan does not have any more and attaches what it has anew, in the plan's order. What it
// has done so far is noted, so that neither a failure nor another attempt loses a volume.
func applyVolumes(ctx context.Context, r *server, plan, state model) error {
	var diags diag.Diagnostics
	server := hotplug.Of(r.Session, state.ID.ValueString())
	wants, has := plan.volumes(ctx, &diags), state.volumes(ctx, &diags)
	if plan.plugged.Volumes != nil { // by an earlier attempt
		has = plan.plugged.Volumes
	}
	for _, gone := range unwantedVolumes(wants, has, plan.believing) {
		if plan.believing {
			break // what an imported server has beside is left alone
		}
		id := gone.VolumeID.ValueString()
		if err := server.DetachVolume(ctx, id); err != nil {
			return fmt.Errorf("detaching volume %s: %w", id, err)
		}
		has = slices.DeleteFunc(slices.Clone(has), func(h volume) bool { return h.VolumeID.Equal(gone.VolumeID) })
		plan.plugged.Volumes = append([]volume{}, has...)
	}
	for _, added := range missingVolumes(wants, has, plan.believing) {
		if _, err := server.AttachVolume(ctx, added.request()); err != nil {
			return fmt.Errorf("attaching volume %s: %w", added.VolumeID.ValueString(), err)
		}
		has = append(has, added)
		plan.plugged.Volumes = append([]volume{}, has...)
	}
	return nil
}

// applyDeletion changes which volumes go with the server.
func applyDeletion(ctx context.Context, r *server, plan, state model) error {
	volumes := hotplug.Of(r.Session, state.ID.ValueString()).Volumes()
	for _, d := range deletions(plan, state) {
		if err := volumes.Keep(ctx, d.volume, !d.wanted); err != nil {
			return fmt.Errorf("volume %s: %w", d.volume, err)
		}
	}
	return nil
}

// readVolumes fills in what is true of the volumes that m manages, or of all of them for an import. The server itself
// shows what it takes, but for what a volume is for.
func (r *server) readVolumes(ctx context.Context, m *model, s *nova.Server, importing bool) error {
	if importing {
		return r.importVolumes(ctx, m, s)
	}
	shown := func(id types.String) (nova.ServerVolume, bool) {
		at := slices.IndexFunc(s.Volumes, func(v nova.ServerVolume) bool { return sameID(id, types.StringValue(v.ID)) })
		if at < 0 {
			return nova.ServerVolume{}, false
		}
		return s.Volumes[at], true
	}
	if value.Known(m.BootVolume) {
		boot := m.boot()
		if err := r.findBoot(ctx, m, &boot, s); err != nil {
			return err
		}
		if v, ok := shown(boot.VolumeID); ok && !boot.DeleteOnTermination.IsNull() {
			boot.DeleteOnTermination = types.BoolValue(v.DeleteOnTermination)
		}
		m.setBoot(boot)
	}
	var diags diag.Diagnostics
	if !value.Known(m.Volumes) {
		return nil
	}
	kept := []volume{}
	for _, one := range m.volumes(ctx, &diags) {
		v, ok := shown(one.VolumeID)
		if !ok {
			continue
		}
		if !one.DeleteOnTermination.IsNull() {
			one.DeleteOnTermination = types.BoolValue(v.DeleteOnTermination)
		}
		kept = append(kept, one)
	}
	m.Volumes = volumeList(kept)
	return nil
}

// findBoot finds the volume that Nova made to boot from. Where it is the only one that nobody gave, there is no need to ask.
func (r *server) findBoot(ctx context.Context, m *model, boot *bootVolume, s *nova.Server) error {
	if boot.VolumeID.ValueString() != "" {
		return nil
	}
	boot.VolumeID = types.StringNull()
	var diags diag.Diagnostics
	var made []string
	for _, v := range s.Volumes {
		id := types.StringValue(v.ID)
		given := m.anyVolume(func(g volume) bool { return sameID(g.VolumeID, id) }) ||
			slices.ContainsFunc(m.devices(ctx, &diags), func(d blockDevice) bool { return sameID(d.SourceID, id) })
		if !given {
			made = append(made, v.ID)
		}
	}
	if len(made) == 1 {
		boot.VolumeID = types.StringValue(made[0])
	}
	if len(made) < 2 {
		return nil
	}
	all, err := hotplug.Of(r.Session, s.ID).Volumes().All(ctx)
	if root := rootVolume(s, all); root != nil {
		boot.VolumeID = types.StringValue(root.VolumeID)
	}
	return err
}

// importVolumes takes all volumes over. What they were made from, Nova does not know any more.
func (r *server) importVolumes(ctx context.Context, m *model, s *nova.Server) error {
	m.BootVolume, m.BlockDevices, m.Volumes = types.ObjectNull(bootVolumeTypes()), types.ListNull(blockDeviceType()), types.ListNull(volumeType())
	if len(s.Volumes) == 0 {
		return nil
	}
	all, err := hotplug.Of(r.Session, s.ID).Volumes().All(ctx)
	if err != nil {
		return err
	}
	root := rootVolume(s, all)
	var others []volume
	for _, one := range all {
		if one == root {
			m.setBoot(bootVolume{
				VolumeID: types.StringValue(one.VolumeID), Tag: value.Text(one.Tag), DeleteOnTermination: types.BoolValue(one.DeleteOnTermination),
			})
			continue
		}
		others = append(others, volume{
			VolumeID: types.StringValue(one.VolumeID), Tag: value.Text(one.Tag), DeleteOnTermination: types.BoolValue(one.DeleteOnTermination),
		})
	}
	m.Volumes = volumeList(others)
	return nil
}
