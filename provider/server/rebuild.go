// SPDX-License-Identifier: MPL-2.0

package server

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/client"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/diagnose"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/value"
)

// choosable is an attribute of which users choose what a change does.
type choosable struct {
	attribute string
	choice    func(m model) types.String
	value     func(m model) attr.Value
	trusted   bool                // its first value after an import is believed
	since     client.Microversion // of rebuilding for it
	// request sets it in the body of a rebuild; nil is null, which takes it away.
	request func(m model, body map[string]any)
}

func requestUserData(m model, body map[string]any) {
	body["user_data"] = textOrNil(m.encodedUserData())
}

func byUserData(m model) types.String { return m.UserDataChange }

// choosables are all of them.
var choosables = []choosable{
	{
		"image_id", func(m model) types.String { return m.ImageChange }, func(m model) attr.Value { return m.ImageID }, false, 1,
		func(m model, body map[string]any) { body["imageRef"] = m.ImageID.ValueString() },
	},
	{
		"key_name", func(m model) types.String { return m.KeyChange }, func(m model) attr.Value { return m.KeyName }, false, 54,
		func(m model, body map[string]any) { body["key_name"] = textOrNil(m.KeyName.ValueString()) },
	},
	{"user_data", byUserData, func(m model) attr.Value { return m.UserData }, true, 57, requestUserData},
	{"user_data_base64", byUserData, func(m model) attr.Value { return m.UserDataBase64 }, true, 57, requestUserData},
	{"user_data_wo_version", byUserData, func(m model) attr.Value { return m.UserDataWOVersion }, true, 57, requestUserData},
}

func textOrNil(text string) any {
	if text == "" {
		return nil
	}
	return text
}

// changes is whether the plan has another value for it. User data that is believed may still be known by its hash.
func (c choosable) changes(plan, state model) bool {
	if c.trusted && plan.believing && c.value(state).IsNull() {
		return plan.dataHash != "" && value.Known(c.value(plan)) &&
			!hashes(plan.dataHash, plan.UserData.ValueString(), plan.UserDataBase64.ValueString(), plan.UserDataWO.ValueString())
	}
	return !c.value(plan).Equal(c.value(state))
}

// chosen is what the change does.
func (c choosable) chosen(m model) string {
	if text := c.choice(m).ValueString(); text != "" {
		return text
	}
	return replace
}

// choose refuses, replaces or warns as the user has chosen, and returns whether the server is rebuilt.
func (r *server) choose(ctx context.Context, p planned, resp *resource.ModifyPlanResponse) bool {
	var rebuilt []string
	revealed := p.plan
	revealed.reveal(p.config)
	for _, c := range choosables {
		if !c.changes(revealed, p.state) {
			continue
		}
		at := path.Root(c.attribute)
		switch c.chosen(p.plan) {
		case replace:
			resp.RequiresReplace.Append(at)
		case refuse:
			resp.Diagnostics.AddAttributeError(at, "Change Refused", fmt.Sprintf(
				"%s of server %q would change, and the configuration has it that this is an error.", c.attribute, p.state.Name.ValueString()))
		case rebuild:
			if p.plan.ImageID.IsNull() {
				resp.Diagnostics.AddAttributeError(at, "No Rebuild Without an Image", fmt.Sprintf(
					"%s of server %q would change by a rebuild, which takes an image, and the server boots from a volume without an image_id.",
					c.attribute, p.state.Name.ValueString()))
				continue
			}
			rebuilt = append(rebuilt, c.attribute)
			if r.Known() {
				if err := r.Cloud(&resp.Diagnostics).Check(ctx, c.rebuildNeeds(p.plan)); err != nil {
					resp.Diagnostics.Append(diagnose.TooOld(at, err))
				}
			}
		}
	}
	if len(rebuilt) == 0 || len(resp.RequiresReplace) > 0 {
		return false
	}
	lost := "its root disk and its other disks on the host"
	if p.plan.PreserveEphemeral.ValueBool() {
		lost = "its root disk"
	}
	resp.Diagnostics.AddAttributeWarning(path.Root(rebuilt[0]), "Server Will Be Rebuilt", fmt.Sprintf(
		"Server %q is rebuilt because of %s: everything on %s is lost. Its id, addresses and attached volumes stay.",
		p.state.Name.ValueString(), strings.Join(rebuilt, " and "), lost))
	return true
}

// rebuildNeeds is the microversion that rebuilds for the change.
func (c choosable) rebuildNeeds(m model) client.Microversion {
	const ofVolumes = 93
	if c.attribute == "image_id" && m.bootsFromVolume() {
		return ofVolumes
	}
	return c.since
}

// rebuilds is whether the update has to rebuild.
func rebuilds(plan, state model) bool {
	for _, c := range choosables {
		if c.chosen(plan) == rebuild && c.changes(plan, state) {
			return true
		}
	}
	return false
}

// noteRebuild keeps what a rebuild gave the server and Nova does not show.
func noteRebuild(done *model, plan model) {
	done.UserData, done.UserDataBase64, done.UserDataWOVersion = plan.UserData, plan.UserDataBase64, plan.UserDataWOVersion
	notePassword(done, plan)
}

// applyRebuild writes the root disk anew. What the body leaves out stays as it is.
func applyRebuild(ctx context.Context, r *server, plan, state model) error {
	body, at := map[string]any{"imageRef": plan.ImageID.ValueString()}, client.Microversion(1)
	for _, c := range choosables {
		if c.changes(plan, state) {
			c.request(plan, body)
			at = max(at, c.rebuildNeeds(plan))
		}
	}
	if plan.PreserveEphemeral.ValueBool() {
		body["preserve_ephemeral"] = true
	}
	if password := plan.AdminPassWO.ValueString(); password != "" {
		body["adminPass"] = password // or Nova makes one
	}
	id := state.ID.ValueString()
	if err := r.Servers().ActBest(ctx, at, id, map[string]any{"rebuild": body}); err != nil {
		return err
	}
	_, err := r.reached(ctx, id, nova.Active, nova.Shutoff)
	return err
}

// awaitRebuilt waits for what the configuration has it wait for.
func awaitRebuilt(ctx context.Context, r *server, plan, state model) error {
	return r.ready(ctx, plan, state.ID.ValueString())
}
