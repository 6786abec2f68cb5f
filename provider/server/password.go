// SPDX-License-Identifier: MPL-2.0

package server

import (
	"context"
	"net/http"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/diagnose"
)

// password is the guest's administrator's.
type password struct {
	AdminPassWO        types.String `tfsdk:"admin_pass_wo"`
	AdminPassWOVersion types.Int64  `tfsdk:"admin_pass_wo_version"`
}

// passwordAttributes are the attributes of password.
func passwordAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"admin_pass_wo": schema.StringAttribute{
			Optional: true, WriteOnly: true,
			MarkdownDescription: "The password of the guest's administrator, where the image takes it from Nova. Never in the plan or state. Default: " +
				"Nova makes one, which nobody hears of.",
			Validators: []validator.String{
				stringvalidator.LengthAtLeast(1), stringvalidator.AlsoRequires(path.MatchRoot("admin_pass_wo_version")),
			},
		},
		"admin_pass_wo_version": schema.Int64Attribute{
			Optional: true,
			MarkdownDescription: "Any number; a change of it sets the password of the running guest, which takes the QEMU guest agent in it, or what " +
				"the cloud's hypervisor has for that.",
			Validators: []validator.Int64{int64validator.AlsoRequires(path.MatchRoot("admin_pass_wo"))},
		},
	}
}

func passwordDiffers(plan, state model) bool {
	return !plan.AdminPassWOVersion.IsNull() && !plan.AdminPassWOVersion.Equal(state.AdminPassWOVersion) && !rebuilds(plan, state)
}

func notePassword(done *model, plan model) { done.AdminPassWOVersion = plan.AdminPassWOVersion }

func applyPassword(ctx context.Context, r *server, plan, state model) error {
	err := r.Servers().Act(ctx, state.ID.ValueString(), map[string]any{
		"changePassword": map[string]string{"adminPass": plan.AdminPassWO.ValueString()},
	})
	if diagnose.Conflict(err) || diagnose.Status(err) == http.StatusNotImplemented {
		return &diagnose.Hinted{Err: err, Hint: "To set the password of a running guest takes an agent in it (qemu-guest-agent), and an image " +
			"with the property hw_qemu_guest_agent=yes."}
	}
	return err
}
