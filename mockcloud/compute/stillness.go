// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"context"
	"slices"
	"sync"
)

// stillness is an instance's turn in which its volumes are copied while its guest writes nothing. The turn is had before
// the guest is frozen and kept until it is thawed, so that a frozen guest waits for the copies and for nothing else. Who
// copies one of its volumes meanwhile does so in that turn: the stillness waits for him, or for who waits for him.
type stillness struct {
	turn   context.Context // as inTurn's; once began is closed
	began  chan struct{}
	frozen chan error // tells that the guest is, or why not
	made   chan []imageDevice

	copying sync.Mutex // a driver makes one copy at a time of a machine's volumes; see driver.Driver
	over    bool       // guarded by copying
}

// stillnesses are those of now and those that wait for their turn, by instance, in the order of its line.
type stillnesses struct {
	mu sync.Mutex
	of map[string][]*stillness
}

// first is the instance's, or nil; then otherwise, which joins the line, is done before there can be one.
func (s *stillnesses) first(id string, otherwise func()) *stillness {
	s.mu.Lock()
	defer s.mu.Unlock()
	if of := s.of[id]; len(of) > 0 {
		return of[0]
	}
	otherwise()
	return nil
}

// add takes one in that join lets join the line.
func (s *stillnesses) add(id string, one *stillness, join func() bool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !join() {
		return false
	}
	if s.of == nil {
		s.of = map[string][]*stillness{}
	}
	s.of[id] = append(s.of[id], one)
	return true
}

// end returns once nothing is copied in its turn any more.
func (s *stillnesses) end(id string, one *stillness) {
	s.mu.Lock()
	s.of[id] = slices.DeleteFunc(s.of[id], func(other *stillness) bool { return other == one })
	if len(s.of[id]) == 0 {
		delete(s.of, id)
	}
	s.mu.Unlock()
	one.copying.Lock()
	defer one.copying.Unlock()
	one.over = true
}

// within does something in the turn, once that has come; false when it is over.
func (s *stillness) within(ctx context.Context, do func(turn context.Context)) (done bool, err error) {
	select {
	case <-s.began:
	case <-ctx.Done():
		return false, ctx.Err()
	}
	s.copying.Lock()
	defer s.copying.Unlock()
	if s.over {
		return false, nil
	}
	do(s.turn)
	return true, nil
}
