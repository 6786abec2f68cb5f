// SPDX-License-Identifier: MPL-2.0

package qemu

import (
	"context"
	"encoding/base64"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

var _ driver.PasswordSetter = (*Host)(nil)

// A guest that boots is waited for as long as Nova's API waits for a compute host (rpc_response_timeout).
const (
	agentUpLimit = time.Minute
	agentUpEvery = 250 * time.Millisecond
)

// SetPassword has the guest agent set a user's password (guest-set-user-password). driver.ErrNoAgent when
// there is no agent. Where the image promises one, a guest that has just been started or reset is waited for.
func (h *Host) SetPassword(ctx context.Context, id, user, password string) error {
	m, err := h.whole(id)
	if err != nil {
		return err
	}
	if err := h.awaitAgent(ctx, m, agentUpLimit); err != nil {
		return err
	}
	return h.agent(ctx, m, "guest-set-user-password", map[string]any{
		"username": user, "password": base64.StdEncoding.EncodeToString([]byte(password)), "crypted": false,
	}, nil)
}

// awaitAgent returns once the agent that the machine's image promises has its port open, or the guest has had limit to get
// there. One that resets itself again and again gets no more.
func (h *Host) awaitAgent(ctx context.Context, m *machine, limit time.Duration) error {
	if !m.promisesAgent() {
		return nil
	}
	for waited := time.Duration(0); waited < limit; waited += agentUpEvery {
		q := m.young(limit)
		if q == nil {
			return nil
		}
		listens, err := h.agentListens(ctx, m, q)
		if listens || err != nil {
			return err
		}
		if err := clock.Wall().Sleep(ctx, agentUpEvery); err != nil {
			return err
		}
	}
	return nil
}
