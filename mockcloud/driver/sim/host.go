// SPDX-License-Identifier: MPL-2.0

package sim

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

var (
	_ driver.HostKeeper   = (*Driver)(nil)
	_ driver.ImageCacher  = (*Driver)(nil)
	_ driver.UptimeTeller = (*Driver)(nil)
)

// HostPower switches the host: "shutdown" powers its machines off, "reboot" restarts those that run, and
// "startup" finds the host up.
func (d *Driver) HostPower(ctx context.Context, action string) error {
	var each func(id string) error
	on := []driver.State{driver.Running}
	switch action {
	case "shutdown":
		on = append(on, driver.Paused)
		each = func(id string) error { return d.happen(ctx, id, driver.Shutdown, "host shut down") }
	case "reboot":
		each = func(id string) error { return d.Reboot(ctx, id, false, 0) }
	case "startup":
		return ctx.Err()
	default:
		return fmt.Errorf("sim: no host power action %q", action)
	}
	for _, id := range d.in(on) {
		if err := each(id); err != nil && !errors.Is(err, driver.ErrNotFound) { // it has just been destroyed
			return err
		}
	}
	return nil
}

// in are the ids of the machines in those states.
func (d *Driver) in(states []driver.State) []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	ids := slices.Sorted(maps.Keys(d.machines))
	return slices.DeleteFunc(ids, func(id string) bool { return !slices.Contains(states, d.machines[id].State) })
}

// HostMaintenance has nothing to do: whoever asks sees to it that the host gets no more machines.
func (d *Driver) HostMaintenance(ctx context.Context, _ bool) error { return ctx.Err() }

// CacheImage has nothing to do: nothing boots from an image here.
func (d *Driver) CacheImage(ctx context.Context, _ driver.Image) error { return ctx.Err() }

// HostUptime counts from New, for one user and an idle host.
func (d *Driver) HostUptime(ctx context.Context) (string, error) {
	now := d.Clock.Now()
	return driver.Uptime(now, now.Sub(d.since), 1, [3]float64{}), ctx.Err()
}
