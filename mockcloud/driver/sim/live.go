// SPDX-License-Identifier: MPL-2.0

package sim

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

var _ driver.LiveMigrator = (*Driver)(nil)

// leaving is a live migration under way.
type leaving struct {
	since  time.Time
	lasts  time.Duration
	end    func(error) error // how it ends: as said, unless that was decided before
	memory int64             // bytes to move
	disk   int64
}

// errForced ends the wait of a live migration that is forced to complete.
var errForced = errors.New("forced to complete")

// LiveMigrate lets the machine run on while Times.LiveMigration passes, and then lets the other host
// have it.
func (d *Driver) LiveMigrate(ctx context.Context, id string, move driver.LiveMove) error {
	to, ok := move.To.(*Driver)
	if !ok || to == d {
		return fmt.Errorf("sim: no live migration to %T", move.To)
	}
	if err := to.fits(move.Machine); err != nil {
		return err
	}
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	decide := func(cause error) error {
		end(cause)
		return context.Cause(ctx)
	}
	if err := d.leave(id, &leaving{
		since: d.Clock.Now(), lasts: max(d.Times.LiveMigration, move.Dwell), end: decide, memory: int64(move.Machine.MemoryMiB) << 20, disk: diskBytes(move),
	}); err != nil {
		return err
	}
	defer d.stay(id)
	if err := to.add(newMachine(move.Machine)); err != nil {
		return err
	}
	_ = d.Clock.Sleep(ctx, max(d.Times.LiveMigration, move.Dwell))
	if cause := decide(errForced); !errors.Is(cause, errForced) {
		return errors.Join(cause, to.remove(id))
	}
	return d.handOver(id, to)
}

// handOver gives the machine as it is to the other host. When it is cut short, the machine is on both
// hosts, and on this one as it was.
func (d *Driver) handOver(id string, to *Driver) error {
	d.mu.Lock()
	m, err := d.find(id)
	if err != nil {
		d.mu.Unlock()
		return errors.Join(err, to.remove(id))
	}
	moved := *m
	d.mu.Unlock()
	err = to.change(id, func(r *machine) {
		nics := r.NICs
		*r = moved
		r.NICs = nics
	})
	if err != nil {
		return errors.Join(err, to.remove(id))
	}
	return d.remove(id)
}

func diskBytes(move driver.LiveMove) int64 {
	if !move.CopyDisks {
		return 0
	}
	return int64(move.Machine.DiskGiB())<<30 + int64(move.Machine.SwapMiB)<<20
}

// leave notes a live migration of the machine; it can have but one.
func (d *Driver) leave(id string, l *leaving) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.done {
		return errClosed
	}
	m, err := d.find(id)
	switch {
	case err != nil:
		return err
	case m.State != driver.Running && m.State != driver.Paused:
		return fmt.Errorf("sim: machine %s does not run", id)
	case d.leaving[id] != nil:
		return fmt.Errorf("sim: machine %s is being migrated already", id)
	}
	d.leaving[id] = l
	return nil
}

func (d *Driver) stay(id string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.leaving, id)
}

// AbortMigration lets LiveMigrate return ErrAborted; one that was forced is as one in post-copy.
func (d *Driver) AbortMigration(ctx context.Context, id string) error {
	l, err := d.migration(ctx, id)
	if err == nil && errors.Is(l.end(driver.ErrAborted), errForced) {
		err = driver.ErrPostCopy
	}
	return err
}

// ForceComplete lets LiveMigrate end now.
func (d *Driver) ForceComplete(ctx context.Context, id string) error {
	l, err := d.migration(ctx, id)
	if err == nil {
		_ = l.end(errForced) // or it is aborted: then it ends, too
	}
	return err
}

// migration is the machine's live migration.
func (d *Driver) migration(ctx context.Context, id string) (*leaving, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if l := d.leaving[id]; l != nil {
		return l, nil
	}
	return nil, fmt.Errorf("%w: %s", driver.ErrNoMigration, id)
}

// MigrationProgress goes by the time that has passed.
func (d *Driver) MigrationProgress(ctx context.Context, id string) (driver.Progress, error) {
	l, err := d.migration(ctx, id)
	if err != nil {
		return driver.Progress{}, err
	}
	part := 1.0
	if l.lasts > 0 {
		part = min(1, d.Clock.Now().Sub(l.since).Seconds()/l.lasts.Seconds())
	}
	memory, disk := int64(part*float64(l.memory)), int64(part*float64(l.disk))
	return driver.Progress{
		MemoryTotal: l.memory, MemoryProcessed: memory, MemoryRemaining: l.memory - memory,
		DiskTotal: l.disk, DiskProcessed: disk, DiskRemaining: l.disk - disk,
	}, nil
}
