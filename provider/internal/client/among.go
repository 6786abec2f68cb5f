// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"maps"
	"slices"
	"sync"
)

// OnceAmong is Once for objects that bear no mark: the one that an attempt without an answer made is the one that list
// shows now, did not show before, and that no other create of this provider got as its own. list reads those objects
// that are as create makes them, so that it does not matter which of several creates gets which.
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
	attempt := func(ctx context.Context) (*T, error) {
		defer c.creates.begin()()
		made, err := create(ctx)
		if err == nil {
			c.creates.claim(id(made))
		}
		return made, err
	}
	find := func(ctx context.Context) (*T, error) {
		now, err := list(ctx)
		if err == nil {
			err = c.creates.settle(ctx)
		}
		if err != nil {
			return nil, err
		}
		for i := range now {
			if found := &now[i]; !was[id(found)] && c.creates.claim(id(found)) {
				return found, nil
			}
		}
		return nil, nil
	}
	return Once(ctx, c, attempt, find)
}

// creates are those of a provider that OnceAmong has under way, and what they made.
type creates struct {
	mu       sync.Mutex
	underway map[chan struct{}]bool // each is closed at the end of its attempt
	claimed  map[string]bool        // ids
}

// begin notes an attempt that begins; the function that it returns notes its end.
func (c *creates) begin() func() {
	done := make(chan struct{})
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.underway == nil {
		c.underway = map[chan struct{}]bool{}
	}
	c.underway[done] = true
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.underway, done)
		close(done)
	}
}

// settle waits for the attempts that are under way: what a list shows may be theirs.
func (c *creates) settle(ctx context.Context) error {
	c.mu.Lock()
	underway := slices.Collect(maps.Keys(c.underway))
	c.mu.Unlock()
	for _, done := range underway {
		select {
		case <-done:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// claim makes an object that of one create; false if it is another's.
func (c *creates) claim(id string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.claimed[id] {
		return false
	}
	if c.claimed == nil {
		c.claimed = map[string]bool{}
	}
	c.claimed[id] = true
	return true
}
