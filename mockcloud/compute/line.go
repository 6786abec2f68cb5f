// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"context"
	"slices"
	"sync"
)

// lines puts what is under way on each instance in a line: the first has its turn, the others wait
// for it. A driver is thus asked one thing at a time about a machine.
type lines struct {
	mu   sync.Mutex
	of   map[string][]*place // by instance
	idle chan struct{}       // closed while every line is empty
	shut bool
}

// place is a place in a line.
type place struct {
	record string        // the operation's, "" for what is none
	turn   chan struct{} // closed when it comes
	cancel context.CancelCauseFunc
}

func newLines() *lines {
	idle := make(chan struct{})
	close(idle)
	return &lines{of: map[string][]*place{}, idle: idle}
}

// join takes the last place in the instance's line; false once the lines are shut.
func (l *lines) join(id, record string, cancel context.CancelCauseFunc) (*place, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.shut {
		return nil, false
	}
	if len(l.of) == 0 {
		l.idle = make(chan struct{})
	}
	p := &place{record: record, turn: make(chan struct{}), cancel: cancel}
	l.of[id] = append(l.of[id], p)
	if len(l.of[id]) == 1 {
		close(p.turn)
	}
	return p, true
}

// leave gives the place up, and the turn, if it had it, to the next.
func (l *lines) leave(id string, p *place) {
	l.mu.Lock()
	defer l.mu.Unlock()
	line := l.of[id]
	at := slices.Index(line, p)
	line = slices.Delete(line, at, at+1)
	switch {
	case len(line) == 0:
		delete(l.of, id)
		if len(l.of) == 0 {
			close(l.idle)
		}
		return
	case at == 0:
		close(line[0].turn)
	}
	l.of[id] = line
}

// preempt ends the operation with that record, with errPreempted as its cause. One that has not joined
// yet finds out for itself.
func (l *lines) preempt(id, record string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, p := range l.of[id] {
		if p.record == record {
			p.cancel(errPreempted)
		}
	}
}

// wait returns once every line is empty.
func (l *lines) wait(ctx context.Context) error {
	l.mu.Lock()
	idle := l.idle
	l.mu.Unlock()
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// close lets nobody join any more.
func (l *lines) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.shut = true
}
