// SPDX-License-Identifier: MPL-2.0

package serveraction

import (
	"context"
	"encoding/base64"
	"errors"

	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/client"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/operation"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/settings"
)

// mostUserData is what fits into Nova's 65535 characters of base64.
const mostUserData = 65535 / 4 * 3

// The first microversions that overwrite the volume a server boots from, and that rescue such a server.
const (
	reimagesVolumes client.Microversion = 93
	rescuesVolumes  client.Microversion = 87
)

func rebuild() kind {
	k := kind{
		name: "rebuild", verb: "Rebuild",
		about: "Rebuilds a server: its root disk is overwritten with an image, while its id, addresses and volumes stay. A password that Nova " +
			"makes up for it is not told: actions have no write-only attributes to take one.",
		instead:    "`image_change = \"rebuild\"` of `nova_server` rebuilds it when `image_id` changes.",
		warning:    "To rebuild a server overwrites its root disk, and its ephemeral disks as well unless preserve_ephemeral is true.",
		attributes: rebuildAttributes(),
		needs:      []need{{attribute: "key_name", since: 54}, {attribute: "user_data", since: 57}, {attribute: "description", since: nova.WithDescription}},
		from:       from(nova.Active, nova.Shutoff, nova.Error),
	}
	k.run = func(ctx context.Context, o *operation.Operation, in settings.Settings) error {
		at := k.at(in)
		image := in.Text("image_id")
		if o.Server.Image.ID == "" {
			if image == "" {
				return errors.New("the server boots from a volume: image_id has to say what the volume is to be overwritten with")
			}
			at = max(at, reimagesVolumes)
		}
		if image == "" {
			image = o.Server.Image.ID
		}
		var diags diag.Diagnostics
		body := map[string]any{"imageRef": image}
		for _, name := range []string{"name", "description", "key_name"} {
			if in.Has(name) {
				body[name] = in.Text(name)
			}
		}
		if in.Has("user_data") {
			body["user_data"] = base64.StdEncoding.EncodeToString([]byte(in.Text("user_data")))
		}
		if in.Has("preserve_ephemeral") {
			body["preserve_ephemeral"] = in.Flag("preserve_ephemeral")
		}
		if metadata := in.Map(ctx, "metadata", &diags); metadata != nil {
			body["metadata"] = metadata
		}
		if _, err := o.Ask(ctx, operation.Order{At: at, Record: "rebuild", Body: map[string]any{"rebuild": body}}); err != nil {
			return err
		}
		return o.Finish(ctx)
	}
	return k
}

func rebuildAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"image_id": imageAttribute("The id of the image. Default: the one that the server has; a server that boots from a volume needs one, and " +
			"microversion 2.93."),
		"name": schema.StringAttribute{
			Optional: true, MarkdownDescription: "A new name. A `nova_server` would change it back.",
			Validators: []validator.String{
				stringvalidator.LengthBetween(1, 255), stringvalidator.RegexMatches(nova.NameRule, nova.NameHolds),
			},
		},
		"description": schema.StringAttribute{
			Optional: true, MarkdownDescription: "A new description. Needs microversion 2.19.",
			Validators: []validator.String{stringvalidator.LengthBetween(1, 255)},
		},
		"metadata": metadataAttribute("Metadata in place of all that the server has."),
		"key_name": schema.StringAttribute{
			Optional: true, MarkdownDescription: "The name of another keypair. Needs microversion 2.54.",
			Validators: []validator.String{stringvalidator.LengthBetween(1, 255)},
		},
		"user_data": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "New user data, as it is: the provider encodes it. At most 49149 bytes. Needs microversion 2.57.",
			Validators:          []validator.String{stringvalidator.LengthBetween(1, mostUserData)},
		},
		"preserve_ephemeral": schema.BoolAttribute{
			Optional: true, MarkdownDescription: "Keep the content of the ephemeral disks, which few hypervisors can. Default: false.",
		},
	}
}

func imageAttribute(description string) schema.Attribute {
	return schema.StringAttribute{
		Optional: true, MarkdownDescription: description,
		Validators: []validator.String{stringvalidator.RegexMatches(nova.UUIDRule, nova.UUIDHolds)},
	}
}

func metadataAttribute(description string) schema.Attribute {
	return schema.MapAttribute{
		ElementType: types.StringType, Optional: true, MarkdownDescription: description,
		Validators: []validator.Map{
			mapvalidator.KeysAre(stringvalidator.RegexMatches(nova.KeyRule, nova.KeyHolds), stringvalidator.NoneOf(nova.MarkKey)),
			mapvalidator.ValueStringsAre(stringvalidator.LengthAtMost(255)),
		},
	}
}

func rescue() kind {
	return kind{
		name: "rescue", verb: "Rescue",
		about: "Boots a server from a rescue image, with its own disk beside it. A server in `RESCUE` is left as it is. A password that Nova " +
			"makes up for it is not told.",
		instead:    "`rescue` of `nova_server` does the same, and keeps the server so.",
		attributes: map[string]schema.Attribute{"image_id": imageAttribute("The id of the image to boot. Default: the server's own.")},
		from:       from(nova.Active, nova.Shutoff, nova.Error),
		already: func(s *nova.Server, _ settings.Settings) string {
			if s.Status == nova.Rescue {
				return "the server is in RESCUE already"
			}
			return ""
		},
		run: func(ctx context.Context, o *operation.Operation, in settings.Settings) error {
			order := operation.Order{At: 1, Record: "rescue", Body: map[string]any{"rescue": nil}}
			if in.Has("image_id") {
				order.Body["rescue"] = map[string]string{"rescue_image_ref": in.Text("image_id")}
			}
			if o.Server.Image.ID == "" {
				order.At = rescuesVolumes
			}
			if _, err := o.Ask(ctx, order); err != nil {
				return err
			}
			return o.Arrive(ctx, operation.In(nova.Rescue))
		},
	}
}

func unrescue() kind {
	return turn(turning{
		name: "unrescue", verb: "Unrescue", act: "unrescue", record: "unrescue", from: []string{nova.Rescue}, to: nova.Active,
		about:   "Boots a rescued server from its own disk again.",
		instead: "`nova_server` without `rescue` does the same.",
	})
}
