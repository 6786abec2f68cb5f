// SPDX-License-Identifier: MPL-2.0

package server

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"

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
		m := placing{AvailabilityZone: value.Text(test.has)}
		m.take(&nova.Server{AvailabilityZone: test.shown}, false)
		if got := m.AvailabilityZone.ValueString(); got != test.want {
			t.Errorf("%q, shown as %q: %q", test.has, test.shown, got)
		}
	}
}

// TestRebuildOfMovedServer: user data that only their hash is known of are another reason to rebuild, where they differ.
func TestRebuildOfMovedServer(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		hash, data, secret string
		want               bool
	}{
		{"", "new", "", false}, // of an import nothing is known
		{"c22b5f9178342609428d6f51b2c5af4c0bde6a42", "hi", "", false},
		{"c22b5f9178342609428d6f51b2c5af4c0bde6a42", "ho", "", true},
		{"c22b5f9178342609428d6f51b2c5af4c0bde6a42", "", "hi", false},
		{"c22b5f9178342609428d6f51b2c5af4c0bde6a42", "", "ho", true},
		{"none", "hi", "", true},
	} {
		plan := model{believing: true, dataHash: test.hash}
		plan.UserDataChange, plan.UserData, plan.UserDataWO = types.StringValue(rebuild), value.Text(test.data), value.Text(test.secret)
		if test.secret != "" {
			plan.UserDataWOVersion = types.Int64Value(1)
		}
		if got := rebuilds(plan, model{}); got != test.want {
			t.Errorf("hash %q, data %q, secret %q: %t", test.hash, test.data, test.secret, got)
		}
	}
}

// TestUserDataOfImports: what is no text cannot be in a state as text.
func TestUserDataOfImports(t *testing.T) {
	t.Parallel()
	for shown, want := range map[string][2]types.String{
		"":                 {types.StringNull(), types.StringNull()},
		"IyEvYmluL3NoCg==": {types.StringValue("#!/bin/sh\n"), types.StringNull()},
		"H4sI":             {types.StringNull(), types.StringValue("H4sI")},
		"no base64":        {types.StringNull(), types.StringNull()},
	} {
		m := booting{}
		m.take(&nova.Server{UserData: shown}, true, false)
		if !m.UserData.Equal(want[0]) || !m.UserDataBase64.Equal(want[1]) {
			t.Errorf("%q: %s, %s", shown, m.UserData, m.UserDataBase64)
		}
		if sent := m.encodedUserData(); sent != shown && sent != "" {
			t.Errorf("%q is sent again as %q", shown, sent)
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
