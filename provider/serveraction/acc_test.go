// SPDX-License-Identifier: MPL-2.0

package serveraction_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/acctest"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
)

type object = map[string]tftypes.Value

func text(s string) tftypes.Value { return tftypes.NewValue(tftypes.String, s) }
func flag(b bool) tftypes.Value   { return tftypes.NewValue(tftypes.Bool, b) }
func number(n int) tftypes.Value  { return tftypes.NewValue(tftypes.Number, n) }
func texts(all map[string]string) tftypes.Value {
	values := object{}
	for key, value := range all {
		values[key] = text(value)
	}
	return tftypes.NewValue(tftypes.Map{ElementType: tftypes.String}, values)
}

func within(d string) tftypes.Value {
	return tftypes.NewValue(tftypes.Object{AttributeTypes: map[string]tftypes.Type{"invoke": tftypes.String}}, object{"invoke": text(d)})
}

// scene is a server in a cloud of its own.
type scene struct {
	*acctest.Target
	mock *acctest.Mock
	t    *testing.T
	id   string
}

// open starts a cloud of two hosts, with a server on it.
func open(t *testing.T, slow map[string]time.Duration) *scene {
	t.Helper()
	mock := acctest.CloudWithHosts(t, 2, slow)
	s := &scene{Target: mock.Target, mock: mock, t: t}
	s.id = s.create("web-1")
	return s
}

func (s *scene) create(name string) string {
	s.t.Helper()
	id, err := s.Servers().Create(s.t.Context(), 37, nova.ServerCreate{
		Name: name, ImageRef: s.Image(s.t), FlavorRef: s.Flavor(s.t), Networks: "none",
	})
	if err == nil {
		err = s.Active(s.t.Context(), id)
	}
	if err != nil {
		s.t.Fatal(err)
	}
	return id
}

// invoke runs nova_server_NAME on the server.
func (s *scene) invoke(name string, config object) acctest.Invoked {
	s.t.Helper()
	all := object{"server_id": text(s.id)}
	for key, value := range config {
		all[key] = value
	}
	return s.Invoke(s.t.Context(), s.t, name, all, nil)
}

// does demands that an action succeeds and says so.
func (s *scene) does(name string, config object) acctest.Invoked {
	s.t.Helper()
	done := s.invoke(name, config)
	if len(done.Errors) > 0 {
		s.t.Fatalf("%s: %s\n%s", name, done.Failed(), strings.Join(done.Progress, "\n"))
	}
	if len(done.Progress) == 0 {
		s.t.Errorf("%s tells no progress", name)
	}
	return done
}

// fails demands an error with all these words.
func (s *scene) fails(name string, config object, words ...string) acctest.Invoked {
	s.t.Helper()
	done := s.invoke(name, config)
	for _, word := range words {
		if !strings.Contains(done.Failed(), word) {
			s.t.Errorf("%s: the error has no %q: %q\n%s", name, word, done.Failed(), strings.Join(done.Progress, "\n"))
		}
	}
	return done
}

func (s *scene) server() *nova.Server {
	s.t.Helper()
	server, err := s.Servers().Get(s.t.Context(), s.id)
	if err != nil {
		s.t.Fatal(err)
	}
	return server
}

// in demands a status.
func (s *scene) in(status string) {
	s.t.Helper()
	if now := s.server(); now.Status != status || now.TaskState != "" {
		s.t.Errorf("the server is in %s (task: %q), not in %s", now.Status, now.TaskState, status)
	}
}

// requests are the recorded actions of that kind.
func (s *scene) requests(kind string) (n int) {
	s.t.Helper()
	actions, err := s.Servers().Actions(s.t.Context(), s.id)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, action := range actions {
		if action.Action == kind {
			n++
		}
	}
	return n
}

