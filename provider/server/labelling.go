// SPDX-License-Identifier: MPL-2.0

package server

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework-nettypes/iptypes"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/client"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/diagnose"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/value"
)

// labelling is what is noted about a server, of which the guest notices nothing.
type labelling struct {
	Name        types.String        `tfsdk:"name"`
	Description types.String        `tfsdk:"description"`
	Metadata    types.Map           `tfsdk:"metadata"`
	Tags        types.Set           `tfsdk:"tags"`
	Hostname    types.String        `tfsdk:"hostname"`
	AccessIPv4  iptypes.IPv4Address `tfsdk:"access_ip_v4"`
	AccessIPv6  iptypes.IPv6Address `tfsdk:"access_ip_v6"`
	DiskConfig  types.String        `tfsdk:"disk_config"`
}

var labelFeatures = []feature{
	{path.Root("description"), since(nova.WithDescription), func(m model) bool { return value.Known(m.Description) }},
	{path.Root("tags"), since(52), func(m model) bool { return value.Known(m.Tags) }},
	{path.Root("hostname"), func(m model) client.Microversion { return hostnameNeeds(m.Hostname) }, func(m model) bool { return value.Known(m.Hostname) }},
}

// take fills in what is true of the server. Keys of metadata, and tags, that l does not manage stay out, but for an
// import, which starts from nothing.
func (l *labelling) take(s *nova.Server, importing bool) {
	l.Name = types.StringValue(s.Name)
	l.Hostname = value.Text(s.Hostname)
	l.AccessIPv4 = iptypes.NewIPv4AddressPointerValue(pointer(s.AccessIPv4))
	l.AccessIPv6 = iptypes.NewIPv6AddressPointerValue(pointer(s.AccessIPv6))
	l.DiskConfig = value.Text(s.DiskConfig)
	// "" and null are one to Nova, and before 2.19 it wrote the name there by itself.
	if l.Description.ValueString() != s.Description && !(l.Description.IsNull() && s.Description == s.Name) {
		l.Description = value.Text(s.Description)
	}
	if importing && len(s.Metadata) > 0 {
		l.Metadata = value.MapOf(s.Metadata)
	} else {
		l.Metadata = value.Owned(l.Metadata, s.Metadata)
	}
	if !l.Tags.IsNull() || importing && len(s.Tags) > 0 {
		l.Tags = value.SetOf(append([]string{}, s.Tags...))
	} else {
		l.Tags = value.SetOf(nil)
	}
}

// hold plans the values of the state for what is left to Nova.
func (l *labelling) hold(config, state labelling) {
	holdText(&l.Hostname, config.Hostname, state.Hostname)
	holdText(&l.DiskConfig, config.DiskConfig, state.DiskConfig)
	if l.AccessIPv4.IsUnknown() && config.AccessIPv4.IsNull() {
		l.AccessIPv4 = state.AccessIPv4
	}
	if l.AccessIPv6.IsUnknown() && config.AccessIPv6.IsNull() {
		l.AccessIPv6 = state.AccessIPv6
	}
}

// hostnameNeeds: one with dots in it needs more.
func hostnameNeeds(hostname types.String) client.Microversion {
	const plain, dotted = 90, 94
	for _, r := range hostname.ValueString() {
		if r == '.' {
			return dotted
		}
	}
	return plain
}

// details are the fields of PUT /servers/{id} that the plan changes.
func details(plan, state model) map[string]any {
	fields := map[string]any{}
	for _, field := range []struct {
		name        string
		plan, state types.String
	}{
		{"name", plan.Name, state.Name},
		{"description", plan.Description, state.Description},
		{"hostname", plan.Hostname, state.Hostname},
		{"accessIPv4", plan.AccessIPv4.StringValue, state.AccessIPv4.StringValue},
		{"accessIPv6", plan.AccessIPv6.StringValue, state.AccessIPv6.StringValue},
		{"OS-DCF:diskConfig", plan.DiskConfig, state.DiskConfig},
	} {
		if !field.plan.IsUnknown() && !field.plan.Equal(field.state) {
			fields[field.name] = field.plan.ValueStringPointer()
		}
	}
	return fields
}

func applyDetails(ctx context.Context, r *server, plan, state model) error {
	fields := details(plan, state)
	v := client.Microversion(1)
	if _, ok := fields["description"]; ok {
		v = nova.WithDescription
	}
	if _, ok := fields["hostname"]; ok {
		v = max(v, hostnameNeeds(plan.Hostname))
	}
	return r.Servers().Update(ctx, v, state.ID.ValueString(), fields)
}

// applyMetadata sets the keys of the plan and removes those that only the state has. Keys of others
// stay as they are.
func applyMetadata(ctx context.Context, r *server, plan, state model) error {
	var diags diag.Diagnostics
	wanted, had := value.Map(ctx, plan.Metadata, &diags), value.Map(ctx, state.Metadata, &diags)
	id := state.ID.ValueString()
	if len(wanted) > 0 {
		if err := r.Servers().SetMetadata(ctx, id, wanted); err != nil {
			return err
		}
	}
	for key := range had {
		if _, ok := wanted[key]; ok {
			continue
		}
		if err := r.Servers().DropMetadata(ctx, id, key); err != nil && !diagnose.NotFound(err) {
			return err
		}
	}
	return nil
}

func applyTags(ctx context.Context, r *server, plan, state model) error {
	var diags diag.Diagnostics
	tags := value.Strings(ctx, plan.Tags, &diags)
	slices.Sort(tags)
	return r.Servers().SetTags(ctx, state.ID.ValueString(), tags)
}
