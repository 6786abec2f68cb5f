// SPDX-License-Identifier: MPL-2.0

package nova_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/cloudtest"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/nova"
)

func TestFlavors(t *testing.T) {
	t.Parallel()
	cloud := start(t)
	create := func(change object) *answer {
		flavor := object{"name": "f", "id": "f", "ram": 64, "vcpus": 1, "disk": 1}
		for key, value := range change {
			flavor[key] = value
		}
		return cloud.admin.nova(t, nova.Newest, http.MethodPost, "/flavors", object{"flavor": flavor})
	}
	create(object{"os-flavor-access:is_public": false}).object(t, http.StatusOK)
	create(object{"name": "g"}).refused(t, 409, "Flavor with ID f already exists.")
	create(object{"id": "g"}).refused(t, 409, "Flavor with name f already exists.")
	if made := create(object{"name": "h", "id": nil, "os-flavor-access:is_public": false}).object(t, http.StatusOK); len(text(t, made, "flavor", "id")) != 36 {
		t.Errorf("an id is made: %v", made)
	}
	list := func(as *user, v api.Version, query string) string {
		return strings.Join(names(t, as.nova(t, v, http.MethodGet, "/flavors"+query, nil).object(t, http.StatusOK), "flavors"), " ")
	}
	const public = "m1.tiny m1.small m1.medium m1.large m1.nano m1.xlarge m1.micro"
	for _, c := range []struct {
		as    *user
		v     api.Version
		query string
		want  string
	}{
		{cloud.admin, 1, "?is_public=false&sort_key=name", "f h"},
		{cloud.admin, 1, "?is_public=f&sort_key=name", "f h"},
		{cloud.admin, 1, "?is_public=None&sort_key=name&limit=2", "f h"},
		{cloud.demo, 1, "?is_public=false&minDisk=160", "m1.xlarge"}, // users see what they may use
		{cloud.demo, 1, "?minRam=8192", "m1.large m1.xlarge"},
		{cloud.demo, 1, "?minDisk=80&minRam=9000", "m1.xlarge"},
		{cloud.demo, 1, "?sort_key=memory_mb&limit=2", "m1.nano m1.micro"},
		{cloud.demo, 1, "?sort_key=memory_mb&sort_dir=desc&limit=1", "m1.xlarge"},
		{cloud.demo, 1, "?sort_key=name&marker=4&limit=2", "m1.medium m1.micro"},
		{cloud.demo, 1, "?limit=0", ""},
		{cloud.demo, 101, "?minRam=8192", "m1.large m1.xlarge"},
		{cloud.demo, 102, "?name=m1.tiny", "m1.tiny"},
		{cloud.demo, 102, "?name=m1", ""},
	} {
		if got := list(c.as, c.v, c.query); got != c.want {
			t.Errorf("2.%d %s: %q, want %q", c.v, c.query, got, c.want)
		}
	}
	for query, words := range map[string]string{
		"?minRam=x": "Invalid minRam filter [x]", "?minDisk=x": "Invalid minDisk filter [x]", "?is_public=x": "Invalid is_public filter [x]",
		"?marker=x":   "marker [x] not found",
		"?sort_key=x": "Invalid input for query parameters sort_key. Value: x. 'x' is not one of […",
	} {
		cloud.admin.nova(t, 1, http.MethodGet, "/flavors"+query, nil).refused(t, 400, words)
	}
	cloud.demo.nova(t, 1, http.MethodGet, "/flavors/f", nil).refused(t, 404, "Flavor f could not be found.")
	cloud.admin.nova(t, 1, http.MethodDelete, "/flavors/none", nil).refused(t, 404, "Flavor none could not be found.")
	cloud.admin.nova(t, 1, http.MethodGet, "/flavors/1/os-flavor-access", nil).refused(t, 404, "Access list not available for public flavors.")
	access := func(v api.Version, flavor, action, project string) *answer {
		return cloud.admin.nova(t, v, http.MethodPost, "/flavors/"+flavor+"/action", object{action: object{"tenant": project}})
	}
	access(7, "1", "addTenantAccess", cloud.demo.project).refused(t, 409, "Can not add access to a public flavor.")
	access(7, "f", "addTenantAccess", cloud.demo.project).object(t, http.StatusOK)
	access(7, "f", "addTenantAccess", cloud.demo.project).refused(t, 409,
		"Flavor access already exists for flavor f and project "+cloud.demo.project+" combination.")
	same(t, "who has access may use it", list(cloud.demo, 1, "?minDisk=0"), public+" f")
	access(7, "f", "removeTenantAccess", cloud.admin.project).refused(t, 404, "Flavor access not found for f / "+cloud.admin.project+" combination.")
	specs := "/flavors/f/os-extra_specs"
	cloud.admin.nova(t, 1, http.MethodGet, specs+"/none", nil).refused(t, 404, "Flavor f has no extra specs with key none.")
	cloud.admin.nova(t, 1, http.MethodDelete, specs+"/none", nil).refused(t, 404, "Flavor f has no extra specs with key none.")
	cloud.admin.nova(t, 1, http.MethodPut, specs+"/a", object{"b": "c"}).refused(t, 400, "Request body and URI mismatch")
	cloud.admin.nova(t, 85, http.MethodPut, specs+"/hw:none", object{"hw:none": "c"}).object(t, http.StatusOK)
	cloud.admin.nova(t, 86, http.MethodPut, specs+"/hw:none", object{"hw:none": "c"}).refused(t, 400,
		"Validation failed; extra spec 'hw:none' does not appear to be a valid extra spec.")
}