func TestAccServerActionsPower(t *testing.T) {
	t.Parallel()
	s := open(t, map[string]time.Duration{"pause": 300 * time.Millisecond})
	for _, step := range []struct{ action, record, status string }{
		{"nova_server_stop", "stop", nova.Shutoff},
		{"nova_server_start", "start", nova.Active},
		{"nova_server_pause", "pause", nova.Paused},
		{"nova_server_unpause", "unpause", nova.Active},
		{"nova_server_suspend", "suspend", nova.Suspended},
		{"nova_server_resume", "resume", nova.Active},
		{"nova_server_rescue", "rescue", nova.Rescue},
		{"nova_server_unrescue", "unrescue", nova.Active},
		{"nova_server_shelve", "shelve", nova.Offloaded},
		{"nova_server_unshelve", "unshelve", nova.Active},
	} {
		done := s.does(step.action, nil)
		s.in(step.status)
		if step.action == "nova_server_pause" && !done.Told("web-1: ACTIVE (pausing)") {
			t.Errorf("the task is not told: %q", done.Progress)
		}
		if !done.Told("Nova took the request req-") || !done.Told("done, the server is "+step.status) {
			t.Errorf("%s does not tell what was asked for and what came of it: %q", step.action, done.Progress)
		}
		if done = s.does(step.action, nil); !done.Told("nothing to do") || s.requests(step.record) != 1 {
			t.Errorf("%s again, with %d requests: %q", step.action, s.requests(step.record), done.Progress)
		}
	}
}

func TestAccServerActionReboot(t *testing.T) {
	t.Parallel()
	s := open(t, map[string]time.Duration{"reboot": 300 * time.Millisecond})
	for n, kind := range []string{"soft", "hard"} {
		if done := s.does("nova_server_reboot", object{"type": text(kind)}); !done.Told("REBOOT (reboot") {
			t.Errorf("a %s reboot does not tell its status: %q", kind, done.Progress)
		}
		s.in(nova.Active)
		if s.requests("reboot") != n+1 {
			t.Errorf("%d requests after %d reboots", s.requests("reboot"), n+1)
		}
	}
	s.does("nova_server_stop", nil)
	s.fails("nova_server_reboot", nil, `Unable to Reboot Server "web-1"`, "status SHUTOFF", "nova_server_start")
	s.does("nova_server_reboot", object{"type": text("hard")})
	s.in(nova.Active)
	s.fails("nova_server_reboot", object{"type": text("warm")}, "soft", "hard")
}

func TestAccServerActionLock(t *testing.T) {
	t.Parallel()
	s := open(t, nil)
	s.does("nova_server_lock", object{"reason": text("it counts votes")})
	if now := s.server(); !now.Locked || now.LockedReason != "it counts votes" {
		t.Errorf("locked: %t, for %q", now.Locked, now.LockedReason)
	}
	if done := s.does("nova_server_lock", nil); !done.Told("locked already") {
		t.Errorf("%q", done.Progress)
	}
	s.does("nova_server_unlock", nil)
	if s.server().Locked {
		t.Error("it is still locked")
	}
}

func TestAccServerActionShelve(t *testing.T) {
	t.Parallel()
	s := open(t, nil)
	s.does("nova_server_shelve", object{"offload": flag(true)})
	s.in(nova.Offloaded)
	s.does("nova_server_unshelve", object{"availability_zone": text("nova"), "host": text("compute-2")})
	s.in(nova.Active)
	if now := s.server(); now.Host != "compute-2" {
		t.Errorf("it is on %s", now.Host)
	}
	s.does("nova_server_shelve", nil)
	s.does("nova_server_unshelve", object{"unpin_availability_zone": flag(true)})
	s.in(nova.Active)
	s.does("nova_server_shelve", nil)
	s.fails("nova_server_unshelve", object{"availability_zone": text("nowhere")}, "Unable to Unshelve", "availability zone is not available", "Request id: req-")
	s.fails("nova_server_unshelve", object{"availability_zone": text("nova"), "unpin_availability_zone": flag(true)}, "Invalid Attribute Combination")
}

