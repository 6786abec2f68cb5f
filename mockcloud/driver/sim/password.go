// SPDX-License-Identifier: MPL-2.0

package sim

import (
	"context"
	"fmt"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

var (
	_ driver.PasswordSetter = (*Driver)(nil)
	_ driver.CrashDumper    = (*Driver)(nil)
)

// running are the states in which a guest can be talked to.
var running = []driver.State{driver.Running}

// SetPassword tells the guest, who notes on its console whose password was changed. Nothing keeps the
// password: nobody can log in.
func (d *Driver) SetPassword(ctx context.Context, id, user, _ string) error {
	return d.whileIn(ctx, id, running, func(r *machine) {
		r.print(fmt.Sprintf("[%12.6f] passwd: password for '%s' changed by agent\n", d.Clock.Now().Sub(r.BootedAt).Seconds(), user))
	})
}

// InjectNMI makes the guest's kernel panic, dump its memory and boot again.
func (d *Driver) InjectNMI(ctx context.Context, id string) error {
	return d.whileIn(ctx, id, []driver.State{driver.Running, driver.Paused}, func(r *machine) {
		now := d.Clock.Now()
		r.print(fmt.Sprintf("[%12.6f] Kernel panic - not syncing: NMI: Not continuing\n", now.Sub(r.BootedAt).Seconds()))
		if r.State == driver.Running { // the CPUs of a paused machine see it once they go on
			r.boot(now)
		}
	})
}
