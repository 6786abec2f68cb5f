// SPDX-License-Identifier: MPL-2.0

package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/client"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/diagnose"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/novatest"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/session"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/wait"
)

// configured is a server resource that is configured for the cloud.
func configured(t *testing.T, cloud *novatest.Cloud) *server {
	t.Helper()
	c, err := client.New(t.Context(), client.Config{Lookup: cloud.Env, Clock: wait.Wall{}})
	if err != nil {
		t.Fatal(err)
	}
	r := &server{}
	r.Configure(t.Context(), resource.ConfigureRequest{ProviderData: session.New(c)}, nil)
	return r
}

func TestResize(t *testing.T) {
	t.Parallel()
	flavor := func(id string) map[string]any { return map[string]any{"id": id} }
	for _, test := range []struct {
		name    string
		acts    func(s novatest.Server, action string)
		actions []string
		says    string
	}{
		{"is confirmed", func(s novatest.Server, action string) {
			switch action {
			case "resize":
				s["status"], s["flavor"] = "VERIFY_RESIZE", flavor("2")
			case "confirmResize":
				s["status"] = "ACTIVE"
			}
		}, []string{"resize", "confirmResize"}, ""},
		{"was confirmed by Nova itself", func(s novatest.Server, _ string) { s["flavor"] = flavor("2") }, []string{"resize"}, ""},
		{"finds no host", func(novatest.Server, string) {}, []string{"resize"}, "given up by Nova"},
		{"breaks", func(s novatest.Server, _ string) {
			s["status"], s["fault"] = "ERROR", map[string]any{"code": 500, "message": "disk full"}
		}, []string{"resize"}, "ERROR: disk full"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			cloud := novatest.Start(t)
			cloud.Put("s", nil)
			var actions []string
			cloud.OnAction(func(s novatest.Server, action string) {
				actions = append(actions, action)
				test.acts(s, action)
			})
			err := resize(t.Context(), configured(t, cloud), model{FlavorID: types.StringValue("2")}, model{ID: types.StringValue("s")})
			if test.says == "" != (err == nil) || err != nil && !strings.Contains(err.Error(), test.says) {
				t.Errorf("error: %v", err)
			}
			if !slices.Equal(actions, test.actions) {
				t.Errorf("actions: %v", actions)
			}
		})
	}
}

func TestPower(t *testing.T) {
	t.Parallel()
	ends := map[string]string{
		"os-start": "ACTIVE", "os-stop": "SHUTOFF", "unpause": "ACTIVE", "resume": "ACTIVE", "unshelve": "ACTIVE", "unrescue": "ACTIVE",
	}
	for _, test := range []struct {
		from, to string
		actions  []string
	}{
		{"ACTIVE", on, nil},
		{"SHUTOFF", on, []string{"os-start"}},
		{"SHELVED_OFFLOADED", on, []string{"unshelve"}},
		{"RESCUE", on, []string{"unrescue"}},
		{"ACTIVE", off, []string{"os-stop"}},
		{"PAUSED", off, []string{"unpause", "os-stop"}},
		{"SUSPENDED", off, []string{"resume", "os-stop"}},
	} {
		t.Run(test.from+" to "+test.to, func(t *testing.T) {
			t.Parallel()
			cloud := novatest.Start(t)
			cloud.Put("s", novatest.Server{"status": test.from})
			var actions []string
			cloud.OnAction(func(s novatest.Server, action string) {
				actions = append(actions, action)
				s["status"] = ends[action]
			})
			s, err := configured(t, cloud).power(t.Context(), &nova.Server{ID: "s", Status: test.from}, test.to)
			if err != nil || powerState(s.Status) != test.to || !slices.Equal(actions, test.actions) {
				t.Errorf("status %s by %v: %v", s.Status, actions, err)
			}
		})
	}
	r := configured(t, novatest.Start(t))
	if _, err := r.power(t.Context(), &nova.Server{Status: "MIGRATING"}, on); err == nil || !strings.Contains(err.Error(), "MIGRATING") {
		t.Errorf("from MIGRATING: %v", err)
	}
}

// TestGoneIsGone: a server that is deleted softly, or whose deletion fails.
func TestGoneIsGone(t *testing.T) {
	t.Parallel()
	cloud := novatest.Start(t)
	r := configured(t, cloud)
	cloud.Put("soft", novatest.Server{"status": "SOFT_DELETED"})
	for _, id := range []string{"soft", "never"} {
		if err := r.awaitGone(t.Context(), id); err != nil {
			t.Errorf("%s: %v", id, err)
		}
	}
	cloud.Put("stuck", novatest.Server{"OS-EXT-STS:task_state": "deleting"})
	reads := 0
	var mu sync.Mutex
	cloud.Intercept(func(_ http.ResponseWriter, r *http.Request) bool {
		mu.Lock()
		defer mu.Unlock()
		if reads++; strings.HasSuffix(r.URL.Path, "/stuck") && reads > 1 {
			cloud.Put("stuck", novatest.Server{
				"OS-EXT-STS:task_state": nil, "status": "ERROR", "fault": map[string]any{"code": 500, "message": "host is down"},
			})
		}
		return false
	})
	var fault *diagnose.Fault
	if err := r.awaitGone(t.Context(), "stuck"); !errors.As(err, &fault) || fault.Message != "host is down" {
		t.Errorf("stuck: %v", err)
	}
}

