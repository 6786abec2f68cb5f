// SPDX-License-Identifier: MPL-2.0

package server

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/diagnose"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/value"
)

// The power states that can be wanted; the state may show any other status in small letters.
const (
	on        = "active"
	off       = "shutoff"
	paused    = "paused"
	suspended = "suspended"
	offloaded = "shelved_offloaded"
)

// offloading is the action that takes a shelved server from its host.
const offloading = "shelveOffload"

// step is an action, and the statuses in one of which it ends.
type step struct {
	action string
	body   any
	to     []string
}

// toActive are the steps that lead back to ACTIVE, from where everything else can be reached.
var toActive = map[string]step{
	nova.Shutoff:      {"os-start", nil, []string{nova.Active}},
	nova.Paused:       {"unpause", nil, []string{nova.Active}},
	nova.Suspended:    {"resume", nil, []string{nova.Active}},
	nova.Shelved:      {"unshelve", nil, []string{nova.Active, nova.Shutoff}},
	nova.Offloaded:    {"unshelve", nil, []string{nova.Active, nova.Shutoff}},
	nova.Rescue:       {"unrescue", nil, []string{nova.Active}},
	nova.VerifyResize: {"confirmResize", nil, []string{nova.Active, nova.Shutoff}},
	nova.Error:        {"reboot", map[string]string{"type": "HARD"}, []string{nova.Active}},
}

// steps are, for each power state that can be wanted, the step towards it from each status that a server can rest in.
var steps = map[string]map[string]step{
	on: toActive,
	off: but(map[string]step{
		nova.Active: {"os-stop", nil, []string{nova.Shutoff}},
		nova.Error:  {"os-stop", nil, []string{nova.Shutoff}},
	}),
	paused:    but(map[string]step{nova.Active: {"pause", nil, []string{nova.Paused}}}),
	suspended: but(map[string]step{nova.Active: {"suspend", nil, []string{nova.Suspended}}}),
	offloaded: but(map[string]step{
		nova.Active:    {"shelve", nil, []string{nova.Shelved, nova.Offloaded}},
		nova.Shutoff:   {"shelve", nil, []string{nova.Shelved, nova.Offloaded}},
		nova.Paused:    {"shelve", nil, []string{nova.Shelved, nova.Offloaded}},
		nova.Suspended: {"shelve", nil, []string{nova.Shelved, nova.Offloaded}},
		nova.Shelved:   {offloading, nil, []string{nova.Offloaded}},
	}),
}

// but is toActive with other steps from some statuses.
func but(others map[string]step) map[string]step {
	all := maps.Clone(toActive)
	maps.Copy(all, others)
	return all
}

// powerState is the status as power_state shows it. A resize that waits to be confirmed is not one: the guest runs, or
// not, as before. Neither is SHELVED, on the way to SHELVED_OFFLOADED, which clouds take at their own time.
func powerState(s *nova.Server) string {
	const shutDown = 4
	switch {
	case s.Status == nova.VerifyResize && s.Power == shutDown:
		return off
	case s.Status == nova.VerifyResize:
		return on
	case s.Status == nova.Shelved:
		return offloaded
	}
	return strings.ToLower(s.Status)
}

// power brings the server to the wanted power state, over ACTIVE if need be.
func (r *server) power(ctx context.Context, s *nova.Server, wanted string) (*nova.Server, error) {
	for strings.ToLower(s.Status) != wanted {
		step, ok := steps[wanted][s.Status]
		if !ok {
			return s, fmt.Errorf("there is no way from status %s to power_state %q; it takes an administrator, or a replacement", s.Status, wanted)
		}
		err := r.Servers().Act(ctx, s.ID, map[string]any{step.action: step.body})
		if step.action == offloading && diagnose.Status(err) == http.StatusForbidden {
			return s, nil // it takes an administrator to have it now; the cloud does it by itself
		}
		underway := step.action == offloading && diagnose.Conflict(err) && !s.Locked // the cloud does it just now
		if err != nil && !underway {
			return s, err
		}
		if s, err = r.reached(ctx, s.ID, step.to...); err != nil {
			return s, err
		}
	}
	return s, nil
}

// powerDiffers is whether the server is to be brought to another power state.
func powerDiffers(plan, state model) bool {
	return value.Known(plan.PowerState) && !plan.PowerState.Equal(state.PowerState)
}

func applyPower(ctx context.Context, r *server, plan, state model) error {
	found, err := r.rested(ctx, state.ID.ValueString())
	if err != nil {
		return err
	}
	if powerState(found) == plan.PowerState.ValueString() {
		return nil
	}
	if err := plan.mayConfirm(found); err != nil {
		return err
	}
	_, err = r.power(ctx, found, plan.PowerState.ValueString())
	return err
}

// settledPower is the power state that a server keeps by itself, or unknown.
func settledPower(state types.String) types.String {
	if _, ok := steps[state.ValueString()]; ok {
		return state
	}
	return types.StringUnknown()
}
