// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/wait"
)

// thing is of a pool, and may be of a part of it.
type thing struct{ id, part string }

// things make some without telling, and refuse some attempts without telling.
type things struct {
	mu   sync.Mutex
	dice *rand.Rand
	made []thing
}

func (s *things) create(part string) (*thing, error) {
	s.takeTime()
	defer s.takeTime()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.dice.IntN(5) == 0 {
		return nil, io.ErrUnexpectedEOF
	}
	if part == "" { // any will do
		part = []string{"one", "other"}[s.dice.IntN(2)]
	}
	made := thing{fmt.Sprint(len(s.made)), part}
	s.made = append(s.made, made)
	if s.dice.IntN(3) == 0 {
		return nil, io.ErrUnexpectedEOF
	}
	return &made, nil
}

// takeTime takes up to a second of the bubble's clock.
func (s *things) takeTime() {
	s.mu.Lock()
	d := time.Duration(s.dice.Int64N(int64(time.Second)))
	s.mu.Unlock()
	time.Sleep(d)
}

func (s *things) list(part string) ([]thing, error) {
	s.takeTime()
	defer s.takeTime()
	s.mu.Lock()
	defer s.mu.Unlock()
	now := slices.DeleteFunc(slices.Clone(s.made), func(t thing) bool { return part != "" && t.part != part })
	slices.Reverse(now) // nothing says in which order a cloud lists
	return now, nil
}

// TestOnceAmong: creates of the same kind get one object each, and leave none over, be they begun at the same time or
// one while another looks for what it made.
func TestOnceAmong(t *testing.T) {
	t.Parallel()
	for _, stagger := range []time.Duration{0, 100 * time.Millisecond, 500 * time.Millisecond} {
		for seed := range uint64(20) {
			t.Run(fmt.Sprint(stagger, " seed ", seed), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) { createAmong(t, stagger, seed) })
			})
		}
	}
}

func createAmong(t *testing.T, stagger time.Duration, seed uint64) {
	t.Helper()
	c := &Client{
		clock: wait.Wall{}, retries: 10, creates: newCreates(),
		backoff: wait.Backoff{First: time.Second, Factor: 1.5, Max: time.Minute, Jitter: 0.3},
	}
	cloud := &things{made: []thing{{"an older one", "one"}}, dice: rand.New(rand.NewPCG(seed, 0))}
	const creates = 40
	var mu sync.Mutex
	got := map[string]int{}
	var all sync.WaitGroup
	for i := range creates {
		all.Go(func() {
			time.Sleep(time.Duration(i) * stagger)
			part := []string{"", "one"}[i%2]
			made, err := OnceAmong(t.Context(), c, func(context.Context) (*thing, error) {
				return cloud.create(part)
			}, func(context.Context) ([]thing, error) {
				return cloud.list(part)
			}, func(t *thing) string { return t.id })
			if err != nil || part != "" && made.part != part {
				t.Error(made, err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			got[made.id]++
		})
	}
	all.Wait()
	if len(got) != creates || len(cloud.made) != creates+1 || got["an older one"] != 0 {
		t.Errorf("%d creates got %d objects of %d that there are", creates, len(got), len(cloud.made)-1)
	}
}
