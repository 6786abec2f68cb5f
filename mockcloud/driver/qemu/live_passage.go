// SPDX-License-Identifier: MPL-2.0

package qemu

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver/qemu/qmp"
)

// passage is a live migration under way.
type passage struct {
	source, dest side
	move         driver.LiveMove
	runs         bool // the guest ran when it began, and is to run when it ends
	still        bool // the guest stands still while its memory moves; see halt
	postCopy     bool // both QEMUs can
	mirrors      []mirror
	switched     bool // the copying has ended; see switchDisks

	end   context.CancelCauseFunc
	fate  fate          // ErrAborted; ErrPostCopy and ErrNoMigration: too late for that
	force chan struct{} // has a token once it is to complete soon
}

// side is one end of it.
type side struct {
	*Host

	m *machine
	q *instance
}

func (s side) do(ctx context.Context, command string, args, reply any) error {
	return s.run(ctx, s.m, s.q, command, args, reply)
}

// Limits of a live migration. What takes long has none: it can be aborted.
const (
	fullBandwidth = int64(4) << 30         // bytes/s: as fast as it goes
	downtime      = 30 * time.Millisecond  // the last round may stop the guest for that long
	lookEvery     = 100 * time.Millisecond // at what events do not tell
	retreatLimit  = 30 * time.Second       // until the source runs on alone
	handOverLimit = 10 * time.Second       // switchover to a destination that has read everything
	postCopyEvery = 5 * time.Millisecond   // looks for a destination that may run
)

// run moves the machine, or leaves it as it was.
func (p *passage) run(ctx context.Context) error {
	err := p.prepare(ctx)
	if err == nil {
		err = p.cross(ctx)
	}
	if err == nil {
		p.leave()
		return nil
	}
	if p.committed() { // in post-copy a QEMU died, and the guest with it: its disks are over there
		p.leave()
		return fmt.Errorf("live migration of %s: %w", p.source.m.id, err)
	}
	if ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	if left := p.retreat(); left != nil {
		p.source.opts.Log.Error("a live migration left something behind", "machine", p.source.m.id, "error", left)
		err = errors.Join(err, left)
	}
	return fmt.Errorf("live migration of %s: %w", p.source.m.id, full(err))
}

// cross moves the disks, if they are to be copied, and then the guest.
func (p *passage) cross(ctx context.Context) error {
	left, end, err := p.source.q.listen()
	if err != nil {
		return err
	}
	defer end()
	arrived, end, err := p.dest.q.listen()
	if err != nil {
		return err
	}
	defer end()
	if err := p.agree(ctx); err != nil {
		return err
	}
	if err := p.copyDisks(ctx, left); err != nil {
		return err
	}
	if err := p.halt(ctx); err != nil {
		return err
	}
	if err := p.send(ctx); err != nil {
		return err
	}
	return p.follow(ctx, left, arrived)
}

// agree sets up both QEMUs alike.
func (p *passage) agree(ctx context.Context) error {
	// Post-copy needs userfaultfd, which not everybody may have.
	p.postCopy = p.dest.q.mon.Execute(ctx, "migrate-set-capabilities", able(map[string]bool{"postcopy-ram": true}), nil) == nil
	common := map[string]bool{"events": true, "postcopy-ram": p.postCopy}
	if err := p.dest.do(ctx, "migrate-set-capabilities", able(common), nil); err != nil {
		return err
	}
	common["auto-converge"], common["pause-before-switchover"] = true, len(p.mirrors) > 0
	if err := p.source.do(ctx, "migrate-set-capabilities", able(common), nil); err != nil {
		return err
	}
	return p.source.do(ctx, "migrate-set-parameters", obj{"max-bandwidth": p.pace(), "downtime-limit": downtime.Milliseconds()}, nil)
}

// pace is the bandwidth of a migration that is to dwell: not even a guest without content is sent by then.
func (p *passage) pace() int64 {
	if p.move.Dwell <= 0 {
		return fullBandwidth
	}
	memory := int64(p.source.m.spec().MemoryMiB) << 20
	return max(1, int64(float64(memory>>10)/p.move.Dwell.Seconds()))
}

// able are migration capabilities to be switched on and off.
func able(capabilities map[string]bool) obj {
	var list []obj
	for name, on := range capabilities {
		list = append(list, obj{"capability": name, "state": on})
	}
	return obj{"capabilities": list}
}

// plain are those of a live migration switched off: a suspend must not wait for a switchover.
var plain = map[string]bool{"postcopy-ram": false, "auto-converge": false, "pause-before-switchover": false}

