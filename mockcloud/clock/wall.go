// SPDX-License-Identifier: MPL-2.0

package clock

import (
	"context"
	"time"
)

// Wall is the machine's own clock.
func Wall() Clock { return wall{} }

type wall struct{}

func (wall) Now() time.Time { return time.Now().UTC() }

func (wall) Sleep(ctx context.Context, d time.Duration) error {
	if err := ctx.Err(); err != nil || d <= 0 {
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

func (wall) Timer(d time.Duration) Timer { return newWallTimer(d, wall{}.Now) }

// wallTimer waits on the wall and tells the time of firing by its clock.
type wallTimer struct {
	timer *time.Timer
	c     chan time.Time
}

func newWallTimer(d time.Duration, now func() time.Time) *wallTimer {
	t := &wallTimer{c: make(chan time.Time, 1)}
	t.timer = time.AfterFunc(d, func() { t.c <- now() })
	return t
}

func (t *wallTimer) C() <-chan time.Time { return t.c }
func (t *wallTimer) Stop() bool          { return t.timer.Stop() }
