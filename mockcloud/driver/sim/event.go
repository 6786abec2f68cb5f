// SPDX-License-Identifier: MPL-2.0

package sim

import (
	"context"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// PowerOff lets the guest of a running machine shut itself down. It returns once the event has been
// received.
func (d *Driver) PowerOff(ctx context.Context, id string) error {
	return d.happen(ctx, id, driver.Shutdown, "guest shut down")
}

// Crash ends a machine as if its process had been killed. It returns once the event has been
// received.
func (d *Driver) Crash(ctx context.Context, id string) error {
	return d.happen(ctx, id, driver.Crashed, "machine was killed")
}

func (d *Driver) happen(ctx context.Context, id string, state driver.State, reason string) error {
	now := d.Clock.Now()
	if err := d.change(id, func(m *machine) { m.halt(state, now) }); err != nil {
		return err
	}
	d.mu.Lock()
	if d.done {
		d.mu.Unlock()
		return errClosed
	}
	d.senders.Add(1)
	d.mu.Unlock()
	defer d.senders.Done()
	select {
	case d.events <- driver.Event{ID: id, State: state, Reason: reason, Time: now}:
		return nil
	case <-d.closed:
		return errClosed
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Events tells of PowerOff and Crash.
func (d *Driver) Events() <-chan driver.Event { return d.events }

// Close closes the host. What is kept in a directory is found again by the next New.
func (d *Driver) Close() error {
	d.mu.Lock()
	again := d.done
	d.done = true
	d.closeConsoles("")
	d.mu.Unlock()
	if again {
		return nil
	}
	close(d.closed)
	d.senders.Wait()
	close(d.events)
	return nil
}
