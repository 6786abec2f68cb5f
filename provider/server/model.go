// SPDX-License-Identifier: MPL-2.0

package server

import (
	"context"
	"encoding/base64"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/hashicorp/terraform-plugin-framework-nettypes/iptypes"
	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/client"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/value"
)

type model struct {
	shown
	networking
	grouping
	ID               types.String        `tfsdk:"id"`
	Name             types.String        `tfsdk:"name"`
	Description      types.String        `tfsdk:"description"`
	ImageID          types.String        `tfsdk:"image_id"`
	FlavorID         types.String        `tfsdk:"flavor_id"`
	KeyName          types.String        `tfsdk:"key_name"`
	UserData         types.String        `tfsdk:"user_data"`
	ConfigDrive      types.Bool          `tfsdk:"config_drive"`
	Metadata         types.Map           `tfsdk:"metadata"`
	Tags             types.Set           `tfsdk:"tags"`
	AvailabilityZone types.String        `tfsdk:"availability_zone"`
	Hostname         types.String        `tfsdk:"hostname"`
	AccessIPv4       iptypes.IPv4Address `tfsdk:"access_ip_v4"`
	AccessIPv6       iptypes.IPv6Address `tfsdk:"access_ip_v6"`
	PowerState       types.String        `tfsdk:"power_state"`
	Timeouts         timeouts.Value      `tfsdk:"timeouts"`
}

// request is the body that creates the server of the plan, and the microversion that it takes: the
// oldest that has all of it.
func (r *server) request(ctx context.Context, plan model, diags *diag.Diagnostics) (nova.ServerCreate, client.Microversion, error) {
	c := r.Cloud(diags)
	body := nova.ServerCreate{
		Name: plan.Name.ValueString(), ImageRef: plan.ImageID.ValueString(), FlavorRef: plan.FlavorID.ValueString(),
		KeyName: plan.KeyName.ValueString(), ConfigDrive: plan.ConfigDrive.ValueBoolPointer(),
		Metadata: value.Map(ctx, plan.Metadata, diags), AvailabilityZone: plan.AvailabilityZone.ValueString(),
		AccessIPv4: plan.AccessIPv4.ValueString(), AccessIPv6: plan.AccessIPv6.ValueString(),
		Description: plan.Description.ValueStringPointer(), Hostname: plan.Hostname.ValueString(),
	}
	if !value.Known(plan.ConfigDrive) {
		body.ConfigDrive = nil
	}
	if plan.UserData.ValueString() != "" {
		body.UserData = base64.StdEncoding.EncodeToString([]byte(plan.UserData.ValueString()))
	}
	body.Tags = value.Strings(ctx, plan.Tags, diags)
	slices.Sort(body.Tags)
	body.SecurityGroups = plan.groupRequest(ctx, diags)

	// Before 2.19 Nova wrote the name into the description, which nobody asked for.
	_, at, err := c.Best(ctx, nova.WithDescription)
	if err != nil {
		return body, 0, err
	}
	for _, f := range features {
		if f.used(plan) {
			at = max(at, f.since(plan))
		}
	}
	body.Networks, at, err = plan.networkRequest(ctx, c, at, diags)
	return body, at, err
}

