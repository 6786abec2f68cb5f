// SPDX-License-Identifier: MPL-2.0

package wait_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/terraform-plugin-log/tflogtest"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/wait"
)

var errGone = errors.New("gone")

// builds is a cloud whose objects are ready some time after they were begun.
type builds struct {
	mu    sync.Mutex
	ready map[string]time.Time
	gets  int
	lists int
	lag   time.Duration
	hide  string // an id that List does not show
}

func (b *builds) state(id string) (string, error) {
	at, ok := b.ready[id]
	switch {
	case !ok:
		return "", errGone
	case time.Now().Before(at):
		return "BUILD", nil
	}
	return "ACTIVE", nil
}

func (b *builds) Get(ctx context.Context, id string) (string, error) {
	if err := (wait.Wall{}).Sleep(ctx, b.lag); err != nil {
		return "", err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.gets++
	return b.state(id)
}

func (b *builds) List(ctx context.Context, ids []string) (map[string]string, error) {
	if err := (wait.Wall{}).Sleep(ctx, b.lag); err != nil {
		return nil, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.lists++
	found := map[string]string{}
	for _, id := range ids {
		if state, err := b.state(id); err == nil && id != b.hide {
			found[id] = state
		}
	}
	return found, nil
}

func active(state string, err error) (bool, error) { return state == "ACTIVE", err }

var quick = wait.Backoff{First: 100 * time.Millisecond, Factor: 2, Max: time.Second}

func TestOneWaiterCostsOneGetARound(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		cloud := &builds{ready: map[string]time.Time{"a": time.Now().Add(time.Second)}}
		began := time.Now()
		state, err := wait.NewPoller(cloud, wait.Wall{}, quick).Until(t.Context(), "a", active)
		if state != "ACTIVE" || err != nil {
			t.Fatalf("got %q, %v", state, err)
		}
		// Rounds at 0.1, 0.3, 0.7 and 1.5 s.
		if cloud.gets != 4 || cloud.lists != 0 || time.Since(began) != 1500*time.Millisecond {
			t.Errorf("%d gets and %d lists in %s", cloud.gets, cloud.lists, time.Since(began))
		}
	})
}

func TestManyWaitersShareLists(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		cloud := &builds{ready: map[string]time.Time{}, lag: 10 * time.Millisecond}
		for i := range 50 {
			cloud.ready[fmt.Sprint(i)] = time.Now().Add(2 * time.Second)
		}
		poller := wait.NewPoller(cloud, wait.Wall{}, quick)
		var all sync.WaitGroup
		for i := range 50 {
			all.Go(func() {
				if state, err := poller.Until(t.Context(), fmt.Sprint(i), active); state != "ACTIVE" || err != nil {
					t.Errorf("%d: got %q, %v", i, state, err)
				}
			})
		}
		all.Wait()
		if cloud.gets != 0 || cloud.lists == 0 || cloud.lists > 6 {
			t.Errorf("50 waiters took %d gets and %d lists", cloud.gets, cloud.lists)
		}
		synctest.Wait() // and the polling goroutine has ended, or synctest reports it
	})
}

func TestWhatAListDoesNotShowIsAskedFor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		cloud := &builds{ready: map[string]time.Time{"a": {}, "b": {}}, hide: "b"}
		poller := wait.NewPoller(cloud, wait.Wall{}, quick)
		var all sync.WaitGroup
		for _, id := range []string{"a", "b", "c"} {
			all.Go(func() {
				state, err := poller.Until(t.Context(), id, active)
				if id == "c" != errors.Is(err, errGone) || id != "c" != (state == "ACTIVE") {
					t.Errorf("%s: got %q, %v", id, state, err)
				}
			})
		}
		all.Wait()
	})
}

func TestLateWaiterIsNotKeptByAnOldOnesPause(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		cloud := &builds{ready: map[string]time.Time{"slow": time.Now().Add(time.Hour), "new": {}}}
		slow := wait.Backoff{First: 100 * time.Millisecond, Factor: 100, Max: time.Minute}
		poller := wait.NewPoller(cloud, wait.Wall{}, slow)
		ctx, cancel := context.WithCancel(t.Context())
		var first sync.WaitGroup
		first.Go(func() {
			if state, err := poller.Until(ctx, "slow", active); state != "BUILD" || !errors.Is(err, context.Canceled) {
				t.Errorf("got %q, %v", state, err)
			}
		})
		time.Sleep(5 * time.Second)
		began := time.Now()
		if state, err := poller.Until(t.Context(), "new", active); state != "ACTIVE" || err != nil {
			t.Errorf("got %q, %v", state, err)
		}
		if waited := time.Since(began); waited != 100*time.Millisecond {
			t.Errorf("the new waiter waited %s", waited)
		}
		cancel()
		first.Wait()
		// A poller whose waiters have all left serves the next one.
		if state, err := poller.Until(t.Context(), "new", active); state != "ACTIVE" || err != nil {
			t.Errorf("got %q, %v", state, err)
		}
	})
}

func TestRoundsLeaveTheCloudTimeToRest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		cloud := &builds{ready: map[string]time.Time{"a": time.Now().Add(30 * time.Second)}, lag: 3 * time.Second}
		if _, err := wait.NewPoller(cloud, wait.Wall{}, quick).Until(t.Context(), "a", active); err != nil {
			t.Fatal(err)
		}
		// A round is 3 s of answer and 6 s of rest: rounds end at 3.1, 12.1, 21.1 and 30.1 s.
		if cloud.gets != 4 {
			t.Errorf("%d gets in 30 s", cloud.gets)
		}
	})
}

// job is an object that says how far it is.
type job string

func (j job) Progress() map[string]any { return map[string]any{"status": string(j)} }

type jobs struct{ *builds }

func (j jobs) Get(ctx context.Context, id string) (job, error) {
	state, err := j.builds.Get(ctx, id)
	return job(state), err
}

func (jobs) List(context.Context, []string) (map[string]job, error) { return nil, nil }

// TestLongWaitsLogProgress: every ten seconds or so, and short ones not at all.
func TestLongWaitsLogProgress(t *testing.T) {
	t.Parallel()
	for long, want := range map[time.Duration]int{9 * time.Second: 0, 35 * time.Second: 3} {
		synctest.Test(t, func(t *testing.T) {
			var log bytes.Buffer
			cloud := jobs{&builds{ready: map[string]time.Time{"a": time.Now().Add(long)}}}
			_, err := wait.NewPoller(cloud, wait.Wall{}, quick).Until(tflogtest.RootLogger(t.Context(), &log), "a", func(j job, err error) (bool, error) {
				return j == "ACTIVE", err
			})
			if err != nil {
				t.Error(err)
			}
			entries, err := tflogtest.MultilineJSONDecode(&log)
			if err != nil || len(entries) != want {
				t.Fatalf("%s: %v, %v", long, entries, err)
			}
			for i, entry := range entries {
				if entry["@level"] != "info" || entry["id"] != "a" || entry["status"] != "BUILD" || entry["waited"] == nil {
					t.Errorf("%d: %v", i, entry)
				}
			}
		})
	}
}
