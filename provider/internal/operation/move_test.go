// SPDX-License-Identifier: MPL-2.0

package operation_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/client"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/novatest"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/operation"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/session"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/wait"
)

// open is a cloud with the server "s" on a host of the hash "old", and an operation on it.
func open(t *testing.T) (*novatest.Cloud, nova.Servers, *operation.Operation) {
	t.Helper()
	cloud := novatest.Start(t)
	cloud.Put("s", novatest.Server{"hostId": "old"})
	c, err := client.New(t.Context(), client.Config{Lookup: cloud.Env, Clock: wait.Hurried{Factor: 100}, MaxRetries: 2})
	if err != nil {
		t.Fatal(err)
	}
	s := session.New(c)
	o, err := operation.New(t.Context(), s, "s", func(string) {})
	if err != nil {
		t.Fatal(err)
	}
	return cloud, s.Servers(), o
}

// TestColdMoveThatFailedAtTheEnd: Nova notes the new host before it tries to bring the server up there.
func TestColdMoveThatFailedAtTheEnd(t *testing.T) {
	t.Parallel()
	cloud, _, o := open(t)
	cloud.Intercept(func(w http.ResponseWriter, r *http.Request) bool {
		hidden := strings.Contains(r.URL.Path, "/os-instance-actions")
		if hidden {
			w.WriteHeader(http.StatusForbidden)
		}
		return hidden
	})
	cloud.OnAction(func(s novatest.Server, _ string) {
		s["hostId"], s["status"], s["fault"] = "new", nova.Error, map[string]any{"code": 500, "message": "no such disk"}
	})
	if err := o.MoveCold(t.Context(), "", true); err == nil || !strings.Contains(err.Error(), "no such disk") {
		t.Errorf("a server in ERROR was moved: %v", err)
	}
}

// TestAbortWhoseAnswerGotLost: the second request finds nothing to abort any more.
func TestAbortWhoseAnswerGotLost(t *testing.T) {
	t.Parallel()
	cloud, servers, _ := open(t)
	asked := 0
	cloud.Intercept(func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method != http.MethodDelete || !strings.HasSuffix(r.URL.Path, "/migrations/7") {
			return false
		}
		if asked++; asked == 1 {
			novatest.HangUp(w)
		} else {
			w.WriteHeader(http.StatusNotFound)
		}
		return true
	})
	if err := servers.AbortMigration(t.Context(), "s", 7); err != nil || asked != 2 {
		t.Errorf("asked %d times: %v", asked, err)
	}
}
