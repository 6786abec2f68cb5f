// SPDX-License-Identifier: MPL-2.0

package server

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/client"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/value"
)

// powering is the state in which a server is kept.
type powering struct {
	PowerState types.String `tfsdk:"power_state"`
	Rescue     types.Object `tfsdk:"rescue"`
}

// rescuing is what a server in rescue runs.
type rescuing struct {
	ImageID            types.String `tfsdk:"image_id"`
	AdminPassWO        types.String `tfsdk:"admin_pass_wo"`
	AdminPassWOVersion types.Int64  `tfsdk:"admin_pass_wo_version"`
}

// withVolumeRescue is the first microversion that rescues servers which boot from a volume.
const withVolumeRescue client.Microversion = 87

var powerFeatures = []feature{
	{path.Root("rescue"), since(withVolumeRescue), func(m model) bool { return value.Known(m.Rescue) && m.bootsFromVolume() }},
}

// powerAttributes are the attributes of powering.
func powerAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"power_state": schema.StringAttribute{
			Optional: true, Computed: true,
			MarkdownDescription: "`active`, `shutoff`, `paused`, `suspended` or `shelved_offloaded`: the server is brought there whenever it is " +
				"otherwise, over `active` if need be, and a server in `ERROR` by a hard reboot. What Nova cannot do in this state (a resize of a " +
				"shelved server for example) is done with the server brought back for the time. Clouds may keep a shelved server on its host for " +
				"a while; that counts as `shelved_offloaded`. Without this attribute the server is left as it is; the state shows its status.",
			Validators: []validator.String{stringvalidator.OneOf(on, off, paused, suspended, offloaded)},
		},
		"rescue": schema.SingleNestedAttribute{
			Optional: true,
			MarkdownDescription: "Has the server run a rescue system, with its root disk beside that; without it, what this resource rescued is " +
				"brought back. A server that was rescued by others is left alone, unless `power_state` is set. A server that boots from a volume " +
				"needs microversion 2.87 for it.",
			Attributes: map[string]schema.Attribute{
				"image_id": schema.StringAttribute{
					Optional: true, MarkdownDescription: "The id of the image that it runs. Default: the server's own image, or what the cloud has for it.",
					Validators: []validator.String{stringvalidator.RegexMatches(uuidRule, "has to be a UUID")},
				},
				"admin_pass_wo": schema.StringAttribute{
					Optional: true, WriteOnly: true, MarkdownDescription: "The password of the rescue system. Never in the plan or state. Default: Nova makes one.",
					Validators: []validator.String{stringvalidator.AlsoRequires(path.MatchRelative().AtParent().AtName("admin_pass_wo_version"))},
				},
				"admin_pass_wo_version": schema.Int64Attribute{
					Optional: true, MarkdownDescription: "Any number; a change of it rescues the server anew, with the password as it is then.",
					Validators: []validator.Int64{int64validator.AlsoRequires(path.MatchRelative().AtParent().AtName("admin_pass_wo"))},
				},
			},
		},
	}
}

func rescueTypes() map[string]attr.Type {
	return map[string]attr.Type{"image_id": types.StringType, "admin_pass_wo": types.StringType, "admin_pass_wo_version": types.Int64Type}
}

// take shows the status, and a rescue as long as it lasts. What the guest runs in it counts as on.
func (p *powering) take(s *nova.Server, importing bool) {
	p.PowerState = types.StringValue(powerState(s))
	switch {
	case importing, s.Status != nova.Rescue:
		p.Rescue = types.ObjectNull(rescueTypes())
	case !p.Rescue.IsNull():
		p.PowerState = types.StringValue(on)
	}
}

// hold plans the power state that is left alone, unless a rescue begins or ends, which the guest runs in.
func (p *powering) hold(config, state powering) {
	if p.PowerState.IsUnknown() && config.PowerState.IsNull() && p.Rescue.Equal(state.Rescue) {
		p.PowerState = settledPower(state.PowerState)
	}
}

// checkRescue refuses a rescued server that is to be off.
func checkRescue(config model, diags *diag.Diagnostics) {
	if value.Known(config.Rescue) && value.Known(config.PowerState) && config.PowerState.ValueString() != on {
		diags.AddAttributeError(path.Root("rescue"), "Rescue of a Server That Is Off", "A server in rescue is on: leave power_state out, or set it to active.")
	}
}

// rescueDiffers is whether the server is to run another rescue system, or none. The password is only in one of them.
func rescueDiffers(plan, state model) bool {
	wanted, has := plan.Rescue.Attributes(), state.Rescue.Attributes()
	for _, name := range []string{"image_id", "admin_pass_wo_version"} {
		if wanted[name] != nil && has[name] != nil && !wanted[name].Equal(has[name]) {
			return true
		}
	}
	return plan.Rescue.IsNull() != state.Rescue.IsNull()
}

// applyRescue ends the rescue that there is, and begins the one that is wanted.
func applyRescue(ctx context.Context, r *server, plan, state model) error {
	s, err := r.rested(ctx, state.ID.ValueString())
	if err != nil {
		return err
	}
	if s.Status == nova.Rescue {
		if s, err = r.power(ctx, s, on); err != nil {
			return err
		}
	}
	if plan.Rescue.IsNull() {
		return nil
	}
	var wanted rescuing
	if diags := plan.Rescue.As(ctx, &wanted, basetypes.ObjectAsOptions{}); diags.HasError() {
		return errOf(diags)
	}
	body := map[string]string{}
	if image := wanted.ImageID.ValueString(); image != "" {
		body["rescue_image_ref"] = image
	}
	if password := wanted.AdminPassWO.ValueString(); password != "" {
		body["adminPass"] = password
	}
	if err := r.Servers().ActBest(ctx, withVolumeRescue, s.ID, map[string]any{"rescue": body}); err != nil {
		return err
	}
	_, err = r.reached(ctx, s.ID, nova.Rescue)
	return err
}
