// SPDX-License-Identifier: MPL-2.0

package server

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/diagnose"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/value"
)

// lockPatience is how long it may take to lock a server again after all else failed.
const lockPatience = time.Minute

// Update runs the changes that the plan has. After a failure the state gets what is true of the server
// then, so that the next plan has the rest.
func (r *server) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var config, plan, state model
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if r.Cloud(&resp.Diagnostics) == nil || resp.Diagnostics.HasError() {
		return
	}
	limit, diags := plan.Timeouts.Update(ctx, patience)
	resp.Diagnostics.Append(diags...)
	waiting, cancel := context.WithTimeout(ctx, limit)
	defer cancel()

	id, name := state.ID.ValueString(), state.Name.ValueString()
	basis := plan
	plan.reveal(config)
	plan.believing, plan.dataHash, plan.plugged = imported(ctx, req.Private), movedHash(ctx, req.Private), &plugged{}
	u := &update{server: r, plan: plan, state: state, done: state, managed: value.Known(config.Locked), kept: value.Known(config.PowerState), status: state.Status.ValueString()}
	if failed, err := u.run(waiting); err != nil {
		resp.Diagnostics.Append(diagnose.Failure("Change "+failed+" of", "Server", name, lockedByOthers(err)))
		basis = u.done
	}
	basis.note(plan.plugged)
	after := context.WithoutCancel(ctx)
	found, err := r.Servers().Get(after, id)
	if err != nil {
		resp.Diagnostics.Append(diagnose.Failure("Read", "Server", name, err))
		return
	}
	if !resp.Diagnostics.HasError() {
		r.settle(after, &resp.State, req.Plan, basis, found, &resp.Diagnostics)
		// Else the state lacks what was to be believed, and would have it replace the server.
		resp.Diagnostics.Append(resp.Private.SetKey(ctx, importedKey, nil)...)
	} else {
		r.set(after, &resp.State, basis, found, &resp.Diagnostics)
	}
	resp.Diagnostics.Append(identify(ctx, resp.Identity, id)...)
}

// update is a run of changes.
type update struct {
	*server
	plan, state model
	done        model  // the state, with what of the changes so far Nova does not show
	managed     bool   // whether the configuration has a say about the lock
	kept        bool   // and about the power state
	status      string // as last known; "" is unknown
	looked      bool   // whether that is from the server rather than from the state
	woken       bool   // whether the server was brought to another status than it is to have
	unlocked    bool   // whether the server was unlocked that is to be locked
}

// run makes the changes, and returns the name of the one that failed.
func (u *update) run(ctx context.Context) (failed string, err error) {
	made := map[string]bool{}
	needed := func(c change) bool { return c.changed(u.plan, u.state) }
	restored := func(c change) bool { return u.woken && !made[c.name] && c.restores(u.plan) }
	for _, pass := range []struct {
		changes []change
		due     func(change) bool
	}{{changes(), needed}, {finishing, restored}} {
		for _, c := range pass.changes {
			if !pass.due(c) {
				continue
			}
			if err := u.make(ctx, c); err != nil {
				if u.unlocked {
					err = errors.Join(err, u.lock(ctx))
				}
				return c.name, err
			}
			made[c.name] = true
			if c.notes != nil {
				c.notes(&u.done, u.plan)
			}
		}
	}
	if u.unlocked || u.managed && locks(u.plan, u.state) {
		return "lock", u.lock(ctx)
	}
	return "", nil
}

// make brings the server to where Nova takes the change, and makes it. That the server is elsewhere than the state has
// it, or busy, Nova says by a 409: then it is looked at.
func (u *update) make(ctx context.Context, c change) error {
	for {
		if err := u.prepare(ctx, c); err != nil {
			return err
		}
		err := c.apply(ctx, u.server, u.plan, u.state)
		if err == nil && c.moves {
			u.status, u.looked = "", false
		}
		if !diagnose.Conflict(err) || u.looked || isLocked(err) {
			return err
		}
		if err := u.look(ctx); err != nil {
			return err
		}
	}
}

func (u *update) prepare(ctx context.Context, c change) error {
	if !c.free && u.managed && u.state.Locked.ValueBool() && u.plan.Locked.ValueBool() && !u.unlocked {
		if err := u.unlock(ctx, u.state.ID.ValueString()); err != nil {
			return err
		}
		u.unlocked = true
	}
	if c.in == nil {
		return nil
	}
	if u.status == "" {
		if err := u.look(ctx); err != nil {
			return err
		}
	}
	if slices.Contains(c.in, u.status) {
		return nil
	}
	s, err := u.rested(ctx, u.state.ID.ValueString())
	if err != nil || !u.mayWake(s.Status) {
		return err
	}
	if err := u.plan.mayConfirm(s); err != nil {
		return err
	}
	for err == nil && !slices.Contains(c.in, s.Status) { // a resize that is confirmed may leave it shut off
		s, err = u.power(ctx, s, on)
		u.woken = true
	}
	u.status, u.looked = s.Status, true
	return err
}

// mayWake is whether a server of the status may be brought back for a change: not if others rescued it, or if it is broken
// and nobody asked for it to be repaired. Nova's refusal then says more.
func (u *update) mayWake(status string) bool {
	switch status {
	case nova.Rescue:
		return u.kept || !u.plan.Rescue.IsNull() || !u.state.Rescue.IsNull()
	case nova.Error:
		return u.kept
	}
	return true
}

func (u *update) look(ctx context.Context) error {
	s, err := u.rested(ctx, u.state.ID.ValueString())
	if err != nil {
		return err
	}
	u.status, u.looked = s.Status, true
	return nil
}

// lock locks the server, also one that was unlocked for a change that failed or was broken off.
func (u *update) lock(ctx context.Context) error {
	locking, cancel := context.WithTimeout(context.WithoutCancel(ctx), lockPatience)
	defer cancel()
	state := u.state
	state.Locked = types.BoolValue(state.Locked.ValueBool() && !u.unlocked)
	return applyLock(locking, u.server, u.plan, state)
}

// isLocked is whether err is Nova's refusal to touch a locked server, of which only the text tells.
func isLocked(err error) bool {
	return diagnose.Conflict(err) && strings.Contains(diagnose.Cause(err), "is locked")
}

func lockedByOthers(err error) error {
	if !isLocked(err) {
		return err
	}
	return &diagnose.Hinted{Err: err, Hint: "The server was locked by others. With `locked` in its configuration this resource has a say about that: " +
		"`locked = false` unlocks it, `locked = true` unlocks it for the time of the change."}
}

// restingStatuses are where a server stays until something is done with it.
var restingStatuses = []string{
	nova.Active, nova.Shutoff, nova.Paused, nova.Suspended, nova.Shelved, nova.Offloaded, nova.Rescue, nova.VerifyResize, nova.Error,
}
