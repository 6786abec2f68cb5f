// SPDX-License-Identifier: MPL-2.0

package clock

import (
	"context"
	"fmt"
	"math"
	"time"
)

// Scaled is a clock that starts at the present and runs factor times as fast as the wall's: at 60, a
// minute passes in a second. A factor that is not a positive number is an error.
func Scaled(factor float64) (Clock, error) {
	if !(factor > 0) || math.IsInf(factor, 0) {
		return nil, fmt.Errorf("clock: factor %v is not a positive number", factor)
	}
	return &scaled{start: time.Now(), factor: factor}, nil
}

type scaled struct {
	start  time.Time // with a monotonic reading: a wall clock that is set back does not turn this one back
	factor float64
}

func (s *scaled) Now() time.Time {
	elapsed := float64(time.Since(s.start)) * s.factor
	return s.start.Round(0).Add(saturate(elapsed)).UTC()
}

func (s *scaled) Sleep(ctx context.Context, d time.Duration) error {
	return wall{}.Sleep(ctx, s.real(d))
}

func (s *scaled) Timer(d time.Duration) Timer { return newWallTimer(s.real(d), s.Now) }

// real is how long d of this clock's time is on the wall, rounded up so that nothing fires early.
func (s *scaled) real(d time.Duration) time.Duration {
	return saturate(math.Ceil(float64(d) / s.factor))
}

// saturate keeps a product that no Duration holds at the longest one instead of wrapping around.
func saturate(ns float64) time.Duration {
	if ns >= math.MaxInt64 {
		return math.MaxInt64
	}
	return time.Duration(ns)
}
