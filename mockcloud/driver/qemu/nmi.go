// SPDX-License-Identifier: MPL-2.0

package qemu

import (
	"context"
	"fmt"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

var _ driver.CrashDumper = (*Host)(nil)

// InjectNMI sends a non-maskable interrupt to all of the machine's CPUs (inject-nmi). What follows is up
// to the guest: one that panics of it, and knows pvpanic, ends as Crashed.
func (h *Host) InjectNMI(ctx context.Context, id string) error {
	m, err := h.whole(id)
	if err != nil {
		return err
	}
	q := m.instance()
	if q == nil {
		return fmt.Errorf("%s is off", id)
	}
	return h.run(ctx, m, q, "inject-nmi", nil, nil)
}
