// SPDX-License-Identifier: MPL-2.0

package keypair

import (
	"context"
	"fmt"
	"regexp"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/value"
)

// NewEphemeral returns the ephemeral nova_keypair.
func NewEphemeral() ephemeral.EphemeralResource { return &ephemeralKeypair{} }

var _ ephemeral.EphemeralResourceWithValidateConfig = (*ephemeralKeypair)(nil)

// ephemeralKeypair asks no cloud for anything: it makes the key here.
type ephemeralKeypair struct{}

type ephemeralModel struct {
	Algorithm         types.String `tfsdk:"algorithm"`
	Bits              types.Int64  `tfsdk:"bits"`
	Comment           types.String `tfsdk:"comment"`
	PrivateKey        types.String `tfsdk:"private_key"`
	PublicKey         types.String `tfsdk:"public_key"`
	Fingerprint       types.String `tfsdk:"fingerprint"`
	FingerprintSHA256 types.String `tfsdk:"fingerprint_sha256"`
}

// oneLine: a comment is the end of a line.
var oneLine = regexp.MustCompile(`^[^\r\n]*$`)

func (e *ephemeralKeypair) Metadata(_ context.Context, _ ephemeral.MetadataRequest, resp *ephemeral.MetadataResponse) {
	resp.TypeName = "nova_keypair"
}

func (e *ephemeralKeypair) Schema(_ context.Context, _ ephemeral.SchemaRequest, resp *ephemeral.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "A new SSH key, made where Terraform runs, that goes neither to a plan nor to the state. It is another one in each " +
			"plan and apply: give its public half to `public_key_wo` of the resource `nova_keypair`, and its private half to a write-only " +
			"attribute of a store of secrets, both with the same version, so that both take the key of the same apply.",
		Attributes: map[string]schema.Attribute{
			"algorithm": schema.StringAttribute{
				Optional: true, MarkdownDescription: "`ed25519` (the default), `ecdsa` or `rsa`. Passwords that a guest posts to Nova can only be read with `rsa`.",
				Validators: []validator.String{stringvalidator.OneOf(ed25519Key, ecdsaKey, rsaKey)},
			},
			"bits": schema.Int64Attribute{
				Optional:            true,
				MarkdownDescription: "The size of the key: for `rsa` from 2048 to 8192, by default 3072; for `ecdsa` 256 (the default), 384 or 521.",
				Validators:          []validator.Int64{int64validator.AlsoRequires(path.MatchRoot("algorithm"))},
			},
			"comment": schema.StringAttribute{
				Optional: true, MarkdownDescription: "A comment at the end of the public key, often whose it is.",
				Validators: []validator.String{stringvalidator.LengthBetween(1, 255), stringvalidator.RegexMatches(oneLine, "has to be one line")},
			},
			"private_key": schema.StringAttribute{
				Computed: true, Sensitive: true, MarkdownDescription: "The private key in OpenSSH's form (PEM).",
			},
			"public_key":         schema.StringAttribute{Computed: true, MarkdownDescription: "The public key: one line in OpenSSH's form."},
			"fingerprint":        schema.StringAttribute{Computed: true, MarkdownDescription: "The public key's MD5 fingerprint, as Nova shows it."},
			"fingerprint_sha256": schema.StringAttribute{Computed: true, MarkdownDescription: "The public key's SHA-256 fingerprint, as OpenSSH shows it."},
		},
	}
}

// ValidateConfig refuses sizes that the algorithm does not have.
func (e *ephemeralKeypair) ValidateConfig(ctx context.Context, req ephemeral.ValidateConfigRequest, resp *ephemeral.ValidateConfigResponse) {
	var config ephemeralModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if !value.Known(config.Bits) || !value.Known(config.Algorithm) {
		return
	}
	bits, wrong := config.Bits.ValueInt64(), ""
	switch config.Algorithm.ValueString() {
	case rsaKey:
		if bits < leastRSA || bits > mostRSA || bits%8 != 0 {
			wrong = fmt.Sprintf("an RSA key has from %d to %d bits, a multiple of 8", leastRSA, mostRSA)
		}
	case ecdsaKey:
		if bits != 256 && bits != 384 && bits != 521 {
			wrong = "an ECDSA key has 256, 384 or 521 bits"
		}
	default:
		wrong = "an Ed25519 key has no size to choose"
	}
	if wrong != "" {
		resp.Diagnostics.AddAttributeError(path.Root("bits"), "Invalid Size of Key", fmt.Sprintf("bits is %d, but %s.", bits, wrong))
	}
}

func (e *ephemeralKeypair) Open(ctx context.Context, req ephemeral.OpenRequest, resp *ephemeral.OpenResponse) {
	var m ephemeralModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	made, err := generate(m.Algorithm.ValueString(), value.Int(m.Bits), m.Comment.ValueString())
	if err != nil {
		resp.Diagnostics.AddError("Unable to Generate Keypair", err.Error())
		return
	}
	m.PrivateKey, m.PublicKey = types.StringValue(made.private), types.StringValue(made.public)
	m.Fingerprint, m.FingerprintSHA256 = types.StringValue(made.md5), types.StringValue(made.sha256)
	resp.Diagnostics.Append(resp.Result.Set(ctx, m)...)
}
