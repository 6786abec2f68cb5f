// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"fmt"
	"sync"
	"testing"
	"time"
)

// Users who do not come back are forgotten, and lose nothing by it.
func TestBucketsForget(t *testing.T) {
	t.Parallel()
	limits, err := ParseRateLimits("(GET, *, .*, 1, SECOND)")
	if err != nil {
		t.Fatal(err)
	}
	b, now := newBuckets(limits), time.Unix(0, 0)
	b.take("faithful", "POST", "/servers", now)
	if len(b.users) != 0 {
		t.Error("a request that no limit means was counted")
	}
	for n := range 10_000 {
		if wait, _ := b.take(fmt.Sprint("user-", n), "GET", "/servers", now); wait != 0 {
			t.Fatalf("user %d waits %s", n, wait)
		}
		now = now.Add(20 * time.Millisecond) // so that 50 of them still have something in their buckets
	}
	if most := 2*50 + fewest; len(b.users) > most {
		t.Errorf("%d users are remembered; want at most %d", len(b.users), most)
	}
	if wait, _ := b.take("user-9999", "GET", "/servers", now); wait != 980*time.Millisecond {
		t.Errorf("the last one waits %s", wait)
	}
}

// As many requests pass as there may, whoever comes at the same time.
func TestBucketsAtOnce(t *testing.T) {
	t.Parallel()
	limits, err := ParseRateLimits("(GET, *, .*, 7, HOUR)")
	if err != nil {
		t.Fatal(err)
	}
	b, now := newBuckets(limits), time.Unix(0, 0)
	passed := make(chan bool, 100)
	var all sync.WaitGroup
	for range 100 {
		all.Go(func() {
			wait, _ := b.take("u", "GET", "/", now)
			passed <- wait == 0
		})
	}
	all.Wait()
	close(passed)
	count := 0
	for ok := range passed {
		if ok {
			count++
		}
	}
	if left := b.left("u", now); count != 7 || left[0].remaining != 0 {
		t.Errorf("%d requests passed, %d are left", count, left[0].remaining)
	}
}
