// SPDX-License-Identifier: MPL-2.0

package nova_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/cloudtest"
)

// A policy file changes what its rules say, and nothing else.
func TestPolicyFile(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "policy.yaml")
	if err := os.WriteFile(file, []byte(`
# Readers may lock, nobody may unlock, members manage flavors.
os_compute_api:os-lock-server:lock: rule:project_reader_or_admin
os_compute_api:os-lock-server:unlock: "!"
os_compute_api:os-flavor-manage:create: rule:flavor_maker
flavor_maker: role:member and not role:manager
os_compute_api:os-lock-sever:lock: "@"
`), 0o600); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	cloud := start(t, withQuotas, cloudtest.With(func(o *mockcloud.Options) {
		o.PolicyFile, o.Log = file, slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelWarn}))
	}))
	if said := log.String(); strings.Count(said, "\n") != 1 || !strings.Contains(said, "os_compute_api:os-lock-sever:lock") {
		t.Errorf("warned: %s", said)
	}
	reader, member, manager := cloud.member(t, "p", "reader"), cloud.member(t, "p", "member"), cloud.member(t, "p", "manager")
	at := "/servers/" + member.boot(t, "one", nil)
	for _, c := range []struct {
		as     *user
		path   string
		body   object
		status int
	}{
		{reader, at + "/action", object{"lock": nil}, http.StatusAccepted},
		{cloud.admin, at + "/action", object{"unlock": nil}, http.StatusForbidden},
		{reader, at + "/action", object{"os-stop": nil}, http.StatusForbidden},
		{member, "/flavors", object{"flavor": object{"name": "f", "ram": 1, "vcpus": 1, "disk": 0}}, http.StatusOK},
		{manager, "/flavors", object{"flavor": object{"name": "g", "ram": 1, "vcpus": 1, "disk": 0}}, http.StatusForbidden},
		{member, "/flavors/1/os-extra_specs", object{"extra_specs": object{"hw:numa_nodes": "1"}}, http.StatusForbidden},
	} {
		if got := c.as.nova(t, 1, http.MethodPost, c.path, c.body); got.status != c.status {
			t.Errorf("%s %v: %d, want %d: %s", c.path, c.body, got.status, c.status, got.body)
		}
	}
}

// Who satisfies context_is_admin is an administrator in everything that Nova itself decides.
func TestPolicyFileSaysWhoIsAdmin(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "policy.json")
	if err := os.WriteFile(file, []byte(`{"context_is_admin": "role:manager and not role:admin"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	cloud := start(t, withQuotas, cloudtest.With(func(o *mockcloud.Options) { o.PolicyFile = file }))
	member, manager := cloud.member(t, "p", "member"), cloud.member(t, "q", "manager")
	at := "/servers/" + member.boot(t, "one", nil)
	for as, status := range map[*user]int{manager: http.StatusOK, cloud.admin: http.StatusNotFound} {
		if got := as.nova(t, 1, http.MethodGet, at, nil); got.status != status {
			t.Errorf("%d, want %d: %s", got.status, status, got.body)
		}
	}
}