func TestAccServerActionRebuild(t *testing.T) {
	t.Parallel()
	s := open(t, nil)
	done := s.does("nova_server_rebuild", object{
		"name": text("web-2"), "description": text("anew"), "metadata": texts(map[string]string{"a": "b"}), "user_data": text("#!/bin/sh\n"),
		"image_id": text(s.Image(t)),
	})
	if len(done.Warnings) != 1 || !strings.Contains(done.Warnings[0], "overwrites its root disk") {
		t.Errorf("the plan warns of %q", done.Warnings)
	}
	now := s.server()
	if now.Name != "web-2" || now.Description != "anew" || now.Metadata["a"] != "b" || now.UserData != "IyEvYmluL3NoCg==" || s.requests("rebuild") != 1 {
		t.Errorf("%+v", now)
	}
	s.in(nova.Active)
	s.does("nova_server_stop", nil)
	s.does("nova_server_rebuild", nil)
	s.in(nova.Shutoff)
	s.fails("nova_server_rebuild", object{"key_name": text("nobody's")}, "Unable to Rebuild", "key_name")
	s.fails("nova_server_rebuild", object{"image_id": text("ubuntu")}, "UUID")
}

// resize brings the server to VERIFY_RESIZE.
func (s *scene) resize() {
	s.t.Helper()
	s.does("nova_server_migrate", object{"confirm": flag(false)})
	s.in(nova.VerifyResize)
}

func TestAccServerActionsResize(t *testing.T) {
	t.Parallel()
	s := open(t, nil)
	from := s.server().Host
	if done := s.does("nova_server_confirm_resize", nil); !done.Told("no resize waits") {
		t.Errorf("%q", done.Progress)
	}
	s.fails("nova_server_revert_resize", nil, "status ACTIVE", "needs VERIFY_RESIZE")
	s.resize()
	s.fails("nova_server_stop", nil, "VERIFY_RESIZE", "nova_server_confirm_resize or nova_server_revert_resize")
	s.does("nova_server_revert_resize", nil)
	s.in(nova.Active)
	if now := s.server(); now.Host != from {
		t.Errorf("reverted, it is on %s", now.Host)
	}
	s.resize()
	s.does("nova_server_confirm_resize", nil)
	s.in(nova.Active)
	if now := s.server(); now.Host == from {
		t.Errorf("confirmed, it is still on %s", now.Host)
	}
}

func TestAccServerActionsState(t *testing.T) {
	t.Parallel()
	s := open(t, nil)
	s.does("nova_server_reset_state", object{"state": text("error")})
	s.in(nova.Error)
	s.fails("nova_server_pause", nil, "status ERROR", "nova_server_reset_state")
	if done := s.does("nova_server_reset_state", object{"state": text("error")}); !done.Told("ERROR already") {
		t.Errorf("%q", done.Progress)
	}
	s.does("nova_server_crash_dump", nil)
	if s.requests("trigger_crash_dump") != 1 {
		t.Error("there was no crash dump")
	}
	s.does("nova_server_reset_state", object{"state": text("active")})
	s.in(nova.Active)
}

