// SPDX-License-Identifier: MPL-2.0

package aggregate

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/value"
)

// changes are what can be changed about an aggregate, in the order in which they run: Nova changes the zone only of
// hosts without servers, so those that are to go go first, and those that come get the zone that they find.
var changes = []struct {
	name    string
	changed func(plan, state model) bool
	apply   func(ctx context.Context, all nova.Aggregates, plan, state model) error
}{
	{"hosts", hostsDiffer, takeOut},
	{"details", func(p, s model) bool { return len(details(p, s)) > 0 }, func(ctx context.Context, all nova.Aggregates, plan, state model) error {
		return all.Update(ctx, state.ID.ValueString(), details(plan, state))
	}},
	{"metadata", func(p, s model) bool { return !p.Metadata.Equal(s.Metadata) }, applyMetadata},
	{"hosts", hostsDiffer, putIn},
}

// apply runs the changes from state to plan, and says which one failed, as a verb.
func apply(ctx context.Context, all nova.Aggregates, plan, state model) (string, error) {
	for _, change := range changes {
		if !change.changed(plan, state) {
			continue
		}
		if err := change.apply(ctx, all, plan, state); err != nil {
			return "Change " + change.name + " of", err
		}
	}
	return "", nil
}

func hostsDiffer(plan, state model) bool {
	return value.Known(plan.Hosts) && !plan.Hosts.Equal(state.Hosts)
}

// details are the fields of PUT /os-aggregates/{id} that the plan changes.
func details(plan, state model) map[string]any {
	fields := map[string]any{}
	if !plan.Name.Equal(state.Name) {
		fields["name"] = plan.Name.ValueString()
	}
	if value.Known(plan.AvailabilityZone) && !plan.AvailabilityZone.Equal(state.AvailabilityZone) {
		fields["availability_zone"] = plan.AvailabilityZone.ValueString()
	}
	return fields
}

// applyMetadata sets the keys of the plan and removes those that only the state has. Keys of others stay as they are.
func applyMetadata(ctx context.Context, all nova.Aggregates, plan, state model) error {
	var diags diag.Diagnostics
	keys := map[string]*string{}
	for key := range value.Map(ctx, state.Metadata, &diags) {
		keys[key] = nil
	}
	for key, text := range value.Map(ctx, plan.Metadata, &diags) {
		keys[key] = &text
	}
	if len(keys) == 0 {
		return nil
	}
	return all.SetMetadata(ctx, state.ID.ValueString(), keys)
}

func takeOut(ctx context.Context, all nova.Aggregates, plan, state model) error {
	return eachMissing(ctx, state, plan, func(host string) error { return all.RemoveHost(ctx, state.ID.ValueString(), host) })
}

func putIn(ctx context.Context, all nova.Aggregates, plan, state model) error {
	return eachMissing(ctx, plan, state, func(host string) error { return all.AddHost(ctx, state.ID.ValueString(), host) })
}

// eachMissing does something with each host of a that is not one of b.
func eachMissing(ctx context.Context, a, b model, do func(host string) error) error {
	var diags diag.Diagnostics
	has := hosts(ctx, b.Hosts, &diags)
	for _, host := range hosts(ctx, a.Hosts, &diags) {
		if slices.Contains(has, host) {
			continue
		}
		if err := do(host); err != nil {
			return err
		}
	}
	return nil
}
