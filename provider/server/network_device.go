// SPDX-License-Identifier: MPL-2.0

package server

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/client"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/diagnose"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/value"
)

// plugged is what an update has attached and detached so far; nil is nothing.
type plugged struct {
	Networks []network
	Volumes  []volume
}

// deviceChanges are the changes of what a server can get and lose while it runs.
var deviceChanges = []change{
	{
		name: "networks", in: []string{nova.Active, nova.Paused, nova.Shutoff},
		changed: networksChanged, apply: applyNetworks,
	},
	{
		name: "volumes", in: []string{nova.Active, nova.Paused, nova.Shutoff, nova.VerifyResize, nova.Shelved, nova.Offloaded},
		changed: volumesChanged, apply: applyVolumes,
	},
	{name: "deletion of volumes", changed: deletionChanged, apply: applyDeletion},
}

// note fills in what was attached and detached, if anything was.
func (m *model) note(done *plugged) {
	if done.Networks != nil {
		m.Networks = networkList(done.Networks)
	}
	if done.Volumes != nil {
		m.Volumes = volumeList(done.Volumes)
	}
}

// planDevices says in the plan of an update which devices stay. It returns whether an interface is attached or detached.
func (c *planned) planDevices(ctx context.Context, diags *diag.Diagnostics) (plugs bool) {
	planVolumes(ctx, c.config, &c.plan, c.state, c.imported, diags)
	return planNetworks(ctx, c.config, &c.plan, c.state, c.imported, diags)
}

// checkDevices refuses what the cloud is too old to do with a server that is there.
func (r *server) checkDevices(ctx context.Context, c planned, diags *diag.Diagnostics) {
	cloud := r.Cloud(diags)
	check := func(attribute string, v client.Microversion, used bool) {
		if !used {
			return
		}
		if err := cloud.Check(ctx, v); err != nil {
			diags.Append(diagnose.TooOld(path.Root(attribute), err))
		}
	}
	for _, n := range c.plan.networks(ctx, diags) {
		check("networks", nova.WithInterfaceTag, !n.plugged() && value.Known(n.Tag))
	}
	for _, v := range missingVolumes(c.plan.volumes(ctx, diags), c.state.volumes(ctx, diags), c.imported) {
		check("volumes", nova.WithVolumeTag, value.Known(v.Tag))
		check("volumes", nova.WithDeletion, v.DeleteOnTermination.ValueBool())
	}
	for _, d := range deletions(c.plan, c.state) {
		check(d.attribute, nova.WithDeletionChange, true)
	}
}

// loosen plans what is not known where interfaces come or go: their addresses, and the groups that a port brings along.
func (m *model) loosen(ctx context.Context, config model) {
	m.Addresses = types.ListUnknown(m.Addresses.ElementType(ctx))
	if config.SecurityGroups.IsNull() {
		m.SecurityGroups = types.SetUnknown(types.StringType)
	}
}

// rest plans no change at all where there is none in truth. In a plan that has refreshed the server there is none either
// where the configuration has it in another order, or in other words, only. In another plan that is a change of the state
// alone: it may be the one that Terraform makes when it applies another, of which it tells nobody; see planNetworks.
func (c *planned) rest(ctx context.Context, plan model, prior tftypes.Value, refreshed bool, resp *resource.ModifyPlanResponse) {
	plan.shown = c.state.shown
	if refreshed {
		if c.sameNetworks(ctx, &resp.Diagnostics) {
			plan.Networks = c.state.Networks
		}
		if c.sameVolumes(ctx, &resp.Diagnostics) {
			plan.Volumes = c.state.Volumes
		}
		if c.imported && value.Known(plan.BootVolume) && value.Known(c.state.BootVolume) {
			plan.BootVolume = c.state.BootVolume // as bootDiffers found
		}
	}
	same := tfsdk.Plan{Schema: resp.Plan.Schema, Raw: resp.Plan.Raw}
	resp.Diagnostics.Append(same.Set(ctx, &plan)...)
	if same.Raw.Equal(prior) {
		resp.Plan.Raw = prior
	}
}

// readDevices fills in what is true of the devices that m manages.
func (r *server) readDevices(ctx context.Context, m *model, s *nova.Server) error {
	importing := m.Networks.IsNull() // only then is nothing known of them
	if err := r.readNetworks(ctx, m, s); err != nil {
		return err
	}
	return r.readVolumes(ctx, m, s, importing)
}
