// SPDX-License-Identifier: MPL-2.0

package qemu

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

var _ driver.LiveMigrator = (*Host)(nil)

// LiveMigrate has two QEMUs move the guest between them. Who has the machine is decided by one byte of truth: it
// is the other host's once its machine.json there says that it is complete, and this one's before (see
// live_commit.go). So a process that dies at any moment leaves one machine, and the next one knows whose.
func (h *Host) LiveMigrate(ctx context.Context, id string, move driver.LiveMove) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	to, ok := move.To.(*Host)
	if !ok || to == h {
		return fmt.Errorf("no live migration from QEMU to %T", move.To)
	}
	m, err := h.whole(id)
	if err != nil {
		return err
	}
	q, state := m.running()
	if q == nil || (state != driver.Running && state != driver.Paused) {
		return fmt.Errorf("machine %s does not run", id)
	}
	if err := to.fits(move.Machine); err != nil {
		return err
	}
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	p := &passage{
		source: side{h, m, q}, dest: side{Host: to}, move: move, runs: state == driver.Running,
		still: h.opts.Accel == TCG && state == driver.Running,
		end:   end, force: make(chan struct{}, 1),
	}
	if err := h.passages.add(id, p); err != nil {
		return err
	}
	defer h.passages.remove(id)
	return p.run(ctx)
}

// AbortMigration lets LiveMigrate return ErrAborted. From the moment at which post-copy is asked for that is refused, as
// libvirt does, whether QEMU has begun it or not.
func (h *Host) AbortMigration(_ context.Context, id string) error {
	p, err := h.passages.of(id)
	if err != nil {
		return err
	}
	if err := p.fate.decide(driver.ErrAborted); !errors.Is(err, driver.ErrAborted) {
		return err
	}
	p.end(driver.ErrAborted)
	return nil
}

// fate is how a live migration is to end: the first who decides it has decided.
type fate struct {
	mu sync.Mutex
	is error
}

// decide is how it is to end: as said, or as somebody else has said before.
func (f *fate) decide(as error) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.is == nil {
		f.is = as
	}
	return f.is
}

// ForceComplete turns to post-copy where both hosts can, and stops the guest otherwise.
func (h *Host) ForceComplete(_ context.Context, id string) error {
	p, err := h.passages.of(id)
	if err != nil {
		return err
	}
	select {
	case p.force <- struct{}{}:
	default: // it is forced already
	}
	return nil
}

// MigrationProgress asks QEMU.
func (h *Host) MigrationProgress(ctx context.Context, id string) (driver.Progress, error) {
	p, err := h.passages.of(id)
	if err != nil {
		return driver.Progress{}, err
	}
	return p.progress(ctx)
}

// passages are the live migrations under way from a host.
type passages struct {
	mu    sync.Mutex
	under map[string]*passage
}

// add notes the live migration of a machine; it can have but one.
func (p *passages) add(id string, one *passage) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.under[id] != nil {
		return fmt.Errorf("machine %s is being migrated already", id)
	}
	if p.under == nil {
		p.under = map[string]*passage{}
	}
	p.under[id] = one
	return nil
}

func (p *passages) remove(id string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.under, id)
}

func (p *passages) of(id string) (*passage, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if one := p.under[id]; one != nil {
		return one, nil
	}
	return nil, fmt.Errorf("%w: %s", driver.ErrNoMigration, id)
}

// running is the machine's instance, nil when it is off, and what it does.
func (m *machine) running() (*instance, driver.State) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.on, m.state
}
