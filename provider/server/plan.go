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

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/client"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/diagnose"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
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

// features are all that need more than 2.1.
var features = slices.Concat([]feature{
	{path.Root("description"), since(nova.WithDescription), func(m model) bool { return value.Known(m.Description) }},
	{path.Root("tags"), since(52), func(m model) bool { return value.Known(m.Tags) }},
	{path.Root("hostname"), func(m model) client.Microversion { return hostnameNeeds(m.Hostname) }, func(m model) bool { return value.Known(m.Hostname) }},
}, networkFeatures)

func since(v client.Microversion) func(model) client.Microversion {
	return func(model) client.Microversion { return v }
}

// hostnameNeeds: one with dots in it needs more.
func hostnameNeeds(hostname types.String) client.Microversion {
	if strings.Contains(hostname.ValueString(), ".") {
		return 94
	}
	return 90
}

// ValidateConfig refuses what Nova would ignore.
func (r *server) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var config model
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if config.ImageID.IsNull() && !config.bootsFromVolume() {
		resp.Diagnostics.AddAttributeError(path.Root("image_id"), "Nothing to Boot From", "A server needs an image, or a volume to boot from.")
	}
	checkGroups(ctx, config, &resp.Diagnostics)
}

// ModifyPlan refuses what the cloud is too old for, keeps what the update cannot change, and tells what
// the update does to the guest.
func (r *server) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() {
		return
	}
	var config, plan model
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if r.Known() {
		r.checkFeatures(ctx, config, resp)
	}
	if req.State.Raw.IsNull() {
		return
	}
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	for _, r := range replacements {
		if r.needed(planned{config, plan, state, imported(ctx, req.Private)}) {
			resp.RequiresReplace.Append(path.Root(r.attribute))
		}
	}
	if len(resp.RequiresReplace) > 0 {
		return
	}
	resizes := !plan.FlavorID.Equal(state.FlavorID)
	if resizes {
		resp.Diagnostics.AddAttributeWarning(path.Root("flavor_id"), "Server Will Be Resized", fmt.Sprintf(
			"Server %q is stopped, moved to the other flavor and started again. Its disks stay.", state.Name.ValueString()))
	}
	if !resizes && (state.PowerState.ValueString() == on || state.PowerState.ValueString() == off) {
		plan.hold(state)
		resp.Diagnostics.Append(resp.Plan.Set(ctx, &plan)...)
	}
	r.tellAdopted(ctx, req, resp, plan, state)
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

// replacements are all that take another server. They are judged here and not by plan modifiers of the attributes, because
// what else the plan says depends on whether the server stays.
var replacements = slices.Concat([]replacement{
	{"image_id", func(c planned) bool { return c.differs(c.plan.ImageID, c.state.ImageID, plainly) }},
	{"key_name", func(c planned) bool { return c.differs(c.plan.KeyName, c.state.KeyName, plainly) }},
	{"user_data", func(c planned) bool { return c.differs(c.plan.UserData, c.state.UserData, trusted) }},
	{"config_drive", func(c planned) bool {
		return !c.config.ConfigDrive.IsNull() && c.differs(c.plan.ConfigDrive, c.state.ConfigDrive, plainly)
	}},
	{"availability_zone", func(c planned) bool {
		return !c.config.AvailabilityZone.IsNull() && c.differs(c.plan.AvailabilityZone, c.state.AvailabilityZone, plainly)
	}},
}, networkReplacements)

func (r *server) checkFeatures(ctx context.Context, config model, resp *resource.ModifyPlanResponse) {
	c := r.Cloud(&resp.Diagnostics)
	for _, f := range features {
		if !f.used(config) {
			continue
		}
		if err := c.Check(ctx, f.since(config)); err != nil {
			resp.Diagnostics.Append(diagnose.TooOld(f.attribute, err))
		}
	}
}

// tellAdopted says which values an imported server gets without their being put into effect.
func (r *server) tellAdopted(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse, plan, state model) {
	if !imported(ctx, req.Private) {
		return
	}
	adopted := map[string]bool{
		"user_data":    state.UserData.IsNull() && !plan.UserData.IsNull(),
		"networks":     state.Networks.IsNull() && !plan.Networks.IsNull(),
		"network_mode": state.NetworkMode.IsNull() && !plan.NetworkMode.IsNull(),
	}
	for name, is := range adopted {
		if is {
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
