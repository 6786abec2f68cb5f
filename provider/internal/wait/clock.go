// SPDX-License-Identifier: MPL-2.0

// Package wait holds everything in the provider that has to do with time: the clock, the backoff, and
// the poller that watches many objects with few calls.
package wait

import (
	"context"
	"time"
)

// Clock tells the time and waits for it. It is safe for concurrent use.
type Clock interface {
	Now() time.Time
	// Sleep returns nil after d, or ctx's error as soon as ctx ends.
	Sleep(ctx context.Context, d time.Duration) error
}

// Wall is the clock on the wall.
type Wall struct{}

// Now is the current time.
func (Wall) Now() time.Time { return time.Now() }

// Sleep waits for d unless ctx ends first.
func (Wall) Sleep(ctx context.Context, d time.Duration) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Hurried is the clock on the wall, but for sleeps that take the Factor-th part of their time.
type Hurried struct{ Factor int }

// Now is the current time.
func (Hurried) Now() time.Time { return Wall{}.Now() }

// Sleep waits for the part of d unless ctx ends first.
func (h Hurried) Sleep(ctx context.Context, d time.Duration) error {
	return Wall{}.Sleep(ctx, d/time.Duration(max(h.Factor, 1)))
}
