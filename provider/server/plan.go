// SPDX-License-Identifier: MPL-2.0

package server

import (
	"context"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/client"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/diagnose"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/value"
)

// importedKey marks in the private state that a server was imported. Nova does not show all that a
// server was created with: after an import, a configuration that gives what the state lacks is
// believed, once, rather than taken for a change that would replace the server.
const importedKey = "imported"

// feature is an attribute that needs more than 2.1.
type feature struct {
	attribute path.Path
	since     func(config model) client.Microversion
	used      func(config model) bool
}

// features are all of a creation that need more than 2.1.
func features() []feature {
	return slices.Concat(labelFeatures, bootFeatures, placeFeatures, networkFeatures, volumeFeatures)
}

// laterFeatures are those of what comes after it.
func laterFeatures() []feature { return slices.Concat(lockFeatures, powerFeatures) }

func since(v client.Microversion) func(model) client.Microversion {
	return func(model) client.Microversion { return v }
}

// withPersonality is the last microversion that has it.
const withPersonality client.Microversion = 56

// checkFeatures refuses what the cloud is too old for, and what Nova never had together.
func (r *server) checkFeatures(ctx context.Context, config model, diags *diag.Diagnostics) {
	c := r.Cloud(diags)
	for _, f := range slices.Concat(features(), laterFeatures()) {
		if !f.used(config) {
			continue
		}
		if err := c.Check(ctx, f.since(config)); err != nil {
			diags.Append(diagnose.TooOld(f.attribute, err))
		}
	}
	for _, f := range features() {
		if value.Known(config.Personality) && f.used(config) && f.since(config) > withPersonality {
			diags.AddAttributeError(path.Root("personality"), "Never Together", fmt.Sprintf(
				"Nova has personality up to microversion %s, and %s since %s.", withPersonality, f.attribute, f.since(config)))
		}
	}
}

// ValidateConfig refuses what Nova would refuse or ignore.
func (r *server) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var config model
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	checkDisks(ctx, config, &resp.Diagnostics)
	checkGroups(ctx, config, &resp.Diagnostics)
	checkLock(config, &resp.Diagnostics)
	checkRescue(config, &resp.Diagnostics)
}

// planned is an update as it is planned, of a server that is there.
type planned struct {
	config, plan, state model
	imported            bool // and not changed since
}

// A way of looking at a change.
type way int

const (
	plainly way = iota
	trusted     // the first value after an import is believed
)

// differs is whether an attribute changes in truth.
func (c planned) differs(plan, state attr.Value, w way) bool {
	return !(w == trusted && c.imported && state.IsNull()) && !plan.Equal(state)
}

// replacement is an attribute some of whose changes take another server.
type replacement struct {
	attribute string
	needed    func(planned) bool
}

// ownReplacements are those of what a server is made from, but for what users choose about.
var ownReplacements = []replacement{
	{"config_drive", func(c planned) bool {
		return !c.config.ConfigDrive.IsNull() && c.differs(c.plan.ConfigDrive, c.state.ConfigDrive, plainly)
	}},
	{"availability_zone", zoneDiffers},
	{"server_group_id", func(c planned) bool { return c.differs(c.plan.ServerGroupID, c.state.ServerGroupID, trusted) }},
	{"scheduler_hints", func(c planned) bool { return c.differs(c.plan.SchedulerHints, c.state.SchedulerHints, trusted) }},
	{"placement", func(c planned) bool { return c.differs(c.plan.Placement, c.state.Placement, trusted) }},
	{"personality", func(c planned) bool { return c.differs(c.plan.Personality, c.state.Personality, trusted) }},
	{"trusted_image_certificates", func(c planned) bool {
		return c.differs(c.plan.TrustedImageCertificates, c.state.TrustedImageCertificates, trusted)
	}},
}

// replacements are all that take another server. They are judged here and not by plan modifiers of the attributes, because
// what else the plan says depends on whether the server stays.
func replacements() []replacement {
	return slices.Concat(ownReplacements, networkReplacements, volumeReplacements)
}

