// SPDX-License-Identifier: MPL-2.0

package sim

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

var _ driver.Mover = (*Driver)(nil)

// Depart powers the machine off and sets it aside. It has no disks to take along.
func (d *Driver) Depart(ctx context.Context, id string, grace time.Duration) (driver.Baggage, error) {
	if err := d.Stop(ctx, id, grace); err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.done {
		return nil, errClosed
	}
	m, err := d.find(id)
	if err != nil {
		return nil, err
	}
	if err := setAside(d.Dir, id); err != nil {
		return nil, err
	}
	d.aside[id] = m
	delete(d.machines, id)
	d.closeConsoles(id)
	return driver.Baggage{}, nil
}

// Arrive makes the machine that departed elsewhere.
func (d *Driver) Arrive(ctx context.Context, m *driver.Machine, _ driver.Baggage, run bool) error {
	if err := d.fits(m); err != nil {
		return err
	}
	if err := d.add(newMachine(m)); err != nil {
		return err
	}
	if err := d.Clock.Sleep(ctx, d.Times.Move); err != nil {
		return errors.Join(err, d.remove(m.ID))
	}
	return d.change(m.ID, func(r *machine) {
		r.Spawning, r.State = false, driver.Shutdown
		if run {
			r.boot(d.Clock.Now())
		}
	})
}

// Forget drops what is aside.
func (d *Driver) Forget(ctx context.Context, id string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := dropAside(d.Dir, id); err != nil {
		return err
	}
	delete(d.aside, id)
	return nil
}

// Return takes back what is aside.
func (d *Driver) Return(ctx context.Context, m *driver.Machine, run bool) error {
	if err := d.Clock.Sleep(ctx, d.Times.Move); err != nil {
		return err
	}
	if err := d.takeBack(m.ID); err != nil {
		return err
	}
	return d.change(m.ID, func(r *machine) {
		r.shape(m)
		if run {
			r.boot(d.Clock.Now())
		}
	})
}

func (d *Driver) takeBack(id string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	m := d.aside[id]
	switch {
	case d.done:
		return errClosed
	case m == nil:
		return fmt.Errorf("%w: nothing of %s is set aside", driver.ErrNotFound, id)
	case d.machines[id] != nil:
		return fmt.Errorf("%w: %s", driver.ErrExists, id)
	}
	if err := bringBack(d.Dir, id); err != nil {
		return err
	}
	d.machines[id] = m
	delete(d.aside, id)
	return nil
}

// asideSuffix ends the name of the file of a machine that is set aside.
const asideSuffix = ".aside"

func asideFile(dir, id string) (here, aside string, err error) {
	here, err = file(dir, id)
	return here, strings.TrimSuffix(here, suffix) + asideSuffix, err
}

// setAside renames the machine's file: it is here or aside at every moment, and never both.
func setAside(dir, id string) error {
	if dir == "" {
		return nil
	}
	here, aside, err := asideFile(dir, id)
	if err != nil {
		return err
	}
	return os.Rename(here, aside)
}

func bringBack(dir, id string) error {
	if dir == "" {
		return nil
	}
	here, aside, err := asideFile(dir, id)
	if err != nil {
		return err
	}
	return os.Rename(aside, here)
}

func dropAside(dir, id string) error {
	if dir == "" {
		return nil
	}
	_, aside, err := asideFile(dir, id)
	if err != nil {
		return err
	}
	if err := os.Remove(aside); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// loadAside reads what is set aside in dir.
func loadAside(dir string) (map[string]*machine, error) {
	if dir == "" {
		return map[string]*machine{}, nil
	}
	return read(dir, asideSuffix)
}

// Aside tells whether a machine is set aside here.
func (d *Driver) Aside(id string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.aside[id] != nil
}
