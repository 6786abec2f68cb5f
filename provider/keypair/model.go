// SPDX-License-Identifier: MPL-2.0

package keypair

import (
	"context"
	"strings"

	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/keypairs"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/client"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/value"
)

type model struct {
	Name        types.String `tfsdk:"name"`
	Type        types.String `tfsdk:"type"`
	UserID      types.String `tfsdk:"user_id"`
	PublicKey   types.String `tfsdk:"public_key"`
	PrivateKey  types.String `tfsdk:"private_key"`
	Fingerprint types.String `tfsdk:"fingerprint"`
}

// features are what needs more than 2.1.
var features = []struct {
	name  string
	since client.Microversion
	used  func(model) bool
}{
	{"type", withType, func(m model) bool { return value.Known(m.Type) && m.Type.ValueString() != "ssh" }},
	{"user_id", withUserID, func(m model) bool { return value.Known(m.UserID) }},
	{"name", withSigns, model.hasSigns},
}

func (m model) hasSigns() bool { return strings.ContainsAny(m.Name.ValueString(), "@.") }

// take fills in what Nova shows. The private key it shows only once, to create.
func (m *model) take(found *keypairs.KeyPair) {
	m.Name = types.StringValue(found.Name)
	m.Fingerprint = types.StringValue(found.Fingerprint)
	m.Type = types.StringValue("ssh") // all there was before 2.2
	if found.Type != "" {
		m.Type = types.StringValue(found.Type)
	}
	if found.UserID != "" {
		m.UserID = types.StringValue(found.UserID)
	}
	if m.UserID.IsUnknown() {
		m.UserID = types.StringNull()
	}
	// Nova may give the key back with other white space around it; the user's spelling stays.
	if strings.TrimSpace(m.PublicKey.ValueString()) != strings.TrimSpace(found.PublicKey) {
		m.PublicKey = types.StringValue(found.PublicKey)
	}
}

// identify writes the identity where the caller keeps one.
func (m *model) identify(ctx context.Context, identity *tfsdk.ResourceIdentity) diag.Diagnostics {
	if identity == nil {
		return nil
	}
	diags := identity.SetAttribute(ctx, path.Root("name"), m.Name)
	diags.Append(identity.SetAttribute(ctx, path.Root("user_id"), m.UserID)...)
	return diags
}
