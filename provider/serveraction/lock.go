// SPDX-License-Identifier: MPL-2.0

package serveraction

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/operation"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/settings"
)

func lock() kind {
	k := kind{
		name: "lock", verb: "Lock",
		about: "Locks a server: only administrators can change or delete it then. A server that is locked is left as it is, unless there is a " +
			"reason to note.",
		instead: "`locked = true` of `nova_server` does the same, and keeps the server so.",
		attributes: map[string]schema.Attribute{
			"reason": schema.StringAttribute{
				Optional: true, MarkdownDescription: "Why, for those who meet the lock. Needs microversion 2.73.",
				Validators: []validator.String{stringvalidator.LengthBetween(1, 255)},
			},
		},
		needs:   []need{{attribute: "reason", since: 73}},
		anytime: always,
		already: func(s *nova.Server, in settings.Settings) string {
			if s.Locked && !in.Has("reason") {
				return "the server is locked already"
			}
			return ""
		},
	}
	k.run = func(ctx context.Context, o *operation.Operation, in settings.Settings) error {
		var body any
		if in.Has("reason") {
			body = map[string]string{"locked_reason": in.Text("reason")}
		}
		_, err := o.Ask(ctx, operation.Order{At: k.at(in), Body: map[string]any{"lock": body}})
		return err
	}
	return k
}

// unlock is asked for without a look at the server first: Nova shows locks only since 2.9, and takes it in any case.
func unlock() kind {
	return kind{
		name: "unlock", verb: "Unlock",
		about:   "Unlocks a server. Who may not change what an administrator locked cannot unlock it either.",
		instead: "`locked = false` of `nova_server` does the same, and keeps the server so.",
		anytime: always,
		run: func(ctx context.Context, o *operation.Operation, _ settings.Settings) error {
			_, err := o.Ask(ctx, operation.Order{At: 1, Body: map[string]any{"unlock": nil}})
			return err
		},
	}
}
