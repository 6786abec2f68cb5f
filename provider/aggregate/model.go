// SPDX-License-Identifier: MPL-2.0

package aggregate

import (
	"context"
	"maps"
	"slices"
	"strconv"

	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/aggregates"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/value"
)

type model struct {
	ID               types.String `tfsdk:"id"`
	UUID             types.String `tfsdk:"uuid"`
	Name             types.String `tfsdk:"name"`
	AvailabilityZone types.String `tfsdk:"availability_zone"`
	Metadata         types.Map    `tfsdk:"metadata"`
	Hosts            types.Set    `tfsdk:"hosts"`
}

// take fills in what Nova shows. Keys of metadata that m does not manage stay out, but for an import, which starts from
// nothing.
func (m *model) take(found *aggregates.Aggregate) {
	importing := m.Name.IsNull()
	m.ID = types.StringValue(strconv.Itoa(found.ID))
	m.UUID = value.Text(found.UUID)
	m.Name = types.StringValue(found.Name)
	m.AvailabilityZone = value.Text(found.AvailabilityZone)
	m.Hosts = value.SetOf(append([]string{}, found.Hosts...))
	// The zone is kept among the metadata, and has an attribute of its own.
	metadata := maps.Clone(found.Metadata)
	delete(metadata, nova.ZoneKey)
	switch {
	case !importing:
		m.Metadata = value.Owned(m.Metadata, metadata)
	case len(metadata) > 0:
		m.Metadata = value.MapOf(metadata)
	default:
		m.Metadata = value.MapOf(nil)
	}
}

// hosts are the hosts of a set, sorted; nil where it is null or unknown.
func hosts(ctx context.Context, set types.Set, diags *diag.Diagnostics) []string {
	all := value.Strings(ctx, set, diags)
	slices.Sort(all)
	return all
}

// identify writes the identity where the caller keeps one.
func (m *model) identify(ctx context.Context, identity *tfsdk.ResourceIdentity) diag.Diagnostics {
	if identity == nil {
		return nil
	}
	return identity.SetAttribute(ctx, path.Root("id"), m.ID)
}