// TestAccServerActionsUnfit: what cannot be is an error that says why, and nothing is done.
func TestAccServerActionsUnfit(t *testing.T) {
	t.Parallel()
	s := open(t, map[string]time.Duration{"pause": 5 * time.Second, "stop": time.Second})
	s.fails("nova_server_stop", object{"server_id": text("5d2f4a0e-0000-4000-8000-000000000000")}, "No Such Server", "5d2f4a0e")
	s.fails("nova_server_stop", object{"timeouts": within("soon")}, "Time Duration")

	// A task of somebody else's is waited for.
	if err := s.Servers().Act(t.Context(), s.id, map[string]any{"os-stop": nil}); err != nil {
		t.Fatal(err)
	}
	if done := s.does("nova_server_start", nil); !done.Told("another task is under way: powering-off") {
		t.Errorf("%q", done.Progress)
	}
	s.in(nova.Active)

	s.fails("nova_server_pause", object{"timeouts": within("500ms")}, `Unable to Pause Server "web-1"`, "longer than the time limit",
		`status ACTIVE (task: "pausing")`, "Nova goes on")
	ctx, cancel := context.WithCancel(t.Context())
	stopped := s.Invoke(ctx, t, "nova_server_reset_state", object{"server_id": text(s.id), "state": text("active")}, nil)
	if len(stopped.Errors) > 0 {
		t.Fatal(stopped.Failed())
	}
	stopped = s.Invoke(ctx, t, "nova_server_pause", object{"server_id": text(s.id)}, func(line string) {
		if strings.Contains(line, "pausing") {
			cancel()
		}
	})
	cancel()
	if !strings.Contains(stopped.Failed(), "interrupted") || !strings.Contains(stopped.Failed(), "Nova goes on") {
		t.Errorf("interrupted, it says %q", stopped.Failed())
	}
}

// TestAccServerActionsOldCloud: the plan refuses what the cloud has not, and names it.
func TestAccServerActionsOldCloud(t *testing.T) {
	t.Parallel()
	s := open(t, nil)
	for _, test := range []struct {
		allowed, action string
		config          object
		words           []string
	}{
		{"2.16", "nova_server_crash_dump", nil, []string{"Cloud Too Old", "nova_server_crash_dump cannot be used", "2.17"}},
		{"2.72", "nova_server_lock", object{"reason": text("r")}, []string{"Cloud Too Old", "reason cannot be used", "2.73"}},
		{"2.76", "nova_server_unshelve", object{"availability_zone": text("nova")}, []string{"availability_zone", "2.77"}},
		{"2.90", "nova_server_unshelve", object{"host": text("compute-1")}, []string{"host", "2.91"}},
		{"2.55", "nova_server_migrate", object{"host": text("compute-1")}, []string{"host", "2.56"}},
		{"2.22", "nova_server_live_migrate", object{"force_complete_after": text("1m")}, []string{"force_complete_after", "2.23"}},
		{"2.23", "nova_server_live_migrate", object{"abort_on_timeout": flag(true)}, []string{"abort_on_timeout", "2.24"}},
		{"2.13", "nova_server_evacuate", nil, []string{"on_shared_storage cannot be left out", "2.14"}},
		{"2.94", "nova_server_evacuate", object{"stay_stopped": flag(true)}, []string{"stay_stopped", "2.95"}},
		{"2.56", "nova_server_rebuild", object{"user_data": text("x")}, []string{"user_data", "2.57"}},
	} {
		t.Run(fmt.Sprint(test.action, " ", test.allowed), func(t *testing.T) {
			t.Parallel()
			old := &scene{Target: s.Limited(test.allowed), t: t, id: s.id}
			done := old.fails(test.action, test.config, test.words...)
			if len(done.Progress) > 0 {
				t.Errorf("it began: %q", done.Progress)
			}
		})
	}
}

// TestAccServerActionsOnAnOldCloud: what needs nothing newer works with microversion 2.1 alone.
func TestAccServerActionsOnAnOldCloud(t *testing.T) {
	t.Parallel()
	s := open(t, nil)
	s.Target = s.Limited("2.1")
	from := s.server().Host
	s.does("nova_server_reboot", nil)
	s.does("nova_server_create_image", object{"name": text("old")})
	s.does("nova_server_rebuild", nil)
	s.does("nova_server_migrate", nil)
	s.does("nova_server_live_migrate", object{"block_migration": flag(true)})
	if now := s.server(); now.Host != from || now.Status != nova.Active {
		t.Errorf("there and back again, it is on %s in %s", now.Host, now.Status)
	}
}
