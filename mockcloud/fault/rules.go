// SPDX-License-Identifier: MPL-2.0

package fault

import (
	"errors"
	"fmt"
	"hash/fnv"
	"regexp"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// Errors of Rules.
var (
	ErrTaken   = errors.New("there is a rule with this id")
	ErrUnknown = errors.New("there is no rule with this id")
)

// Rules are the rules of a cloud, in the order in which they were added. They are asked in that order, and the first
// whose effect ends the request has the last word; delays add up. Rules are safe for concurrent use: each request
// sees those that there were when it came.
type Rules struct {
	operations map[string][]string

	mu      sync.Mutex // of those who change them
	made    int
	entries atomic.Pointer[[]*entry]
}

// entry is a rule with what has come of it.
type entry struct {
	Rule

	path *regexp.Regexp

	mu              sync.Mutex
	matched, struck int
}

// State is a rule with how many requests it has matched and struck.
type State struct {
	Rule

	Matched, Struck int
}

// Strike is what is to happen to one request; the zero value is nothing.
type Strike struct {
	// Rule is the id of the last rule that has a part in it.
	Rule string
	// Before and After are delays before and after the work.
	Before, After time.Duration
	// End, unless nil, is the effect that takes the answer's place.
	End *Effect
}

// New is an empty set of rules for a cloud with these operations by service.
func New(operations map[string][]string) *Rules {
	r := &Rules{operations: operations}
	r.entries.Store(&[]*entry{})
	return r
}

// Any is whether there are rules.
func (r *Rules) Any() bool { return len(*r.entries.Load()) > 0 }

// Add adds a rule behind the others and returns its id. The error is an *Invalid or ErrTaken.
func (r *Rules) Add(rule Rule) (string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	made, err := r.entry(rule, *r.entries.Load())
	if err != nil {
		return "", err
	}
	r.store(append(slices.Clone(*r.entries.Load()), made))
	return made.ID, nil
}

// Set puts a rule in the place of the one with its id, and counts anew. The error is an *Invalid or ErrUnknown.
func (r *Rules) Set(rule Rule) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := slices.Clone(*r.entries.Load())
	at := find(all, rule.ID)
	if at < 0 {
		return ErrUnknown
	}
	made, err := r.entry(rule, nil)
	if err != nil {
		return err
	}
	all[at] = made
	r.store(all)
	return nil
}

// Replace puts these rules in the place of all, or changes nothing and returns what is wrong with one of them.
func (r *Rules) Replace(rules []Rule) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	var all []*entry
	for i, rule := range rules {
		made, err := r.entry(rule, all)
		if err != nil {
			return fmt.Errorf("rule %d: %w", i+1, err)
		}
		all = append(all, made)
	}
	r.store(all)
	return nil
}

// Remove takes away the rule with that id. The error is ErrUnknown.
func (r *Rules) Remove(id string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	at := find(*r.entries.Load(), id)
	if at < 0 {
		return ErrUnknown
	}
	r.store(slices.Delete(slices.Clone(*r.entries.Load()), at, at+1))
	return nil
}

// Clear takes all rules away.
func (r *Rules) Clear() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.store(nil)
}

// List shows the rules.
func (r *Rules) List() []State {
	all := *r.entries.Load()
	states := make([]State, len(all))
	for i, e := range all {
		e.mu.Lock()
		states[i] = State{Rule: e.Rule, Matched: e.matched, Struck: e.struck}
		e.mu.Unlock()
	}
	return states
}

// Decide is what is to happen to a request, which counts as one that came.
func (r *Rules) Decide(q *Request) Strike {
	var s Strike
	for _, e := range *r.entries.Load() {
		if !e.matches(e.path, q) {
			continue
		}
		effect := e.next()
		if effect == nil {
			continue
		}
		s.Rule = e.ID
		if effect.After {
			s.After += effect.Delay
		} else {
			s.Before += effect.Delay
		}
		if effect.ends() {
			s.End = effect
			break
		}
	}
	return s
}

// entry checks a rule and names it, unlike any of the others.
func (r *Rules) entry(rule Rule, others []*entry) (*entry, error) {
	if err := rule.check(r.operations); err != nil {
		return nil, err
	}
	if rule.ID != "" && find(others, rule.ID) >= 0 {
		return nil, ErrTaken
	}
	for rule.ID == "" || find(others, rule.ID) >= 0 {
		r.made++
		rule.ID = strconv.Itoa(r.made)
	}
	rule.Effects = slices.Clone(rule.Effects)
	return &entry{Rule: rule, path: compile(rule.Path)}, nil
}

func (r *Rules) store(all []*entry) { r.entries.Store(&all) }

func find(all []*entry, id string) int {
	return slices.IndexFunc(all, func(e *entry) bool { return e.ID == id })
}

// next counts a request that the rule matches, and is the effect that strikes it, or nil.
func (e *entry) next() *Effect {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.matched++
	spent := e.Times > 0 && e.struck >= e.Times
	if e.matched <= e.Skip || spent || e.Probability > 0 && draw(e.Seed, e.ID, e.matched) >= e.Probability {
		return nil
	}
	e.struck++
	return &e.Effects[(e.struck-1)%len(e.Effects)]
}

// draw is a number from 0 up to 1 that depends on nothing but what it is given (SplitMix64).
func draw(seed uint64, id string, n int) float64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(id))
	x := seed ^ h.Sum64() + uint64(n)*0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	x ^= x >> 31
	return float64(x>>11) / (1 << 53)
}
