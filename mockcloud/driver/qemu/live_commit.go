// SPDX-License-Identifier: MPL-2.0

package qemu

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver/qemu/qmp"
)

// departure is in the spec of a machine that is being migrated live, for a process that finds it so.
type departure struct {
	Record string `json:"record"` // machine.json at the destination; once that is complete, the machine is there
	Agent  string `json:"agent"`  // the socket by which the destination's QEMU is known
	Runs   bool   `json:"runs"`   // the guest is to run
}

// arrival is in the spec of the machine that is made for it at the destination. It is not Complete until then.
type arrival struct {
	Runs bool `json:"runs"`
}

// prepare makes the machine at the destination, whose guest waits for the source's.
func (p *passage) prepare(ctx context.Context) error {
	from := p.source.m
	s, err := from.spec().at(p.move.Machine.NICs, p.move.Machine.Volumes)
	if err != nil {
		return err
	}
	s.Complete, s.Arriving, s.Leaving = false, &arrival{Runs: p.runs}, nil
	to := p.dest.machine(from.id)
	to.shape = s
	if err := p.dest.add(to); err != nil {
		return err
	}
	p.dest.m = to
	if err := from.change(func(s *spec) {
		s.Arriving, s.Leaving = nil, &departure{Record: to.record(), Agent: to.agent(), Runs: p.runs}
	}); err != nil {
		return err
	}
	if err := to.make(); err != nil {
		return err
	}
	if err := writeJSON(to.record(), s); err != nil {
		return err
	}
	if err := p.takeDisks(ctx); err != nil {
		return err
	}
	p.dest.q, err = p.dest.launch(ctx, to, &incoming{uri: "defer"})
	return err
}

// at is the same machine with the ports and volumes of another host: each device in the place where it is.
func (s spec) at(nics []driver.NIC, volumes []driver.Volume) (spec, error) {
	for i, n := range s.NICs {
		at := slices.IndexFunc(nics, func(other driver.NIC) bool { return other.PortID == n.PortID })
		if at < 0 {
			return s, fmt.Errorf("port %s is not plugged there", n.PortID)
		}
		s.NICs[i].Local, s.NICs[i].Switch = nics[at].Local, nics[at].Switch
	}
	for i, v := range s.Volumes {
		at := slices.IndexFunc(volumes, func(other driver.Volume) bool { return other.ID == v.ID })
		if at < 0 {
			return s, fmt.Errorf("volume %s is not connected there", v.ID)
		}
		s.Volumes[i].Path = volumes[at].Path
	}
	return s, nil
}

