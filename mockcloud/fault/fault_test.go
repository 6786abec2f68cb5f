// SPDX-License-Identifier: MPL-2.0

package fault_test

import (
	"errors"
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/fault"
)

func rules(t testing.TB, all ...fault.Rule) *fault.Rules {
	t.Helper()
	r := fault.New(map[string][]string{
		"compute": {"GET /servers", "POST /servers", "GET /servers/{id}", "POST /servers/{id}/action reboot"},
		"network": {"GET /networks"},
	})
	if err := r.Replace(all); err != nil {
		t.Fatal(err)
	}
	return r
}

var (
	busy   = fault.Effect{Status: 503}
	lost   = fault.Effect{Cut: true, After: true}
	create = fault.Request{Service: "compute", Method: "POST", Path: "/compute/v2.1/servers", Operation: "POST /servers", Project: "p"}
)

// pattern is what becomes of n requests: S a status, C a cut, D a delay alone, - nothing.
func pattern(r *fault.Rules, q fault.Request, n int) string {
	var b strings.Builder
	for range n {
		s := r.Decide(&q)
		switch {
		case s.End != nil && s.End.Cut:
			b.WriteByte('C')
		case s.End != nil:
			b.WriteByte('S')
		case s.Before+s.After > 0:
			b.WriteByte('D')
		default:
			b.WriteByte('-')
		}
	}
	return b.String()
}

func TestSkipTimesAndSequence(t *testing.T) {
	t.Parallel()
	slow := fault.Effect{Delay: time.Second}
	for _, test := range []struct {
		rules []fault.Rule
		want  string
	}{
		{nil, "--------"},
		{[]fault.Rule{{Effects: []fault.Effect{busy}}}, "SSSSSSSS"},
		{[]fault.Rule{{Skip: 2, Times: 3, Effects: []fault.Effect{busy}}}, "--SSS---"},
		{[]fault.Rule{{Times: 5, Effects: []fault.Effect{busy, lost}}}, "SCSCS---"},
		{[]fault.Rule{{Effects: []fault.Effect{busy, {}, {}}}}, "S--S--S-"},
		{[]fault.Rule{{Times: 1, Effects: []fault.Effect{busy}}, {Effects: []fault.Effect{lost}}}, "SCCCCCCC"},
		// A delay lets the later rules have their say, and they count only what gets to them.
		{[]fault.Rule{{Effects: []fault.Effect{slow}}, {Skip: 1, Times: 1, Effects: []fault.Effect{busy}}}, "DSDDDDDD"},
		{[]fault.Rule{{Times: 2, Effects: []fault.Effect{busy}}, {Skip: 1, Effects: []fault.Effect{lost}}}, "SS-CCCCC"},
	} {
		if got := pattern(rules(t, test.rules...), create, 8); got != test.want {
			t.Errorf("%+v: %s, want %s", test.rules, got, test.want)
		}
	}
}

func TestDelaysAddUp(t *testing.T) {
	t.Parallel()
	r := rules(t,
		fault.Rule{Effects: []fault.Effect{{Delay: time.Second}}},
		fault.Rule{Effects: []fault.Effect{{Delay: 2 * time.Second, After: true}}},
		fault.Rule{Effects: []fault.Effect{{Delay: 4 * time.Second, Status: 500, After: true}}},
		fault.Rule{Effects: []fault.Effect{{Delay: time.Hour}}})
	s := r.Decide(&create)
	if s.Before != time.Second || s.After != 6*time.Second || s.End.Status != 500 || s.Rule != "3" {
		t.Errorf("%+v", s)
	}
}

func TestMatching(t *testing.T) {
	t.Parallel()
	for rule, want := range map[*fault.Rule]bool{
		{Service: "compute"}:               true,
		{Service: "network"}:               false,
		{Method: "POST"}:                   true,
		{Method: "GET"}:                    false,
		{Path: "/compute/**"}:              true,
		{Path: "/compute/*/servers"}:       true,
		{Path: "/compute/*"}:               false,
		{Path: "**/servers"}:               true,
		{Path: "/compute/v2.1/server"}:     false,
		{Path: "/compute/v2x1/servers"}:    false,
		{Operation: "POST /servers"}:       true,
		{Operation: "GET /servers"}:        false,
		{Project: "p"}:                     true,
		{Project: "q"}:                     false,
		{Project: "p", Service: "network"}: false,
	} {
		rule.Effects = []fault.Effect{busy}
		if got := pattern(rules(t, *rule), create, 1) == "S"; got != want {
			t.Errorf("%+v matches: %v", *rule, got)
		}
	}
}

// TestSeeds: a seed's strikes are the same in each run, near their share, and others than another seed's.
func TestSeeds(t *testing.T) {
	t.Parallel()
	const n = 20_000
	seen := map[string]bool{}
	for seed := range uint64(8) {
		rule := fault.Rule{Probability: 0.1, Seed: seed, Effects: []fault.Effect{busy}}
		first := pattern(rules(t, rule), create, n)
		if first != pattern(rules(t, rule), create, n) {
			t.Errorf("seed %d: two runs differ", seed)
		}
		share := float64(strings.Count(first, "S")) / n
		if math.Abs(share-0.1) > 0.01 {
			t.Errorf("seed %d strikes %.3f of all", seed, share)
		}
		if pair := float64(strings.Count(first, "SS")) / n; math.Abs(pair-0.009) > 0.004 {
			t.Errorf("seed %d strikes %.4f pairs", seed, pair)
		}
		seen[first] = true
	}
	if len(seen) != 8 {
		t.Errorf("8 seeds give %d patterns", len(seen))
	}
}

