// SPDX-License-Identifier: MPL-2.0

package server

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/client"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/novatest"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/session"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/value"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/wait"
)

// TestZoneThatIsNotShown is no change of it, which would replace the server.
func TestZoneThatIsNotShown(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ has, shown, want string }{
		{"east", "", "east"}, {"east", "west", "west"}, {"east:host", "east", "east:host"}, {"east:host", "west", "west"}, {"", "east", "east"},
	} {
		m := model{AvailabilityZone: value.Text(test.has)}
		m.take(t.Context(), &nova.Server{AvailabilityZone: test.shown}, "1", nil, nil)
		if got := m.AvailabilityZone.ValueString(); got != test.want {
			t.Errorf("%q, shown as %q: %q", test.has, test.shown, got)
		}
	}
}

// TestUserDataOfImports: what is no text cannot be in a state.
func TestUserDataOfImports(t *testing.T) {
	t.Parallel()
	for shown, want := range map[string]types.String{
		"": types.StringNull(), "IyEvYmluL3NoCg==": types.StringValue("#!/bin/sh\n"), "H4sI": types.StringNull(), "no base64": types.StringNull(),
	} {
		m := model{}
		m.takeOnce(&nova.Server{UserData: shown})
		if !m.UserData.Equal(want) {
			t.Errorf("%q: %s", shown, m.UserData)
		}
	}
}

// TestCreateOutlivesHiccups: one failed read does not taint a server.
func TestCreateOutlivesHiccups(t *testing.T) {
	t.Parallel()
	cloud := novatest.Start(t)
	r := configured(t, cloud)
	var mu sync.Mutex
	answers := []string{
		`{"computeFault": {"code": 500, "message": "database"}}`,
		`{"server": {"id": "00000000-0000-0000-0000-000000000001", "status": "UNKNOWN", "flavor": {}, "image": {}}}`,
	}
	cloud.Intercept(func(w http.ResponseWriter, request *http.Request) bool {
		mu.Lock()
		defer mu.Unlock()
		if request.Method != http.MethodGet || !strings.Contains(request.URL.Path, "/servers/") || len(answers) == 0 {
			return false
		}
		if strings.Contains(answers[0], "500") {
			w.WriteHeader(http.StatusInternalServerError)
		}
		_, _ = w.Write([]byte(answers[0]))
		answers = answers[1:]
		return true
	})
	if resp := create(t.Context(), t, r, "web-1"); resp.Diagnostics.HasError() || len(answers) > 0 {
		t.Errorf("%d answers unread: %v", len(answers), resp.Diagnostics)
	}
	var h hiccups
	for n := range mostHiccups {
		if last := n == mostHiccups-1; h.pass(nova.ErrCellDown) == last {
			t.Errorf("failure %d", n+1)
		}
	}
	if h.pass(nil) || h != 0 || h.pass(context.Canceled) {
		t.Error("no failure, or another kind, passes")
	}
}

// TestInterruptedCreateOfBusyCloud ends at once: there is nothing yet that could be lost.
func TestInterruptedCreateOfBusyCloud(t *testing.T) {
	t.Parallel()
	cloud := novatest.Start(t)
	c, err := client.New(t.Context(), client.Config{Lookup: cloud.Env, Clock: wait.Wall{}, MaxRetries: 5})
	if err != nil {
		t.Fatal(err)
	}
	r := &server{}
	r.Configure(t.Context(), resource.ConfigureRequest{ProviderData: session.New(c)}, nil)
	ctx, interrupt := context.WithCancel(t.Context())
	cloud.Intercept(func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method != http.MethodPost || !strings.HasSuffix(r.URL.Path, "/servers") {
			return false
		}
		interrupt()
		w.Header().Set("Retry-After", "300")
		w.WriteHeader(http.StatusServiceUnavailable)
		return true
	})
	resp := create(ctx, t, r, "web-1")
	if n := cloud.Count("POST /compute/v2.1/servers"); n != 1 || !resp.Diagnostics.HasError() || !resp.State.Raw.IsNull() {
		t.Errorf("asked %d times: %v; state: %s", n, resp.Diagnostics, resp.State.Raw)
	}
}

// TestInterruptedCreateThatCannotBeUndone keeps the server in the state, and says so.
func TestInterruptedCreateThatCannotBeUndone(t *testing.T) {
	t.Parallel()
	cloud := novatest.Start(t)
	r := configured(t, cloud)
	ctx, interrupt := context.WithCancel(t.Context())
	cloud.Intercept(func(w http.ResponseWriter, r *http.Request) bool {
		switch r.Method {
		case http.MethodPost:
			interrupt()
		case http.MethodDelete:
			w.WriteHeader(http.StatusForbidden)
			_, _ = w.Write([]byte(`{"forbidden": {"code": 403, "message": "No deletes on Sundays."}}`))
			return true
		}
		return false
	})
	resp := create(ctx, t, r, "web-1")
	var id types.String
	resp.State.GetAttribute(t.Context(), path.Root("id"), &id)
	errs := resp.Diagnostics.Errors()
	if len(errs) != 1 || len(cloud.IDs()) != 1 || id.ValueString() != cloud.IDs()[0] {
		t.Fatalf("id %s in the state, servers %v: %v", id, cloud.IDs(), errs)
	}
	for _, part := range []string{"No deletes on Sundays.", "after an interruption", id.ValueString()} {
		if !strings.Contains(errs[0].Detail(), part) {
			t.Errorf("no %q in: %s", part, errs[0].Detail())
		}
	}
}

// TestOddAnswers are errors, no panics.
func TestOddAnswers(t *testing.T) {
	t.Parallel()
	cloud := novatest.Start(t)
	r := configured(t, cloud)
	body := ""
	cloud.Intercept(func(w http.ResponseWriter, request *http.Request) bool {
		if !strings.Contains(request.URL.Path, "/servers") {
			return false
		}
		if request.Method == http.MethodPost {
			w.WriteHeader(http.StatusAccepted)
		}
		_, _ = w.Write([]byte(body))
		return true
	})
	for _, body = range []string{`{}`, `{"server": null}`, `{"server": {}}`, `{"server": 1}`, `{"server": {"id": 7}}`, `[]`, `<html>`, ``} {
		if s, err := r.Servers().Get(t.Context(), "s"); err == nil || s != nil || gone(s, err) {
			t.Errorf("%s: %v, %v", body, s, err)
		}
		if resp := create(t.Context(), t, r, "web-1"); !resp.Diagnostics.HasError() || !resp.State.Raw.IsNull() {
			t.Errorf("%s: %v, %s", body, resp.Diagnostics, resp.State.Raw)
		}
	}
	body = `{"servers": [null, {"id": "s", "status": "UNKNOWN"}, {"id": "t", "name": "t", "status": "ACTIVE", "image": null, "flavor": null}]}`
	if found, err := r.Servers().List(t.Context(), []string{"s", "t"}); err != nil || len(found) != 1 || found["t"] == nil {
		t.Errorf("%v, %v", found, err)
	}
}