func TestKeypairs(t *testing.T) {
	t.Parallel()
	cloud := start(t, cloudtest.With(func(o *mockcloud.Options) { o.Quotas = map[compute.Resource]int{compute.QuotaKeyPairs: 3} }))
	create := func(as *user, v api.Version, pair object) *answer {
		return as.nova(t, v, http.MethodPost, "/os-keypairs", object{"keypair": pair})
	}
	made := create(cloud.demo, 2, object{"name": "made"}).object(t, http.StatusCreated)["keypair"].(object)
	if !strings.HasPrefix(text(t, made, "private_key"), "-----BEGIN RSA PRIVATE KEY-----") || !strings.HasPrefix(text(t, made, "public_key"), "ssh-rsa ") {
		t.Errorf("a pair is made: %v", made)
	}
	certificate := create(cloud.demo, 2, object{"name": "windows", "type": "x509"}).object(t, http.StatusCreated)["keypair"].(object)
	same(t, "the fingerprint of a certificate is SHA-1", strings.Count(text(t, certificate, "fingerprint"), ":"), 19)
	imported := create(cloud.demo, 2, object{"name": "mine", "public_key": publicKey}).object(t, http.StatusCreated)["keypair"].(object)
	same(t, "no private key of an imported one", imported["private_key"], nil)
	same(t, "fingerprint", text(t, imported, "fingerprint"), "3f:8c:71:4c:70:7d:b5:66:ea:37:79:2f:9e:5c:99:81")
	create(cloud.demo, 2, object{"name": "mine", "public_key": publicKey}).refused(t, 403, "Quota exceeded, too many key pairs.")
	create(cloud.demo, 10, object{"name": "theirs", "public_key": publicKey, "user_id": cloud.admin.id}).refused(t, 403,
		"Policy doesn't allow os_compute_api:os-keypairs:create to be performed.")
	create(cloud.admin, 10, object{"name": "for-demo", "public_key": publicKey, "user_id": cloud.demo.id}).refused(t, 403, "Quota exceeded, too many key pairs.")
	create(cloud.admin, 10, object{"name": "own", "public_key": publicKey}).object(t, http.StatusCreated)
	create(cloud.admin, 92, object{"name": "own", "public_key": publicKey}).refused(t, 409, "Key pair 'own' already exists.")
	create(cloud.admin, 92, object{"name": "a@b.c", "public_key": publicKey}).object(t, http.StatusCreated)

	list := func(as *user, v api.Version, query string) []string {
		body := as.nova(t, v, http.MethodGet, "/os-keypairs"+query, nil).object(t, http.StatusOK)
		all := []string{}
		for _, item := range body["keypairs"].([]any) {
			all = append(all, text(t, item.(object), "keypair", "name"))
		}
		if links := body["keypairs_links"]; links != nil {
			all = append(all, "next")
		}
		return all
	}
	same(t, "list", list(cloud.demo, 1, ""), []string{"made", "mine", "windows"})
	same(t, "no pages before 2.35", list(cloud.demo, 34, "?limit=1"), []string{"made", "mine", "windows"})
	same(t, "a page", list(cloud.demo, 35, "?limit=1"), []string{"made", "next"})
	same(t, "the page after", list(cloud.demo, 35, "?limit=5&marker=made"), []string{"mine", "windows"})
	same(t, "somebody's", list(cloud.admin, 10, "?user_id="+cloud.demo.id), []string{"made", "mine", "windows"})
	cloud.demo.nova(t, 35, http.MethodGet, "/os-keypairs?marker=x", nil).refused(t, 400, "Marker x could not be found.")
	cloud.demo.nova(t, 1, http.MethodGet, "/os-keypairs/none", nil).refused(t, 404, "Keypair none not found for user "+cloud.demo.id)
	cloud.demo.nova(t, 1, http.MethodDelete, "/os-keypairs/own", nil).refused(t, 404, "Keypair own not found for user "+cloud.demo.id)
	cloud.admin.nova(t, 10, http.MethodDelete, "/os-keypairs/made?user_id="+cloud.demo.id, nil).object(t, http.StatusNoContent)
	same(t, "a name with a dot", cloud.admin.nova(t, 92, http.MethodGet, "/os-keypairs/a@b.c", nil).status, http.StatusOK)
}

