// SPDX-License-Identifier: MPL-2.0

package neutron_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/neutron"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store/memory"
)

// people is the door's interface to Keystone: the token is the person's name.
type people map[string]*api.Identity

func (p people) Authenticate(_ context.Context, token string) (*api.Identity, error) {
	if id := p[token]; id != nil {
		return id, nil
	}
	return nil, api.Unauthorized("The request you have made requires authentication.")
}

const (
	adminProject = "a0000000000000000000000000000000"
	demoProject  = "d0000000000000000000000000000000"
	otherProject = "e0000000000000000000000000000000"
)

var (
	demoCaller  = neutron.Caller{UserID: "demo", ProjectID: demoProject}
	otherCaller = neutron.Caller{UserID: "other", ProjectID: otherProject}
)

// cloud is a seeded network service behind a real server.
type cloud struct {
	*neutron.Service
	url string
}

func newCloud(t testing.TB) *cloud {
	t.Helper()
	s, err := neutron.New(neutron.Options{
		Store: memory.New(), Clock: clock.NewManual(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)),
		Hosts: func(context.Context) ([]neutron.Host, error) {
			at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
			return []neutron.Host{
				{Name: "one", Compute: true, Up: true, Since: at, LastSeen: at.Add(time.Hour)}, {Name: "two", Compute: true, Since: at, LastSeen: at},
				{Name: "control", Up: true, Since: at, LastSeen: at.Add(time.Hour)},
			}, nil
		},
		Auth: people{
			"admin":  {UserID: "admin", ProjectID: adminProject, Roles: []string{"admin", "manager", "member", "reader"}},
			"demo":   {UserID: "demo", ProjectID: demoProject, Roles: []string{"member", "reader"}},
			"other":  {UserID: "other", ProjectID: otherProject, Roles: []string{"member", "reader"}},
			"reader": {UserID: "reader", ProjectID: demoProject, Roles: []string{"reader"}},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second time must change nothing
		if err := s.Seed(t.Context(), neutron.SeedOptions{AdminProjectID: adminProject, DemoProjectID: demoProject}); err != nil {
			t.Fatal(err)
		}
	}
	server := httptest.NewServer(s.Handler())
	t.Cleanup(server.Close)
	return &cloud{s, server.URL}
}

// as is a gophercloud client with that token.
func (c *cloud) as(token string) *gophercloud.ServiceClient {
	return &gophercloud.ServiceClient{
		ProviderClient: &gophercloud.ProviderClient{TokenID: token},
		Endpoint:       c.url + "/network/", ResourceBase: c.url + "/network/v2.0/",
	}
}

// send makes a request by hand: "GET /v2.0/networks".
func (c *cloud) send(t testing.TB, token, request, body string) (int, string) {
	t.Helper()
	method, path, _ := strings.Cut(request, " ")
	r, err := http.NewRequestWithContext(t.Context(), method, c.url+"/network"+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		r.Header.Set("X-Auth-Token", token)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(text)
}

// make creates one object and returns it as JSON.
func (c *cloud) make(t testing.TB, token, kind, fields string) map[string]any {
	t.Helper()
	path := "/v2.0/" + strings.ReplaceAll(kind, "_", "-") + "s"
	status, text := c.send(t, token, "POST "+path, `{"`+kind+`": {`+fields+`}}`)
	if status != http.StatusCreated {
		t.Fatalf("POST %s {%s}: %d %s", path, fields, status, text)
	}
	var answer map[string]map[string]any
	if err := json.Unmarshal([]byte(text), &answer); err != nil {
		t.Fatal(err)
	}
	return answer[kind]
}

func (c *cloud) id(t testing.TB, token, kind, fields string) string {
	t.Helper()
	return c.make(t, token, kind, fields)["id"].(string)
}

// made is the id of what a POST of that body makes.
func (c *cloud) made(t testing.TB, token, path, body string) string {
	t.Helper()
	status, text := c.send(t, token, "POST "+path, body)
	var answer map[string]struct{ ID string }
	if err := json.Unmarshal([]byte(text), &answer); err != nil || status != http.StatusCreated {
		t.Fatalf("POST %s %s: %d %s", path, body, status, text)
	}
	for _, one := range answer {
		return one.ID
	}
	return ""
}

// list is the answer to a list, as JSON.
func (c *cloud) list(t testing.TB, token, path string) []map[string]any {
	t.Helper()
	status, text := c.send(t, token, "GET /v2.0/"+path, "")
	if status != http.StatusOK {
		t.Fatalf("GET %s: %d %s", path, status, text)
	}
	var answer map[string]json.RawMessage
	if err := json.Unmarshal([]byte(text), &answer); err != nil {
		t.Fatal(err)
	}
	for key, value := range answer {
		var list []map[string]any
		if !strings.HasSuffix(key, "_links") {
			if err := json.Unmarshal(value, &list); err != nil {
				t.Fatal(err)
			}
			return list
		}
	}
	return nil
}

// exchange is a request and what must come back.
type exchange struct {
	name, token, request, body string
	status                     int
	answer                     string
}

func (c *cloud) hold(t *testing.T, exchanges []exchange) {
	t.Helper()
	for _, x := range exchanges {
		status, text := c.send(t, x.token, x.request, x.body)
		if status != x.status || !strings.Contains(text, x.answer) {
			t.Errorf("%s: %s as %s: %d %s\nwant %d …%s…", x.name, x.request, x.token, status, text, x.status, x.answer)
		}
	}
}
