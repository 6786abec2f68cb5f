// SPDX-License-Identifier: MPL-2.0

package qemu

import (
	"context"
	"errors"
	"fmt"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

var _ driver.LinkResetter = (*Host)(nil)

// ResetLinks takes the links of the machine's NICs down and up again (set_link).
func (h *Host) ResetLinks(ctx context.Context, id string) error {
	m, err := h.whole(id)
	if err != nil {
		return err
	}
	q := m.instance()
	if q == nil {
		return nil
	}
	for _, n := range m.spec().NICs {
		down := q.mon.Execute(ctx, "set_link", obj{"name": n.id(), "up": false}, nil)
		// Up in any case: a guest that was cut short would stay cut off.
		up := q.mon.Execute(context.WithoutCancel(ctx), "set_link", obj{"name": n.id(), "up": true}, nil)
		if err := errors.Join(down, up); err != nil && !gone(q) {
			return fmt.Errorf("link of port %s: %w", n.PortID, err)
		}
	}
	return nil
}
