// SPDX-License-Identifier: MPL-2.0

package server

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/client"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/diagnose"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/value"
)

// locking is about the lock of a server, which keeps all but administrators from changing it. The lock itself is shown.
type locking struct {
	LockReason          types.String `tfsdk:"lock_reason"`
	UnlockBeforeDestroy types.Bool   `tfsdk:"unlock_before_destroy"`
}

// withLockReason is the first microversion with reasons.
const withLockReason client.Microversion = 73

var lockFeatures = []feature{
	{path.Root("locked"), since(9), func(m model) bool { return value.Known(m.Locked) }},
	{path.Root("lock_reason"), since(withLockReason), func(m model) bool { return value.Known(m.LockReason) }},
}

// lockAttributes are the attributes of locking.
func lockAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"locked": schema.BoolAttribute{
			Optional: true, Computed: true,
			MarkdownDescription: "Whether the server is locked, so that no one but administrators can change or delete it. This resource still can " +
				"change a server that it keeps locked: it unlocks it for that. It destroys a locked server only with `unlock_before_destroy`. " +
				"Without this attribute the lock is left alone. Needs microversion 2.9.",
		},
		"lock_reason": schema.StringAttribute{
			Optional: true, MarkdownDescription: "Why it is locked. Needs microversion 2.73.",
			Validators: []validator.String{stringvalidator.LengthBetween(1, 255), stringvalidator.AlsoRequires(path.MatchRoot("locked"))},
		},
		"unlock_before_destroy": schema.BoolAttribute{
			Optional: true,
			MarkdownDescription: "Whether a locked server is unlocked to be destroyed or replaced. Default: no, so that `locked` protects it from " +
				"Terraform as well. A change has to be applied before it counts.",
		},
	}
}

// take shows the reason where it is managed, or at import.
func (l *locking) take(s *nova.Server, importing bool) {
	if importing || !l.LockReason.IsNull() {
		l.LockReason = value.Text(s.LockedReason)
	}
}

// checkLock refuses a reason for nothing.
func checkLock(config model, diags *diag.Diagnostics) {
	if value.Known(config.LockReason) && value.Known(config.Locked) && !config.Locked.ValueBool() {
		diags.AddAttributeError(path.Root("lock_reason"), "Reason Without Lock", "A server that is not locked has no reason to be.")
	}
}

func unlocks(plan, state model) bool {
	return value.Known(plan.Locked) && !plan.Locked.ValueBool() && state.Locked.ValueBool()
}

func locks(plan, state model) bool {
	return value.Known(plan.Locked) && plan.Locked.ValueBool() &&
		(!state.Locked.ValueBool() || !plan.LockReason.Equal(state.LockReason))
}

func applyUnlock(ctx context.Context, r *server, _, state model) error {
	return r.unlock(ctx, state.ID.ValueString())
}

// applyLock locks the server. Nova keeps the reason of a server that is locked already.
func applyLock(ctx context.Context, r *server, plan, state model) error {
	if state.Locked.ValueBool() {
		if err := applyUnlock(ctx, r, plan, state); err != nil {
			return err
		}
	}
	body, at := any(nil), client.Microversion(1)
	if reason := plan.LockReason.ValueString(); reason != "" {
		body, at = map[string]string{"locked_reason": reason}, withLockReason
	}
	return r.Servers().ActBest(ctx, at, state.ID.ValueString(), map[string]any{"lock": body})
}

func (r *server) unlock(ctx context.Context, id string) error {
	err := r.Servers().Act(ctx, id, map[string]any{"unlock": nil})
	if diagnose.Status(err) == 403 {
		return &diagnose.Hinted{Err: err, Hint: "The server was locked by an administrator, and only one can unlock it."}
	}
	return err
}

// protected is the error that a locked server is not destroyed, if this one is.
func (m *model) protected() diag.Diagnostics {
	if !m.Locked.ValueBool() || m.UnlockBeforeDestroy.ValueBool() {
		return nil
	}
	reason := ""
	if !m.LockReason.IsNull() {
		reason = fmt.Sprintf(" (%s)", m.LockReason.ValueString())
	}
	return diag.Diagnostics{diag.NewAttributeErrorDiagnostic(path.Root("locked"), "Server Is Locked", fmt.Sprintf(
		"Server %q (%s) is locked%s, and this would destroy it. To have that, apply `locked = false` or `unlock_before_destroy = true` first.",
		m.Name.ValueString(), m.ID.ValueString(), reason))}
}
