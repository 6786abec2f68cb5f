// SPDX-License-Identifier: MPL-2.0

package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"google.golang.org/grpc"

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
			err := resize(t.Context(), configured(t, cloud), model{sizing: sizing{FlavorID: types.StringValue("2")}}, model{ID: types.StringValue("s")})
			if test.says == "" != (err == nil) || err != nil && !strings.Contains(err.Error(), test.says) {
				t.Errorf("error: %v", err)
			}
			if !slices.Equal(actions, test.actions) {
				t.Errorf("actions: %v", actions)
			}
		})
	}
}

// TestPower walks from every status that a server can rest in to every power state that can be wanted, by actions that
// Nova takes there.
func TestPower(t *testing.T) {
	t.Parallel()
	// What Nova takes where, and where that leads.
	takes := map[string]map[string]string{
		"os-start": {"SHUTOFF": "ACTIVE"}, "os-stop": {"ACTIVE": "SHUTOFF", "ERROR": "SHUTOFF"},
		"pause": {"ACTIVE": "PAUSED"}, "unpause": {"PAUSED": "ACTIVE"},
		"suspend": {"ACTIVE": "SUSPENDED"}, "resume": {"SUSPENDED": "ACTIVE"},
		"shelve":        {"ACTIVE": "SHELVED", "SHUTOFF": "SHELVED", "PAUSED": "SHELVED", "SUSPENDED": "SHELVED_OFFLOADED"},
		"shelveOffload": {"SHELVED": "SHELVED_OFFLOADED"}, "unshelve": {"SHELVED": "ACTIVE", "SHELVED_OFFLOADED": "ACTIVE"},
		"unrescue": {"RESCUE": "ACTIVE"}, "confirmResize": {"VERIFY_RESIZE": "SHUTOFF"}, "reboot": {"ERROR": "ACTIVE", "ACTIVE": "ACTIVE"},
	}
	for wanted := range steps {
		for _, from := range restingStatuses {
			t.Run(from+" to "+wanted, func(t *testing.T) {
				t.Parallel()
				cloud := novatest.Start(t)
				cloud.Put("s", novatest.Server{"status": from})
				var actions []string
				cloud.OnAction(func(s novatest.Server, action string) {
					actions = append(actions, action)
					to, ok := takes[action][s["status"].(string)]
					if !ok {
						t.Errorf("%s of a server in %s", action, s["status"])
					}
					s["status"] = to
				})
				s, err := configured(t, cloud).power(t.Context(), &nova.Server{ID: "s", Status: from}, wanted)
				if err != nil || powerState(s) != wanted || len(actions) > 3 {
					t.Errorf("status %s by %v: %v", s.Status, actions, err)
				}
			})
		}
	}
	r := configured(t, novatest.Start(t))
	if _, err := r.power(t.Context(), &nova.Server{Status: "MIGRATING"}, on); err == nil || !strings.Contains(err.Error(), "MIGRATING") {
		t.Errorf("from MIGRATING: %v", err)
	}
}

// TestOffloadIsLeftToTheCloud where it takes an administrator.
func TestOffloadIsLeftToTheCloud(t *testing.T) {
	t.Parallel()
	cloud := novatest.Start(t)
	cloud.Put("s", novatest.Server{"status": "SHELVED"})
	cloud.Intercept(func(w http.ResponseWriter, r *http.Request) bool {
		act := strings.HasSuffix(r.URL.Path, "/action")
		if act {
			w.WriteHeader(http.StatusForbidden)
		}
		return act
	})
	s, err := configured(t, cloud).power(t.Context(), &nova.Server{ID: "s", Status: nova.Shelved}, offloaded)
	if err != nil || powerState(s) != offloaded {
		t.Errorf("%v, %v", s, err)
	}
}

