// SPDX-License-Identifier: MPL-2.0

package server

import (
	"cmp"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/value"
)

// shown is what the resource and the data source only show.
type shown struct {
	Status             types.String `tfsdk:"status"`
	VMState            types.String `tfsdk:"vm_state"`
	Addresses          types.List   `tfsdk:"addresses"`
	AllMetadata        types.Map    `tfsdk:"all_metadata"`
	Flavor             types.Object `tfsdk:"flavor"`
	Fault              types.Object `tfsdk:"fault"`
	Locked             types.Bool   `tfsdk:"locked"`
	ProjectID          types.String `tfsdk:"project_id"`
	UserID             types.String `tfsdk:"user_id"`
	HostID             types.String `tfsdk:"host_id"`
	Host               types.String `tfsdk:"host"`
	HypervisorHostname types.String `tfsdk:"hypervisor_hostname"`
	InstanceName       types.String `tfsdk:"instance_name"`
	Created            types.String `tfsdk:"created"`
	Updated            types.String `tfsdk:"updated"`
	LaunchedAt         types.String `tfsdk:"launched_at"`
}

func (m *shown) take(s *nova.Server) {
	m.Status = types.StringValue(s.Status)
	m.VMState = value.Text(s.VMState)
	m.Addresses = addressList(s.Addresses)
	m.AllMetadata = value.MapOf(s.Metadata)
	if s.Metadata == nil {
		m.AllMetadata = value.MapOf(map[string]string{})
	}
	m.Flavor = flavorObject(s.Flavor)
	m.Fault = faultObject(s.Fault)
	m.Locked = types.BoolValue(s.Locked)
	m.ProjectID = value.Text(s.ProjectID)
	m.UserID = value.Text(s.UserID)
	m.HostID = value.Text(s.HostID)
	m.Host = value.Text(s.Host)
	m.HypervisorHostname = value.Text(s.HypervisorHostname)
	m.InstanceName = value.Text(s.InstanceName)
	m.Created = value.Text(s.Created)
	m.Updated = value.Text(s.Updated)
	m.LaunchedAt = launched(s.LaunchedAt)
}

// hold plans what stays: stays is whether the server is left where and as it is, sized whether it keeps its flavor. The
// addresses are those of its interfaces, which move with it; where they change, see networking.
func (m *shown) hold(state shown, stays, sized bool) {
	held := state
	held.Updated, held.AllMetadata, held.Locked = m.Updated, m.AllMetadata, m.Locked
	if !stays {
		held.Status, held.VMState, held.Fault = m.Status, m.VMState, m.Fault
		held.HostID, held.Host, held.HypervisorHostname, held.LaunchedAt = m.HostID, m.Host, m.HypervisorHostname, m.LaunchedAt
	}
	if !sized {
		held.Flavor = m.Flavor
	}
	*m = held
}

// launched adds the zone that Nova leaves out here, and only here.
func launched(text string) types.String {
	if at, err := time.Parse("2006-01-02T15:04:05.999999", text); err == nil {
		return value.Time(at)
	}
	return value.Text(text)
}

// addressRow is an address and the network that it is in.
type addressRow struct {
	network string
	nova.Address
}

// addressRows are all addresses in a fixed order; Nova's is that of a dictionary.
func addressRows(networks map[string][]nova.Address) []addressRow {
	var rows []addressRow
	for name, addresses := range networks {
		for _, address := range addresses {
			rows = append(rows, addressRow{name, address})
		}
	}
	slices.SortFunc(rows, func(a, b addressRow) int {
		return cmp.Or(cmp.Compare(a.network, b.network), cmp.Compare(a.MAC, b.MAC),
			cmp.Compare(a.Version, b.Version), cmp.Compare(a.Address.Address, b.Address.Address))
	})
	return rows
}

func addressList(networks map[string][]nova.Address) types.List {
	elements := []attr.Value{}
	for _, r := range addressRows(networks) {
		elements = append(elements, types.ObjectValueMust(addressFields.Types(), map[string]attr.Value{
			"network": types.StringValue(r.network), "address": types.StringValue(r.Address.Address),
			"version": types.Int64Value(r.Version), "type": value.Text(r.Type), "mac": value.Text(r.MAC),
		}))
	}
	return types.ListValueMust(types.ObjectType{AttrTypes: addressFields.Types()}, elements)
}

// flavorObject is null on clouds before 2.47, which show the flavor's id alone.
func flavorObject(f nova.Flavor) types.Object {
	if f.Name == "" {
		return types.ObjectNull(flavorFields.Types())
	}
	specs := value.MapOf(f.ExtraSpecs)
	if f.ExtraSpecs == nil {
		specs = value.MapOf(map[string]string{})
	}
	return types.ObjectValueMust(flavorFields.Types(), map[string]attr.Value{
		"name": types.StringValue(f.Name), "vcpus": types.Int64Value(f.VCPUs), "ram": types.Int64Value(f.RAM),
		"disk": types.Int64Value(f.Disk), "ephemeral": types.Int64Value(f.Ephemeral), "swap": types.Int64Value(f.Swap),
		"extra_specs": specs,
	})
}

func faultObject(f *nova.Fault) types.Object {
	if f == nil {
		return types.ObjectNull(faultFields.Types())
	}
	return types.ObjectValueMust(faultFields.Types(), map[string]attr.Value{
		"code": types.Int64Value(int64(f.Code)), "message": value.Text(f.Message), "created": value.Text(f.Created),
	})
}
