// SPDX-License-Identifier: MPL-2.0

package glance

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/image/v2/imagedata"
	"github.com/gophercloud/gophercloud/v2/openstack/image/v2/images"
	"github.com/gophercloud/gophercloud/v2/openstack/image/v2/members"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
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

var (
	demo  = Caller{UserID: "demo", ProjectID: "demo"}
	admin = Caller{UserID: "admin", ProjectID: "admin", Admin: true}
)

type cloud struct {
	*Service
	url   string
	store store.Store
	clock *clock.Manual
}

func newCloud(t testing.TB, edit ...func(*Options)) *cloud {
	t.Helper()
	c := &cloud{store: memory.New(), clock: clock.NewManual(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC))}
	o := Options{Store: c.store, Clock: c.clock, Auth: people{
		"admin":  {UserID: "admin", ProjectID: "admin", Roles: []string{"admin", "member", "reader"}},
		"demo":   {UserID: "demo", ProjectID: "demo", Roles: []string{"member", "reader"}},
		"other":  {UserID: "other", ProjectID: "other", Roles: []string{"member", "reader"}},
		"reader": {UserID: "reader", ProjectID: "demo", Roles: []string{"reader"}},
	}}
	for _, e := range edit {
		e(&o)
	}
	var err error
	if c.Service, err = New(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(c.Handler())
	t.Cleanup(server.Close)
	c.url = server.URL
	return c
}

func (c *cloud) as(token string) *gophercloud.ServiceClient {
	return &gophercloud.ServiceClient{
		ProviderClient: &gophercloud.ProviderClient{TokenID: token},
		Endpoint:       c.url + "/image/", ResourceBase: c.url + "/image/v2/",
	}
}

