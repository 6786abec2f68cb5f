// SPDX-License-Identifier: MPL-2.0

package server

import (
	"context"
	"encoding/base64"
	"slices"
	"unicode/utf8"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/value"
)

// booting is what a guest is made from.
type booting struct {
	ImageID                  types.String `tfsdk:"image_id"`
	ImageChange              types.String `tfsdk:"image_change"`
	KeyName                  types.String `tfsdk:"key_name"`
	KeyChange                types.String `tfsdk:"key_change"`
	UserData                 types.String `tfsdk:"user_data"`
	UserDataBase64           types.String `tfsdk:"user_data_base64"`
	UserDataWO               types.String `tfsdk:"user_data_wo"`
	UserDataWOVersion        types.Int64  `tfsdk:"user_data_wo_version"`
	UserDataChange           types.String `tfsdk:"user_data_change"`
	PreserveEphemeral        types.Bool   `tfsdk:"preserve_ephemeral"`
	ConfigDrive              types.Bool   `tfsdk:"config_drive"`
	Personality              types.Map    `tfsdk:"personality"`
	TrustedImageCertificates types.List   `tfsdk:"trusted_image_certificates"`
}

var bootFeatures = []feature{
	{path.Root("trusted_image_certificates"), since(63), func(m model) bool { return value.Known(m.TrustedImageCertificates) }},
}

// mostUserData is what fits into Nova's 65535 characters of base64.
const mostUserData = 65535 / 4 * 3

// encodedUserData is the user data of whichever attribute gives it, in base64; "" is none.
func (b *booting) encodedUserData() string {
	for _, text := range []types.String{b.UserData, b.UserDataWO} {
		if text.ValueString() != "" {
			return base64.StdEncoding.EncodeToString([]byte(text.ValueString()))
		}
	}
	return b.UserDataBase64.ValueString()
}

// files are what Nova injects, in the order of their paths.
func (b *booting) files(ctx context.Context, diags *diag.Diagnostics) []nova.File {
	var files []nova.File
	for file, content := range value.Map(ctx, b.Personality, diags) {
		files = append(files, nova.File{Path: file, Contents: base64.StdEncoding.EncodeToString([]byte(content))})
	}
	slices.SortFunc(files, func(a, b nova.File) int { return len(a.Path) - len(b.Path) })
	return files
}

// take fills in what is true of the server. User data is shown to administrators only, and a cloud that gives each
// server a config drive says so of those that were to have none: only an import takes these over.
func (b *booting) take(s *nova.Server, importing, fromVolume bool) {
	if s.Image.ID != "" || !fromVolume {
		b.ImageID = value.Text(s.Image.ID)
	}
	b.KeyName = value.Text(s.KeyName)
	if importing || !value.Known(b.ConfigDrive) {
		b.ConfigDrive = types.BoolValue(s.ConfigDrive == "True" || s.ConfigDrive == "true")
	}
	b.UserDataWO = types.StringNull()
	if importing {
		b.takeUserData(s)
		b.TrustedImageCertificates = types.ListNull(types.StringType)
		b.Personality = types.MapNull(types.StringType)
	}
}

// takeUserData tells text from what a state cannot hold as text: gzip for example.
func (b *booting) takeUserData(s *nova.Server) {
	data, err := base64.StdEncoding.DecodeString(s.UserData)
	switch {
	case err != nil || len(data) == 0:
	case utf8.Valid(data):
		b.UserData = types.StringValue(string(data))
	default:
		b.UserDataBase64 = types.StringValue(s.UserData)
	}
}

// hold plans the values of the state for what is left to Nova.
func (b *booting) hold(config, state booting) {
	if b.ConfigDrive.IsUnknown() && config.ConfigDrive.IsNull() {
		b.ConfigDrive = state.ConfigDrive
	}
}
