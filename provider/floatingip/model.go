// SPDX-License-Identifier: MPL-2.0

package floatingip

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-nettypes/iptypes"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/network"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/value"
)

type model struct {
	ID          types.String        `tfsdk:"id"`
	Pool        types.String        `tfsdk:"pool"`
	Address     iptypes.IPv4Address `tfsdk:"address"`
	SubnetID    types.String        `tfsdk:"subnet_id"`
	Description types.String        `tfsdk:"description"`
	Tags        types.Set           `tfsdk:"tags"`
	NetworkID   types.String        `tfsdk:"network_id"`
	ProjectID   types.String        `tfsdk:"project_id"`
}

// neutrals are what needs Neutron.
var neutrals = []struct {
	name, why string
	used      func(config model) bool
}{
	{"address", "Nova's API takes any that is free", func(m model) bool { return !m.Address.IsNull() }},
	{"subnet_id", "Nova's API knows no subnets", func(m model) bool { return !m.SubnetID.IsNull() }},
	{"description", "Nova's API knows no descriptions of floating IPs", func(m model) bool { return !m.Description.IsNull() }},
	{"tags", "Nova's API knows no tags of floating IPs", func(m model) bool { return !m.Tags.IsNull() }},
}

// take fills in what is true of the floating IP. Tags that nobody manages stay out of the state, but for an import, which
// starts from nothing. What subnet it is from is not shown, and the pool stays as the user names it.
func (m *model) take(f *network.FloatingIP) {
	importing := m.Pool.IsNull()
	m.ID = types.StringValue(f.ID)
	m.Address = iptypes.NewIPv4AddressValue(f.Address)
	m.NetworkID = value.Text(f.Pool.ID)
	m.ProjectID = value.Text(f.ProjectID)
	if importing {
		m.Pool = types.StringValue(f.Pool.Name)
	}
	if m.Description.ValueString() != f.Description { // "" and null are one to the cloud
		m.Description = value.Text(f.Description)
	}
	if !m.Tags.IsNull() || importing && len(f.Tags) > 0 {
		m.Tags = value.SetOf(append([]string{}, f.Tags...))
	} else {
		m.Tags = value.SetOf(nil)
	}
}

// identify writes the identity where the caller keeps one.
func identify(ctx context.Context, identity *tfsdk.ResourceIdentity, id types.String) diag.Diagnostics {
	if identity == nil {
		return nil
	}
	return identity.SetAttribute(ctx, path.Root("id"), id)
}
