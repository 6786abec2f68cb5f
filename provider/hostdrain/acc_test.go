// SPDX-License-Identifier: MPL-2.0

package hostdrain_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/acctest"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
)

type object = map[string]tftypes.Value

func text(s string) tftypes.Value { return tftypes.NewValue(tftypes.String, s) }
func flag(b bool) tftypes.Value   { return tftypes.NewValue(tftypes.Bool, b) }
func number(n int) tftypes.Value  { return tftypes.NewValue(tftypes.Number, n) }

func within(d string) tftypes.Value {
	return tftypes.NewValue(tftypes.Object{AttributeTypes: map[string]tftypes.Type{"invoke": tftypes.String}}, object{"invoke": text(d)})
}

// scene is a cloud of three hosts, one of which is full.
type scene struct {
	*acctest.Target
	t *testing.T
}

func open(t *testing.T, slow map[string]time.Duration) scene {
	t.Helper()
	return scene{acctest.CloudWithHosts(t, 3, slow).Target, t}
}

// full is the host that has the servers.
const full = "compute-1"

// server makes a server on the full host, and does these actions to it.
func (s scene) server(name string, actions ...map[string]any) string {
	s.t.Helper()
	id, err := s.Servers().Create(s.t.Context(), 37, nova.ServerCreate{
		Name: name, ImageRef: s.Image(s.t), FlavorRef: s.Flavor(s.t), Networks: "none", AvailabilityZone: "nova:" + full,
	})
	if err == nil {
		err = s.Active(s.t.Context(), id)
	}
	for _, action := range actions {
		if err == nil {
			err = s.Servers().Act(s.t.Context(), id, action)
		}
		for err == nil && s.read(id).TaskState != "" {
			time.Sleep(5 * time.Millisecond)
		}
	}
	if err != nil {
		s.t.Fatal(err)
	}
	return id
}

func (s scene) read(id string) *nova.Server {
	s.t.Helper()
	server, err := s.Servers().Get(s.t.Context(), id)
	if err != nil {
		s.t.Fatal(err)
	}
	return server
}

func act(name string) map[string]any { return map[string]any{name: nil} }

// left are the names of the servers on the full host.
func (s scene) left() string {
	s.t.Helper()
	var names []string
	for server, err := range s.Servers().All(s.t.Context(), url.Values{"all_tenants": {"1"}, "host": {full}}) {
		if err != nil {
			s.t.Fatal(err)
		}
		names = append(names, server.Name)
	}
	return strings.Join(names, " ")
}

func (s scene) service() *nova.Service {
	s.t.Helper()
	service, err := nova.Services{Client: s.Client}.On(s.t.Context(), full, nova.Compute)
	if err != nil || service == nil {
		s.t.Fatal(service, err)
	}
	return service
}

func (s scene) invoke(name string, config object) acctest.Invoked {
	s.t.Helper()
	all := object{"host": text(full)}
	for key, value := range config {
		all[key] = value
	}
	return s.Invoke(s.t.Context(), s.t, name, all, nil)
}

func (s scene) does(name string, config object, told ...string) {
	s.t.Helper()
	done := s.invoke(name, config)
	if len(done.Errors) > 0 {
		s.t.Fatalf("%s\n%s", done.Failed(), strings.Join(done.Progress, "\n"))
	}
	for _, words := range told {
		if !done.Told(words) {
			s.t.Errorf("%q is not told: %q", words, done.Progress)
		}
	}
}

func (s scene) fails(name string, config object, words ...string) {
	s.t.Helper()
	done := s.invoke(name, config)
	for _, word := range words {
		if !strings.Contains(done.Failed(), word) {
			s.t.Errorf("the error has no %q: %q", word, done.Failed())
		}
	}
}

// TestAccHostDrain: everything that can move leaves as what it was, and the host comes back into service.
func TestAccHostDrain(t *testing.T) {
	t.Parallel()
	s := open(t, map[string]time.Duration{"os-migrateLive": 300 * time.Millisecond})
	was := map[string]string{
		s.server("runs-1"):                   nova.Active,
		s.server("runs-2"):                   nova.Active,
		s.server("runs-3"):                   nova.Active,
		s.server("paused", act("pause")):     nova.Paused,
		s.server("stopped", act("os-stop")):  nova.Shutoff,
		s.server("shelved", act("shelve")):   nova.Offloaded,
		s.server("stopped2", act("os-stop")): nova.Shutoff,
	}
	s.does("nova_host_drain", object{"reason": text("new memory"), "parallel": number(3)},
		"compute-1: the service is disabled", "compute-1: 6 servers to move, 3 at once", "runs-1: Nova took the request", "migration running",
		"compute-1: empty; 6 servers have left")
	if left := s.left(); left != "" {
		t.Errorf("%s stayed", left)
	}
	for id, status := range was {
		if now := s.read(id); now.Status != status || now.Host == full {
			t.Errorf("%s is in %s on %s", now.Name, now.Status, now.Host)
		}
	}
	if service := s.service(); service.Status != "disabled" || service.DisabledReason != "new memory" {
		t.Errorf("%+v", service)
	}
	s.does("nova_host_drain", nil, `disabled already, for the reason "new memory"`, "compute-1: empty; 0 servers have left")
	s.does("nova_host_enable", nil, "the service is enabled")
	if service := s.service(); service.Status != "enabled" || service.DisabledReason != "" {
		t.Errorf("%+v", service)
	}
	s.does("nova_host_enable", nil, "nothing to do")
}

