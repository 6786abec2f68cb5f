// SPDX-License-Identifier: MPL-2.0

package serveraction_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/services"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
)

// host changes a compute service.
func (s *scene) host(name string, change services.UpdateOpts) {
	s.t.Helper()
	service, err := s.Client.At(s.t.Context(), 53)
	if err != nil {
		s.t.Fatal(err)
	}
	pages, err := services.List(service, services.ListOpts{Host: name, Binary: "nova-compute"}).AllPages(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	all, err := services.ExtractServices(pages)
	if err != nil || len(all) != 1 {
		s.t.Fatalf("%d services of %s: %v", len(all), name, err)
	}
	if _, err := services.Update(s.t.Context(), service, all[0].ID, change).Extract(); err != nil {
		s.t.Fatal(err)
	}
}

func (s *scene) disable(host string) {
	s.t.Helper()
	s.host(host, services.UpdateOpts{Status: services.ServiceDisabled, DisabledReason: "test"})
}

// other is the host that the server is not on.
func (s *scene) other() string {
	s.t.Helper()
	if s.server().Host == "compute-1" {
		return "compute-2"
	}
	return "compute-1"
}

// on demands a host.
func (s *scene) on(host string) {
	s.t.Helper()
	if now := s.server(); now.Host != host || now.TaskState != "" {
		s.t.Errorf("the server is on %s (task: %q), not on %s", now.Host, now.TaskState, host)
	}
}

func TestAccServerActionMigrate(t *testing.T) {
	t.Parallel()
	s := open(t, nil)
	to := s.other()
	if done := s.does("nova_server_migrate", object{"host": text(to)}); !done.Told("moved to host " + to) {
		t.Errorf("%q", done.Progress)
	}
	s.on(to)
	s.in(nova.Active)
	if done := s.does("nova_server_migrate", object{"host": text(to)}); !done.Told("on host "+to+" already") || s.requests("migrate") != 1 {
		t.Errorf("%q", done.Progress)
	}
	s.does("nova_server_stop", nil)
	s.does("nova_server_migrate", nil)
	s.in(nova.Shutoff)
	s.fails("nova_server_live_migrate", nil, "status SHUTOFF", "needs ACTIVE or PAUSED", "nova_server_start")
	s.disable(s.other())
	s.fails("nova_server_migrate", nil, `Unable to Migrate Server "web-1"`, "No valid host", "Request id: req-")
	s.in(nova.Shutoff)
	s.fails("nova_server_migrate", object{"host": text("compute-9")}, "compute-9")
}

func TestAccServerActionLiveMigrate(t *testing.T) {
	t.Parallel()
	s := open(t, map[string]time.Duration{"os-migrateLive": time.Second})
	to := s.other()
	done := s.does("nova_server_live_migrate", object{"host": text(to)})
	s.on(to)
	if !done.Told("MIGRATING (migrating), migration ") || !done.Told("moved to host "+to) {
		t.Errorf("how far it is is not told: %q", done.Progress)
	}
	if done = s.does("nova_server_live_migrate", object{"host": text(to)}); !done.Told("on host " + to + " already") {
		t.Errorf("%q", done.Progress)
	}
	s.does("nova_server_pause", nil)
	to = s.other()
	s.does("nova_server_live_migrate", nil)
	s.on(to)
	s.in(nova.Paused)
	s.disable(s.other())
	s.fails("nova_server_live_migrate", nil, `Unable to Live-Migrate Server "web-1"`, "live-migration", "No valid host", "Request id: req-")
	s.on(to)
	s.fails("nova_server_live_migrate", object{"force_complete_after": text("-1m")}, "duration above 0")
}

// TestAccServerActionLiveMigrateLong: a migration that takes too long is forced, or taken back, or left to itself.
func TestAccServerActionLiveMigrateLong(t *testing.T) {
	t.Parallel()
	s := open(t, map[string]time.Duration{"os-migrateLive": time.Hour})
	from, to := s.server().Host, s.other()
	s.fails("nova_server_live_migrate", object{"abort_on_timeout": flag(true), "timeouts": within("1s")},
		"longer than the time limit", "was aborted", "ACTIVE where it was")
	s.on(from)
	done := s.does("nova_server_live_migrate", object{"force_complete_after": text("300ms")})
	s.on(to)
	if !done.Told("force its end") || s.requests("live_migration_force_complete") != 1 {
		t.Errorf("%q", done.Progress)
	}
	s.fails("nova_server_live_migrate", object{"timeouts": within("500ms")}, "longer than the time limit", "status MIGRATING", "Nova goes on")

	// Somebody else aborts it.
	migration, err := s.Servers().LiveMigration(t.Context(), s.id)
	if err != nil || migration == nil {
		t.Fatal(migration, err)
	}
	if err := s.Servers().AbortMigration(t.Context(), s.id, migration.ID); err != nil {
		t.Fatal(err)
	}
	aborted := false
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	left := s.Invoke(ctx, t, "nova_server_live_migrate", object{"server_id": text(s.id)}, func(string) {
		if migration, err := s.Servers().LiveMigration(ctx, s.id); err == nil && migration != nil && !aborted {
			aborted = s.Servers().AbortMigration(ctx, s.id, migration.ID) == nil
		}
	})
	if !aborted || !strings.Contains(left.Failed(), `he migration ended as "cancelled", and the server is ACTIVE where it was`) {
		t.Errorf("aborted: %t; %q", aborted, left)
	}
	s.on(to)
}

func TestAccServerActionEvacuate(t *testing.T) {
	t.Parallel()
	s := open(t, nil)
	from, to := s.server().Host, s.other()
	done := s.fails("nova_server_evacuate", nil, `Unable to Evacuate Server "web-1"`, "still in use", "forced_down = true", from)
	if len(done.Warnings) != 1 {
		t.Errorf("the plan warns of %q", done.Warnings)
	}
	s.host(from, services.UpdateOpts{ForcedDown: true})
	s.does("nova_server_evacuate", nil)
	s.on(to)
	s.in(nova.Active)
}

// TestAccServerActionEvacuateFailed: a server in ERROR, to a host that is named, where it stays down.
func TestAccServerActionEvacuateFailed(t *testing.T) {
	t.Parallel()
	s := open(t, nil)
	to := s.other()
	s.does("nova_server_reset_state", object{"state": text("error")})
	s.host(s.server().Host, services.UpdateOpts{ForcedDown: true})
	s.disable(to)
	s.fails("nova_server_evacuate", nil, `Unable to Evacuate Server "web-1"`, "No valid host")
	s.host(to, services.UpdateOpts{Status: services.ServiceEnabled})
	s.does("nova_server_evacuate", object{"host": text(to), "stay_stopped": flag(true)})
	s.on(to)
	s.in(nova.Shutoff)
}
