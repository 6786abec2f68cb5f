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
	PublicKeyWO types.String `tfsdk:"public_key_wo"` // in configurations alone
	WOVersion   types.Int64  `tfsdk:"public_key_wo_version"`
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

// given is whether the key is one that the configuration brings along.
func (m model) given() bool { return !m.PublicKey.IsNull() || !m.PublicKeyWO.IsNull() }

// key is the key that the configuration brings along, "" if that is none or not known yet.
func (m model) key() string { return m.PublicKey.ValueString() + m.PublicKeyWO.ValueString() }

// keyAttribute is the attribute that has the key.
func (m model) keyAttribute() string {
	if m.PublicKey.IsNull() {
		return "public_key_wo"
	}
	return "public_key"
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
	if !sameKey(m.PublicKey.ValueString(), found.PublicKey) {
		m.PublicKey = types.StringValue(found.PublicKey)
	}
}

// sameKey is whether two keys differ by no more than white space around them.
func sameKey(a, b string) bool { return strings.TrimSpace(a) == strings.TrimSpace(b) }

// identify writes the identity where the caller keeps one.
func (m *model) identify(ctx context.Context, identity *tfsdk.ResourceIdentity) diag.Diagnostics {
	if identity == nil {
		return nil
	}
	diags := identity.SetAttribute(ctx, path.Root("name"), m.Name)
	diags.Append(identity.SetAttribute(ctx, path.Root("user_id"), m.UserID)...)
	return diags
}