func TestMetadataAndTags(t *testing.T) {
	t.Parallel()
	cloud := start(t, cloudtest.With(func(o *mockcloud.Options) { o.Quotas = map[compute.Resource]int{compute.QuotaMetadataItems: 2} }))
	id := cloud.demo.boot(t, "one", object{"metadata": object{"a": "1"}})
	metadata := "/servers/" + id + "/metadata"
	ask := func(method, path string, body any) *answer { return cloud.demo.nova(t, 26, method, path, body) }
	added := ask(http.MethodPost, metadata, object{"metadata": object{"b": "2"}}).object(t, http.StatusOK)
	same(t, "added", added["metadata"], object{"a": "1", "b": "2"})
	ask(http.MethodPost, metadata, object{"metadata": object{"c": "3"}}).refused(t, 403, "Maximum number of metadata items exceeds 2")
	ask(http.MethodPut, metadata+"/c", object{"meta": object{"c": "3"}}).refused(t, 403, "Maximum number of metadata items exceeds 2")
	ask(http.MethodPut, metadata+"/x", object{"meta": object{"y": "3"}}).refused(t, 400, "Request body and URI mismatch")
	replaced := ask(http.MethodPut, metadata, object{"metadata": object{"z": "26"}}).object(t, http.StatusOK)
	same(t, "replaced", replaced["metadata"], object{"z": "26"})
	ask(http.MethodGet, metadata+"/a", nil).refused(t, 404, "Metadata item was not found")
	ask(http.MethodDelete, metadata+"/a", nil).refused(t, 404, "Metadata item was not found")

	tags := "/servers/" + id + "/tags"
	same(t, "a new tag's place", ask(http.MethodPut, tags+"/a%20b", nil).header.Get("Location"), cloud.URL+"/compute/v2.1"+tags+"/a%20b")
	same(t, "it is there", ask(http.MethodGet, tags+"/a%20b", nil).status, http.StatusNoContent)
	ask(http.MethodGet, tags+"/x", nil).refused(t, 404, "Server "+id+" has no tag 'x'")
	ask(http.MethodDelete, tags+"/x", nil).refused(t, 404, "Server "+id+" has no tag 'x'")
	ask(http.MethodPut, tags+"/a,b", nil).refused(t, 400, "Tag 'a,b' is invalid. It must be a non empty string without characters '/' and ','. "+
		"Validation error message: 'a,b' does not match '^[^,/]*$'")
	ask(http.MethodPut, tags+"/"+strings.Repeat("x", 61), nil).refused(t, 400, "Tag 'xxx…")
	var many []string
	for len(many) < 50 {
		many = append(many, strings.Repeat("t", len(many)+1))
	}
	ask(http.MethodPut, tags, object{"tags": many}).object(t, http.StatusOK)
	ask(http.MethodPut, tags+"/more", nil).refused(t, 400, "The number of tags exceeded the per-server limit 50")
}

