// SPDX-License-Identifier: MPL-2.0

package serveraction

import (
	"context"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/operation"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/settings"
)

func confirmResize() kind {
	return kind{
		name: "confirm_resize", verb: "Confirm Resize of",
		about: "Confirms a resize or a cold migration: what the server left on its old host is given up. Where nothing waits for it, as the cloud " +
			"confirmed by itself, there is nothing to do.",
		instead: "`nova_server` confirms the resizes that it makes, unless its `confirm_resize` is false.",
		from:    from(nova.VerifyResize),
		already: func(s *nova.Server, _ settings.Settings) string {
			if s.Status == nova.Active || s.Status == nova.Shutoff {
				return "no resize waits to be confirmed"
			}
			return ""
		},
		run: func(ctx context.Context, o *operation.Operation, _ settings.Settings) error { return o.Confirm(ctx) },
	}
}

func revertResize() kind {
	return kind{
		name: "revert_resize", verb: "Revert Resize of",
		about: "Takes a resize or a cold migration back that is not confirmed yet: the server has its old flavor, host and disk again. What its " +
			"guest has written since is lost.",
		instead: "`nova_server` resizes back when `flavor_id` is changed back; `openstack server resize revert` takes an unconfirmed resize back.",
		from:    from(nova.VerifyResize),
		run: func(ctx context.Context, o *operation.Operation, _ settings.Settings) error {
			_, err := o.Ask(ctx, operation.Order{At: 1, Record: "revertResize", Body: map[string]any{"revertResize": nil}})
			if err != nil {
				return err
			}
			return o.Arrive(ctx, operation.In(nova.Active, nova.Shutoff))
		},
	}
}
