// SPDX-License-Identifier: MPL-2.0

package nova_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/cloudtest"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/nova"
)

// object is a JSON object, in a request or an answer.
type object = map[string]any

// cloud is a cloud with an image and a flavor for servers, and its administrator.
type cloud struct {
	*cloudtest.Cloud
	admin         *user
	demo          *user
	image, flavor string
	network       string // of the project admin, with the subnet 10.1.0.0/24
}

func start(t *testing.T, options ...cloudtest.Option) *cloud {
	t.Helper()
	c := &cloud{Cloud: cloudtest.Start(t, options...), flavor: "42"}
	c.admin = c.login(t, "admin", c.Password("admin"), "admin")
	c.demo = c.login(t, "demo", c.Password("demo"), "demo")
	c.image = c.upload(t)
	c.network = c.neutron(t, "networks", "network", object{"name": "private", "shared": true})
	c.neutron(t, "subnets", "subnet", object{"network_id": c.network, "ip_version": 4, "cidr": "10.1.0.0/24"})
	return c
}

// upload makes a public image.
func (c *cloud) upload(t *testing.T) string {
	t.Helper()
	made := c.admin.send(t, http.MethodPost, c.URL+"/image/v2/images", nil, object{
		"name": "tiny", "visibility": "public", "disk_format": "raw", "container_format": "bare",
	})
	id := text(t, made.object(t, http.StatusCreated), "id")
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPut, c.URL+"/image/v2/images/"+id+"/file", bytes.NewReader(make([]byte, 512)))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("X-Auth-Token", c.admin.token)
	request.Header.Set("Content-Type", "application/octet-stream")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusNoContent {
		t.Fatalf("upload: %s", response.Status)
	}
	return id
}

// neutron makes something in the project admin.
func (c *cloud) neutron(t *testing.T, collection, name string, body object) string {
	t.Helper()
	got := c.admin.send(t, http.MethodPost, c.URL+"/network/v2.0/"+collection, nil, object{name: body})
	return text(t, got.object(t, http.StatusCreated), name, "id")
}

// user is somebody with a token.
type user struct {
	cloud       *cloud
	token       string
	id, project string
}

// login gets a token for the project; "" gets one that is scoped to nothing.
func (c *cloud) login(t *testing.T, name, password, project string) *user {
	t.Helper()
	domain := object{"id": "default"}
	auth := object{"identity": object{"methods": []string{"password"}, "password": object{
		"user": object{"name": name, "domain": domain, "password": password},
	}}}
	if project != "" {
		auth["scope"] = object{"project": object{"name": project, "domain": domain}}
	}
	u := &user{cloud: c}
	got := u.send(t, http.MethodPost, c.AuthURL+"/auth/tokens", nil, object{"auth": auth})
	token := got.object(t, http.StatusCreated)["token"].(object)
	u.token, u.id = got.header.Get("X-Subject-Token"), text(t, token, "user", "id")
	if project != "" {
		u.project = text(t, token, "project", "id")
	}
	return u
}

