// SPDX-License-Identifier: MPL-2.0

package clock_test

import (
	"context"
	"errors"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
)

var epoch = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// wait is far beyond what any of these tests takes; it turns a hang into a failure.
func wait(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(cancel)
	return ctx
}

func TestManualWakesInOrderOfTimeThenOfAsking(t *testing.T) {
	t.Parallel()
	m := clock.NewManual(epoch)
	late, early, twin := m.Timer(2*time.Second), m.Timer(time.Second), m.Timer(time.Second)
	never := m.Timer(time.Minute)
	m.Advance(3 * time.Second)
	for _, want := range []struct {
		timer clock.Timer
		after time.Duration
	}{{early, time.Second}, {twin, time.Second}, {late, 2 * time.Second}} {
		select {
		case at := <-want.timer.C():
			if got := at.Sub(epoch); got != want.after {
				t.Errorf("fired after %v, want %v", got, want.after)
			}
		default:
			t.Errorf("timer of %v has not fired", want.after)
		}
	}
	if got := m.Now().Sub(epoch); got != 3*time.Second {
		t.Errorf("clock stands at +%v, want +3s", got)
	}
	if m.Waiters() != 1 || early.Stop() || !never.Stop() || never.Stop() || m.Waiters() != 0 {
		t.Error("a timer stops once, and only before it fires")
	}
}

func TestManualNext(t *testing.T) {
	t.Parallel()
	m := clock.NewManual(epoch)
	m.Timer(time.Hour)
	m.Timer(time.Minute)
	var seen []time.Duration
	for m.Next() {
		seen = append(seen, m.Now().Sub(epoch))
	}
	if want := []time.Duration{time.Minute, time.Hour}; !slices.Equal(seen, want) {
		t.Errorf("stopped at %v, want %v", seen, want)
	}
}

func TestManualSleep(t *testing.T) {
	t.Parallel()
	m := clock.NewManual(epoch)
	woken := make(chan error, 1)
	go func() { woken <- m.Sleep(context.Background(), time.Hour) }()
	if err := m.BlockUntil(wait(t), 1); err != nil {
		t.Fatal(err)
	}
	m.Advance(time.Hour - 1)
	if m.Waiters() != 1 {
		t.Fatal("woke early")
	}
	m.Advance(1)
	if err := <-woken; err != nil {
		t.Errorf("Sleep: %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if err := m.BlockUntil(ctx, 1); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("BlockUntil with nobody waiting: %v", err)
	}
}

func TestSleepObeysItsContext(t *testing.T) {
	t.Parallel()
	fast, err := clock.Scaled(1000)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]clock.Clock{"wall": clock.Wall(), "scaled": fast, "manual": clock.NewManual(epoch)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ended, end := context.WithCancel(t.Context())
			end()
			for _, d := range []time.Duration{-1, 0, time.Hour} {
				if err := c.Sleep(ended, d); !errors.Is(err, context.Canceled) {
					t.Errorf("Sleep(%v) in an ended context: %v", d, err)
				}
			}
			if err := c.Sleep(t.Context(), 0); err != nil {
				t.Errorf("Sleep(0): %v", err)
			}
			ctx, cancel := context.WithCancel(t.Context())
			woken := make(chan error, 1)
			go func() { woken <- c.Sleep(ctx, 1000*time.Hour) }()
			cancel()
			if err := <-woken; !errors.Is(err, context.Canceled) {
				t.Errorf("cancelled Sleep: %v", err)
			}
			if m, ok := c.(*clock.Manual); ok && m.Waiters() != 0 {
				t.Error("a cancelled sleeper still waits")
			}
			select {
			case <-c.Timer(0).C():
			case <-wait(t).Done():
				t.Error("Timer(0) does not fire")
			}
			if zone := c.Now().Location(); zone != time.UTC {
				t.Errorf("Now is in %v", zone)
			}
		})
	}
}

func TestScaled(t *testing.T) {
	t.Parallel()
	c, err := clock.Scaled(3600)
	if err != nil {
		t.Fatal(err)
	}
	before := c.Now()
	if err := c.Sleep(wait(t), 10*time.Second); err != nil { // 3 ms on the wall
		t.Fatal(err)
	}
	if passed := c.Now().Sub(before); passed < 10*time.Second {
		t.Errorf("only %v have passed after a sleep of 10 s", passed)
	}
	for _, factor := range []float64{0, -1, math.NaN(), math.Inf(1)} {
		if _, err := clock.Scaled(factor); err == nil {
			t.Errorf("factor %v is accepted", factor)
		}
	}
	slow, _ := clock.Scaled(1e-300)
	if timer := slow.Timer(time.Hour); !timer.Stop() {
		t.Error("a wait beyond what a Duration holds has fired at once")
	}
}

func TestWithTimeout(t *testing.T) {
	t.Parallel()
	m := clock.NewManual(epoch)
	ctx, cancel := clock.WithTimeout(t.Context(), m, time.Minute)
	defer cancel()
	m.Advance(time.Minute)
	select {
	case <-ctx.Done():
	case <-wait(t).Done():
		t.Fatal("does not end")
	}
	if cause := context.Cause(ctx); !errors.Is(cause, context.DeadlineExceeded) {
		t.Errorf("cause is %v", cause)
	}
	other, cancel := clock.WithTimeout(t.Context(), m, time.Minute)
	cancel()
	if cause := context.Cause(other); !errors.Is(cause, context.Canceled) {
		t.Errorf("cause after cancel is %v", cause)
	}
}