// TestConcurrentRequests: who comes when is chance, but how many are struck is not.
func TestConcurrentRequests(t *testing.T) {
	t.Parallel()
	const n = 1000
	rule := fault.Rule{Skip: 10, Times: 70, Probability: 0.2, Seed: 7, Effects: []fault.Effect{busy}}
	want := strings.Count(pattern(rules(t, rule), create, n), "S")
	r := rules(t, rule)
	var all sync.WaitGroup
	for range 10 {
		all.Go(func() {
			pattern(r, create, n/10)
			_ = r.List()
		})
	}
	all.Go(func() {
		for range 100 {
			id, err := r.Add(fault.Rule{Service: "network", Effects: []fault.Effect{busy}})
			if err == nil {
				err = r.Remove(id)
			}
			if err != nil {
				t.Error(err)
			}
		}
	})
	all.Wait()
	if s := r.List()[0]; s.Matched != n || s.Struck != want || want != 70 {
		t.Errorf("%d of %d were struck, not %d", s.Struck, s.Matched, want)
	}
}

func TestNonsenseIsRefused(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		rule  fault.Rule
		field string
		says  string
	}{
		{fault.Rule{Operation: "POST /server"}, "operation", `near it are "POST /servers"`},
		{fault.Rule{Operation: "reboot"}, "operation", "POST /servers/{id}/action reboot"},
		{fault.Rule{Operation: "GET /networks", Service: "compute"}, "operation", "compute has no operation"},
		{fault.Rule{Service: "nova"}, "service", "there are compute, network"},
		{fault.Rule{Method: "get"}, "method", `"get"`},
		{fault.Rule{Path: "servers"}, "path", "slash"},
		{fault.Rule{ID: "a/b"}, "id", "slash"},
		{fault.Rule{Skip: -1}, "skip", "0"},
		{fault.Rule{Times: -1}, "times", "0"},
		{fault.Rule{Probability: 1.1}, "probability", "0 to 1"},
		{fault.Rule{Probability: math.NaN()}, "probability", "0 to 1"},
		{fault.Rule{Effects: []fault.Effect{}}, "effects", "one at least"},
		{fault.Rule{Effects: []fault.Effect{{Status: 200}}}, "status", "400"},
		{fault.Rule{Effects: []fault.Effect{{Status: 500, Cut: true}}}, "cut", "no status"},
		{fault.Rule{Effects: []fault.Effect{{Message: "m"}}}, "status", "needs one"},
		{fault.Rule{Effects: []fault.Effect{{Delay: -1}}}, "delay", "0"},
		{fault.Rule{Effects: []fault.Effect{{Status: 429, RetryAfter: -1}}}, "retry_after", "0"},
	} {
		if test.rule.Effects == nil {
			test.rule.Effects = []fault.Effect{busy}
		}
		r := rules(t)
		_, err := r.Add(test.rule)
		var invalid *fault.Invalid
		if !errors.As(err, &invalid) || invalid.Field != test.field || !strings.Contains(invalid.Problem, test.says) || r.Any() {
			t.Errorf("%+v: %v", test.rule, err)
		}
	}
}

func TestRulesById(t *testing.T) {
	t.Parallel()
	r := rules(t, fault.Rule{ID: "2", Effects: []fault.Effect{busy}})
	for _, want := range []string{"1", "3"} { // what is taken is left out
		if id, err := r.Add(fault.Rule{Effects: []fault.Effect{{}}}); id != want || err != nil {
			t.Errorf("%q, %v", id, err)
		}
	}
	if _, err := r.Add(fault.Rule{ID: "2", Effects: []fault.Effect{busy}}); !errors.Is(err, fault.ErrTaken) {
		t.Error(err)
	}
	_ = pattern(r, create, 3)
	if err := r.Set(fault.Rule{ID: "2", Effects: []fault.Effect{lost}}); err != nil || pattern(r, create, 1) != "C" {
		t.Error(err)
	}
	if s := r.List(); len(s) != 3 || s[0].ID != "2" || s[0].Matched != 1 || s[1].Matched != 0 {
		t.Errorf("%+v", s)
	}
	if err := r.Replace([]fault.Rule{{ID: "a", Effects: []fault.Effect{busy}}, {ID: "a", Effects: []fault.Effect{busy}}}); err == nil || len(r.List()) != 3 {
		t.Error("half a list was taken over", err)
	}
	if err := errors.Join(r.Remove("2")); err != nil || pattern(r, create, 1) != "-" {
		t.Error(err)
	}
	if !errors.Is(r.Remove("2"), fault.ErrUnknown) || !errors.Is(r.Set(fault.Rule{ID: "2"}), fault.ErrUnknown) {
		t.Error("a rule that is gone is found")
	}
	if r.Clear(); r.Any() {
		t.Error("rules are left")
	}
}

func BenchmarkDecide(b *testing.B) {
	r := rules(b, fault.Rule{Path: "/network/**", Effects: []fault.Effect{busy}}, fault.Rule{Probability: 0.1, Effects: []fault.Effect{busy}})
	b.ReportAllocs()
	for b.Loop() {
		r.Decide(&create)
	}
}