// send makes a request by hand; kind is the body's media type, "" for JSON.
func (c *cloud) send(t testing.TB, token, request, kind, body string) (int, http.Header, string) {
	t.Helper()
	method, path, _ := strings.Cut(request, " ")
	r, err := http.NewRequestWithContext(t.Context(), method, c.url+"/image"+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		r.Header.Set("X-Auth-Token", token)
	}
	if kind == "" {
		kind = "application/json"
	}
	if name, value, ok := strings.Cut(kind, ": "); ok {
		r.Header.Set(name, value)
	} else {
		r.Header.Set("Content-Type", kind)
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
	return answer.StatusCode, answer.Header, string(text)
}

func (c *cloud) id(t testing.TB, token, body string) string {
	t.Helper()
	status, _, text := c.send(t, token, "POST /v2/images", "", body)
	var made struct{ ID string }
	if err := json.Unmarshal([]byte(text), &made); err != nil || status != http.StatusCreated {
		t.Fatalf("create %s: %d %s", body, status, text)
	}
	return made.ID
}

const bare = `"disk_format": "raw", "container_format": "bare"`

const octets = "application/octet-stream"

type exchange struct {
	name, token, request, kind, body string
	status                           int
	answer                           string
}

func (c *cloud) hold(t *testing.T, exchanges []exchange) {
	t.Helper()
	for _, x := range exchanges {
		status, _, text := c.send(t, x.token, x.request, x.kind, x.body)
		if status != x.status || !strings.Contains(text, x.answer) {
			t.Errorf("%s: %s as %s: %d %s\nwant %d …%s…", x.name, x.request, x.token, status, text, x.status, x.answer)
		}
	}
}

// TestGophercloud lives through an image with the client that Terraform uses.
func TestGophercloud(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	client, ctx := c.as("demo"), t.Context()
	visibility := images.ImageVisibilityPrivate
	i, err := images.Create(ctx, client, images.CreateOpts{
		Name: "i1", Visibility: &visibility, DiskFormat: "raw", ContainerFormat: "bare", MinDisk: 1, MinRAM: 64,
		Tags: []string{"b", "a"}, Properties: map[string]string{"hw_disk_bus": "scsi"},
	}).Extract()
	if err != nil {
		t.Fatal(err)
	}
	if i.Status != images.ImageStatusQueued || i.Owner != "demo" || i.Properties["hw_disk_bus"] != "scsi" || i.MinDiskGigabytes != 1 {
		t.Errorf("created: %+v", i)
	}
	if err := imagedata.Upload(ctx, client, i.ID, strings.NewReader("hello, image")).ExtractErr(); err != nil {
		t.Fatal(err)
	}
	if i, err = images.Get(ctx, client, i.ID).Extract(); err != nil || i.Status != images.ImageStatusActive || i.SizeBytes != 12 || i.VirtualSize != 12 ||
		i.Checksum != "87a83bec3da797da33b0344e7096cc70" || i.Properties["os_hash_algo"] != "sha512" {
		t.Errorf("active: %+v, %v", i, err)
	}
	data, err := imagedata.Download(ctx, client, i.ID).Extract()
	if err != nil {
		t.Fatal(err)
	}
	if text, err := io.ReadAll(data); err != nil || string(text) != "hello, image" {
		t.Errorf("downloaded %q, %v", text, err)
	}
	i, err = images.Update(ctx, client, i.ID, images.UpdateOpts{
		images.ReplaceImageName{NewName: "i2"}, images.ReplaceImageTags{NewTags: []string{"c"}},
		images.UpdateImageProperty{Op: images.AddOp, Name: "os_distro", Value: "debian"},
		images.UpdateImageProperty{Op: images.RemoveOp, Name: "hw_disk_bus"},
		images.UpdateVisibility{Visibility: images.ImageVisibilityShared},
	}).Extract()
	if err != nil || i.Name != "i2" || i.Properties["os_distro"] != "debian" || i.Properties["hw_disk_bus"] != nil || fmt.Sprint(i.Tags) != "[c]" {
		t.Errorf("updated: %+v, %v", i, err)
	}
	m, err := members.Create(ctx, client, i.ID, "other").Extract()
	if err != nil || m.Status != "pending" || m.MemberID != "other" {
		t.Errorf("member: %+v, %v", m, err)
	}
	if m, err = members.Update(ctx, c.as("other"), i.ID, "other", members.UpdateOpts{Status: "accepted"}).Extract(); err != nil || m.Status != "accepted" {
		t.Errorf("accepted: %+v, %v", m, err)
	}
	if err := images.Delete(ctx, client, i.ID).ExtractErr(); err != nil {
		t.Error(err)
	}
	if _, err := images.Get(ctx, client, i.ID).Extract(); !gophercloud.ResponseCodeIs(err, 404) {
		t.Errorf("after delete: %v", err)
	}
	if n := len(c.content.(*inMemory).data); n != 0 {
		t.Errorf("%d contents are left", n)
	}
}

func TestDocuments(t *testing.T) {
	t.Parallel()
	newCloud(t).hold(t, []exchange{
		{"versions", "", "GET /", "", "", 300, `{"versions":[{"id":"v2.9","status":"CURRENT","links":[{"href":"http://`},
		{"versions by name", "", "GET /versions", "", "", 200, `"id":"v2.0"`},
		{"image schema", "demo", "GET /v2/schemas/image", "", "", 200, `"name":"image"`},
		{"images schema", "demo", "GET /v2/schemas/images", "", "", 200, `"name":"images"`},
		{"member schema", "demo", "GET /v2/schemas/member", "", "", 200, `"pending"`},
		{"import", "demo", "GET /v2/info/import", "", "", 200, `"value":[]`},
		{"stores", "demo", "GET /v2/info/stores", "", "", 404, "404 Not Found"},
		{"no token", "", "GET /v2/images", "", "", 401, "401 Unauthorized"},
		{"empty list", "demo", "GET /v2/images", "", "", 200, `{"first":"/v2/images","images":[],"schema":"/v2/schemas/images"}`},
	})
}

func TestImageRules(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	id := c.id(t, "demo", `{"name": "x", "color": "red"}`)
	kept := c.id(t, "demo", `{"protected": true}`)
	community := c.id(t, "demo", `{"visibility": "community"}`)
	one := "PATCH /v2/images/" + id
	patch := func(ops string) string { return `[` + ops + `]` }
	c.hold(t, []exchange{
		{"same id", "demo", "POST /v2/images", "", `{"id": "` + id + `"}`, 409, "already exists"},
		{"disk format", "demo", "POST /v2/images", "", `{"disk_format": "wrong"}`, 400, "is not one of"},
		{"container format", "demo", "POST /v2/images", "", `{"container_format": "wrong"}`, 400, "is not one of"},
		{"read-only", "demo", "POST /v2/images", "", `{"checksum": "x"}`, 403, "Attribute 'checksum' is read-only."},
		{"reserved", "demo", "POST /v2/images", "", `{"deleted": "x"}`, 403, "is reserved"},
		{"reserved by prefix", "demo", "POST /v2/images", "", `{"os_glance_x": "x"}`, 403, "Attribute 'os_glance_x' is reserved."},
		{"reserved in a patch", "demo", one, patchType, patch(`{"op": "add", "path": "/os_glance_x", "value": "x"}`), 403, "is reserved"},
		{"not a text", "demo", "POST /v2/images", "", `{"color": 1}`, 400, "is not of type 'string'"},
		{"public", "demo", "POST /v2/images", "", `{"visibility": "public"}`, 403, "publicize_image"},
		{"foreign owner", "demo", "POST /v2/images", "", `{"owner": "other"}`, 403, "set_owner"},
		{"reader", "reader", "POST /v2/images", "", `{}`, 403, "add_image"},
		{"protected", "demo", "DELETE /v2/images/" + kept, "", "", 403, "is protected and cannot be deleted"},
		{"others", "other", "GET /v2/images/" + id, "", "", 404, "No image found with ID " + id},
		{"others change", "other", "DELETE /v2/images/" + id, "", "", 404, "No image found"},
		{"others see community images", "other", "GET /v2/images/" + community, "", "", 200, community},
		{"and do not delete them", "other", "DELETE /v2/images/" + community, "", "", 403, "delete_image"},
		{"null", "demo", "GET /v2/images/", "", "", 404, ""},

		{"media type", "demo", one, "", patch(``), 415, "openstack-images-v2.1-json-patch"},
		{"not a list", "demo", one, patchType, `{}`, 400, "JSON array"},
		{"verb", "demo", one, patchType, patch(`{"op": "move", "path": "/name", "value": ""}`), 400, "must be one of"},
		{"no slash", "demo", one, patchType, patch(`{"op": "add", "path": "name", "value": ""}`), 400, "does not start with"},
		{"deep", "demo", one, patchType, patch(`{"op": "add", "path": "/a/b", "value": ""}`), 400, "does not name an attribute"},
		{"no value", "demo", one, patchType, patch(`{"op": "add", "path": "/a"}`), 400, "requires a member"},
		{"patch read-only", "demo", one, patchType, patch(`{"op": "replace", "path": "/status", "value": "active"}`), 403, "read-only"},
		{"remove base", "demo", one, patchType, patch(`{"op": "remove", "path": "/name"}`), 403, "may not be removed"},
		{"remove nothing", "demo", one, patchType, patch(`{"op": "remove", "path": "/size_of_hat"}`), 409, "does not exist"},
		{"replace nothing", "demo", one, patchType, patch(`{"op": "replace", "path": "/size_of_hat", "value": "1"}`), 409, "does not exist"},
		{"null name", "demo", one, patchType, patch(`{"op": "replace", "path": "/name", "value": null}`), 200, `"name":null`},
		{"bad value", "demo", one, patchType, patch(`{"op": "replace", "path": "/min_disk", "value": -1}`), 400, "less than the minimum"},
		{"nothing by half", "demo", one, patchType, patch(`{"op": "add", "path": "/a", "value": "1"}, {"op": "remove", "path": "/b"}`), 409, ""},
		{"nothing came of it", "demo", "GET /v2/images/" + id, "", "", 200, `{"checksum":null,"color":"red","container_format":null`},
		{"a draft's syntax", "demo", one, patchType20, patch(`{"replace": "/name", "value": "y"}`), 200, `"name":"y"`},
		{"hidden", "demo", one, patchType, patch(`{"op": "replace", "path": "/os_hidden", "value": true}`), 200, `"os_hidden":true`},

		{"tag", "demo", "PUT /v2/images/" + id + "/tags/a%20b", "", "", 204, ""},
		{"has it", "demo", "GET /v2/images?tag=a%20b&os_hidden=true", "", "", 200, id},
		{"tag goes", "demo", "DELETE /v2/images/" + id + "/tags/a%20b", "", "", 204, ""},
		{"tag is gone", "demo", "DELETE /v2/images/" + id + "/tags/a%20b", "", "", 404, "not found"},
		{"no image to tag", "demo", "PUT /v2/images/nobody/tags/a", "", "", 404, ""},
	})
}

func TestMembers(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	id := c.id(t, "demo", `{"name": "shared"}`)
	private := c.id(t, "demo", `{"visibility": "private"}`)
	at := "/v2/images/" + id + "/members"
	c.hold(t, []exchange{
		{"private", "demo", "POST /v2/images/" + private + "/members", "", `{"member": "other"}`, 403, "Only shared images have members"},
		{"create", "demo", "POST " + at, "", `{"member": "other"}`, 200, `"status":"pending"`},
		{"twice", "demo", "POST " + at, "", `{"member": "other"}`, 409, "already exists"},
		{"not listed before it is accepted", "other", "GET /v2/images", "", "", 200, `"images":[]`},
		{"but seen", "other", "GET /v2/images/" + id, "", "", 200, `"name":"shared"`},
		{"listed when asked for", "other", "GET /v2/images?member_status=pending&visibility=shared", "", "", 200, id},
		{"owner cannot accept", "demo", "PUT " + at + "/other", "", `{"status": "accepted"}`, 403, "modify_member"},
		{"nonsense", "other", "PUT " + at + "/other", "", `{"status": "maybe"}`, 400, "is not one of"},
		{"accept", "other", "PUT " + at + "/other", "", `{"status": "accepted"}`, 200, `"status":"accepted"`},
		{"listed", "other", "GET /v2/images", "", "", 200, id},
		{"members do not delete", "other", "DELETE /v2/images/" + id, "", "", 403, ""},
		{"list", "demo", "GET " + at, "", "", 200, `"member_id":"other"`},
		{"no member", "demo", "GET " + at + "/nobody", "", "", 404, "not found in the member list"},
		{"gone", "demo", "DELETE " + at + "/other", "", "", 204, ""},
		{"not seen any more", "other", "GET /v2/images/" + id, "", "", 404, ""},
	})
}

func TestListing(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	for n, name := range []string{"a", "b", "c", "d,e"} {
		c.clock.Advance(time.Minute)
		c.id(t, "demo", fmt.Sprintf(`{"name": %q, "min_ram": %d, "os_distro": "os-%s", "tags": ["t%d", "all"], %s}`, name, n, name, n, bare))
	}
	c.id(t, "admin", `{"name": "pub", "visibility": "public"}`)
	c.id(t, "other", `{"name": "free", "visibility": "community"}`)
	c.id(t, "other", `{"name": "secret"}`)
	for query, want := range map[string]string{
		"":                                     "[d,e c b a pub]",
		"sort=name:asc":                        "[a b c d,e pub]",
		"sort_key=min_ram":                     "400",
		"sort_key=name&sort_dir=desc&limit=2":  "[pub d,e]",
		"sort=name&sort_key=name":              "400",
		"sort=name:up":                         "400",
		"name=b":                               "[b]",
		`name=in:a,"d,e"&sort=name:asc`:        "[a d,e]",
		`name=in:"a`:                           "400",
		"min_ram=2":                            "[c]",
		"min_ram=x":                            "400",
		"os_distro=os-b":                       "[b]",
		"tag=all&tag=t1":                       "[b]",
		"tag=nothing":                          "[]",
		"visibility=public":                    "[pub]",
		"visibility=community":                 "[free]",
		"visibility=odd":                       "400",
		"owner=demo&sort=name:asc&limit=1":     "[a]",
		"status=queued&disk_format=raw":        "[d,e c b a]",
		"status=active":                        "[]",
		"size_min=0":                           "[]",
		"protected=true":                       "[]",
		"created_at=gt:2026-01-02T03:06:05Z":   "[d,e c pub]",
		"created_at=lte:2026-01-02T03:06:05Z":  "[b a]",
		"created_at=gt:yesterday":              "400",
		"marker=nobody":                        "400",
		"limit=-1":                             "400",
		"limit=0":                              "[]",
		"member_status=odd":                    "400",
		"id=in:none,neither":                   "[]",
		"changes-since=2026-01-01":             "400",
		"sort_key=name&sort_key=id&limit=1":    "[pub]",
		"sort_key=name&sort_dir=asc&name=in:c": "[c]",
	} {
		status, _, text := c.send(t, "demo", "GET /v2/images?"+strings.ReplaceAll(query, `"`, "%22"), "", "")
		got := fmt.Sprint(status)
		if status == http.StatusOK {
			got = imageNames(t, text)
		}
		// the last and pub are of the same moment: which comes first is their ids' affair
		if got != want && sorted(got) != sorted(want) {
			t.Errorf("%s: %s, want %s", query, got, want)
		}
	}
	pages := 0
	pager := images.List(c.as("admin"), images.ListOpts{Limit: 2, SortKey: "name", SortDir: "asc"})
	var all []string
	err := pager.EachPage(t.Context(), func(_ context.Context, p pageOf) (bool, error) {
		list, err := images.ExtractImages(p)
		for _, i := range list {
			all = append(all, i.Name)
		}
		pages++
		return true, err
	})
	if err != nil || pages != 4 || fmt.Sprint(all) != "[a b c d,e free pub secret]" {
		t.Errorf("by pages: %v in %d, %v", all, pages, err)
	}
}
