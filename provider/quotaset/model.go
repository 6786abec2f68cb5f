// SPDX-License-Identifier: MPL-2.0

package quotaset

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/quotas"
)

type model struct {
	quotas.Limits

	ID        types.String `tfsdk:"id"`
	ProjectID types.String `tfsdk:"project_id"`
	UserID    types.String `tfsdk:"user_id"`
	Force     types.Bool   `tfsdk:"force"`
	OnDestroy types.String `tfsdk:"on_destroy"`
}

// name is also the id: PROJECT_ID, or PROJECT_ID/USER_ID.
func (m *model) name() string {
	if m.UserID.IsNull() {
		return m.ProjectID.ValueString()
	}
	return m.ProjectID.ValueString() + "/" + m.UserID.ValueString()
}

// take fills in what Nova shows.
func (m *model) take(shown quotas.Values) {
	m.ID = types.StringValue(m.name())
	m.Take(shown)
}

// identify writes the identity where the caller keeps one.
func (m *model) identify(ctx context.Context, identity *tfsdk.ResourceIdentity) diag.Diagnostics {
	if identity == nil {
		return nil
	}
	diags := identity.SetAttribute(ctx, path.Root("project_id"), m.ProjectID)
	diags.Append(identity.SetAttribute(ctx, path.Root("user_id"), m.UserID)...)
	return diags
}
