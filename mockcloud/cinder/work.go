// SPDX-License-Identifier: MPL-2.0

package cinder

import (
	"context"
	"sync"
)

// worker runs tasks in goroutines that end with it. Those of one line run one after the other.
type worker struct {
	ctx     context.Context //nolint:containedctx // the life of its goroutines
	cancel  context.CancelFunc
	running sync.WaitGroup

	lock    sync.Mutex
	closed  bool
	lines   map[string][]*turn
	changed chan struct{} // closed and renewed at each change of the records
}

// turn is a task's place in its line.
type turn struct {
	of     string // whose task it is: the line's volume, or one of its snapshots
	cancel context.CancelFunc
	done   chan struct{}
}

func newWorker(ctx context.Context) *worker {
	w := &worker{lines: map[string][]*turn{}, changed: make(chan struct{})}
	w.ctx, w.cancel = context.WithCancel(context.WithoutCancel(ctx))
	return w
}

// run does something once its turn in the line comes. last ends what the line has before it of the same, and
// of all if it is the volume's: that is then left as it is. After close it does nothing.
func (w *worker) run(line, of string, last bool, do func(context.Context)) {
	w.lock.Lock()
	defer w.lock.Unlock()
	if w.closed {
		return
	}
	ctx, cancel := context.WithCancel(w.ctx)
	mine := &turn{of: of, cancel: cancel, done: make(chan struct{})}
	before := w.lines[line]
	for _, t := range before {
		if last && (of == line || of == t.of) {
			t.cancel()
		}
	}
	w.lines[line] = append(before, mine)
	w.running.Add(1)
	go func() {
		defer w.running.Done()
		defer w.leave(line, mine)
		if n := len(before); n > 0 {
			<-before[n-1].done // it ends with its context at the latest
		}
		do(ctx)
	}()
}

func (w *worker) leave(line string, mine *turn) {
	mine.cancel()
	close(mine.done)
	w.lock.Lock()
	defer w.lock.Unlock()
	left := w.lines[line][:0:0]
	for _, t := range w.lines[line] {
		if t != mine {
			left = append(left, t)
		}
	}
	if w.lines[line] = left; len(left) == 0 {
		delete(w.lines, line)
	}
}

// announce tells those who wait that records have changed.
func (w *worker) announce() {
	w.lock.Lock()
	defer w.lock.Unlock()
	close(w.changed)
	w.changed = make(chan struct{})
}

// next is closed at the next change of the records.
func (w *worker) next() <-chan struct{} {
	w.lock.Lock()
	defer w.lock.Unlock()
	return w.changed
}

func (w *worker) close() {
	w.lock.Lock()
	w.closed = true
	w.lock.Unlock()
	w.cancel()
	w.running.Wait()
}
