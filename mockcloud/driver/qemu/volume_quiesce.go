// SPDX-License-Identifier: MPL-2.0

package qemu

import (
	"context"
	"fmt"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

var _ driver.Quiescer = (*Host)(nil)

// Quiesce freezes the file systems of a guest whose image says that it has an agent (guest agent: guest-fsfreeze-freeze).
// Should we end before Unquiesce, the next process thaws them.
func (h *Host) Quiesce(ctx context.Context, id string) error {
	m, err := h.whole(id)
	if err != nil {
		return err
	}
	if !m.promisesAgent() {
		return fmt.Errorf("%w: its image does not say so (hw_qemu_guest_agent)", driver.ErrNoAgent)
	}
	return h.freezeDisks(ctx, m)
}

// Unquiesce thaws them.
func (h *Host) Unquiesce(_ context.Context, id string) error {
	m, err := h.whole(id)
	if err != nil {
		return err
	}
	return h.thaw(m)
}