// ModifyPlan refuses what the cloud is too old for, keeps what the update cannot change, and tells what
// the update does to the guest.
func (r *server) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	var config, plan, state model
	if !req.State.Raw.IsNull() {
		resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	}
	if req.Plan.Raw.IsNull() {
		resp.Diagnostics.Append(state.protected()...)
		return
	}
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if r.Known() {
		r.checkFeatures(ctx, config, &resp.Diagnostics)
	}
	if req.State.Raw.IsNull() || req.Plan.Raw.Equal(req.State.Raw) { // nothing is to change
		return
	}
	plan.believing, plan.dataHash = imported(ctx, req.Private), movedHash(ctx, req.Private)
	p := planned{config, plan, state, plan.believing}
	for _, r := range replacements() {
		if r.needed(p) {
			resp.RequiresReplace.Append(path.Root(r.attribute))
		}
	}
	rebuilt := r.choose(ctx, p, resp)
	if len(resp.RequiresReplace) > 0 {
		resp.Diagnostics.Append(state.protected()...)
		p.tellLost(resp)
		return
	}
	plugs := p.planDevices(ctx, &resp.Diagnostics)
	if r.Known() {
		r.checkDevices(ctx, p, &resp.Diagnostics)
	}
	moves := p.tell(resp)
	plan = p.plan
	plan.hold(config, state, !rebuilt && !moves)
	if plugs {
		plan.loosen(ctx, config)
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, &plan)...)
	p.tellAdopted(resp)
	p.rest(ctx, plan, req.State.Raw, r.Refreshed(state.ID.ValueString()), resp)
}

// tell warns of what the update does to the guest, and returns whether it moves the server to another status or host.
func (c planned) tell(resp *resource.ModifyPlanResponse) bool {
	name := c.state.Name.ValueString()
	resizes := !c.plan.FlavorID.Equal(c.state.FlavorID)
	if resizes {
		resp.Diagnostics.AddAttributeWarning(path.Root("flavor_id"), "Server Will Be Resized", fmt.Sprintf(
			"Server %q is stopped, moved to the other flavor and started again. Its disks stay.", name))
	}
	status := c.state.Status.ValueString()
	for _, ch := range changes() {
		if ch.in != nil && ch.restores == nil && !slices.Contains(ch.in, status) && ch.changed(c.plan, c.state) {
			resp.Diagnostics.AddWarning("Server Will Be Brought Back", fmt.Sprintf(
				"Server %q is in status %s, in which Nova does not change its %s: it is brought back for that.", name, status, ch.name))
			return true
		}
	}
	return resizes || powerDiffers(c.plan, c.state) || rescueDiffers(c.plan, c.state) || c.mayMove()
}

// mayMove is whether what is not known yet may come to move the server.
func (c planned) mayMove() bool {
	return c.config.PowerState.IsUnknown() || c.config.Rescue.IsUnknown() || c.config.Networks.IsUnknown() || c.config.Volumes.IsUnknown()
}

// tellAdopted says which values an imported server gets without their being put into effect.
func (c planned) tellAdopted(resp *resource.ModifyPlanResponse) {
	if !c.imported {
		return
	}
	for name, of := range map[string]func(model) attr.Value{
		"user_data": func(m model) attr.Value { return m.UserData }, "user_data_base64": func(m model) attr.Value { return m.UserDataBase64 },
		"user_data_wo_version": func(m model) attr.Value { return m.UserDataWOVersion },
		"networks":             func(m model) attr.Value { return m.Networks }, "network_mode": func(m model) attr.Value { return m.NetworkMode },
		"server_group_id": func(m model) attr.Value { return m.ServerGroupID }, "scheduler_hints": func(m model) attr.Value { return m.SchedulerHints },
		"placement": func(m model) attr.Value { return m.Placement }, "personality": func(m model) attr.Value { return m.Personality },
		"trusted_image_certificates": func(m model) attr.Value { return m.TrustedImageCertificates },
	} {
		if of(c.state).IsNull() && !of(c.plan).IsNull() {
			resp.Diagnostics.AddAttributeWarning(path.Root(name), "Taken on Trust", fmt.Sprintf(
				"Nova does not show what %s the imported server was created with. The configuration is believed; the server is not touched.", name))
		}
	}
}

func imported(ctx context.Context, from interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
},
) bool {
	mark, _ := from.GetKey(ctx, importedKey)
	return len(mark) > 0
}
