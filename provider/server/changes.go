// SPDX-License-Identifier: MPL-2.0

package server

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/value"
)

// change is one thing that an update may have to do.
type change struct {
	name string
	// in are the statuses in which Nova takes it: a server in another one is brought back for it. nil is any status.
	in []string
	// free is whether Nova takes it of a locked server as well.
	free bool
	// moves is whether the server may have another status after it.
	moves   bool
	changed func(plan, state model) bool
	apply   func(ctx context.Context, r *server, plan, state model) error
	// notes keeps what was made so, and Nova does not show, for the case that a later change fails. nil is nothing.
	notes func(done *model, plan model)
	// restores is whether it has to be done again after the server was brought back for another change. nil is no.
	restores func(plan model) bool
}

var (
	noted     = []string{nova.Active, nova.Paused, nova.Suspended, nova.Shutoff}
	built     = []string{nova.Active, nova.Shutoff, nova.Error}
	resized   = []string{nova.Active, nova.Shutoff}
	runs      = []string{nova.Active}
	rescuable = []string{nova.Active, nova.Shutoff, nova.Error, nova.Rescue}
)

// changes are what can be changed about a server that stays, in the order in which they run: what is
// harmless before what interrupts the guest.
func changes() []change {
	return slices.Concat([]change{
		{name: "lock", free: true, changed: unlocks, apply: applyUnlock},
		{name: "details", free: true, changed: func(p, s model) bool { return len(details(p, s)) > 0 }, apply: applyDetails},
		{name: "metadata", in: noted, changed: func(p, s model) bool { return !p.Metadata.Equal(s.Metadata) }, apply: applyMetadata},
		{name: "tags", in: noted, free: true, changed: func(p, s model) bool { return !p.Tags.IsNull() && !p.Tags.Equal(s.Tags) }, apply: applyTags},
	}, deviceChanges, []change{
		{name: "security groups", changed: func(p, s model) bool { return differ(p.SecurityGroups, s.SecurityGroups) }, apply: applyGroups},
		{name: "image", in: built, moves: true, changed: rebuilds, apply: applyRebuild, notes: noteRebuild},
		{name: "image", changed: rebuilds, apply: awaitRebuilt}, // the server is rebuilt, whether or not its guest gets ready
		{name: "flavor", in: resized, moves: true, changed: func(p, s model) bool { return !p.FlavorID.Equal(s.FlavorID) }, apply: resize},
		{name: "password", in: runs, changed: passwordDiffers, apply: applyPassword, notes: notePassword},
	}, finishing)
}

// finishing are the changes that bring the server to the state in which it is kept; a new server gets them, too. The lock
// comes after all of them.
var finishing = []change{
	{
		name: "rescue", in: rescuable, moves: true, changed: rescueDiffers, apply: applyRescue,
		notes:    func(done *model, plan model) { done.Rescue = plan.Rescue },
		restores: func(plan model) bool { return !plan.Rescue.IsNull() },
	},
	{
		name: "power state", moves: true, changed: powerDiffers, apply: applyPower,
		restores: func(plan model) bool {
			_, ok := steps[plan.PowerState.ValueString()]
			return ok && plan.Rescue.IsNull()
		},
	},
}

func differ(plan, state types.Set) bool { return value.Known(plan) && !plan.Equal(state) }
