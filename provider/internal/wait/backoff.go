// SPDX-License-Identifier: MPL-2.0

package wait

import (
	"math"
	"math/rand/v2"
	"time"
)

// Backoff is a growing series of pauses: First, First*Factor, First*Factor^2 ... up to Max, each moved
// at random by as much as the fraction Jitter to either side, so that clients which failed together do
// not come back together.
type Backoff struct {
	First, Max time.Duration
	Factor     float64
	Jitter     float64
}

// Pause is the pause after the given number of earlier pauses.
func (b Backoff) Pause(earlier int) time.Duration {
	pause := min(float64(b.First)*math.Pow(b.Factor, float64(earlier)), float64(b.Max))
	return time.Duration(pause * (1 + b.Jitter*(2*rand.Float64()-1))) //nolint:gosec // spreading load is no secret
}
