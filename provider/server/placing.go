// SPDX-License-Identifier: MPL-2.0

package server

import (
	"context"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-nettypes/iptypes"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/value"
)

// placing is where a server is to be made.
type placing struct {
	AvailabilityZone types.String `tfsdk:"availability_zone"`
	ServerGroupID    types.String `tfsdk:"server_group_id"`
	SchedulerHints   types.Object `tfsdk:"scheduler_hints"`
	Placement        types.Object `tfsdk:"placement"`
}

// hints are what the filters of Nova's scheduler know.
type hints struct {
	DifferentHost   types.Set         `tfsdk:"different_host"`
	SameHost        types.Set         `tfsdk:"same_host"`
	BuildNearHostIP iptypes.IPAddress `tfsdk:"build_near_host_ip"`
	CIDR            types.String      `tfsdk:"cidr"`
	Query           types.String      `tfsdk:"query"`
	TargetCell      types.String      `tfsdk:"target_cell"`
	DifferentCell   types.Set         `tfsdk:"different_cell"`
	Extra           types.Map         `tfsdk:"extra"`
}

// pin is the host that an administrator chooses.
type pin struct {
	Host               types.String `tfsdk:"host"`
	HypervisorHostname types.String `tfsdk:"hypervisor_hostname"`
}

var placeFeatures = []feature{
	{path.Root("placement"), since(74), func(m model) bool { return value.Known(m.Placement) }},
}

// requestPlace asks for the place in the body of a creation.
func (p *placing) requestPlace(ctx context.Context, body *nova.ServerCreate, diags *diag.Diagnostics) {
	body.AvailabilityZone = p.AvailabilityZone.ValueString()
	body.Hints = p.hints(ctx, diags)
	if value.Known(p.Placement) {
		var at pin
		diags.Append(p.Placement.As(ctx, &at, basetypes.ObjectAsOptions{})...)
		body.Host, body.Hypervisor = at.Host.ValueString(), at.HypervisorHostname.ValueString()
	}
}

// hints are the hints that are given, as Nova spells them.
func (p *placing) hints(ctx context.Context, diags *diag.Diagnostics) map[string]any {
	all := map[string]any{}
	if group := p.ServerGroupID.ValueString(); group != "" {
		all["group"] = group
	}
	if !value.Known(p.SchedulerHints) {
		return all
	}
	var given hints
	diags.Append(p.SchedulerHints.As(ctx, &given, basetypes.ObjectAsOptions{})...)
	for name, text := range value.Map(ctx, given.Extra, diags) {
		all[name] = text
	}
	for name, text := range map[string]types.String{
		"build_near_host_ip": given.BuildNearHostIP.StringValue, "cidr": given.CIDR, "query": given.Query, "target_cell": given.TargetCell,
	} {
		if text.ValueString() != "" {
			all[name] = text.ValueString()
		}
	}
	for name, set := range map[string]types.Set{
		"different_host": given.DifferentHost, "same_host": given.SameHost, "different_cell": given.DifferentCell,
	} {
		if texts := value.Strings(ctx, set, diags); len(texts) > 0 {
			all[name] = slices.Sorted(slices.Values(texts))
		}
	}
	return all
}

// take fills in the zone; the rest is about the server's making alone. A server that is on no host shows no zone at
// times, which is no other zone.
func (p *placing) take(s *nova.Server, importing bool) {
	zone, _, forced := strings.Cut(p.AvailabilityZone.ValueString(), ":")
	if !(forced && zone == s.AvailabilityZone) && (s.AvailabilityZone != "" || p.AvailabilityZone.IsUnknown()) {
		p.AvailabilityZone = value.Text(s.AvailabilityZone)
	}
	if importing {
		p.SchedulerHints, p.Placement = types.ObjectNull(hintTypes()), types.ObjectNull(pinTypes())
	}
}

// hold plans the values of the state for what is left to Nova.
func (p *placing) hold(config, state placing) {
	holdText(&p.AvailabilityZone, config.AvailabilityZone, state.AvailabilityZone)
}

// zoneDiffers is whether another zone is asked for. Nova shows the zone alone, so the host that is named besides is believed
// of a server that was imported.
func zoneDiffers(c planned) bool {
	if c.config.AvailabilityZone.IsNull() || !c.differs(c.plan.AvailabilityZone, c.state.AvailabilityZone, plainly) {
		return false
	}
	zone, _, forced := strings.Cut(c.plan.AvailabilityZone.ValueString(), ":")
	return !(c.imported && forced && zone == c.state.AvailabilityZone.ValueString())
}
