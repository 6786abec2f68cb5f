// SPDX-License-Identifier: MPL-2.0

package qemu

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver/qemu/qmp"
)

// A guest is asked again to let go of a device every unplugEvery: one that boots does not hear it.
const unplugEvery = 2 * time.Second

// releaseLimit is how long a device may have its disk after it is gone, in pauses.
const releaseLimit = 5 * time.Second

var errHeld = errors.New("the guest does not let go of the device")

// peripheral are the devices that QEMU has, by id.
func (h *Host) peripheral(ctx context.Context, m *machine, q *instance) (map[string]bool, error) {
	var list []struct{ Name string }
	if err := h.run(ctx, m, q, "qom-list", obj{"path": "/machine/peripheral"}, &list); err != nil {
		return nil, err
	}
	found := map[string]bool{}
	for _, d := range list {
		found[d.Name] = true
	}
	return found, nil
}

// hasAll tells whether QEMU has all that the machine does, and will have after a reset: of a device that the guest was
// asked to let go of, and did not, that is the end.
func (h *Host) hasAll(ctx context.Context, m *machine, q *instance) (bool, error) {
	have, err := h.peripheral(ctx, m, q)
	if err != nil || q.wanted.Load() {
		return false, err
	}
	s := m.spec()
	for _, v := range s.Volumes {
		if !have[v.id()] {
			return false, nil
		}
	}
	for _, n := range s.NICs {
		if !have[n.id()] {
			return false, nil
		}
	}
	return true, nil
}

// nodes are QEMU's block nodes, by name.
func (h *Host) nodes(ctx context.Context, m *machine, q *instance) (map[string]bool, error) {
	var list []struct {
		Name string `json:"node-name"`
	}
	if err := h.run(ctx, m, q, "query-named-block-nodes", obj{"flat": true}, &list); err != nil {
		return nil, err
	}
	found := map[string]bool{}
	for _, n := range list {
		found[n.Name] = true
	}
	return found, nil
}

// plugDisk gives a running machine a disk, as far as it has it not.
func (h *Host) plugDisk(ctx context.Context, m *machine, q *instance, d *disk) error {
	have, err := h.peripheral(ctx, m, q)
	if err != nil || have[d.id] {
		return err
	}
	err = h.addNodes(ctx, m, q, d)
	if err == nil {
		err = h.addDevice(ctx, q, d)
	}
	if err != nil {
		err = errors.Join(err, h.dropNodes(context.WithoutCancel(ctx), m, q, d))
	}
	return err
}

// addDevice waits for a device of the same disk that is gone to let go of its node, which it does a little later.
func (h *Host) addDevice(ctx context.Context, q *instance, d *disk) error {
	return afterRelease(ctx, "Permission conflict", func() error {
		return q.mon.Execute(ctx, "device_add", d.device(), nil) // the log need not have each
	})
}

// afterRelease does again and again what fails so for as long as a device that has gone has its node.
func afterRelease(ctx context.Context, held string, do func() error) error {
	const pause = 5 * time.Millisecond
	for waited := time.Duration(0); ; waited += pause {
		err := do()
		if err == nil || waited >= releaseLimit || !strings.Contains(err.Error(), held) {
			return err
		}
		if err := clock.Wall().Sleep(ctx, pause); err != nil {
			return err
		}
	}
}

// addNodes opens the disk's file in QEMU.
func (h *Host) addNodes(ctx context.Context, m *machine, q *instance, d *disk) error {
	have, err := h.nodes(ctx, m, q)
	if err != nil {
		return err
	}
	for _, node := range d.nodes() {
		if name, _ := node["node-name"].(string); have[name] {
			continue
		}
		if err := h.run(ctx, m, q, "blockdev-add", node, nil); err != nil {
			return err
		}
	}
	return nil
}

// dropNodes closes the disk's file, as far as QEMU has it.
func (h *Host) dropNodes(ctx context.Context, m *machine, q *instance, d *disk) error {
	have, err := h.nodes(ctx, m, q)
	for _, name := range []string{d.top(), d.file()} {
		if err == nil && have[name] {
			err = h.dropNode(ctx, q, name)
		}
	}
	if gone(q) {
		return nil
	}
	return err
}

// dropNode waits for a device that has just been deleted, likewise.
func (h *Host) dropNode(ctx context.Context, q *instance, name string) error {
	return afterRelease(ctx, "is in use", func() error {
		return q.mon.Execute(ctx, "blockdev-del", obj{"node-name": name}, nil)
	})
}

// isRefusal tells whether QEMU refused a command with an error of that class.
func isRefusal(err error, class string) bool {
	var refused *qmp.Error
	return errors.As(err, &refused) && refused.Class == class
}

// gone tells that the QEMU has ended, and all that it had with it.
func gone(q *instance) bool {
	select {
	case <-q.gone:
		return true
	default:
		return false
	}
}

// unplug takes a device from a running machine and returns once its guest has let go of it. The guest is asked until
// Options.Unplug has passed; then it keeps the device, unless it gives it up later, which the next unplug finds. A
// guest that is paused is not asked: it would hear it when it goes on, and by then we have said that it failed.
func (h *Host) unplug(ctx context.Context, m *machine, q *instance, device string) (err error) {
	if m.status().State == driver.Paused {
		have, err := h.peripheral(ctx, m, q)
		if err == nil && have[device] {
			err = fmt.Errorf("%w: it is paused", errHeld)
		}
		return err
	}
	limited, cancel := clock.WithTimeout(ctx, clock.Wall(), h.opts.Unplug)
	defer cancel()
	events, err := q.mon.Events(limited)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			q.wanted.Store(true)
		}
	}()
	for {
		// Not by run: that the guest is being asked already, and that the device is gone, is no failure.
		err := q.mon.Execute(limited, "device_del", obj{"id": device}, nil)
		switch {
		case gone(q), isRefusal(err, "DeviceNotFound"):
			return nil
		case err != nil && limited.Err() == nil && !strings.Contains(err.Error(), "in the process of unplug"):
			return err
		}
		switch released, err := h.awaitRelease(limited, q, events, device); {
		case released:
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case limited.Err() != nil:
			h.opts.Log.Warn("the guest keeps a device", "machine", m.id, "device", device)
			return fmt.Errorf("%w within %v", errHeld, h.opts.Unplug)
		case err != nil:
			return err
		}
	}
}

// awaitRelease waits until QEMU says that the device is gone; no longer than unplugEvery.
func (h *Host) awaitRelease(ctx context.Context, q *instance, events <-chan qmp.Event, device string) (released bool, err error) {
	timer := clock.Wall().Timer(unplugEvery)
	defer timer.Stop()
	for {
		select {
		case e, more := <-events:
			if !more {
				return false, fmt.Errorf("%w: QEMU answers no longer", errHeld)
			}
			if e.Data["device"] != device { // the device's own parts have events without one
				continue
			}
			switch e.Event {
			case "DEVICE_DELETED":
				return true, nil
			case "DEVICE_UNPLUG_GUEST_ERROR":
				return false, fmt.Errorf("%w: it refuses to", errHeld)
			}
		case <-q.gone:
			return true, nil
		case <-timer.C():
			return false, nil
		case <-ctx.Done():
			return false, nil
		}
	}
}
