// SPDX-License-Identifier: MPL-2.0

package nova_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// tokenOf is the token in the URL of a console.
func tokenOf(t *testing.T, address string) string {
	t.Helper()
	parsed, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	query := parsed.Query()
	if path, given := strings.CutPrefix(query.Get("path"), "console/?"); given {
		if query, err = url.ParseQuery(path); err != nil {
			t.Fatal(err)
		}
	}
	if query.Get("token") == "" {
		t.Fatalf("%s has no token", address)
	}
	return query.Get("token")
}

// The token of a console opens it once; that it was looked at does not use it up.
func TestConsole(t *testing.T) {
	t.Parallel()
	cloud := start(t)
	id := cloud.demo.boot(t, "seen", nil)
	made := cloud.demo.nova(t, 6, http.MethodPost, "/servers/"+id+"/remote-consoles",
		object{"remote_console": object{"protocol": "vnc", "type": "novnc"}}).object(t, http.StatusOK)
	page := text(t, made, "remote_console", "url")
	token := tokenOf(t, page)
	found := cloud.admin.nova(t, 31, http.MethodGet, "/os-console-auth-tokens/"+token, nil).object(t, http.StatusOK)
	same(t, "console", found["console"].(object)["instance_uuid"], id)
	if got := cloud.demo.nova(t, 31, http.MethodGet, "/os-console-auth-tokens/"+token, nil); got.status != http.StatusForbidden {
		t.Errorf("anybody can see where a console is: %d", got.status)
	}
	base, _, _ := strings.Cut(page, "/console/")
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	ws, _, err := websocket.Dial(ctx, base+"/console/?token="+token, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = ws.CloseNow() }()
	if _, hello, err := ws.Read(ctx); err != nil || string(hello) != "RFB 003.008\n" {
		t.Errorf("the console says %q, %v", hello, err)
	}
	again, _, err := websocket.Dial(ctx, base+"/console/?token="+token, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = again.CloseNow() }()
	if _, _, err := again.Read(ctx); err == nil || ctx.Err() != nil {
		t.Errorf("a token that was used opens the console again: %v", err)
	}
	if got := cloud.admin.nova(t, 31, http.MethodGet, "/os-console-auth-tokens/"+token, nil); got.status != http.StatusNotFound {
		t.Errorf("a token that was used is known: %d %s", got.status, got.body)
	}
}

// What a libvirt Nova has not, it refuses in its own words.
func TestConsolesThatNobodyHas(t *testing.T) {
	t.Parallel()
	cloud := start(t)
	id := cloud.demo.boot(t, "unseen", nil)
	for _, test := range []struct{ protocol, kind, words string }{
		{"rdp", "novnc", "Invalid console type novnc"},
		{"mks", "webmks", "Unavailable console type webmks."},
		{"vnc", "xvpvnc", "Invalid console type xvpvnc"},
		{"vnc", "serial", "Invalid console type serial"},
	} {
		got := cloud.demo.nova(t, 8, http.MethodPost, "/servers/"+id+"/remote-consoles",
			object{"remote_console": object{"protocol": test.protocol, "type": test.kind}})
		if got.status != http.StatusBadRequest || !strings.Contains(string(got.body), test.words) {
			t.Errorf("%s %s: %d %s, want 400 %s", test.protocol, test.kind, got.status, got.body, test.words)
		}
	}
}