// member makes a project (unless it exists), and a user with that role in it.
func (c *cloud) member(t *testing.T, project, role string) *user {
	t.Helper()
	identity := c.AuthURL
	post := func(path, name string, body object) string {
		got := c.admin.send(t, http.MethodPost, identity+path, nil, object{name: body})
		return text(t, got.object(t, http.StatusCreated), name, "id")
	}
	find := func(path, name string) string {
		got := c.admin.send(t, http.MethodGet, identity+path+"?name="+url.QueryEscape(name), nil, nil).object(t, http.StatusOK)
		for _, list := range got {
			if items, ok := list.([]any); ok && len(items) > 0 {
				return text(t, items[0].(object), "id")
			}
		}
		return ""
	}
	projectID := find("/projects", project)
	if projectID == "" {
		projectID = post("/projects", "project", object{"name": project, "domain_id": "default"})
	}
	name := role + "-of-" + project
	userID := post("/users", "user", object{"name": name, "domain_id": "default", "password": "secret"})
	if role != "nothing" {
		path := identity + "/projects/" + projectID + "/users/" + userID + "/roles/" + find("/roles", role)
		if got := c.admin.send(t, http.MethodPut, path, nil, nil); got.status != http.StatusNoContent {
			t.Fatalf("grant: %d %s", got.status, got.body)
		}
	}
	return c.login(t, name, "secret", project)
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// nova asks Nova at microversion 2.v; the path is below /compute/v2.1.
func (u *user) nova(t *testing.T, v api.Version, method, path string, body any) *answer {
	t.Helper()
	header := http.Header{"Openstack-Api-Version": {fmt.Sprintf("compute 2.%d", v)}}
	return u.send(t, method, u.cloud.URL+"/compute/v2.1"+path, header, body)
}

func (u *user) send(t *testing.T, method, address string, header http.Header, body any) *answer {
	t.Helper()
	var content io.Reader
	switch body := body.(type) {
	case nil:
	case string:
		content = strings.NewReader(body)
	case []byte:
		content = bytes.NewReader(body)
	default:
		raw, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		content = bytes.NewReader(raw)
	}
	request, err := http.NewRequestWithContext(t.Context(), method, address, content)
	if err != nil {
		t.Fatal(err)
	}
	for key, values := range header {
		request.Header[key] = values
	}
	if content != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if u.token != "" {
		request.Header.Set("X-Auth-Token", u.token)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return &answer{status: response.StatusCode, header: response.Header, body: raw}
}

// object is the answer's body, if it has that status.
func (a *answer) object(t *testing.T, status int) object {
	t.Helper()
	if a.status != status {
		t.Fatalf("answered %d, want %d: %s", a.status, status, a.body)
	}
	if len(a.body) == 0 {
		return nil
	}
	var body object
	if err := json.Unmarshal(a.body, &body); err != nil {
		t.Fatalf("%v: %s", err, a.body)
	}
	return body
}

// refused checks a fault: its status, and that its message is or, with … at its end, begins with the
// given one.
func (a *answer) refused(t *testing.T, status int, message string) {
	t.Helper()
	var body map[string]struct {
		Code    int
		Message string
	}
	if err := json.Unmarshal(a.body, &body); err != nil {
		t.Errorf("no fault: %d %s", a.status, a.body)
		return
	}
	begin, cut := strings.CutSuffix(message, "…")
	for _, fault := range body {
		same := fault.Message == message || cut && strings.HasPrefix(fault.Message, begin)
		if a.status != status || fault.Code != status || !same {
			t.Errorf("answered %d %q\n want %d %q", a.status, fault.Message, status, message)
		}
	}
}

// text is the string at that path of an object.
func text(t *testing.T, in object, path ...string) string {
	t.Helper()
	var at any = in
	for _, key := range path {
		inner, ok := at.(object)
		if !ok {
			t.Fatalf("no %v in %v", path, in)
		}
		at = inner[key]
	}
	s, ok := at.(string)
	if !ok {
		t.Fatalf("no text at %v in %v", path, in)
	}
	return s
}

// boot makes a server and waits until it is built. The network is none unless the change says
// otherwise.
func (u *user) boot(t *testing.T, name string, change object) string {
	t.Helper()
	id := u.create(t, name, change)
	u.settled(t, id)
	return id
}

// create makes a server.
func (u *user) create(t *testing.T, name string, change object) string {
	t.Helper()
	server := object{"name": name, "imageRef": u.cloud.image, "flavorRef": u.cloud.flavor, "networks": "none"}
	for key, value := range change {
		server[key] = value
	}
	got := u.nova(t, nova.Newest, http.MethodPost, "/servers", object{"server": server})
	return text(t, got.object(t, http.StatusAccepted), "server", "id")
}

// settled waits until nothing is under way on the server, and returns it.
func (u *user) settled(t *testing.T, id string) object {
	t.Helper()
	for range 2000 {
		server := u.nova(t, nova.Newest, http.MethodGet, "/servers/"+id, nil).object(t, http.StatusOK)["server"].(object)
		if server["OS-EXT-STS:task_state"] == nil && server["status"] != "BUILD" {
			return server
		}
		pause()
	}
	t.Fatalf("server %s does not settle", id)
	return nil
}

// gone waits until the server is deleted.
func (u *user) gone(t *testing.T, id string) {
	t.Helper()
	for range 2000 {
		if u.nova(t, 1, http.MethodGet, "/servers/"+id, nil).status == http.StatusNotFound {
			return
		}
		pause()
	}
	t.Fatalf("server %s is not deleted", id)
}

// pause lets the cloud, which runs on the wall clock here, get on.
func pause() { <-time.After(200 * time.Microsecond) }

// names are the names of a list's items.
func names(t *testing.T, body object, list string) []string {
	t.Helper()
	var all []string
	for _, item := range body[list].([]any) {
		all = append(all, text(t, item.(object), "name"))
	}
	return all
}

func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

func keys(in object) []string {
	all := []string{}
	for key := range in {
		all = append(all, key)
	}
	slices.Sort(all)
	return all
}

// withQuotas lifts the limits that tests with many servers and keys would run into.
func withQuotas(o *mockcloud.Options) {
	o.Quotas = map[compute.Resource]int{
		compute.QuotaInstances: compute.Unlimited, compute.QuotaCores: compute.Unlimited, compute.QuotaRAM: compute.Unlimited,
		compute.QuotaKeyPairs: compute.Unlimited,
	}
}
