// SPDX-License-Identifier: MPL-2.0

package interfaceattachment

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-nettypes/iptypes"
	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/value"
)

type model struct {
	ID        types.String      `tfsdk:"id"`
	ServerID  types.String      `tfsdk:"server_id"`
	PortID    types.String      `tfsdk:"port_id"`
	NetworkID types.String      `tfsdk:"network_id"`
	FixedIP   iptypes.IPAddress `tfsdk:"fixed_ip"`
	Tag       types.String      `tfsdk:"tag"`
	MAC       types.String      `tfsdk:"mac"`
	Addresses types.List        `tfsdk:"addresses"`
	Timeouts  timeouts.Value    `tfsdk:"timeouts"`
}

// request is what the plan asks Nova for.
func (m model) request() nova.NetworkRequest {
	return nova.NetworkRequest{
		Port: m.PortID.ValueString(), UUID: m.NetworkID.ValueString(), FixedIP: m.FixedIP.ValueString(), Tag: m.Tag.ValueString(),
	}
}

// take fills in what is true of the interface. Its tag is shown since 2.70; before, the state is believed.
func (m *model) take(found *nova.Interface) {
	m.ID = types.StringValue(m.ServerID.ValueString() + "/" + found.PortID)
	m.PortID = types.StringValue(found.PortID)
	m.NetworkID = types.StringValue(found.NetworkID)
	m.MAC = types.StringValue(found.MAC)
	all := found.Addresses()
	m.Addresses = value.ListOf(all)
	if !found.Has(m.FixedIP.ValueString()) {
		m.FixedIP = iptypes.NewIPAddressNull()
		if len(all) > 0 {
			m.FixedIP = iptypes.NewIPAddressValue(all[0])
		}
	}
	if found.Tag != "" {
		m.Tag = types.StringValue(found.Tag)
	}
}

// identify writes the identity where the caller keeps one.
func (m model) identify(ctx context.Context, identity *tfsdk.ResourceIdentity) diag.Diagnostics {
	return key.Identify(ctx, identity, m.ServerID, m.PortID)
}
