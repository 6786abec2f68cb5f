// SPDX-License-Identifier: MPL-2.0

package sim

import (
	"context"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

var (
	_ driver.Rescuer   = (*Driver)(nil)
	_ driver.Rebuilder = (*Driver)(nil)
)

// Rescue boots the machine from the rescue image, which is not read.
func (d *Driver) Rescue(ctx context.Context, id string, rescue driver.Rescue) error {
	return d.rebootAs(ctx, id, func(r *machine) { r.Rescue = rescue.Image.ID })
}

// Unrescue boots it from its own disk.
func (d *Driver) Unrescue(ctx context.Context, id string) error {
	return d.rebootAs(ctx, id, func(r *machine) { r.Rescue = "" })
}

// Rebuild makes the machine anew. There is nothing on its ephemeral disks to keep.
func (d *Driver) Rebuild(ctx context.Context, m *driver.Machine, _ bool) error {
	if err := d.fits(m); err != nil {
		return err
	}
	return d.rebootAs(ctx, m.ID, func(r *machine) {
		fresh := newMachine(m)
		fresh.Spawning = false
		*r = *fresh
	})
}

// rebootAs changes a machine that is off for a moment.
func (d *Driver) rebootAs(ctx context.Context, id string, change func(*machine)) error {
	if _, err := d.State(ctx, id); err != nil {
		return err
	}
	if err := d.Clock.Sleep(ctx, d.Times.Reset); err != nil {
		return err
	}
	return d.change(id, func(r *machine) {
		r.halt(driver.Shutdown, d.Clock.Now())
		change(r)
		r.boot(d.Clock.Now())
	})
}
