// SPDX-License-Identifier: MPL-2.0

package server

import (
	"context"
	"errors"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/client"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/diagnose"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/value"
)

// change is one thing that an update may have to do.
type change struct {
	name    string
	changed func(plan, state model) bool
	apply   func(ctx context.Context, r *server, plan, state model) error
}

// changes are what can be changed about a server that stays, in the order in which they run: what is
// harmless before what interrupts the guest.
var changes = []change{
	{"details", func(p, s model) bool { return len(details(p, s)) > 0 }, applyDetails},
	{"metadata", func(p, s model) bool { return !p.Metadata.Equal(s.Metadata) }, applyMetadata},
	{"tags", func(p, s model) bool { return !p.Tags.IsNull() && !p.Tags.Equal(s.Tags) }, applyTags},
	{"security groups", func(p, s model) bool { return differ(p.SecurityGroups, s.SecurityGroups) }, applyGroups},
	{"flavor", func(p, s model) bool { return !p.FlavorID.Equal(s.FlavorID) }, resize},
	{"power state", func(p, s model) bool { return value.Known(p.PowerState) && !p.PowerState.Equal(s.PowerState) }, applyPower},
}

func differ(plan, state types.Set) bool { return value.Known(plan) && !plan.Equal(state) }

// details are the fields of PUT /servers/{id} that the plan changes.
func details(plan, state model) map[string]any {
	fields := map[string]any{}
	for _, field := range []struct {
		name        string
		plan, state types.String
	}{
		{"name", plan.Name, state.Name},
		{"description", plan.Description, state.Description},
		{"hostname", plan.Hostname, state.Hostname},
		{"accessIPv4", plan.AccessIPv4.StringValue, state.AccessIPv4.StringValue},
		{"accessIPv6", plan.AccessIPv6.StringValue, state.AccessIPv6.StringValue},
	} {
		if !field.plan.IsUnknown() && !field.plan.Equal(field.state) {
			fields[field.name] = field.plan.ValueStringPointer()
		}
	}
	return fields
}

func applyDetails(ctx context.Context, r *server, plan, state model) error {
	fields := details(plan, state)
	v := client.Microversion(1)
	if _, ok := fields["description"]; ok {
		v = nova.WithDescription
	}
	if _, ok := fields["hostname"]; ok {
		v = max(v, hostnameNeeds(plan.Hostname))
	}
	return r.Servers().Update(ctx, v, state.ID.ValueString(), fields)
}

// applyMetadata sets the keys of the plan and removes those that only the state has. Keys of others
// stay as they are.
func applyMetadata(ctx context.Context, r *server, plan, state model) error {
	var diags diag.Diagnostics
	wanted, had := value.Map(ctx, plan.Metadata, &diags), value.Map(ctx, state.Metadata, &diags)
	id := state.ID.ValueString()
	if len(wanted) > 0 {
		if err := r.Servers().SetMetadata(ctx, id, wanted); err != nil {
			return err
		}
	}
	for key := range had {
		if _, ok := wanted[key]; ok {
			continue
		}
		if err := r.Servers().DropMetadata(ctx, id, key); err != nil && !diagnose.NotFound(err) {
			return err
		}
	}
	return nil
}

func applyTags(ctx context.Context, r *server, plan, state model) error {
	var diags diag.Diagnostics
	tags := value.Strings(ctx, plan.Tags, &diags)
	slices.Sort(tags)
	return r.Servers().SetTags(ctx, state.ID.ValueString(), tags)
}

func applyPower(ctx context.Context, r *server, plan, state model) error {
	found, err := r.Servers().Get(ctx, state.ID.ValueString())
	if err != nil {
		return err
	}
	_, err = r.power(ctx, found, plan.PowerState.ValueString())
	return err
}

// resize moves the server to another flavor and confirms that, which stops the guest for a while.
func resize(ctx context.Context, r *server, plan, state model) error {
	id, wanted := state.ID.ValueString(), plan.FlavorID.ValueString()
	if err := r.Servers().Act(ctx, id, map[string]any{"resize": map[string]any{"flavorRef": wanted}}); err != nil {
		return err
	}
	resized, err := r.reached(ctx, id, nova.VerifyResize, nova.Active, nova.Shutoff)
	if err != nil {
		return err
	}
	if resized.Status == nova.VerifyResize {
		// Nova can confirm by itself after a while (resize_confirm_window), and then refuses ours.
		if err := r.Servers().Act(ctx, id, map[string]any{"confirmResize": nil}); err != nil && !diagnose.Conflict(err) {
			return err
		}
		if _, err = r.reached(ctx, id, nova.Active, nova.Shutoff); err != nil {
			return err
		}
	}
	// A resize for which no host is found leaves the server as it was, in ACTIVE.
	now, err := r.Servers().GetAt(ctx, id, nova.WithFlavorID)
	if err != nil {
		return err
	}
	if now.Flavor.ID != wanted {
		return errors.New("the resize was given up by Nova, which left the server with its old flavor; " +
			"`openstack server event list` tells what went wrong")
	}
	return nil
}
