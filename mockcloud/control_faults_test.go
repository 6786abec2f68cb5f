// SPDX-License-Identifier: MPL-2.0

package mockcloud_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servers"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/networks"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/cloudtest"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/fault"
)

// asker asks a cloud by plain HTTP, as an administrator.
type asker struct {
	t          *testing.T
	url, token string
}

func newAsker(t *testing.T, cloud *cloudtest.Cloud) *asker {
	t.Helper()
	a := &asker{t: t, url: cloud.URL}
	_, header, _ := a.ask(http.MethodPost, "/identity/v3/auth/tokens", `{"auth": {"identity": {"methods": ["password"], "password":
		{"user": {"name": "admin", "domain": {"id": "default"}, "password": "`+cloud.Password("admin")+`"}}},
		"scope": {"project": {"name": "admin", "domain": {"id": "default"}}}}}`)
	a.token = header.Get("X-Subject-Token")
	return a
}

// ask returns 0 for a connection that broke.
func (a *asker) ask(method, path, body string) (int, http.Header, string) {
	a.t.Helper()
	request, err := http.NewRequestWithContext(a.t.Context(), method, a.url+path, strings.NewReader(body))
	must(a.t, err)
	request.Header.Set("X-Auth-Token", a.token)
	request.Header.Set("OpenStack-API-Version", "compute 2.90")
	request.Close = true // Go asks again by itself when a kept connection breaks
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		return 0, nil, ""
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	must(a.t, err)
	return response.StatusCode, response.Header, string(answer)
}

// TestFaultsInTheServicesOwnWords: each service refuses as it refuses everything else.
func TestFaultsInTheServicesOwnWords(t *testing.T) {
	t.Parallel()
	cloud := cloudtest.Start(t)
	admin := newAsker(t, cloud)
	_, err := cloud.Faults().Add(fault.Rule{Effects: []fault.Effect{{Status: 429, Message: "slow down", RetryAfter: 1500 * time.Millisecond}}})
	must(t, err)
	for path, want := range map[string]string{
		"/compute/v2.1/servers":      `{"overLimit":{"code":429,"message":"slow down","retryAfter":"2"}}`,
		"/network/v2.0/networks":     `{"NeutronError":{"detail":"","message":"slow down","type":"`,
		"/identity/v3/projects":      `{"error":{"code":429,"message":"slow down","title":"Too Many Requests"}}`,
		"/compute/v2.1/no/such/path": `{"overLimit":`,
	} {
		code, header, body := admin.ask(http.MethodGet, path, "")
		if code != 429 || header.Get("Retry-After") != "2" || !strings.HasPrefix(body, want) || !strings.HasPrefix(header.Get("X-Openstack-Request-Id"), "req-") {
			t.Errorf("%s: %d %v %s", path, code, header, body)
		}
	}
	if code, _, _ := admin.ask(http.MethodGet, "/mock/v1/faults", ""); code != 200 {
		t.Errorf("who broke the cloud cannot mend it: %d", code)
	}
}

// TestCutBeforeAndAfterTheWork: the client sees the same, the cloud does not.
func TestCutBeforeAndAfterTheWork(t *testing.T) {
	t.Parallel()
	for after, servers := range map[bool]int{false: 0, true: 1} {
		for _, end := range []fault.Effect{{Cut: true, After: after}, {Status: 500, After: after}} {
			cloud := cloudtest.Start(t)
			admin := newAsker(t, cloud)
			_, err := cloud.Faults().Add(fault.Rule{Operation: "POST /servers/{id}/action createImage", Effects: []fault.Effect{{Cut: true}}})
			must(t, err)
			id, err := cloud.Faults().Add(fault.Rule{Operation: "POST /servers", Effects: []fault.Effect{end}})
			must(t, err)
			code, header, body := admin.ask(http.MethodPost, "/compute/v2.1/servers", `{"server": {"name": "n", "flavorRef": "1", "imageRef": "`+
				cloudImage(t, admin)+`", "networks": "none"}}`)
			if code != end.Status || header.Get("Location") != "" || strings.Contains(body, "adminPass") {
				t.Errorf("%+v: %d %v %s", end, code, header, body)
			}
			if _, _, body := admin.ask(http.MethodGet, "/compute/v2.1/servers", ""); strings.Count(body, `"name":"n"`) != servers {
				t.Errorf("%+v: %s", end, body)
			}
			trace, _ := cloud.Trace().After(0, 100)
			at := slices.IndexFunc(trace, func(r mockcloud.Request) bool { return r.Method == http.MethodPost && r.Service == "compute" })
			if at < 0 || trace[at].Fault != id || trace[at].Status != end.Status {
				t.Errorf("%+v", trace)
			}
		}
	}
}

