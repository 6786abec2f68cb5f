// SPDX-License-Identifier: MPL-2.0

package server

import (
	"regexp"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

var base64Rule = regexp.MustCompile(`^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$`)

// What a change can do to a server.
const (
	replace = "replace"
	rebuild = "rebuild"
	refuse  = "error"
)

// choice is the attribute by which users choose what a change of another does.
func choice(of, more string) schema.StringAttribute {
	return schema.StringAttribute{
		Optional: true,
		MarkdownDescription: "What a change of " + of + " does: `replace` (the default) makes another server; `rebuild` keeps id, addresses, volumes " +
			"and host, and writes the root disk anew, so that **what is on it is lost**; `error` refuses the plan. " + more,
		Validators: []validator.String{stringvalidator.OneOf(replace, rebuild, refuse)},
	}
}

// bootAttributes are the attributes of booting.
func bootAttributes() map[string]schema.Attribute {
	data := []validator.String{stringvalidator.LengthBetween(1, mostUserData)}
	return map[string]schema.Attribute{
		"image_id": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "The id of the image. It need not exist any longer once the server does. What a change does is up to `image_change`.",
			Validators:          []validator.String{stringvalidator.RegexMatches(uuidRule, "has to be a UUID")},
		},
		"image_change": choice("`image_id`", "The server of a boot volume can be rebuilt since microversion 2.93."),
		"key_name": schema.StringAttribute{
			Optional: true, MarkdownDescription: "The name of the keypair. What a change does is up to `key_change`.",
			Validators: []validator.String{stringvalidator.LengthBetween(1, 255)},
		},
		"key_change": choice("`key_name`", "Rebuilding for it needs microversion 2.54."),
		"user_data": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "What cloud-init or the like gets, as it is: the provider encodes it. At most 49149 bytes. It is in " +
				"the state in the clear; `user_data_wo` is not. What a change does is up to `user_data_change`.",
			Validators: append(data, stringvalidator.ConflictsWith(path.MatchRoot("user_data_base64"), path.MatchRoot("user_data_wo"))),
		},
		"user_data_base64": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "In place of `user_data`: data that is no text, gzip for example, in base64. At most 65535 characters.",
			Validators: []validator.String{
				stringvalidator.LengthBetween(4, 65535), stringvalidator.RegexMatches(base64Rule, "has to be base64"),
				stringvalidator.ConflictsWith(path.MatchRoot("user_data_wo")),
			},
		},
		"user_data_wo": schema.StringAttribute{
			Optional: true, WriteOnly: true,
			MarkdownDescription: "In place of `user_data`: the same, but never in the plan or state. It is sent when the server is made, and again " +
				"when `user_data_wo_version` changes.",
			Validators: append(data, stringvalidator.AlsoRequires(path.MatchRoot("user_data_wo_version"))),
		},
		"user_data_wo_version": schema.Int64Attribute{
			Optional: true, MarkdownDescription: "Any number; a change of it is a change of `user_data_wo`.",
			Validators: []validator.Int64{int64validator.AlsoRequires(path.MatchRoot("user_data_wo"))},
		},
		"user_data_change": choice("`user_data`", "Rebuilding for it needs microversion 2.57."),
		"preserve_ephemeral": schema.BoolAttribute{
			Optional: true, MarkdownDescription: "Whether rebuilding keeps the second disk of the flavor, where the hypervisor can. Default: no.",
		},
		"config_drive": schema.BoolAttribute{
			Optional: true, Computed: true,
			MarkdownDescription: "Whether the guest gets its metadata on a disk as well. Default: as the cloud does. A change replaces the server.",
		},
		"personality": schema.MapAttribute{
			ElementType: types.StringType, Optional: true,
			MarkdownDescription: "Files to write into the guest, by their paths. Nova has dropped this at microversion 2.57: what needs a later one " +
				"cannot be used beside it, and most hypervisors ignore it. A change replaces the server.",
			Validators: []validator.Map{mapvalidator.SizeAtLeast(1), mapvalidator.KeysAre(stringvalidator.LengthBetween(1, 255))},
		},
		"trusted_image_certificates": schema.ListAttribute{
			ElementType: types.StringType, Optional: true,
			MarkdownDescription: "The ids of the certificates that the image's signature may be made with. Needs microversion 2.63. A change replaces the server.",
			Validators: []validator.List{
				listvalidator.SizeBetween(1, 50), listvalidator.UniqueValues(), listvalidator.ValueStringsAre(stringvalidator.LengthAtLeast(1)),
			},
		},
	}
}