// TestAccHostDrainIncomplete: what cannot move is listed, each with its reason, and does not keep the others.
func TestAccHostDrainIncomplete(t *testing.T) {
	t.Parallel()
	s := open(t, nil)
	s.server("runs")
	s.server("broken", map[string]any{"os-resetState": map[string]string{"state": "error"}})
	s.server("rescued", act("rescue"))
	s.server("suspended", act("suspend"))
	resized := s.server("resized")
	s.server("stopped", act("os-stop"))
	if err := s.Servers().Act(t.Context(), resized, map[string]any{"migrate": nil}); err != nil {
		t.Fatal(err)
	}
	for s.read(resized).Status != nova.VerifyResize {
		time.Sleep(5 * time.Millisecond)
	}
	host := s.read(resized).Host
	s.fails("nova_host_drain", object{"stopped_servers": text("leave"), "parallel": number(4)},
		`Unable to Drain Host "compute-1"`, "1 servers have left, 4 stay", "- broken (", "- rescued (", "RESCUE", "- suspended (", "SUSPENDED",
		"- resized (", "on host "+host+", but the host keeps its disks", "confirm_resizes")
	if left := strings.Fields(s.left()); len(left) != 4 {
		t.Errorf("%q stayed", left)
	}
	if s.service().Status != "disabled" {
		t.Error("the host is in service")
	}
	s.fails("nova_host_drain", object{"host": text(host), "disable": flag(false)}, "- resized (", "VERIFY_RESIZE", "nova_server_confirm_resize")
	s.does("nova_host_drain", object{"host": text(host), "confirm_resizes": flag(true)}, "empty; 1 servers have left")
	s.fails("nova_host_drain", object{"host": text("compute-9")}, `no nova-compute service on a host "compute-9"`)
	s.fails("nova_host_enable", object{"host": text("compute-9")}, `Unable to Enable Host "compute-9"`)
	s.fails("nova_host_drain", object{"parallel": number(0)}, "parallel")
}

// TestAccHostDrainSlow: a server that takes too long is taken back and listed; a drain that does says what is left.
func TestAccHostDrainSlow(t *testing.T) {
	t.Parallel()
	s := open(t, map[string]time.Duration{"os-migrateLive": time.Hour})
	ids := []string{s.server("busy-1"), s.server("busy-2")}
	s.fails("nova_host_drain", object{"server_timeout": text("500ms")}, "longer than server_timeout, 500ms", "was aborted", "- busy-1 (", "- busy-2 (")
	for _, id := range ids {
		if now := s.read(id); now.Status != nova.Active || now.TaskState != "" || now.Host != full {
			t.Errorf("%s is in %s (%q) on %s", now.Name, now.Status, now.TaskState, now.Host)
		}
	}
	s.fails("nova_host_drain", object{"parallel": number(1), "timeouts": within("500ms")}, "longer than the time limit", "servers are left", "- busy-1 (")
	s.does("nova_host_drain", object{"force_complete_after": text("200ms")}, "force its end", "empty; 2 servers have left")

	s.does("nova_host_enable", nil)
	ctx, cancel := context.WithCancel(t.Context())
	s.server("busy-3")
	done := s.Invoke(ctx, t, "nova_host_drain", object{"host": text(full), "disable": flag(false)}, func(line string) {
		if strings.Contains(line, "MIGRATING") {
			cancel()
		}
	})
	cancel()
	if !strings.Contains(done.Failed(), "interrupted") || !strings.Contains(done.Failed(), "busy-3") {
		t.Errorf("interrupted, it says %q", done.Failed())
	}
}

// TestAccHostDrainDown: nothing can leave a host that is down but by evacuation, and an old cloud is told by the plan.
func TestAccHostDrainDown(t *testing.T) {
	t.Parallel()
	s := open(t, nil)
	s.server("runs")
	old := scene{s.Limited("2.22"), t}
	old.fails("nova_host_drain", object{"force_complete_after": text("1m")}, "Cloud Too Old", "2.23")
	service, err := s.Client.At(t.Context(), 11)
	if err != nil {
		t.Fatal(err)
	}
	down := map[string]any{"host": full, "binary": nova.Compute, "forced_down": true}
	if _, err := service.Put(t.Context(), service.ServiceURL("os-services", "force-down"), down, nil, &gophercloud.RequestOpts{OkCodes: []int{http.StatusOK}}); err != nil {
		t.Fatal(err)
	}
	s.fails("nova_host_drain", nil, "1 stay", "compute service is down", "nova_server_evacuate")
}

