// SPDX-License-Identifier: MPL-2.0

package qemu

import (
	"context"
	"encoding/base64"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

var _ driver.PasswordSetter = (*Host)(nil)

// SetPassword has the guest agent set a user's password (guest-set-user-password). driver.ErrNoAgent when
// there is no agent.
func (h *Host) SetPassword(ctx context.Context, id, user, password string) error {
	m, err := h.whole(id)
	if err != nil {
		return err
	}
	return h.agent(ctx, m, "guest-set-user-password", map[string]any{
		"username": user, "password": base64.StdEncoding.EncodeToString([]byte(password)), "crypted": false,
	}, nil)
}