// TestGoneIsGone: a server that is deleted softly, or whose deletion fails.
func TestGoneIsGone(t *testing.T) {
	t.Parallel()
	cloud := novatest.Start(t)
	r := configured(t, cloud)
	cloud.Put("soft", novatest.Server{"status": "SOFT_DELETED"})
	for _, id := range []string{"soft", "never"} {
		if err := r.awaitGone(t.Context(), id, false); err != nil {
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
	if err := r.awaitGone(t.Context(), "stuck", false); !errors.As(err, &fault) || fault.Message != "host is down" {
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
	plan, given := tftypes.NewValue(kind, all), map[string]tftypes.Value{}
	for attribute, v := range all {
		if given[attribute] = v; !v.IsKnown() {
			given[attribute] = tftypes.NewValue(v.Type(), nil)
		}
	}
	resp := &resource.CreateResponse{State: tfsdk.State{Schema: schema.Schema, Raw: tftypes.NewValue(kind, nil)}}
	r.Create(ctx, resource.CreateRequest{
		Plan:   tfsdk.Plan{Schema: schema.Schema, Raw: plan},
		Config: tfsdk.Config{Schema: schema.Schema, Raw: tftypes.NewValue(kind, given)},
	}, resp)
	return resp
}

// connection is what a request of Terraform came by.
type connection struct {
	grpc.ServerTransportStream
	ctx context.Context
}

func (c connection) Context() context.Context { return c.ctx }

// TestInterruptedCreate keeps the server in the state if Terraform is there to hear of it, else deletes it.
func TestInterruptedCreate(t *testing.T) {
	t.Parallel()
	for _, gone := range []bool{false, true} {
		cloud := novatest.Start(t)
		r := configured(t, cloud)
		connected, leave := context.WithCancel(t.Context())
		t.Cleanup(leave)
		ctx, interrupt := context.WithCancel(grpc.NewContextWithServerTransportStream(t.Context(), connection{ctx: connected}))
		cloud.Intercept(func(_ http.ResponseWriter, r *http.Request) bool {
			if r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/servers") {
				if gone {
					leave()
				}
				interrupt() // while the cloud is at it
			}
			return false
		})
		resp := create(ctx, t, r, "web-1")
		if n := cloud.Count("POST /compute/v2.1/servers"); n != 1 {
			t.Fatalf("%d servers were made", n)
		}
		var id types.String
		resp.State.GetAttribute(t.Context(), path.Root("id"), &id)
		left, says := 1, "is in the state, tainted"
		if gone {
			left, says = 0, "deleted again"
		}
		if n := len(cloud.IDs()); n != left || !gone && id.ValueString() != cloud.IDs()[0] {
			t.Errorf("gone: %t: %d servers are left; id in the state: %s", gone, n, id)
		}
		errs := resp.Diagnostics.Errors()
		if len(errs) != 1 || errs[0].Summary() != `Unable to Create Server "web-1"` || !strings.Contains(errs[0].Detail(), says) {
			t.Errorf("gone: %t: diagnostics: %v", gone, errs)
		}
	}
}

// TestLostAnswerIsFound: the server that was made is known by its mark, and no other one is made.
func TestLostAnswerIsFound(t *testing.T) {
	t.Parallel()
	cloud := novatest.Start(t)
	c, err := client.New(t.Context(), client.Config{Lookup: cloud.Env, Clock: wait.Wall{}, MaxRetries: 2})
	if err != nil {
		t.Fatal(err)
	}
	r := &server{}
	r.Configure(t.Context(), resource.ConfigureRequest{ProviderData: session.New(c)}, nil)
	cloud.Intercept(func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method != http.MethodPost || !strings.HasSuffix(r.URL.Path, "/servers") {
			return false
		}
		var body struct{ Server novatest.Server }
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
			t.Error(err)
		}
		cloud.Put("of another", novatest.Server{"name": "web-1", "metadata": map[string]any{nova.MarkKey: "another"}})
		cloud.Put("s", novatest.Server{"name": "web-1", "metadata": body.Server["metadata"]})
		novatest.HangUp(w)
		return true
	})
	resp := create(t.Context(), t, r, "web-1")
	var id types.String
	var metadata types.Map
	resp.State.GetAttribute(t.Context(), path.Root("id"), &id)
	resp.State.GetAttribute(t.Context(), path.Root("all_metadata"), &metadata)
	if n := cloud.Count("POST /compute/v2.1/servers"); n != 1 || resp.Diagnostics.HasError() || id.ValueString() != "s" || len(metadata.Elements()) != 0 {
		t.Errorf("asked %d times for %s with %s: %v", n, id, metadata, resp.Diagnostics)
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

// TestLostAnswersOfActions: an action is repeated, and what it is doing is no refusal then.
func TestLostAnswersOfActions(t *testing.T) {
	t.Parallel()
	cloud := novatest.Start(t)
	c, err := client.New(t.Context(), client.Config{Lookup: cloud.Env, Clock: wait.Wall{}, MaxRetries: 2})
	if err != nil {
		t.Fatal(err)
	}
	cloud.Put("s", nil)
	var mu sync.Mutex
	asked := 0
	cloud.Intercept(func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.HasSuffix(r.URL.Path, "/action") {
			return false
		}
		mu.Lock()
		defer mu.Unlock()
		if asked++; asked == 1 {
			novatest.HangUp(w)
			return true
		}
		w.WriteHeader(http.StatusConflict)
		_, _ = w.Write([]byte(`{"conflictingRequest": {"code": 409, "message": "Cannot 'stop' instance while it is in task_state powering-off"}}`))
		return true
	})
	servers := nova.Servers{Client: c}
	if err := servers.Act(t.Context(), "s", map[string]any{"os-stop": nil}); err != nil || asked != 2 {
		t.Errorf("asked %d times: %v", asked, err)
	}
	if err := servers.Act(t.Context(), "s", map[string]any{"os-stop": nil}); !diagnose.Conflict(err) {
		t.Errorf("a refusal at once: %v", err)
	}
}
