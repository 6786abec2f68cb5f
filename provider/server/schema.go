// SPDX-License-Identifier: MPL-2.0

package server

import (
	"context"
	"maps"
	"regexp"

	"github.com/hashicorp/terraform-plugin-framework-nettypes/iptypes"
	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// Nova's own rules, so that a plan fails rather than an apply.
var (
	noEdgeRule   = regexp.MustCompile(`^\S(.*\S)?$`)
	uuidRule     = regexp.MustCompile(`^[0-9a-fA-F]{8}-?([0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}$`)
	metadataRule = regexp.MustCompile(`^[a-zA-Z0-9_:. -]{1,255}$`)
	tagRule      = regexp.MustCompile(`^[^,/]+$`)
	hostnameRule = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$`)
)

// mostUserData is what fits into Nova's 65535 characters of base64.
const mostUserData = 65535 / 4 * 3

func resourceSchema(ctx context.Context) schema.Schema {
	attributes := map[string]schema.Attribute{
		"id": schema.StringAttribute{
			Computed: true, MarkdownDescription: "The server's id.",
			PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
		},
		"timeouts": timeoutsAttribute(ctx),
	}
	maps.Copy(attributes, shownFields.Resource())
	maps.Copy(attributes, changeable())
	maps.Copy(attributes, replacing())
	maps.Copy(attributes, networkAttributes())
	maps.Copy(attributes, groupAttributes())
	return schema.Schema{
		MarkdownDescription: "A server. Changes of `name`, `description`, `metadata`, `tags`, `hostname`, `access_ip_v4`, `access_ip_v6`, " +
			"`security_groups`, `flavor_id` and `power_state` are made to the server as it is; all others replace it, and its disks with it. " +
			"A server that Nova cannot build stays in the state as tainted, with its `fault`.\n\n" +
			"A creation that is interrupted is undone, also where Terraform itself is killed: the provider outlives it for that. What " +
			"Terraform had heard of but had not written to its state yet is lost to it, as with any resource.",
		Attributes: attributes,
	}
}

// changeable are the attributes that can change while the server stays.
func changeable() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"name": schema.StringAttribute{
			Required: true, MarkdownDescription: "The name. It need not be unique.",
			Validators: []validator.String{
				stringvalidator.LengthBetween(1, 255),
				stringvalidator.RegexMatches(noEdgeRule, "may not begin or end with white space"),
			},
		},
		"description": schema.StringAttribute{
			Optional: true, MarkdownDescription: "A description. Needs microversion 2.19.",
			Validators: []validator.String{stringvalidator.LengthBetween(1, 255)},
		},
		"flavor_id": schema.StringAttribute{
			Required: true,
			MarkdownDescription: "The id of the flavor. A change resizes the server, which stops its guest for a while and keeps its disks; " +
				"the resize is confirmed at once.",
			Validators: []validator.String{stringvalidator.LengthBetween(1, 255)},
		},
		"metadata": schema.MapAttribute{
			ElementType: types.StringType, Optional: true,
			MarkdownDescription: "Metadata. Only these keys are managed: changes that others make to them are undone, keys that others add are left alone.",
			Validators: []validator.Map{
				mapvalidator.KeysAre(stringvalidator.RegexMatches(metadataRule, "may hold letters, digits, spaces, and any of _ : . -")),
				mapvalidator.ValueStringsAre(stringvalidator.LengthAtMost(255)),
			},
		},
		"tags": schema.SetAttribute{
			ElementType: types.StringType, Optional: true,
			MarkdownDescription: "All tags; others are removed. Without this attribute tags are left alone. Needs microversion 2.52.",
			Validators: []validator.Set{
				setvalidator.SizeAtMost(50),
				setvalidator.ValueStringsAre(stringvalidator.LengthBetween(1, 60),
					stringvalidator.RegexMatches(tagRule, "may hold neither a comma nor a slash")),
			},
		},
		"hostname": schema.StringAttribute{
			Optional: true, Computed: true,
			MarkdownDescription: "The host name that the metadata service tells the guest. Default: made from the name. Needs microversion 2.90, or 2.94 with dots in it.",
			Validators: []validator.String{
				stringvalidator.LengthBetween(2, 255),
				stringvalidator.RegexMatches(hostnameRule, "has to be a host name of letters, digits and hyphens"),
			},
		},
		"access_ip_v4": schema.StringAttribute{
			CustomType: iptypes.IPv4AddressType{}, Optional: true, Computed: true,
			MarkdownDescription: "The IPv4 address by which people reach the server. Nova only notes it.",
		},
		"access_ip_v6": schema.StringAttribute{
			CustomType: iptypes.IPv6AddressType{}, Optional: true, Computed: true,
			MarkdownDescription: "The IPv6 address by which people reach the server. Nova only notes it.",
		},
		"power_state": schema.StringAttribute{
			Optional: true, Computed: true,
			MarkdownDescription: "`active` or `shutoff`: the server is started or stopped whenever it is otherwise. A paused, suspended, " +
				"shelved or rescued server is brought back for that. Without this attribute the server is left as it is; the state shows its status.",
			Validators: []validator.String{stringvalidator.OneOf(on, off)},
		},
	}
}

// replacing are the attributes whose change takes another server.
func replacing() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"image_id": schema.StringAttribute{
			Optional: true, MarkdownDescription: "The id of the image. A change replaces the server.",
			Validators: []validator.String{stringvalidator.RegexMatches(uuidRule, "has to be a UUID")},
		},
		"key_name": schema.StringAttribute{
			Optional: true, MarkdownDescription: "The name of the keypair. A change replaces the server.",
			Validators: []validator.String{stringvalidator.LengthBetween(1, 255)},
		},
		"user_data": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "What cloud-init or the like gets, as it is: the provider encodes it. At most 49149 bytes. It is in " +
				"the state in the clear. A change replaces the server.",
			Validators: []validator.String{stringvalidator.LengthBetween(1, mostUserData)},
		},
		"config_drive": schema.BoolAttribute{
			Optional: true, Computed: true,
			MarkdownDescription: "Whether the guest gets its metadata on a disk as well. Default: as the cloud does. A change replaces the server.",
		},
		"availability_zone": schema.StringAttribute{
			Optional: true, Computed: true,
			MarkdownDescription: "The availability zone, or as an administrator `zone:host` or `zone:host:node`. Default: as the cloud chooses. " +
				"A change replaces the server.",
			Validators: []validator.String{stringvalidator.LengthBetween(1, 255)},
		},
	}
}

func timeoutsAttribute(ctx context.Context) schema.Attribute {
	attribute := timeouts.Attributes(ctx, timeouts.Opts{
		Create: true, Update: true, Delete: true,
		CreateDescription: "How long to wait for a new server, `10m` for example. Default: 30 minutes.",
		UpdateDescription: "How long all changes together may take. Default: 30 minutes.",
		DeleteDescription: "How long to wait until the server is gone. Default: 30 minutes.",
	})
	if nested, ok := attribute.(schema.SingleNestedAttribute); ok { // the module leaves it undescribed
		nested.MarkdownDescription = "How long operations may take."
		return nested
	}
	return attribute
}
