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
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/listplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
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

// features are what needs more than 2.1.
var features = []struct {
	attribute path.Path
	since     func(config model) client.Microversion
	used      func(config model) bool
}{
	{path.Root("description"), since(nova.WithDescription), func(m model) bool { return value.Known(m.Description) }},
	{path.Root("network_mode"), since(37), func(m model) bool { return value.Known(m.NetworkMode) }},
	{path.Root("networks"), since(42), func(m model) bool { return m.tagsNetworks() }},
	{path.Root("tags"), since(52), func(m model) bool { return value.Known(m.Tags) }},
	{path.Root("hostname"), func(m model) client.Microversion { return hostnameNeeds(m.Hostname) }, func(m model) bool { return value.Known(m.Hostname) }},
}

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
	if resp.Diagnostics.HasError() || !value.Known(config.SecurityGroups) {
		return
	}
	networks := config.networks(ctx, &resp.Diagnostics)
	made := slices.ContainsFunc(networks, func(n network) bool { return n.Port.IsNull() })
	all := len(networks) > 0 && len(networks) == len(config.Networks.Elements())
	if all && !made || config.NetworkMode.ValueString() == "none" {
		resp.Diagnostics.AddAttributeError(path.Root("security_groups"), "Security Groups Without Effect",
			"They are those of the interfaces that Nova makes, and it makes none here. A port has security groups of its own: set them there.")
	}
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
	if resp.Diagnostics.HasError() || replaced(config, plan, state, imported(ctx, req.Private)) {
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

// replaced is whether the plan replaces the server. The framework does not tell ModifyPlan what the plan
// modifiers of the attributes decided, so this repeats it: see replacing in schema.go.
func replaced(config, plan, state model, imported bool) bool {
	for _, attribute := range []struct {
		config, plan, state attr.Value
		trusted             bool // its first value after an import is believed
		computed            bool
	}{
		{config.ImageID, plan.ImageID, state.ImageID, false, false},
		{config.KeyName, plan.KeyName, state.KeyName, false, false},
		{config.UserData, plan.UserData, state.UserData, true, false},
		{config.NetworkMode, plan.NetworkMode, state.NetworkMode, true, false},
		{config.Networks, plan.Networks, state.Networks, true, false},
		{config.ConfigDrive, plan.ConfigDrive, state.ConfigDrive, false, true},
		{config.AvailabilityZone, plan.AvailabilityZone, state.AvailabilityZone, false, true},
	} {
		believed := attribute.trusted && imported && attribute.state.IsNull() || attribute.computed && attribute.config.IsNull()
		if !believed && !attribute.plan.Equal(attribute.state) {
			return true
		}
	}
	return false
}

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

// replaceText replaces the server on a change, unless an imported server gets its first value.
func replaceText() planmodifier.String {
	return stringplanmodifier.RequiresReplaceIf(
		func(ctx context.Context, req planmodifier.StringRequest, resp *stringplanmodifier.RequiresReplaceIfFuncResponse) {
			resp.RequiresReplace = !req.StateValue.IsNull() || !imported(ctx, req.Private)
		}, replaces, replaces)
}

// replaceList is replaceText for lists.
func replaceList() planmodifier.List {
	return listplanmodifier.RequiresReplaceIf(
		func(ctx context.Context, req planmodifier.ListRequest, resp *listplanmodifier.RequiresReplaceIfFuncResponse) {
			resp.RequiresReplace = !req.StateValue.IsNull() || !imported(ctx, req.Private)
		}, replaces, replaces)
}

const replaces = "Replaces the server, unless it was imported and this is the first value."
