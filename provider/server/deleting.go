// SPDX-License-Identifier: MPL-2.0

package server

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/diagnose"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
)

// ending is how a server is destroyed.
type ending struct {
	StopBeforeDestroy types.Bool   `tfsdk:"stop_before_destroy"`
	StopTimeout       types.String `tfsdk:"stop_timeout"`
	ForceDelete       types.Bool   `tfsdk:"force_delete"`
}

// stopPatience is how long a guest may take to shut down, unless `stop_timeout` says otherwise.
const stopPatience = 5 * time.Minute

// endAttributes are the attributes of ending.
func endAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"stop_before_destroy": schema.BoolAttribute{
			Optional: true,
			MarkdownDescription: "Whether the guest is told to shut down before the server is destroyed. Default: no. A change has to be applied " +
				"before it counts, as with the next two.",
		},
		"stop_timeout": schema.StringAttribute{
			Optional: true, MarkdownDescription: "How long it may take for that, `90s` for example; then the server is destroyed as it is. Default: 5 minutes.",
			Validators: []validator.String{duration{}, stringvalidator.AlsoRequires(path.MatchRoot("stop_before_destroy"))},
		},
		"force_delete": schema.BoolAttribute{
			Optional: true,
			MarkdownDescription: "Whether the server is destroyed for good where the cloud would keep it for a while to be restored. Default: no. " +
				"How long destroying may take is `timeouts.delete`.",
		},
	}
}

// Delete stops the server if that is wanted, deletes it, and waits until it is gone. It does so from any status.
func (r *server) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if r.Cloud(&resp.Diagnostics) == nil || resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(state.protected()...)
	if resp.Diagnostics.HasError() {
		return
	}
	limit, diags := state.Timeouts.Delete(ctx, patience)
	resp.Diagnostics.Append(diags...)
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	if err := r.end(ctx, state, &resp.Diagnostics); err != nil && !diagnose.NotFound(err) {
		resp.Diagnostics.Append(diagnose.Failure("Delete", "Server", state.Name.ValueString(), lockedByOthers(err)))
	}
}

func (r *server) end(ctx context.Context, state model, diags *diag.Diagnostics) error {
	id := state.ID.ValueString()
	if state.Locked.ValueBool() {
		if err := r.unlock(ctx, id); err != nil {
			return err
		}
	}
	if state.StopBeforeDestroy.ValueBool() && state.Status.ValueString() == nova.Active {
		if err := r.stop(ctx, state); err != nil {
			diags.AddWarning("Server Was Not Stopped", fmt.Sprintf("Server %q is destroyed as it is: %s.", state.Name.ValueString(), err))
		}
	}
	force := state.ForceDelete.ValueBool()
	var err error
	if force {
		err = r.Servers().Act(ctx, id, map[string]any{"forceDelete": nil})
	} else {
		err = r.Servers().Delete(ctx, id)
	}
	if err != nil {
		return err
	}
	return r.awaitGone(ctx, id, force)
}

// stop gives the guest its time to shut down.
func (r *server) stop(ctx context.Context, state model) error {
	limit, err := time.ParseDuration(state.StopTimeout.ValueString())
	if err != nil {
		limit = stopPatience
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	id := state.ID.ValueString()
	if err := r.Servers().Act(ctx, id, map[string]any{"os-stop": nil}); err != nil {
		return err
	}
	_, err = r.reached(ctx, id, nova.Shutoff)
	return err
}

// duration validates lengths of time.
type duration struct{}

func (duration) Description(context.Context) string         { return "has to be a length of time" }
func (duration) MarkdownDescription(context.Context) string { return "has to be a length of time" }

func (duration) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if d, err := time.ParseDuration(req.ConfigValue.ValueString()); err != nil || d <= 0 {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid Length of Time", fmt.Sprintf("%s has to be a length of time, such as 90s or 5m.", req.Path))
	}
}
