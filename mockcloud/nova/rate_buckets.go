// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"sync"
	"time"
)

// buckets are what users have left of their rate limits, as Nova counts: each limit of each user is a leaky bucket. They
// are this process's own, as Nova's were each API worker's.
type buckets struct {
	limits []RateLimit

	mu    sync.Mutex // held for a look, never for a request
	users map[string]levels
	sweep int // with how many users those are forgotten whose buckets are dry
}

// levels are a user's buckets, by limit: when each is dry if nothing more is put into it.
type levels []time.Time

// fewest is how many users are remembered, whether or not they come back.
const fewest = 64

func newBuckets(limits []RateLimit) *buckets {
	return &buckets{limits: limits, users: map[string]levels{}, sweep: fewest}
}

// take counts a request in all limits that it falls under. Where it is one too many, it tells of which limit, and after how
// long it is not; of the shortest wait where it is so of several, as Nova does.
func (b *buckets) take(user, verb, path string, now time.Time) (time.Duration, *RateLimit) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var least time.Duration
	var over *RateLimit
	for n := range b.limits {
		limit := &b.limits[n]
		if limit.Verb != verb || !limit.path.MatchString(path) {
			continue
		}
		dry := b.of(user, now)
		if wait := dry.wait(n, limit, now); wait <= 0 {
			dry[n] = later(dry[n], now).Add(limit.cost())
		} else if over == nil || wait < least {
			least, over = wait, limit
		}
	}
	return least, over
}

// of are the user's levels, new ones if need be. The memory is that of the users who have lately asked: who has
// nothing in any bucket is as good as new.
func (b *buckets) of(user string, now time.Time) levels {
	known := b.users[user]
	if known != nil {
		return known
	}
	if len(b.users) >= b.sweep {
		for id, levels := range b.users {
			if levels.dry(now) {
				delete(b.users, id)
			}
		}
		b.sweep = max(fewest, 2*len(b.users))
	}
	b.users[user] = make(levels, len(b.limits))
	return b.users[user]
}

// left is what a user has of each limit at that time: how many requests at once, and when the next one may come.
func (b *buckets) left(user string, now time.Time) []allowance {
	b.mu.Lock()
	defer b.mu.Unlock()
	known := b.users[user]
	if known == nil {
		known = make(levels, len(b.limits))
	}
	all := make([]allowance, len(b.limits))
	for n := range b.limits {
		limit := &b.limits[n]
		room := limit.period - later(known[n], now).Sub(now)
		all[n] = allowance{
			limit: limit, remaining: min(int(max(room, 0)/limit.cost()), limit.Value), next: now.Add(max(known.wait(n, limit, now), 0)),
		}
	}
	return all
}

// allowance is what is left of a limit.
type allowance struct {
	limit     *RateLimit
	remaining int
	next      time.Time
}

// wait is how long it takes until the bucket of a limit has room for a request; zero or less where it has.
func (l levels) wait(n int, limit *RateLimit, now time.Time) time.Duration {
	return later(l[n], now).Add(limit.cost()).Sub(now) - limit.period
}

func (l levels) dry(now time.Time) bool {
	for _, at := range l {
		if at.After(now) {
			return false
		}
	}
	return true
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
