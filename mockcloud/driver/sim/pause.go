// SPDX-License-Identifier: MPL-2.0

package sim

import (
	"context"
	"fmt"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

var (
	_ driver.Pauser    = (*Driver)(nil)
	_ driver.Suspender = (*Driver)(nil)
)

// Pause freezes a running machine.
func (d *Driver) Pause(ctx context.Context, id string) error {
	return d.turn(ctx, id, driver.Paused, driver.Running)
}

// Unpause lets it go on.
func (d *Driver) Unpause(ctx context.Context, id string) error {
	return d.turn(ctx, id, driver.Running, driver.Paused)
}

// Suspend ends a machine and keeps where it was.
func (d *Driver) Suspend(ctx context.Context, id string) error {
	return d.turn(ctx, id, driver.Suspended, driver.Running, driver.Paused)
}

// Resume lets it go on.
func (d *Driver) Resume(ctx context.Context, id string) error {
	return d.turn(ctx, id, driver.Running, driver.Suspended)
}

// turn takes a machine that is in one of the states from to another; one that is in that already stays.
func (d *Driver) turn(ctx context.Context, id string, to driver.State, from ...driver.State) error {
	return d.whileIn(ctx, id, append(from, to), func(r *machine) { r.State = to })
}

// whileIn changes a machine, unless it is in none of the states.
func (d *Driver) whileIn(ctx context.Context, id string, in []driver.State, change func(*machine)) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	refused := error(nil)
	err := d.change(id, func(r *machine) {
		for _, state := range in {
			if r.State == state {
				change(r)
				return
			}
		}
		refused = fmt.Errorf("machine %s is in power state %d, which is none of %d", id, r.State, in)
	})
	if err != nil {
		return err
	}
	return refused
}
