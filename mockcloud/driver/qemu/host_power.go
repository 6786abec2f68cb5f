// SPDX-License-Identifier: MPL-2.0

package qemu

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

var _ driver.HostKeeper = (*Host)(nil)

// hostGrace is how long guests have to power off when their host does.
const hostGrace = 20 * time.Second

// HostPower does to the host's machines what would become of them, all at once: "shutdown" asks each guest to power
// off, and ends those that do not; "reboot" restarts those that run. "startup" finds the host up. The machine that
// we run on stays as it is.
func (h *Host) HostPower(ctx context.Context, action string) error {
	var each func(m *machine, q *instance) error
	switch action {
	case "shutdown":
		each = func(m *machine, q *instance) error { // nobody asked for it, so that its end is told
			if err := h.press(ctx, m, q, hostGrace, nil); err != nil {
				return err
			}
			return h.end(m, q)
		}
	case "reboot":
		each = func(m *machine, _ *instance) error { return h.Reboot(ctx, m.id, true, hostGrace) }
	case "startup":
		return ctx.Err()
	default:
		return fmt.Errorf("qemu: no host power action %q", action)
	}
	machines := h.all()
	errs := make([]error, len(machines))
	var done sync.WaitGroup
	for i, m := range machines {
		if q := m.instance(); q != nil {
			done.Go(func() { errs[i] = each(m, q) })
		}
	}
	done.Wait()
	return errors.Join(errs...)
}

// HostMaintenance has nothing to do: whoever asks sees to it that the host gets no more machines.
func (h *Host) HostMaintenance(ctx context.Context, _ bool) error { return ctx.Err() }
