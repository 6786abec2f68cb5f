// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"math"
	"reflect"
	"sync"

	"golang.org/x/sync/semaphore"
)

// OnceAmong is Once for objects that bear no mark: the one that an attempt without an answer made is one that list
// shows now, did not show before, and that no other create of this provider got as its own. list reads those objects
// that are as create makes them, so that it does not matter which of several creates gets which, as long as each of them
// gets one: who looks leaves those to the others that they cannot do without.
func OnceAmong[T any](
	ctx context.Context, c *Client, create func(context.Context) (*T, error), list func(context.Context) ([]T, error), id func(*T) string,
) (*T, error) {
	before, err := list(ctx)
	if err != nil {
		return nil, err
	}
	was := map[string]bool{}
	for i := range before {
		was[id(&before[i])] = true
	}
	seen := map[string]*T{}
	all := createsOf[T](c)
	own := &search{look: func(ctx context.Context) ([]string, error) {
		now, err := list(ctx)
		var ids []string
		for i := range now {
			if key := id(&now[i]); !was[key] {
				ids, seen[key] = append(ids, key), &now[i]
			}
		}
		return ids, err
	}}
	defer all.end(own)
	return Once(ctx, c, func(ctx context.Context) (*T, error) {
		leave, err := all.enter(ctx, 1)
		if err != nil {
			return nil, err
		}
		defer leave()
		made, err := create(ctx)
		switch {
		case err == nil:
			all.claim(id(made))
		case Ambiguous(err):
			all.lose(own)
		}
		return made, err
	}, func(ctx context.Context) (found *T, err error) {
		err = all.find(ctx, own, func(id string) { found = seen[id] })
		return found, err
	})
}

// search is for what an attempt made whose answer got lost.
type search struct {
	look func(context.Context) (ids []string, err error) // what it may have made; not from two goroutines at once
}

// creates are those of a provider that OnceAmong has under way of one kind, and what they made.
type creates struct {
	door *semaphore.Weighted // an attempt holds one of it, who looks for what is lost holds everyone: what there is may be theirs

	mu       sync.Mutex
	claimed  map[string]bool  // ids
	searches map[*search]bool // of all that lost an answer and did not end yet
}

// everyone is more than there are attempts.
const everyone = math.MaxInt32

func newCreates() *creates {
	return &creates{door: semaphore.NewWeighted(everyone), claimed: map[string]bool{}, searches: map[*search]bool{}}
}

// createsOf are those of one kind: nobody waits for what cannot be taken for his.
func createsOf[T any](c *Client) *creates {
	of, _ := c.creates.LoadOrStore(reflect.TypeFor[T](), newCreates())
	all, _ := of.(*creates)
	return all
}

// enter takes n of the door; the function that it returns gives them back.
func (c *creates) enter(ctx context.Context, n int64) (leave func(), err error) {
	if err := c.door.Acquire(ctx, n); err != nil {
		return nil, err
	}
	return func() { c.door.Release(n) }, nil
}

// claim makes an object that of one create.
func (c *creates) claim(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.claimed[id] = true
}

func (c *creates) lose(s *search) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.searches[s] = true
}

func (c *creates) end(s *search) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.searches, s)
}

// find claims an object for a search, if there is one, and gives it to take: all while nothing is made, nor looked for by
// another.
func (c *creates) find(ctx context.Context, own *search, take func(id string)) error {
	leave, err := c.enter(ctx, everyone)
	if err != nil {
		return err
	}
	defer leave()
	c.mu.Lock()
	searches := []*search{own}
	for s := range c.searches {
		if s != own {
			searches = append(searches, s)
		}
	}
	c.mu.Unlock()
	shares := shares{may: map[*search][]string{}, of: map[string]*search{}}
	for _, s := range searches {
		ids, err := s.look(ctx)
		if err != nil {
			return err
		}
		shares.may[s] = c.unclaimed(ids)
	}
	for _, s := range searches { // its own first, so that it gets one if there is any that it may have
		shares.give(s, map[string]bool{})
	}
	for id, s := range shares.of {
		if s == own {
			c.claim(id)
			take(id)
		}
	}
	return nil
}

func (c *creates) unclaimed(ids []string) []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var left []string
	for _, id := range ids {
		if !c.claimed[id] {
			left = append(left, id)
		}
	}
	return left
}

// shares is a maximum matching of searches and objects: an object that no search gets would stay.
type shares struct {
	may map[*search][]string // what each may get
	of  map[string]*search   // who gets each
}

// give gives s an object along an augmenting path: whose object it takes gets another one.
func (m shares) give(s *search, tried map[string]bool) bool {
	for _, id := range m.may[s] {
		if tried[id] {
			continue
		}
		tried[id] = true
		if holder := m.of[id]; holder == nil || m.give(holder, tried) {
			m.of[id] = s
			return true
		}
	}
	return false
}