// committed: the machine is the destination's.
func (p *passage) committed() bool {
	m := p.dest.m
	if m == nil {
		return false
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.shape.Complete
}

// commit gives the machine to the destination, or takes it back. The guest stands still, so that this waits for
// no disk: what a power cut would lose, it loses with both QEMUs.
func (p *passage) commit(complete bool) error {
	m := p.dest.m
	s := m.spec()
	s.Complete = complete
	if err := writeJSON(m.record(), s); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.shape = s
	return nil
}

// handOver lets the guest go on at the destination, once that has read all of it.
func (p *passage) handOver(arrived <-chan qmp.Event) error {
	ctx, cancel := clock.WithTimeout(p.dest.ctx, clock.Wall(), handOverLimit)
	defer cancel()
	for {
		info, err := p.dest.migration(ctx)
		if err != nil {
			return err
		}
		if info.Status == "completed" {
			return p.start(ctx)
		}
		tick := clock.Wall().Timer(lookEvery)
		select {
		case <-arrived:
		case <-tick.C():
		case <-p.dest.q.gone:
			err = errors.New("the destination's QEMU ended" + complaint(p.dest.m.qemuLog()))
		case <-ctx.Done():
			err = context.Cause(ctx)
		}
		tick.Stop()
		if err != nil {
			return err
		}
	}
}

// start commits, and takes that back should the guest not go on.
func (p *passage) start(ctx context.Context) error {
	if err := p.commit(true); err != nil || !p.runs {
		return err
	}
	if err := p.dest.turn(ctx, p.dest.m, p.dest.q, "cont"); err != nil {
		if errors.As(err, new(*qmp.Error)) { // otherwise it may run: nobody takes it back
			err = errors.Join(err, p.commit(false))
		}
		return err
	}
	return nil
}

// followPostCopy lets the guest go on at the destination as soon as it can, and waits until it needs the source no
// more. Nobody can give up from here on. A guest that may or may not have gone on needs the source all the same.
func (p *passage) followPostCopy() error {
	ctx := p.source.ctx
	var started error
	for !p.committed() {
		if gone(p.source.q) {
			return errPostCopyLost
		}
		var reply struct{ Status string }
		if err := p.dest.do(ctx, "query-status", nil, &reply); err != nil {
			return err
		}
		if reply.Status != "paused" {
			if err := clock.Wall().Sleep(ctx, postCopyEvery); err != nil {
				return err
			}
			continue
		}
		if started = p.start(ctx); !p.committed() {
			return started
		}
	}
	return errors.Join(started, p.outlast(ctx))
}

// outlast waits until post-copy has ended. A guest whose source ends before that has lost memory: it ends, too.
func (p *passage) outlast(ctx context.Context) error {
	for {
		info, err := p.source.migration(ctx)
		switch {
		case gone(p.source.q):
			return errors.Join(errPostCopyLost, p.dest.end(p.dest.m, p.dest.q))
		case err != nil: // it is busy, or about to be gone; the guest needs it in any case
		case info.Status == "completed":
			return nil
		case info.Status == "failed", info.Status == "postcopy-paused":
			return errors.Join(fmt.Errorf("post-copy %s: %s", info.Status, info.Error), p.dest.end(p.dest.m, p.dest.q))
		}
		if err := clock.Wall().Sleep(ctx, postCopyEvery); err != nil {
			return err
		}
	}
}

// errPostCopyLost: part of the guest's memory was there alone, and the rest waits for it.
var errPostCopyLost = errors.New("the source's QEMU ended before post-copy did")

// leave removes the machine from its old host. What cannot be removed is only logged: it is the destination's now,
// and the next New finds that out.
func (p *passage) leave() {
	from, to := p.source, p.dest
	err := to.m.change(func(s *spec) { s.Arriving = nil })
	if err == nil {
		err = from.discard(from.m)
	}
	if err != nil {
		from.opts.Log.Error("a machine that has left could not be removed", "machine", from.m.id, "error", err)
		from.forget(from.m)
	}
}

// retreat lets the source run on alone. It takes no heed of who gave up, or why.
func (p *passage) retreat() error {
	ctx, cancel := clock.WithTimeout(p.source.ctx, clock.Wall(), retreatLimit)
	defer cancel()
	var errs []error
	alone := func(do func() error) { // for as long as there is a source
		select {
		case <-p.source.q.gone:
		default:
			errs = append(errs, do())
		}
	}
	alone(func() error { return p.source.giveUp(ctx) })
	if p.dest.m != nil { // before the source takes its disks back
		errs = append(errs, p.dest.discard(p.dest.m))
	}
	alone(func() error { return p.source.goOnIf(ctx, p.runs) })
	if p.source.m.spec().Leaving != nil {
		errs = append(errs, p.source.m.change(func(s *spec) { s.Leaving = nil }))
	}
	return errors.Join(errs...)
}

// cancelMigration returns once the QEMU migrates no more, whichever way that ended.
func (s side) cancelMigration(ctx context.Context) error {
	if err := s.do(ctx, "migrate_cancel", nil, nil); err != nil {
		return err
	}
	for {
		info, err := s.migration(ctx)
		if err != nil || slices.Contains([]string{"", "none", "completed", "failed", "cancelled"}, info.Status) {
			return err
		}
		if err := clock.Wall().Sleep(ctx, postCopyEvery); err != nil {
			return err
		}
	}
}

// giveUp ends what the source does for a migration that is given up.
func (s side) giveUp(ctx context.Context) error {
	return errors.Join(s.cancelMigration(ctx), s.endMirrors(ctx))
}

// goOnIf lets a guest that is to run go on, if it does not. Its disks are its own again then.
func (s side) goOnIf(ctx context.Context, runs bool) error {
	var reply struct{ Status string }
	if err := s.do(ctx, "query-status", nil, &reply); err != nil || !runs || reply.Status == "running" {
		return err
	}
	return s.turn(ctx, s.m, s.q, "cont")
}