// take fills in what is true of the server. What Nova does not show stays as it is in m: networks,
// user_data for all but administrators. Keys of metadata, and tags, that m does not manage stay out,
// but for an import, which starts from nothing.
func (m *model) take(ctx context.Context, s *nova.Server, flavorID string, groups []string, diags *diag.Diagnostics) {
	importing := m.Name.IsNull()
	m.shown.take(s)
	m.ID = types.StringValue(s.ID)
	m.Name = types.StringValue(s.Name)
	m.FlavorID = types.StringValue(flavorID)
	m.ImageID = value.Text(s.Image.ID)
	m.KeyName = value.Text(s.KeyName)
	m.ConfigDrive = types.BoolValue(strings.EqualFold(s.ConfigDrive, "true"))
	m.Hostname = value.Text(s.Hostname)
	m.AccessIPv4 = iptypes.NewIPv4AddressPointerValue(pointer(s.AccessIPv4))
	m.AccessIPv6 = iptypes.NewIPv6AddressPointerValue(pointer(s.AccessIPv6))
	m.PowerState = types.StringValue(powerState(s.Status))
	m.SecurityGroups = value.SetOf(groups)
	if m.Description.ValueString() != s.Description { // "" and null are one to Nova
		m.Description = value.Text(s.Description)
	}
	zone, _, forced := strings.Cut(m.AvailabilityZone.ValueString(), ":")
	// A server that is on no host shows no zone at times, which is no other zone.
	if !(forced && zone == s.AvailabilityZone) && (s.AvailabilityZone != "" || m.AvailabilityZone.IsUnknown()) {
		m.AvailabilityZone = value.Text(s.AvailabilityZone)
	}
	m.takeMetadata(ctx, s, importing, diags)
	if !m.Tags.IsNull() || importing && len(s.Tags) > 0 {
		m.Tags = value.SetOf(append([]string{}, s.Tags...))
	} else {
		m.Tags = value.SetOf(nil)
	}
	if importing {
		m.takeOnce(s)
	}
}

// takeOnce fills in what is learnt from the server at import only.
func (m *model) takeOnce(s *nova.Server) {
	m.Networks = types.ListNull(networkType())
	data, err := base64.StdEncoding.DecodeString(s.UserData)
	if err == nil && utf8.Valid(data) { // else it is nothing that a configuration could say: gzip for example
		m.UserData = value.Text(string(data))
	}
}

func (m *model) takeMetadata(ctx context.Context, s *nova.Server, importing bool, diags *diag.Diagnostics) {
	if importing {
		m.Metadata = value.MapOf(nil)
		if len(s.Metadata) > 0 {
			m.Metadata = value.MapOf(s.Metadata)
		}
		return
	}
	managed := value.Map(ctx, m.Metadata, diags)
	if managed == nil {
		m.Metadata = value.MapOf(nil)
		return
	}
	for key := range managed {
		text, ok := s.Metadata[key]
		if !ok {
			delete(managed, key)
			continue
		}
		managed[key] = text
	}
	m.Metadata = value.MapOf(managed)
}

// hold plans the values of the state for what an update that leaves the server where it is cannot
// change, so that nothing which depends on it is held up.
func (m *model) hold(state model) {
	m.shown.hold(state.shown)
	if m.Metadata.Equal(state.Metadata) {
		m.AllMetadata = state.AllMetadata
	}
	holdText(&m.Hostname, state.Hostname)
	holdText(&m.AvailabilityZone, state.AvailabilityZone)
	holdText(&m.PowerState, state.PowerState)
	if m.AccessIPv4.IsUnknown() {
		m.AccessIPv4 = state.AccessIPv4
	}
	if m.AccessIPv6.IsUnknown() {
		m.AccessIPv6 = state.AccessIPv6
	}
	m.grouping.hold(state.grouping)
	if m.ConfigDrive.IsUnknown() {
		m.ConfigDrive = state.ConfigDrive
	}
}

func holdText(plan *types.String, state types.String) {
	if plan.IsUnknown() {
		*plan = state
	}
}

func pointer(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// flavorID is the id of the server's flavor. Since 2.47 Nova shows only what is in the flavor, so the
// id is asked for anew when that is not what the state knows. In a plan it is not known yet, but the
// server has just got the flavor of the plan.
func (r *server) flavorID(ctx context.Context, m model, s *nova.Server) (string, error) {
	if s.Flavor.ID != "" {
		return s.Flavor.ID, nil
	}
	if value.Known(m.FlavorID) && (m.Flavor.IsUnknown() || m.Flavor.Equal(flavorObject(s.Flavor))) {
		return m.FlavorID.ValueString(), nil
	}
	older, err := r.Servers().GetAt(ctx, s.ID, nova.WithFlavorID)
	if err != nil {
		return "", err
	}
	return older.Flavor.ID, nil
}