// halt stops a guest whose writes its QEMU would lose: TCG before QEMU 9.0 forgets pages that are written to while
// they are sent ("physmem: Fix migration dirty bitmap coherency with TCG memory access").
func (p *passage) halt(ctx context.Context) error {
	if !p.still {
		return nil
	}
	dwell := p.source.opts.Clock.Timer(max(p.move.Dwell, 0))
	defer dwell.Stop()
	p.move.Dwell = 0
	select {
	case <-dwell.C():
	case <-p.force:
	case <-p.source.q.gone:
		return errors.New("the machine ended")
	case <-p.dest.q.gone:
		return errors.New("the destination's QEMU ended" + complaint(p.dest.m.qemuLog()))
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	return p.source.do(ctx, "stop", nil, nil)
}

// send begins to move the memory.
func (p *passage) send(ctx context.Context) error {
	uri := obj{"uri": "unix:" + p.dest.m.crossing()}
	if err := p.dest.do(ctx, "migrate-incoming", uri, nil); err != nil {
		return err
	}
	return p.source.do(ctx, "migrate", uri, nil)
}

// migrationInfo is what we need of query-migrate.
type migrationInfo struct {
	Status string
	Error  string `json:"error-desc"`
	RAM    struct{ Total, Transferred, Remaining int64 }
}

func (s side) migration(ctx context.Context) (info migrationInfo, err error) {
	return info, s.do(ctx, "query-migrate", nil, &info)
}

// follow sees the migration through: it does at each status what that asks for.
func (p *passage) follow(ctx context.Context, left, arrived <-chan qmp.Event) error {
	dwell := p.source.opts.Clock.Timer(max(p.move.Dwell, 0))
	defer dwell.Stop()
	forced := false
	for {
		info, err := p.source.migration(ctx)
		if err != nil {
			return err
		}
		switch info.Status {
		case "pre-switchover":
			err = p.switchDisks(ctx, left)
		case "postcopy-active":
			return p.followPostCopy()
		case "completed":
			if err := p.fate.decide(driver.ErrNoMigration); errors.Is(err, driver.ErrAborted) {
				return err
			}
			return p.handOver(arrived)
		case "failed", "cancelled":
			return errors.Join(context.Cause(ctx), fmt.Errorf("migration %s: %s", info.Status, info.Error))
		case "active":
			if forced {
				forced, err = false, p.hurry(ctx)
			}
		}
		if err != nil {
			return err
		}
		tick := clock.Wall().Timer(lookEvery)
		select {
		case <-left:
		case <-tick.C():
		case <-p.force:
			forced = true
			err = p.source.do(ctx, "migrate-set-parameters", obj{"max-bandwidth": fullBandwidth}, nil)
		case <-dwell.C():
			err = p.source.do(ctx, "migrate-set-parameters", obj{"max-bandwidth": fullBandwidth}, nil)
		case <-p.dest.q.gone:
			err = errors.New("the destination's QEMU ended" + complaint(p.dest.m.qemuLog()))
		case <-p.source.q.gone:
			err = errors.New("the machine ended")
		case <-ctx.Done():
			err = context.Cause(ctx)
		}
		tick.Stop()
		if err != nil {
			return err
		}
	}
}

// hurry lets the migration end, whatever the guest writes.
func (p *passage) hurry(ctx context.Context) error {
	if p.postCopy {
		if err := p.fate.decide(driver.ErrPostCopy); errors.Is(err, driver.ErrAborted) {
			return err
		}
		return p.source.do(ctx, "migrate-start-postcopy", nil, nil)
	}
	return p.source.do(ctx, "stop", nil, nil)
}

// progress is how far memory and disks are.
func (p *passage) progress(ctx context.Context) (progress driver.Progress, err error) {
	info, err := p.source.migration(ctx)
	if err != nil {
		return progress, err
	}
	progress.MemoryTotal, progress.MemoryProcessed, progress.MemoryRemaining = info.RAM.Total, info.RAM.Transferred, info.RAM.Remaining
	if info.RAM.Total == 0 { // none has moved yet
		progress.MemoryTotal = int64(p.source.m.spec().MemoryMiB) << 20
		progress.MemoryRemaining = progress.MemoryTotal
	}
	jobs, err := p.source.jobs(ctx)
	for _, j := range jobs {
		progress.DiskTotal += j.Len
		progress.DiskProcessed += j.Offset
		progress.DiskRemaining += max(0, j.Len-j.Offset)
	}
	return progress, err
}