// create runs Create with a plan of these attributes.
func create(ctx context.Context, t *testing.T, r *server, name string) *resource.CreateResponse {
	t.Helper()
	var schema resource.SchemaResponse
	r.Schema(ctx, resource.SchemaRequest{}, &schema)
	kind := schema.Schema.Type().TerraformType(ctx).(tftypes.Object)
	all := map[string]tftypes.Value{}
	for attribute, of := range kind.AttributeTypes {
		all[attribute] = tftypes.NewValue(of, nil)
		if schema.Schema.Attributes[attribute].IsComputed() {
			all[attribute] = tftypes.NewValue(of, tftypes.UnknownValue)
		}
	}
	for attribute, text := range map[string]string{"name": name, "image_id": "i", "flavor_id": "1", "network_mode": "none"} {
		all[attribute] = tftypes.NewValue(tftypes.String, text)
	}
	plan := tftypes.NewValue(kind, all)
	resp := &resource.CreateResponse{State: tfsdk.State{Schema: schema.Schema, Raw: tftypes.NewValue(kind, nil)}}
	r.Create(ctx, resource.CreateRequest{Plan: tfsdk.Plan{Schema: schema.Schema, Raw: plan}}, resp)
	return resp
}

// TestInterruptedCreateIsUndone: whether Terraform was told to stop or is gone, no server is left that
// nobody knows of.
func TestInterruptedCreateIsUndone(t *testing.T) {
	t.Parallel()
	cloud := novatest.Start(t)
	r := configured(t, cloud)
	ctx, interrupt := context.WithCancel(t.Context())
	cloud.Intercept(func(_ http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/servers") {
			interrupt() // while the cloud is at it
		}
		return false
	})
	resp := create(ctx, t, r, "web-1")
	if n := cloud.Count("POST /compute/v2.1/servers"); n != 1 {
		t.Fatalf("%d servers were made", n)
	}
	if n := cloud.Count("DELETE /compute/v2.1/servers/"); n != 1 || !resp.State.Raw.IsNull() {
		t.Errorf("%d servers were deleted; state: %s", n, resp.State.Raw)
	}
	errs := resp.Diagnostics.Errors()
	if len(errs) != 1 || errs[0].Summary() != `Unable to Create Server "web-1"` || !strings.Contains(errs[0].Detail(), "is being deleted again") {
		t.Errorf("diagnostics: %v", errs)
	}
}

// TestLostAnswerMakesNoSecondServer: Nova may have made one, so asking again could make two.
func TestLostAnswerMakesNoSecondServer(t *testing.T) {
	t.Parallel()
	cloud := novatest.Start(t)
	r := configured(t, cloud)
	cloud.Intercept(func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method != http.MethodPost || !strings.HasSuffix(r.URL.Path, "/servers") {
			return false
		}
		novatest.HangUp(w)
		return true
	})
	resp := create(t.Context(), t, r, "web-1")
	if n := cloud.Count("POST /compute/v2.1/servers"); n != 1 || !resp.Diagnostics.HasError() {
		t.Errorf("asked %d times: %v", n, resp.Diagnostics)
	}
}

// TestManyCreatesShareTheirPolls: 50 servers at once cost 50 POSTs and a few lists.
func TestManyCreatesShareTheirPolls(t *testing.T) {
	t.Parallel()
	const servers = 50
	cloud := novatest.Start(t)
	r := configured(t, cloud)
	var all sync.WaitGroup
	ready := time.Now().Add(300 * time.Millisecond)
	cloud.Intercept(func(_ http.ResponseWriter, request *http.Request) bool {
		if request.Method == http.MethodGet && strings.Contains(request.URL.Path, "/servers/") {
			status := "BUILD"
			if time.Now().After(ready) {
				status = "ACTIVE"
			}
			for _, id := range cloud.IDs() {
				cloud.Put(id, novatest.Server{"status": status})
			}
		}
		return false
	})
	for n := range servers {
		all.Go(func() {
			if resp := create(t.Context(), t, r, fmt.Sprint(n)); resp.Diagnostics.HasError() {
				t.Error(resp.Diagnostics)
			}
		})
	}
	all.Wait()
	lists, gets := cloud.Count("GET /compute/v2.1/servers/detail"), cloud.Count("GET /compute/v2.1/servers/0")
	t.Logf("%d lists and %d reads", lists, gets)
	if lists == 0 || lists > 20 || gets > servers/2 {
		t.Errorf("%d lists and %d reads for %d servers", lists, gets, servers)
	}
}
