// SPDX-License-Identifier: MPL-2.0

package securitygroup

import (
	"context"
	"errors"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/client"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/diagnose"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/network"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/value"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/wait"
)

// changes are what can be changed about a security group.
var changes = []struct {
	name    string
	changed func(plan, state model) bool
	apply   func(ctx context.Context, c *client.Client, groups network.Groups, plan, state model) error
}{
	{"details", detailsChanged, applyDetails},
	{"tags", func(p, s model) bool { return !p.Tags.IsNull() && !p.Tags.Equal(s.Tags) }, applyTags},
	{"rules", rulesChanged, applyRules},
}

func detailsChanged(plan, state model) bool {
	return !plan.Name.Equal(state.Name) || !plan.Description.Equal(state.Description) || !plan.Stateful.Equal(state.Stateful)
}

// applyDetails sends statefulness only when that changes: not every Neutron knows it.
func applyDetails(ctx context.Context, _ *client.Client, groups network.Groups, plan, state model) error {
	g := network.Group{ID: state.ID.ValueString(), Name: plan.Name.ValueString(), Description: plan.Description.ValueString()}
	if value.Known(plan.Stateful) && !plan.Stateful.Equal(state.Stateful) {
		g.Stateful = plan.Stateful.ValueBoolPointer()
	}
	return groups.Update(ctx, g)
}

func applyTags(ctx context.Context, _ *client.Client, groups network.Groups, plan, state model) error {
	var diags diag.Diagnostics
	tags := value.Strings(ctx, plan.Tags, &diags)
	slices.Sort(tags)
	return groups.SetTags(ctx, state.ID.ValueString(), tags)
}

func rulesChanged(plan, state model) bool {
	return !plan.Rules.IsNull() && !plan.Rules.Equal(state.Rules) || !plan.DeleteDefaultRules.Equal(state.DeleteDefaultRules)
}

// applyRules makes the group's rules those of the plan, as the group is now. What is added is added before anything is
// removed, so that what both let through is let through all the time; a rule with another description excepted, as
// there can be no two rules that let the same through.
func applyRules(ctx context.Context, c *client.Client, groups network.Groups, plan, state model) error {
	var diags diag.Diagnostics
	plan.ID = state.ID
	wanted, all := plan.wanted(ctx, &diags), !plan.Rules.IsNull()
	begins := plan.DeleteDefaultRules.ValueBool()
	if !begins && state.DeleteDefaultRules.ValueBool() {
		wanted = append(wanted, network.Defaults()...)
	}
	found, err := groups.Get(ctx, state.ID.ValueString())
	if err != nil {
		return err
	}
	stays := map[network.Key]bool{}
	for _, r := range wanted {
		if stays[r.Key()] {
			continue
		}
		stays[r.Key()] = true
		r.GroupID = found.ID
		if err := put(ctx, c, groups, found, r); err != nil {
			return err
		}
	}
	for _, r := range found.Rules {
		if stays[r.Key()] || r.ByDefault() && !begins || !r.ByDefault() && !all {
			continue
		}
		if err := diagnose.Forgiven(groups.DropRule(ctx, r.ID)); err != nil {
			return err
		}
	}
	return nil
}

// put makes r a rule of the group, in place of one that lets the same through with another description.
func put(ctx context.Context, c *client.Client, groups network.Groups, found *network.Group, r network.Rule) error {
	for _, old := range found.Rules {
		if old.Key() != r.Key() {
			continue
		}
		if old.Description == r.Description {
			return nil
		}
		if err := diagnose.Forgiven(groups.DropRule(ctx, old.ID)); err != nil {
			return err
		}
	}
	_, err := addRule(ctx, c, groups, r)
	return err
}

// busy is whether err says that something uses the group still: Nova's proxies say it as a bad request.
func busy(err error) bool { return diagnose.Conflict(err) || diagnose.Status(err) == 400 }

// remove deletes the group as soon as nothing uses it any more: the ports of servers that are being deleted do for a while.
func remove(ctx context.Context, clock wait.Clock, groups network.Groups, id string) error {
	var inUse error
	for attempt := 0; ; attempt++ {
		err := diagnose.Forgiven(groups.Delete(ctx, id))
		switch {
		case inUse != nil && errors.Is(ctx.Err(), context.DeadlineExceeded) && err != nil: // also in the midst of a request
			return stillInUse(inUse)
		case err == nil || !busy(err):
			return err
		}
		inUse = err
		if ended := clock.Sleep(ctx, pauses.Pause(attempt)); ended != nil {
			if !errors.Is(ended, context.DeadlineExceeded) {
				return ended
			}
			return stillInUse(inUse)
		}
	}
}

func stillInUse(err error) error {
	return &diagnose.Hinted{Err: err, Hint: "It was in use all the time that `timeouts.delete` allows. Ports that Terraform does not know of may be in the group."}
}
