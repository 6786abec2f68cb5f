// SPDX-License-Identifier: MPL-2.0

package volumeattachment

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/value"
)

type model struct {
	ID                  types.String   `tfsdk:"id"`
	ServerID            types.String   `tfsdk:"server_id"`
	VolumeID            types.String   `tfsdk:"volume_id"`
	Device              types.String   `tfsdk:"device"`
	Tag                 types.String   `tfsdk:"tag"`
	DeleteOnTermination types.Bool     `tfsdk:"delete_on_termination"`
	Timeouts            timeouts.Value `tfsdk:"timeouts"`
}

// request is what the plan asks Nova for.
func (m model) request() nova.VolumeRequest {
	return nova.VolumeRequest{
		VolumeID: m.VolumeID.ValueString(), Device: m.Device.ValueString(), Tag: m.Tag.ValueString(),
		DeleteOnTermination: m.DeleteOnTermination.ValueBool(),
	}
}

// take fills in what is true of the attachment. Its tag is shown since 2.70, and its deletion since 2.79; before, the
// state is believed.
func (m *model) take(found *nova.VolumeAttachment, shown bool) {
	m.ID = types.StringValue(m.ServerID.ValueString() + "/" + found.VolumeID)
	m.VolumeID = types.StringValue(found.VolumeID)
	if !value.Known(m.Device) { // Nova may take another one than it was asked for
		m.Device = value.Text(found.Device)
	}
	if found.Tag != "" {
		m.Tag = types.StringValue(found.Tag)
	}
	if shown || m.DeleteOnTermination.IsNull() {
		m.DeleteOnTermination = types.BoolValue(found.DeleteOnTermination)
	}
}

// identify writes the identity where the caller keeps one.
func (m model) identify(ctx context.Context, identity *tfsdk.ResourceIdentity) diag.Diagnostics {
	return key.Identify(ctx, identity, m.ServerID, m.VolumeID)
}
