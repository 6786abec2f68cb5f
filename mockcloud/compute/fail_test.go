// SPDX-License-Identifier: MPL-2.0

package compute_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver/sim"
)

// trouble is what happens at the n-th thing that an action asks of its host or of its neighbours.
type trouble struct {
	name string
	do   func(strike *strike, c *cloud, call func() error) error
	// lasting: from then on, until the action is over.
	lasting bool
	// reclaim: deleted servers can be restored.
	reclaim bool
	// hosts: only of hosts. What neighbours do is done or not done.
	hosts bool
}

// troubles are those that every action must come through.
var troubles = []trouble{
	{name: "fails", do: func(_ *strike, _ *cloud, _ func() error) error { return errInjected }},
	{name: "only seems to fail", hosts: true, do: func(_ *strike, _ *cloud, call func() error) error {
		return errors.Join(call(), errInjected)
	}},
	{name: "fails for good", lasting: true, do: func(_ *strike, _ *cloud, _ func() error) error { return errInjected }},
	{name: "deleted before", do: func(s *strike, c *cloud, call func() error) error {
		s.interfere(func(ctx context.Context) error { return c.Delete(ctx, admin, s.id) })
		return call()
	}},
	{name: "deleted after", do: func(s *strike, c *cloud, call func() error) error {
		defer s.interfere(func(ctx context.Context) error { return c.Delete(ctx, admin, s.id) })
		return call()
	}},
	{name: "soft-deleted before", reclaim: true, do: func(s *strike, c *cloud, call func() error) error {
		s.interfere(func(ctx context.Context) error { return c.Delete(ctx, admin, s.id) })
		return call()
	}},
	{name: "soft-deleted after", reclaim: true, do: func(s *strike, c *cloud, call func() error) error {
		defer s.interfere(func(ctx context.Context) error { return c.Delete(ctx, admin, s.id) })
		return call()
	}},
	{name: "reset before", do: func(s *strike, c *cloud, call func() error) error {
		s.interfere(func(ctx context.Context) error { return c.ResetState(ctx, admin, s.id, compute.Error) })
		return call()
	}},
	{name: "reset after", do: func(s *strike, c *cloud, call func() error) error {
		defer s.interfere(func(ctx context.Context) error { return c.ResetState(ctx, admin, s.id, compute.Error) })
		return call()
	}},
}

// strike counts what is asked while it is armed, and makes trouble at one of it.
type strike struct {
	trouble

	mu    sync.Mutex
	armed bool
	left  int    // how many come through before
	at    string // what the trouble came at; "" while it has not
	id    string
	ctx   context.Context //nolint:containedctx // the test's
	other error           // what went wrong with what interferes
}

func (s *strike) interfere(do func(context.Context) error) {
	if err := do(s.ctx); err != nil && compute.KindOf(err) != compute.NotFound {
		s.other = err
	}
}

func (s *strike) arm(id string, left int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.id, s.left, s.armed = id, left, true
}

func (s *strike) disarm() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.armed = false
}

// due tells whether the trouble comes now.
func (s *strike) due(what string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.left--
	if !s.armed || s.left >= 0 || s.at != "" && !s.lasting {
		return false
	}
	if s.at == "" {
		s.at = what
	}
	return true
}

// around is the door to hosts and neighbours.
func (s *strike) around(c *cloud, what string, call func() error) error {
	if !s.due(what) {
		return call()
	}
	return s.do(s, c, call)
}

// Whatever happens at each thing in turn that an action asks of its host and of its neighbours, the server ends
// in a legal state with nothing left over, and can be deleted without a trace.
func TestEveryActionInTrouble(t *testing.T) {
	t.Parallel()
	for _, d := range deeds {
		for _, trouble := range troubles {
			t.Run(d.name+" "+trouble.name, func(t *testing.T) {
				t.Parallel()
				n := 0
				for ; d.survive(t, trouble, n); n++ {
					if n > 100 {
						t.Fatal("asks for ever")
					}
				}
			})
		}
	}
}

// survive makes the trouble at the n-th thing; false when there is none such.
func (d deed) survive(t *testing.T, trouble trouble, n int) bool {
	t.Helper()
	s := &strike{trouble: trouble, ctx: t.Context()}
	v := newVolumes("root", "data")
	var c *cloud
	around := func(what string, call func() error) error { return s.around(c, what, call) }
	neighbours := around
	if trouble.hosts {
		neighbours = func(_ string, call func() error) error { return call() }
	}
	v.around = neighbours
	made := newAlbum()
	c = start(t, func(config *compute.Config, _ *sim.Options) {
		config.Volumes, config.Images = v, made
		config.Networks = faultyNetworks{config.Networks, neighbours}
		config.Intercept = func(ctx context.Context, call compute.DriverCall, next func(context.Context) error) error {
			if call.InstanceID == "" || call.InstanceID == "sentinel" {
				return next(ctx)
			}
			return around(call.Method+" on "+call.Host, func() error { return next(ctx) })
		}
		if d.config != nil {
			d.config(config)
		}
		if trouble.reclaim {
			reclaimLater(config)
		}
	})
	id := d.prepare(t, c)
	s.arm(id, n)
	err := d.do(c, t, id)
	c.settle(t)
	c.flush(t)
	s.disarm()
	if s.at == "" {
		return false
	}
	if s.other != nil {
		t.Errorf("at %d, %s: what interferes failed: %v", n, s.at, s.other)
	}
	t.Run(s.at, func(t *testing.T) {
		t.Logf("at %d, %s: the answer is %v", n, s.at, err)
		c.comeThrough(t, v, id, trouble.lasting)
		made.has(t)
	})
	return true
}
