// SPDX-License-Identifier: MPL-2.0

package service

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/value"
)

type model struct {
	ID             types.String `tfsdk:"id"`
	Host           types.String `tfsdk:"host"`
	Binary         types.String `tfsdk:"binary"`
	Status         types.String `tfsdk:"status"`
	DisabledReason types.String `tfsdk:"disabled_reason"`
	ForcedDown     types.Bool   `tfsdk:"forced_down"`
	OnDestroy      types.String `tfsdk:"on_destroy"`
	State          types.String `tfsdk:"state"`
	Zone           types.String `tfsdk:"zone"`
}

func (m *model) name() string { return m.Host.ValueString() + ":" + m.Binary.ValueString() }

// take fills in what Nova shows.
func (m *model) take(found *nova.Service) {
	m.ID = types.StringValue(string(found.ID))
	m.Host = types.StringValue(found.Host)
	m.Binary = types.StringValue(found.Binary)
	m.Status = types.StringValue(found.Status)
	m.DisabledReason = value.Text(found.DisabledReason)
	m.ForcedDown = types.BoolPointerValue(found.ForcedDown)
	m.State = value.Text(found.State)
	m.Zone = value.Text(found.Zone)
}

// change is what has to change about a service for it to be as m wants it, and whether that is anything. Nova takes a
// reason only together with the status, and forgets the one that it had with each.
func (m *model) change(found *nova.Service) (change nova.ServiceChange, needed bool) {
	status := m.Status.ValueString()
	reason := value.Known(m.DisabledReason) && m.DisabledReason.ValueString() != found.DisabledReason
	if value.Known(m.Status) && (status != found.Status || reason) {
		change.Status, change.Reason, needed = status, m.DisabledReason.ValueString(), true
	}
	if value.Known(m.ForcedDown) && (found.ForcedDown == nil || m.ForcedDown.ValueBool() != *found.ForcedDown) {
		change.ForcedDown, needed = m.ForcedDown.ValueBoolPointer(), true
	}
	return change, needed
}

// identify writes the identity where the caller keeps one.
func (m *model) identify(ctx context.Context, identity *tfsdk.ResourceIdentity) diag.Diagnostics {
	if identity == nil {
		return nil
	}
	diags := identity.SetAttribute(ctx, path.Root("host"), m.Host)
	diags.Append(identity.SetAttribute(ctx, path.Root("binary"), m.Binary)...)
	return diags
}