// The record of what was done to a server, newest first, with its events to whom may see them.
func TestInstanceActions(t *testing.T) {
	t.Parallel()
	cloud := start(t)
	id := cloud.demo.boot(t, "one", nil)
	for _, action := range []string{"os-stop", "os-start"} {
		cloud.demo.nova(t, 1, http.MethodPost, "/servers/"+id+"/action", object{action: nil})
		cloud.demo.settled(t, id)
	}
	path := "/servers/" + id + "/os-instance-actions"
	list := func(v api.Version, query string) (actions, requests []string) {
		body := cloud.demo.nova(t, v, http.MethodGet, path+query, nil).object(t, http.StatusOK)
		for _, item := range body["instanceActions"].([]any) {
			actions = append(actions, text(t, item.(object), "action"))
			requests = append(requests, text(t, item.(object), "request_id"))
		}
		if body["links"] != nil {
			actions = append(actions, "next")
		}
		return actions, requests
	}
	check := func(v api.Version, query string, want ...string) {
		t.Helper()
		if got, _ := list(v, query); !slices.Equal(got, want) {
			t.Errorf("2.%d %s: %v, want %v", v, query, got, want)
		}
	}
	_, requests := list(1, "")
	check(1, "", "start", "stop", "create")
	check(57, "?limit=1", "start", "stop", "create")
	check(58, "?limit=1", "start", "next")
	check(58, "?marker="+requests[0], "stop", "create")
	check(58, "?changes-since=2100-01-01T00:00:00Z")
	check(66, "?changes-before=2001-01-01T00:00:00Z")
	cloud.demo.nova(t, 58, http.MethodGet, path+"?marker=x", nil).refused(t, 400, "Marker x could not be found.")
	cloud.demo.nova(t, 66, http.MethodGet, path+"?changes-since=2020-01-02&changes-before=2020-01-01", nil).refused(t, 400,
		"The value of changes-since must be less than or equal to changes-before.")
	cloud.demo.nova(t, 58, http.MethodGet, path+"/req-none", nil).refused(t, 404, "Action req-none not found")
	event := func(as *user, v api.Version) []string {
		body := as.nova(t, v, http.MethodGet, path+"/"+requests[1], nil).object(t, http.StatusOK)["instanceAction"].(object)
		events, ok := body["events"].([]any)
		if !ok {
			return nil
		}
		return keys(events[0].(object))
	}
	seen := []string{"event", "finish_time", "result", "start_time"}
	same(t, "users see no events before 2.51", event(cloud.demo, 50), []string(nil))
	same(t, "events", event(cloud.demo, 51), seen)
	same(t, "administrators see tracebacks", event(cloud.admin, 50), append(seen, "traceback"))
	same(t, "hosts, hidden", event(cloud.demo, 62), []string{"event", "finish_time", "hostId", "result", "start_time"})
	same(t, "all", event(cloud.admin, 84), []string{"details", "event", "finish_time", "host", "hostId", "result", "start_time", "traceback"})
}

// Lines of a console are counted as Nova counts them: the empty rest behind the last line feed is one.
func TestConsoleOutput(t *testing.T) {
	t.Parallel()
	cloud := start(t)
	id := cloud.demo.boot(t, "one", nil)
	output := func(body object) string {
		got := cloud.demo.nova(t, 1, http.MethodPost, "/servers/"+id+"/action", object{"os-getConsoleOutput": body})
		return text(t, got.object(t, http.StatusOK), "output")
	}
	whole := output(object{})
	lines := strings.Split(whole, "\n")
	if len(lines) < 4 || lines[len(lines)-1] != "" {
		t.Fatalf("console %q", whole)
	}
	same(t, "three lines", output(object{"length": 3}), strings.Join(lines[len(lines)-3:], "\n"))
	same(t, "as text", output(object{"length": "3"}), strings.Join(lines[len(lines)-3:], "\n"))
	same(t, "no lines", output(object{"length": 0}), "")
	same(t, "more than there are", output(object{"length": 100000}), whole)
	for _, all := range []any{nil, -1} {
		same(t, "all", output(object{"length": all}), whole)
	}
}