// TestAccHostDrainOnAnOldCloud: with microversion 2.1 alone.
func TestAccHostDrainOnAnOldCloud(t *testing.T) {
	t.Parallel()
	s := open(t, nil)
	s.server("runs")
	s.server("stopped", act("os-stop"))
	old := scene{s.Limited("2.1"), t}
	old.does("nova_host_drain", object{"reason": text("old"), "block_migration": flag(true)}, "empty; 2 servers have left")
	if service := s.service(); service.Status != "disabled" || service.DisabledReason != "old" {
		t.Errorf("%+v", service)
	}
	old.does("nova_host_enable", nil, "the service is enabled")
	if service := s.service(); service.Status != "enabled" {
		t.Errorf("%+v", service)
	}
}

// TestAccHostDrainReturnable: a server that a revert would bring back has not left for good.
func TestAccHostDrainReturnable(t *testing.T) {
	t.Parallel()
	s := open(t, map[string]time.Duration{"migrate": 100 * time.Millisecond, "revertResize": 100 * time.Millisecond})
	away := s.server("away", act("migrate"))
	s.awaits(away, nova.VerifyResize)
	s.fails("nova_host_drain", nil, "0 servers have left, 1 stay", "- away (", "VERIFY_RESIZE", "nova_server_revert_resize", "confirm_resizes")
	if now := s.read(away); now.Status != nova.VerifyResize {
		t.Errorf("away is in %s", now.Status)
	}
	s.does("nova_host_drain", object{"confirm_resizes": flag(true)}, "away: has left, but may come back", "empty; 1 servers have left")
	if now := s.read(away); now.Status != nova.Active || now.Host == full {
		t.Errorf("away is in %s on %s", now.Status, now.Host)
	}
	s.does("nova_host_drain", nil, "empty; 0 servers have left")

	s.does("nova_host_enable", nil)
	coming, leaving, here := s.server("coming", act("migrate")), s.server("leaving"), s.server("here", act("os-stop"), act("migrate"))
	s.awaits(coming, nova.VerifyResize)
	s.awaits(here, nova.VerifyResize)
	for id, action := range map[string]string{coming: "revertResize", leaving: "migrate", here: "revertResize"} {
		if err := s.Servers().Act(t.Context(), id, act(action)); err != nil {
			t.Fatal(err)
		}
	}
	s.does("nova_host_drain", object{"confirm_resizes": flag(true)}, "empty; 3 servers have left")
	for id, status := range map[string]string{coming: nova.Active, leaving: nova.Active, here: nova.Shutoff} {
		if now := s.read(id); now.Status != status || now.Host == full {
			t.Errorf("%s is in %s on %s", now.Name, now.Status, now.Host)
		}
	}
}

// TestAccHostDrainLeavesWhatComesBack: a server that comes to rest on the host while it is drained stays as those that
// were there, if it does not run.
func TestAccHostDrainLeavesWhatComesBack(t *testing.T) {
	t.Parallel()
	s := open(t, map[string]time.Duration{"revertResize": time.Second})
	here := s.server("here", act("os-stop"), act("migrate"))
	s.awaits(here, nova.VerifyResize)
	if err := s.Servers().Act(t.Context(), here, act("revertResize")); err != nil {
		t.Fatal(err)
	}
	s.does("nova_host_drain", object{"stopped_servers": text("leave")}, "empty; 0 servers have left")
	if now := s.read(here); now.Status != nova.Shutoff || now.Host != full {
		t.Errorf("%s is in %s on %s", now.Name, now.Status, now.Host)
	}
}

// TestAccHostDrainBlind: who may not see migrations is told that they were not looked at.
func TestAccHostDrainBlind(t *testing.T) {
	t.Parallel()
	mock := acctest.CloudWithHosts(t, 3, nil)
	mock.Refuse(t, "GET /os-migrations", http.StatusForbidden)
	s := scene{mock.Target, t}
	s.server("runs")
	s.server("stopped", act("os-stop"))
	s.does("nova_host_drain", nil, "this user is not shown migrations", "empty; 2 servers have left")
}

// awaits waits until a server rests in a status.
func (s scene) awaits(id, status string) {
	s.t.Helper()
	for now := s.read(id); now.Status != status || now.TaskState != ""; now = s.read(id) {
		time.Sleep(5 * time.Millisecond)
	}
}