func cloudImage(t *testing.T, a *asker) string {
	t.Helper()
	var answer struct{ Images []struct{ ID string } }
	_, _, body := a.ask(http.MethodGet, "/image/v2/images", "")
	must(t, json.Unmarshal([]byte(body), &answer))
	return answer.Images[0].ID
}

// TestDelaysAreOfTheCloudsClock: before the work and after it.
func TestDelaysAreOfTheCloudsClock(t *testing.T) {
	t.Parallel()
	for _, after := range []bool{false, true} {
		now := clock.NewManual(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
		cloud := cloudtest.Start(t, cloudtest.With(func(o *mockcloud.Options) {
			o.Clock = now
			o.Faults = []fault.Rule{{Operation: "POST /networks", Effects: []fault.Effect{{Delay: time.Minute, After: after}}}}
		}))
		user := login(t, cloud)
		var asked sync.WaitGroup
		asked.Go(func() {
			if _, err := networks.Create(t.Context(), user.network, networks.CreateOpts{Name: "late"}).Extract(); err != nil {
				t.Error(err)
			}
		})
		must(t, now.BlockUntil(t.Context(), 1))
		if there := networkNamed(t, user, "late"); there != after {
			t.Errorf("after: %v, and the work is done: %v", after, there)
		}
		now.Advance(time.Minute)
		asked.Wait()
		// Who goes away ends the wait, and what is not begun is not done.
		ctx, leave := context.WithCancel(t.Context())
		asked.Go(func() { _, _ = networks.Create(ctx, user.network, networks.CreateOpts{Name: "left"}).Extract() })
		must(t, now.BlockUntil(t.Context(), 1))
		leave()
		asked.Wait()
		if there := networkNamed(t, user, "left"); there != after {
			t.Errorf("after: %v, and the work of who left is done: %v", after, there)
		}
	}
}

func networkNamed(t *testing.T, u *user, name string) bool {
	t.Helper()
	page, err := networks.List(u.network, networks.ListOpts{Name: name}).AllPages(t.Context())
	must(t, err)
	found, err := networks.ExtractNetworks(page)
	must(t, err)
	return len(found) == 1
}

// TestInnerRequestsAreNotStruck: Nova asks Neutron inside a request; what strikes is one fault for one request.
func TestInnerRequestsAreNotStruck(t *testing.T) {
	t.Parallel()
	cloud := cloudtest.Start(t)
	user := login(t, cloud)
	user.compute.Microversion = "2.35"
	_, err := cloud.Faults().Add(fault.Rule{Service: "network", Effects: []fault.Effect{{Cut: true}}})
	must(t, err)
	_, err = cloud.Faults().Add(fault.Rule{Service: "compute", Times: 1, Effects: []fault.Effect{{Delay: time.Nanosecond}}})
	must(t, err)
	for range 2 { // also when the request itself is let through
		_, err := user.compute.Get(t.Context(), user.compute.ServiceURL("os-security-groups"), nil, nil) //nolint:bodyclose // gophercloud does
		must(t, err)
	}
}

func TestFaultsOverHTTP(t *testing.T) {
	t.Parallel()
	cloud := cloudtest.Start(t)
	admin := newAsker(t, cloud)
	const rule = `"operation": "POST /servers/{id}/action reboot", "project": "p", "times": 2, "probability": 0.5, "seed": 9,
		"effects": [{"status": 503, "retry_after": "2s"}, {"cut": true, "after": true, "delay": "1m30s"}]`
	for _, step := range []struct {
		method, path, body string
		code               int
		says               string
	}{
		{"GET", "", "", 200, `{"faults":[]}`},
		{"POST", "", `{"fault": {` + rule + `}}`, 201, `"id":"1"`},
		{"GET", "/1", "", 200, `{"fault":{"id":"1","operation":"POST /servers/{id}/action reboot","project":"p","times":2,"probability":0.5,"seed":9,` +
			`"effects":[{"status":503,"retry_after":"2s"},{"delay":"1m30s","cut":true,"after":true}],"matched":0,"struck":0}}`},
		{"POST", "", `{"fault": {"id": "1", ` + rule + `}}`, 409, "there is a rule with this id"},
		{"PUT", "/1", `{"fault": {"effects": [{"status": 500}]}}`, 200, `"status":500`},
		{"PUT", "/2", `{"fault": {"effects": [{"status": 500}]}}`, 404, "no rule with this id"},
		{"POST", "", `{"fault": {"operation": "POST /server", "effects": [{"cut": true}]}}`, 400, `no operation \"POST /server\"; near it are`},
		{"POST", "", `{"fault": {"operaton": "x", "effects": [{"cut": true}]}}`, 400, `'operaton' was unexpected`},
		{"POST", "", `{"fault": {"effects": [{"sttus": 500}]}}`, 400, `'sttus' was unexpected`},
		{"POST", "", `{"fault": {"effects": [{"delay": "soon"}]}}`, 400, `'soon' is not a duration`},
		{"POST", "", `{"fault": {"effects": []}}`, 400, `effects: a rule needs one`},
		{"PUT", "", `{"faults": [{"effects": [{"status": 500}]}, {"service": "nova", "effects": [{"status": 500}]}]}`, 400, `rule 2: service: there is no service`},
		{"GET", "", "", 200, `"id":"1"`},
		{"PUT", "", `{"faults": [{"id": "a", "effects": [{"status": 500}]}, {"effects": [{"status": 500}]}]}`, 200, `"id":"a"`},
		{"DELETE", "/a", "", 204, ""},
		{"DELETE", "/a", "", 404, "no rule"},
		{"DELETE", "", "", 204, ""},
		{"GET", "", "", 200, `{"faults":[]}`},
	} {
		code, _, body := admin.ask(step.method, "/mock/v1/faults"+step.path, step.body)
		if code != step.code || !strings.Contains(body, step.says) {
			t.Errorf("%s %s %s: %d %s", step.method, step.path, step.body, code, body)
		}
	}
	user := login(t, cloud)
	_, err := user.compute.Get(t.Context(), cloud.URL+"/mock/v1/faults", nil, nil) //nolint:bodyclose // gophercloud does
	if err == nil || !strings.Contains(err.Error(), "403") {
		t.Errorf("anyone sees the faults: %v", err)
	}
}

// TestFaultsOfTheOptions are there from the start, and a wrong one is no start.
func TestFaultsOfTheOptions(t *testing.T) {
	t.Parallel()
	_, err := mockcloud.New(t.Context(), mockcloud.Options{Faults: []fault.Rule{{Operation: "servers", Effects: []fault.Effect{{Cut: true}}}}})
	if err == nil || !strings.Contains(err.Error(), `no operation "servers"`) {
		t.Error(err)
	}
	cloud := cloudtest.Start(t, cloudtest.With(func(o *mockcloud.Options) {
		o.Faults = []fault.Rule{{Operation: "GET /servers/detail", Times: 1, Effects: []fault.Effect{{Status: 503}}}}
	}))
	user := login(t, cloud)
	for _, fails := range []bool{true, false} {
		if _, err := servers.List(user.compute, nil).AllPages(t.Context()); fails != (err != nil) {
			t.Error(err)
		}
	}
}

// BenchmarkRequest is a request of the cheapest kind, in process: without rules, and with one that does not match.
func BenchmarkRequest(b *testing.B) {
	for name, rules := range map[string][]fault.Rule{
		"no rules": nil, "a rule": {{Operation: "POST /servers", Effects: []fault.Effect{{Cut: true}}}},
	} {
		b.Run(name, func(b *testing.B) {
			cloud := cloudtest.Start(b, cloudtest.With(func(o *mockcloud.Options) { o.Faults = rules }))
			handler := cloud.Handler()
			b.ReportAllocs()
			for b.Loop() {
				answer := httptest.NewRecorder()
				handler.ServeHTTP(answer, httptest.NewRequestWithContext(b.Context(), http.MethodGet, "/compute/v2.1", nil))
				if answer.Code != http.StatusOK {
					b.Fatal(answer.Code, answer.Body)
				}
			}
		})
	}
}
