// SPDX-License-Identifier: MPL-2.0

package operation

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
)

// hands is a clock that is turned by hand.
type hands struct{ now time.Time }

func (h *hands) Now() time.Time                                   { return h.now }
func (h *hands) Sleep(ctx context.Context, _ time.Duration) error { return ctx.Err() }

// TestReports: a line at each change, and ever rarer ones while nothing changes.
func TestReports(t *testing.T) {
	t.Parallel()
	clock := &hands{}
	r := reporter{clock: clock, began: clock.now}
	var lines []string
	look := func(status, task string, d time.Duration) {
		for ; d > 0; d -= time.Second {
			if line := r.line(&nova.Server{Status: status, TaskState: task}, "half done"); line != "" {
				lines = append(lines, line)
			}
			clock.now = clock.now.Add(time.Second)
		}
	}
	look("MIGRATING", "migrating", 8*time.Minute)
	look("ACTIVE", "", 3*time.Second)
	want := []string{
		"MIGRATING (migrating), half done, after 0s", "MIGRATING (migrating), half done, after 10s", "MIGRATING (migrating), half done, after 30s",
		"MIGRATING (migrating), half done, after 1m10s", "MIGRATING (migrating), half done, after 2m30s",
		"MIGRATING (migrating), half done, after 4m30s", "MIGRATING (migrating), half done, after 6m30s", "ACTIVE, half done, after 8m0s",
	}
	if !slices.Equal(lines, want) {
		t.Errorf("%s", strings.Join(lines, "\n"))
	}
}

func TestJudge(t *testing.T) {
	t.Parallel()
	done := nova.InstanceEvent{Event: "conductor_migrate_server", FinishTime: "2026-11-21T10:00:00.000000", Result: "Success"}
	failed := nova.InstanceEvent{
		Event: "compute_live_migration", FinishTime: "2026-11-21T10:00:00.000000", Result: "Error", Host: "compute-1", Details: "no room",
		Traceback: "Traceback (most recent call last): ...",
	}
	open := nova.InstanceEvent{Event: "compute_live_migration"}
	for name, test := range map[string]struct {
		message string
		events  []nova.InstanceEvent
		verdict verdict
		failure []string // what its text has in it
	}{
		"nothing begun": {"", nil, running, nil},
		"under way":     {"", []nova.InstanceEvent{done, open}, running, nil},
		"done":          {"", []nova.InstanceEvent{done}, finished, nil},
		"failed": {
			"Error", []nova.InstanceEvent{failed, done}, finished,
			[]string{`"live-migration"`, "compute_live_migration failed on host compute-1: no room", "Request id: req-1", "Traceback"},
		},
		"failed, and only that is shown": {"Error", nil, finished, []string{`"live-migration"`, "Request id: req-1"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			noted, err := judge(&nova.InstanceAction{Action: "live-migration", RequestID: "req-1", Message: test.message, Events: test.events})
			if noted != test.verdict || err != nil != (len(test.failure) > 0) {
				t.Fatalf("%d, %v", noted, err)
			}
			for _, words := range test.failure {
				if !strings.Contains(err.Error(), words) {
					t.Errorf("%q is not in %q", words, err)
				}
			}
		})
	}
}

func TestProgress(t *testing.T) {
	t.Parallel()
	const mib = 1 << 20
	for want, migration := range map[string]nova.LiveMigration{
		"migration queued":    {Status: "queued", MemoryTotal: 512 * mib, MemoryRemaining: 512 * mib},
		"migration preparing": {Status: "preparing"},
		"migration running, 75 % copied, 256 MiB remain": {
			Status: "running", MemoryTotal: 512 * mib, MemoryRemaining: 256 * mib, DiskTotal: 512 * mib,
		},
		"migration running, 0 % copied, 600 MiB remain": {Status: "running", MemoryTotal: 512 * mib, MemoryRemaining: 600 * mib}, // written anew
	} {
		if got := progress(migration); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
