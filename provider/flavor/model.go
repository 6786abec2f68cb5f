// SPDX-License-Identifier: MPL-2.0

package flavor

import (
	"context"

	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/flavors"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/value"
)

type model struct {
	ID          types.String  `tfsdk:"id"`
	Name        types.String  `tfsdk:"name"`
	Description types.String  `tfsdk:"description"`
	VCPUs       types.Int64   `tfsdk:"vcpus"`
	RAM         types.Int64   `tfsdk:"ram"`
	Disk        types.Int64   `tfsdk:"disk"`
	Ephemeral   types.Int64   `tfsdk:"ephemeral"`
	Swap        types.Int64   `tfsdk:"swap"`
	RxTxFactor  types.Float64 `tfsdk:"rxtx_factor"`
	IsPublic    types.Bool    `tfsdk:"is_public"`
	ExtraSpecs  types.Map     `tfsdk:"extra_specs"`
}

// take fills in what Nova shows. Keys of extra specs that m does not manage stay out, but for an import, which starts
// from nothing.
func (m *model) take(found *flavors.Flavor) {
	importing := m.Name.IsNull()
	m.ID = types.StringValue(found.ID)
	m.Name = types.StringValue(found.Name)
	m.VCPUs = types.Int64Value(int64(found.VCPUs))
	m.RAM = types.Int64Value(int64(found.RAM))
	m.Disk = types.Int64Value(int64(found.Disk))
	m.Ephemeral = types.Int64Value(int64(found.Ephemeral))
	m.Swap = types.Int64Value(int64(found.Swap))
	m.RxTxFactor = types.Float64Value(found.RxTxFactor)
	m.IsPublic = types.BoolValue(found.IsPublic)
	if m.Description.ValueString() != found.Description { // "" and null are one to Nova
		m.Description = value.Text(found.Description)
	}
	switch {
	case !importing:
		m.ExtraSpecs = value.Owned(m.ExtraSpecs, found.ExtraSpecs)
	case len(found.ExtraSpecs) > 0:
		m.ExtraSpecs = value.MapOf(found.ExtraSpecs)
	default:
		m.ExtraSpecs = value.MapOf(nil)
	}
}

// identify writes the identity where the caller keeps one.
func (m *model) identify(ctx context.Context, identity *tfsdk.ResourceIdentity) diag.Diagnostics {
	if identity == nil {
		return nil
	}
	return identity.SetAttribute(ctx, path.Root("id"), m.ID)
}
