// SPDX-License-Identifier: MPL-2.0

// Package clock is the only door to time in mockcloud: everything that reads the time or waits takes
// a Clock, so that a test can turn it.
package clock

import (
	"context"
	"time"
)

// Clock tells the time and waits for it. All methods are safe for concurrent use.
type Clock interface {
	// Now is the current time, in UTC.
	Now() time.Time
	// Sleep returns nil after d of this clock's time, or ctx's error as soon as ctx ends. A d of
	// zero or less returns at once, with ctx's error if it has one.
	Sleep(ctx context.Context, d time.Duration) error
	// Timer fires once after d of this clock's time.
	Timer(d time.Duration) Timer
}

// Timer fires once; the time of firing is sent on C, which is buffered and never closed.
type Timer interface {
	C() <-chan time.Time
	// Stop keeps the timer from firing; false if it has fired or was stopped.
	Stop() bool
}

// WithTimeout is context.WithTimeout on c's time: once d has passed the context ends, with
// context.DeadlineExceeded as its cause.
func WithTimeout(ctx context.Context, c Clock, d time.Duration) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	timer := c.Timer(d)
	go func() {
		select {
		case <-timer.C():
			cancel(context.DeadlineExceeded)
		case <-ctx.Done():
		}
		timer.Stop()
	}()
	return ctx, func() { cancel(context.Canceled) }
}
