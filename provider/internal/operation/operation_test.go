// SPDX-License-Identifier: MPL-2.0

package operation

import (
	"context"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/client"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/novatest"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/session"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/wait"
)

// hands is a clock that is turned by hand.
type hands struct{ now time.Time }

func (h *hands) Now() time.Time                                   { return h.now }
func (h *hands) Sleep(ctx context.Context, _ time.Duration) error { return ctx.Err() }

// TestMade: what a request makes whose answer got lost is waited for as long as Nova is busy with it, and asked for anew only
// if it does not come.
func TestMade(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		event string // of the record; "" is one that shows none
		comes int    // at which look
		asked int
	}{
		"it comes":             {`{"event": "compute_snapshot", "finish_time": null, "result": null}`, 30, 1},
		"nothing is shown":     {"", 3, 1},
		"it was another's":     {`{"event": "compute_snapshot", "finish_time": "2026-11-21T10:00:00.000000", "result": "Success"}`, 0, 2},
		"nothing ever happens": {"", 0, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cloud := novatest.Start(t)
			cloud.Put("s", nil)
			asked := 0
			cloud.Intercept(func(w http.ResponseWriter, r *http.Request) bool {
				record := func(more string) string {
					return `{"action": "createImage", "request_id": "req-1", "message": null` + more + `}`
				}
				switch at := r.Method + " " + r.URL.Path; {
				case strings.HasSuffix(at, "/servers/s/action"):
					if asked++; asked == 1 {
						w.WriteHeader(http.StatusGatewayTimeout)
						return true
					}
					w.WriteHeader(http.StatusAccepted)
				case strings.HasSuffix(at, "/os-instance-actions") && asked == 0:
					_, _ = io.WriteString(w, `{"instanceActions": []}`)
				case strings.HasSuffix(at, "/os-instance-actions"):
					_, _ = io.WriteString(w, `{"instanceActions": [`+record("")+`]}`)
				case strings.HasSuffix(at, "/os-instance-actions/req-1"):
					_, _ = io.WriteString(w, `{"instanceAction": `+record(`, "events": [`+test.event+`]`)+`}`)
				default:
					return false
				}
				return true
			})
			c, err := client.New(t.Context(), client.Config{Lookup: cloud.Env, Clock: wait.Hurried{Factor: 1000}, MaxRetries: 3})
			if err != nil {
				t.Fatal(err)
			}
			o, err := New(t.Context(), session.New(c), "s", func(string) {})
			if err != nil {
				t.Fatal(err)
			}
			looks := 0
			_, err = o.Ask(t.Context(), Order{
				At: 1, Record: "createImage", Body: map[string]any{"createImage": map[string]any{"name": "image"}},
				Made: func(context.Context) (bool, error) {
					looks++
					return looks == test.comes, nil
				},
			})
			if err != nil || asked != test.asked {
				t.Errorf("asked %d times, looked %d times: %v", asked, looks, err)
			}
		})
	}
}

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
