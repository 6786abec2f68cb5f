// SPDX-License-Identifier: MPL-2.0

package keypair

import (
	"context"
	"regexp"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// nameRule is Nova's: @ and the dot are allowed since 2.92.
var nameRule = stringvalidator.RegexMatches(regexp.MustCompile(`^[A-Za-z0-9_@.-]([A-Za-z0-9 _@.-]*[A-Za-z0-9_@.-])?$`),
	"may hold letters, digits, spaces within, and any of _ - @ .")

// maxKey is more than any key has.
const maxKey = 16384

const anotherKey = "Replaces the keypair, unless only white space around the key changes."

// otherKey: after an import the state has the key as Nova shows it, without the end of the line that a file has.
func otherKey(_ context.Context, req planmodifier.StringRequest, resp *stringplanmodifier.RequiresReplaceIfFuncResponse) {
	resp.RequiresReplace = req.PlanValue.IsUnknown() || !sameKey(req.PlanValue.ValueString(), req.StateValue.ValueString())
}

func resourceSchema() schema.Schema {
	replace := []planmodifier.String{stringplanmodifier.RequiresReplace()}
	kept := []planmodifier.String{stringplanmodifier.UseStateForUnknown()}
	return schema.Schema{
		MarkdownDescription: "A public key that Nova puts into servers. Nova can change nothing about a keypair, so each change " +
			"replaces it; servers that were created with it keep their key.",
		Attributes: map[string]schema.Attribute{
			"name": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "The name, unique for the user: letters, digits, spaces within, `_`, `-`, `@` and `.`.",
				Validators:          []validator.String{stringvalidator.LengthBetween(1, 255), nameRule},
				PlanModifiers:       replace,
			},
			"public_key": schema.StringAttribute{
				Optional: true,
				Computed: true,
				MarkdownDescription: "The public key: one line in OpenSSH's form, or a certificate in PEM for type `x509`. Without it, and without " +
					"`public_key_wo`, Nova makes a key and `private_key` has its secret half, which then lies in Terraform's state.",
				Validators: []validator.String{
					stringvalidator.LengthBetween(1, maxKey), stringvalidator.ConflictsWith(path.MatchRoot("public_key_wo")),
				},
				PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown(), stringplanmodifier.RequiresReplaceIf(otherKey, anotherKey, anotherKey)},
			},
			"public_key_wo": schema.StringAttribute{
				Optional: true, WriteOnly: true,
				MarkdownDescription: "The public key from where plans cannot look: from the ephemeral `nova_keypair`, which is another one each time. " +
					"It is used when the keypair is made, and only then. Needs Terraform 1.11.",
				Validators: []validator.String{
					stringvalidator.LengthBetween(1, maxKey), stringvalidator.AlsoRequires(path.MatchRoot("public_key_wo_version")),
				},
			},
			"public_key_wo_version": schema.Int64Attribute{
				Optional:            true,
				MarkdownDescription: "The version of `public_key_wo`: another number replaces the keypair by one with the key of that time.",
				Validators:          []validator.Int64{int64validator.AlsoRequires(path.MatchRoot("public_key_wo"))},
				PlanModifiers:       []planmodifier.Int64{int64planmodifier.RequiresReplace()},
			},
			"type": schema.StringAttribute{
				Optional:            true,
				Computed:            true,
				Default:             stringdefault.StaticString("ssh"),
				MarkdownDescription: "`ssh` (the default) or `x509`; `x509` needs microversion 2.2.",
				Validators:          []validator.String{stringvalidator.OneOf("ssh", "x509")},
				PlanModifiers:       replace,
			},
			"user_id": schema.StringAttribute{
				Optional: true,
				Computed: true,
				MarkdownDescription: "The id of the user who owns the keypair. Only administrators may name another than themselves. " +
					"Needs microversion 2.10.",
				Validators:    []validator.String{stringvalidator.LengthBetween(1, 255)},
				PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown(), stringplanmodifier.RequiresReplace()},
			},
			"private_key": schema.StringAttribute{
				Computed:  true,
				Sensitive: true,
				MarkdownDescription: "The private key, if Nova made it. It is in the state in the clear: the ephemeral `nova_keypair` makes one that " +
					"never is.",
				PlanModifiers: kept,
			},
			"fingerprint": schema.StringAttribute{
				Computed:            true,
				MarkdownDescription: "The key's MD5 fingerprint; the SHA-1 of the certificate for type `x509`.",
				PlanModifiers:       kept,
			},
		},
	}
}
