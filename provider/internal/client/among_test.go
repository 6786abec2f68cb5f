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
	c := amongClient()
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

func amongClient() *Client {
	return &Client{clock: wait.Wall{}, retries: 10, backoff: wait.Backoff{First: time.Second, Factor: 1.5, Max: time.Minute, Jitter: 0.3}}
}

// TestOnceAmongOtherKinds: who looks for what may be another's waits for him, and who makes other things for neither.
func TestOnceAmongOtherKinds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		type other struct{ thing }
		const hangs = 10 * time.Minute
		c := amongClient()
		cloud := &things{}
		add := func(id string) *thing {
			cloud.mu.Lock()
			defer cloud.mu.Unlock()
			cloud.made = append(cloud.made, thing{id: id})
			return &thing{id: id}
		}
		list := func(context.Context) ([]thing, error) {
			cloud.mu.Lock()
			defer cloud.mu.Unlock()
			return slices.Clone(cloud.made), nil
		}
		id := func(t *thing) string { return t.id }
		var all sync.WaitGroup
		all.Go(func() {
			if _, err := OnceAmong(t.Context(), c, func(context.Context) (*thing, error) {
				time.Sleep(hangs)
				return add("slow"), nil
			}, list, id); err != nil {
				t.Error(err)
			}
		})
		synctest.Wait()
		began := time.Now()
		all.Go(func() {
			made, err := OnceAmong(t.Context(), c, func(context.Context) (*thing, error) {
				add("lost")
				return nil, io.ErrUnexpectedEOF
			}, list, id)
			if err != nil || made.id != "lost" || time.Since(began) < hangs {
				t.Errorf("%v, %v after %s", made, err, time.Since(began))
			}
		})
		time.Sleep(time.Minute) // it waits at the door now
		turn := time.Now()
		if _, err := OnceAmong(t.Context(), c, func(context.Context) (*other, error) {
			return &other{thing{id: "other"}}, nil
		}, func(context.Context) ([]other, error) { return nil, nil }, func(o *other) string { return o.id }); err != nil || time.Since(turn) > 0 {
			t.Errorf("another kind was made after %s: %v", time.Since(turn), err)
		}
		all.Wait()
	})
}
