// SPDX-License-Identifier: MPL-2.0

package server

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/diagnose"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/value"
)

// sizing is how large a server is.
type sizing struct {
	FlavorID      types.String `tfsdk:"flavor_id"`
	ConfirmResize types.Bool   `tfsdk:"confirm_resize"`
}

// sizeAttributes are the attributes of sizing.
func sizeAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"flavor_id": schema.StringAttribute{
			Required: true,
			MarkdownDescription: "The id of the flavor. It need not exist any longer once the server does. A change resizes the server, which stops " +
				"its guest for a while and keeps its disks.",
			Validators: []validator.String{stringvalidator.LengthBetween(1, 255)},
		},
		"confirm_resize": schema.BoolAttribute{
			Optional: true,
			MarkdownDescription: "Whether a resize is confirmed at once. Default: yes. If not, the server stays in `VERIFY_RESIZE` with its old disks " +
				"at hand until an action confirms or reverts it, and most other changes have to wait for that.",
		},
	}
}

// confirms is whether resizes are confirmed without being asked.
func (z *sizing) confirms() bool { return z.ConfirmResize.IsNull() || z.ConfirmResize.ValueBool() }

// mayConfirm refuses to end a resize that is left to others to confirm.
func (z *sizing) mayConfirm(s *nova.Server) error {
	if s.Status == nova.VerifyResize && !z.confirms() {
		return errors.New("the server waits for its resize to be confirmed or reverted, and with confirm_resize = false that is " +
			"not done here: use the action nova_server_confirm_resize or nova_server_revert_resize, or set confirm_resize = true")
	}
	return nil
}

// resize moves the server to another flavor, which stops the guest for a while.
func resize(ctx context.Context, r *server, plan, state model) error {
	id, wanted := state.ID.ValueString(), plan.FlavorID.ValueString()
	if err := r.Servers().Act(ctx, id, map[string]any{"resize": map[string]any{"flavorRef": wanted}}); err != nil {
		return err
	}
	resized, err := r.reached(ctx, id, nova.VerifyResize, nova.Active, nova.Shutoff)
	if err != nil {
		return err
	}
	if resized.Status == nova.VerifyResize && plan.confirms() {
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
		return r.givenUp(ctx, id, "resize")
	}
	return nil
}

// givenUp says why Nova did not do what it had accepted, as far as its record of the action tells.
func (r *server) givenUp(ctx context.Context, id, action string) error {
	said := fmt.Errorf("the %s was given up by Nova, which left the server as it was", action)
	all, err := r.Servers().Actions(ctx, id)
	if err != nil {
		return said
	}
	at := slices.IndexFunc(all, func(a nova.InstanceAction) bool { return a.Action == action })
	if at < 0 {
		return said
	}
	said = fmt.Errorf("%w (request id: %s)", said, all[at].RequestID)
	recorded, err := r.Servers().Action(ctx, id, all[at].RequestID)
	if err != nil {
		return said
	}
	for _, event := range recorded.Events {
		if event.Result == "Error" && event.Details != "" {
			return fmt.Errorf("%w; %s failed: %s", said, event.Event, event.Details)
		}
	}
	return said
}

// flavorID is the id of the server's flavor. Since 2.47 Nova shows only what is in the flavor, so the
// id is asked for anew when that is not what the state knows. In a plan it is not known yet, but the
// server has just got the flavor of the plan. The flavor itself is never asked for: it may be gone.
func (r *server) flavorID(ctx context.Context, m model, s *nova.Server) (string, error) {
	if s.Flavor.ID != "" {
		return s.Flavor.ID, nil
	}
	if value.Known(m.FlavorID) && (m.Flavor.IsUnknown() || m.Flavor.Equal(flavorObject(s.Flavor))) {
		return m.FlavorID.ValueString(), nil
	}
	older, err := r.Servers().GetAt(ctx, s.ID, nova.WithFlavorID)
	if err != nil {
		return "", err
	}
	return older.Flavor.ID, nil
}
