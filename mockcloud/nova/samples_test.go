// SPDX-License-Identifier: MPL-2.0

package nova_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

// sample is an exchange of Nova's documentation: files of a collection, and what they are about.
type sample struct {
	collection, request, answer string // "" for no body
	operation                   string // in the contract
	query                       string
}

// Every documented exchange of the operations served, at each microversion that documents it: requests
// succeed, and answers have the keys that the samples have.
func TestSamples(t *testing.T) {
	t.Parallel()
	contract := readContract(t)
	cloud := start(t, withQuotas)
	const (
		keys, instanceActions = "GET /os-keypairs", "GET /servers/{server_id}/os-instance-actions"
		act                   = "POST /servers/{id}/action "
		metadata              = "/servers/{server_id}/metadata"
	)
	for _, s := range []sample{
		{"flavors", "", "flavor-get-resp.json", "GET /flavors/{id}", ""},
		{"flavors", "", "flavors-detail-resp.json", "GET /flavors/detail", ""},
		{"flavors", "", "flavors-list-resp.json", "GET /flavors", ""},
		{"flavor-manage", "flavor-create-post-req.json", "flavor-create-post-resp.json", "POST /flavors", ""},
		{"flavor-manage", "flavor-update-req.json", "flavor-update-resp.json", "PUT /flavors/{id}", ""},
		{"flavor-access", "flavor-create-req.json", "", "POST /flavors", ""},
		{"flavor-access", "flavor-access-add-tenant-req.json", "flavor-access-add-tenant-resp.json", "POST /flavors/{id}/action addTenantAccess", ""},
		{"flavor-access", "", "flavor-access-list-resp.json", "GET /flavors/{flavor_id}/os-flavor-access", ""},
		{
			"flavor-access", "flavor-access-remove-tenant-req.json", "flavor-access-remove-tenant-resp.json",
			"POST /flavors/{id}/action removeTenantAccess", "",
		},
		{
			"flavor-extra-specs", "flavor-extra-specs-create-req.json", "flavor-extra-specs-create-resp.json",
			"POST /flavors/{flavor_id}/os-extra_specs", "",
		},
		{"flavor-extra-specs", "", "flavor-extra-specs-list-resp.json", "GET /flavors/{flavor_id}/os-extra_specs", ""},
		{"flavor-extra-specs", "", "flavor-extra-specs-get-resp.json", "GET /flavors/{flavor_id}/os-extra_specs/{id}", ""},
		{
			"flavor-extra-specs", "flavor-extra-specs-update-req.json", "flavor-extra-specs-update-resp.json",
			"PUT /flavors/{flavor_id}/os-extra_specs/{id}", "",
		},
		{"os-keypairs", "", "keypairs-get-resp.json", "GET /os-keypairs/{id}", ""},
		{"os-keypairs", "", "keypairs-list-resp.json", keys, "limit=1"},
		{"os-keypairs", "", "keypairs-list-user1-resp.json", keys, "limit=1&user_id=USER"},
		{"os-keypairs", "", "keypairs-list-user2-resp.json", keys, "limit=1&user_id=USER"},
		{"os-keypairs", "keypairs-import-post-req.json", "keypairs-import-post-resp.json", "POST /os-keypairs", ""},
		{"os-keypairs", "keypairs-post-req.json", "keypairs-post-resp.json", "POST /os-keypairs", ""},
		{"servers", "server-create-req.json", "server-create-resp.json", "POST /servers", ""},
		{"servers", "server-create-req-with-host-and-node.json", "server-create-resp.json", "POST /servers", ""},
		{"servers", "server-create-req-with-only-host.json", "server-create-resp.json", "POST /servers", ""},
		{"servers", "server-create-req-with-only-node.json", "server-create-resp.json", "POST /servers", ""},
		{"servers", "", "server-get-resp.json", "GET /servers/{id}", ""},
		{"servers", "server-update-req.json", "server-update-resp.json", "PUT /servers/{id}", ""},
		{"servers", "server-put-req.json", "server-put-resp.json", "PUT /servers/{id}", ""},
		{"servers", "", "servers-details-resp.json", "GET /servers/detail", "limit=1&name=NAME"},
		{"servers", "", "servers-list-resp.json", "GET /servers", "limit=1&name=NAME"},
		{"servers", "", "servers-list-status-resp.json", "GET /servers", "status=active&limit=1"},
		{"servers", "", "servers-list-with-changes-before.json", "GET /servers", "limit=1&name=NAME&changes-before=2100-01-01T00:00:00Z"},
		{"servers", "", "servers-details-with-changes-before.json", "GET /servers/detail", "limit=1&name=NAME&changes-before=2100-01-01T00:00:00Z"},
		{"servers", "server-action-stop.json", "", act + "os-stop", ""},
		{"servers", "server-action-start.json", "", act + "os-start", ""},
		{"servers", "server-action-reboot.json", "", act + "reboot", ""},
		{"servers-sort", "", "server-sort-keys-list-resp.json", "GET /servers", "sort_key=display_name&sort_dir=asc"},
		{"os-multiple-create", "multiple-create-no-resv-post-req.json", "multiple-create-no-resv-post-resp.json", "POST /servers", ""},
		{"os-multiple-create", "multiple-create-post-req.json", "multiple-create-post-resp.json", "POST /servers", ""},
		{"server-metadata", "server-metadata-all-req.json", "server-metadata-all-resp.json", "POST " + metadata, ""},
		{"server-metadata", "server-metadata-all-req.json", "server-metadata-all-resp.json", "PUT " + metadata, ""},
		{"server-metadata", "", "server-metadata-all-resp.json", "GET " + metadata, ""},
		{"server-metadata", "server-metadata-req.json", "server-metadata-resp.json", "PUT " + metadata + "/{id}", ""},
		{"server-metadata", "", "server-metadata-resp.json", "GET " + metadata + "/{id}", ""},
		{"server-ips", "", "server-ips-resp.json", "GET /servers/{server_id}/ips", ""},
		{"server-ips", "", "server-ips-network-resp.json", "GET /servers/{server_id}/ips/{id}", ""},
		{"os-server-tags", "", "server-tags-index-resp.json", "GET /servers/{server_id}/tags", ""},
		{"os-server-tags", "server-tags-put-all-req.json", "server-tags-put-all-resp.json", "PUT /servers/{server_id}/tags", ""},
		{"os-server-tags", "", "server-tags-show-details-resp.json", "GET /servers/{id}", ""},
		{"os-server-tags", "", "servers-tags-details-resp.json", "GET /servers/detail", "limit=1&name=NAME"},
		{"os-instance-actions", "", "instance-actions-list-resp.json", instanceActions, ""},
		{"os-instance-actions", "", "instance-actions-list-with-limit-resp.json", instanceActions, "limit=1"},
		{"os-instance-actions", "", "instance-actions-list-with-marker-resp.json", instanceActions, "marker=REQUEST"},
		{"os-instance-actions", "", "instance-actions-list-with-changes-since.json", instanceActions, "changes-since=2001-01-01T00:00:00Z"},
		{"os-instance-actions", "", "instance-actions-list-with-changes-before.json", instanceActions, "changes-before=2100-01-01T00:00:00Z"},
		{"os-instance-actions", "", "instance-action-get-resp.json", instanceActions + "/{id}", ""},
		{"os-instance-actions", "", "instance-action-get-non-admin-resp.json", instanceActions + "/{id}", ""},
		{"limits", "", "limit-get-resp.json", "GET /limits", ""},
		{"os-availability-zone", "", "availability-zone-list-resp.json", "GET /os-availability-zone", ""},
		{"os-availability-zone", "", "availability-zone-detail-resp.json", "GET /os-availability-zone/detail", ""},
		{"os-console-output", "console-output-post-req.json", "console-output-post-resp.json", act + "os-getConsoleOutput", ""},
		{"os-lock-server", "lock-server.json", "", act + "lock", ""},
		{"os-lock-server", "lock-server-with-reason.json", "", act + "lock", ""},
		{"os-lock-server", "unlock-server.json", "", act + "unlock", ""},
	} {
		name := s.collection + "/" + s.request + "-" + s.answer + s.query
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s.run(t, cloud, contract)
		})
	}
}

// run does the exchange at every microversion that has a file of it.
func (s *sample) run(t *testing.T, cloud *cloud, contract *contract) {
	o := contract.operations[s.operation]
	if o == nil {
		t.Fatalf("the contract has no %s", s.operation)
	}
	requests, answers := versionsOf(t, s.collection, s.request), versionsOf(t, s.collection, s.answer)
	done := 0
	for _, v := range slices.Sorted(maps.Keys(merged(requests, answers))) {
		if s.request != "" && newestUntil(requests, v) == 0 {
			continue
		}
		scene := newScene(t, cloud, o)
		scene.version = v
		var body []byte
		if s.request != "" {
			body = scene.body(requests[newestUntil(requests, v)])
			if err := contract.valid(o.Request, v, body); err != nil {
				t.Logf("2.%d: Nova itself refuses the sample: %v", v, err)
				continue
			}
			if bytes.Contains(body, []byte(`"block_device_mapping_v2"`)) {
				t.Logf("2.%d: needs volumes", v)
				continue
			}
		}
		as := cloud.admin
		if strings.Contains(s.answer, "non-admin") {
			as = scene.owner
		}
		got := as.nova(t, v, o.Method, scene.path(o.Path)+"?"+scene.replaced(s.query), body)
		contract.check(t, o, v, got)
		if sample, there := answers[v]; there && len(got.body) > 0 {
			compare(t, v, got.body, sample)
		}
		done++
	}
	if done == 0 {
		t.Error("nothing was tried")
	}
}

// versionsOf reads a file of a collection at each microversion that has it.
func versionsOf(t *testing.T, collection, name string) map[api.Version][]byte {
	t.Helper()
	found := map[api.Version][]byte{}
	if name == "" {
		return found
	}
	root := facts + "api_samples/" + collection
	files, err := filepath.Glob(root + "/v2.*/" + name)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range append(files, root+"/"+name) {
		raw, err := os.ReadFile(file)
		if os.IsNotExist(err) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		found[minor(strings.TrimPrefix(filepath.Base(filepath.Dir(file)), "v"), 1)] = raw
	}
	if len(found) == 0 {
		t.Fatalf("no sample %s of %s", name, collection)
	}
	return found
}

func merged(a, b map[api.Version][]byte) map[api.Version][]byte {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return all
}

// newestUntil is the newest version of a file that is not newer than v.
func newestUntil(files map[api.Version][]byte, v api.Version) api.Version {
	newest := api.Version(0)
	for n := range files {
		if n <= v {
			newest = max(newest, n)
		}
	}
	return newest
}

// scene is what the samples are about: made anew for each exchange.
type scene struct {
	t                                      *testing.T
	cloud                                  *cloud
	owner                                  *user
	name, server, flavor, keypair, request string
	version                                api.Version
}

func newScene(t *testing.T, cloud *cloud, o *operation) *scene {
	t.Helper()
	s := &scene{t: t, cloud: cloud, owner: cloud.admin, name: uuid.NewString()}
	switch {
	case strings.HasPrefix(o.Path, "/servers"):
		if strings.Contains(o.Path, "os-instance-actions") {
			s.owner = cloud.demo
		}
		s.server = s.owner.boot(t, s.name, object{
			"networks": []object{{"uuid": cloud.network}}, "metadata": object{"foo": "bar"}, "tags": []string{"tag1"},
		})
		if o.Action == "os-start" {
			cloud.admin.nova(t, 1, http.MethodPost, "/servers/"+s.server+"/action", object{"os-stop": nil})
			cloud.admin.settled(t, s.server)
		}
		s.requestID()
	case strings.HasPrefix(o.Path, "/flavors"):
		s.flavor = s.name
		made := cloud.admin.nova(t, 55, http.MethodPost, "/flavors", object{"flavor": object{
			"name": s.flavor, "id": s.flavor, "ram": 64, "vcpus": 1, "disk": 1, "description": "d", "os-flavor-access:is_public": false,
		}})
		made.object(t, http.StatusOK)
		cloud.admin.nova(t, 1, http.MethodPost, "/flavors/"+s.flavor+"/os-extra_specs", object{"extra_specs": object{"hw:numa_nodes": "1"}})
		cloud.admin.nova(t, 1, http.MethodPost, "/flavors/"+s.flavor+"/action", object{"addTenantAccess": object{"tenant": cloud.admin.project}})
	case strings.HasPrefix(o.Path, "/os-keypairs"):
		s.keypair = s.name
		cloud.admin.nova(t, 1, http.MethodPost, "/os-keypairs", object{"keypair": object{"name": s.keypair, "public_key": publicKey}})
	}
	return s
}

// requestID finds the request that made the server.
func (s *scene) requestID() {
	list := s.cloud.admin.nova(s.t, 1, http.MethodGet, "/servers/"+s.server+"/os-instance-actions", nil).object(s.t, http.StatusOK)
	s.request = text(s.t, list["instanceActions"].([]any)[0].(object), "request_id")
}

// path puts the scene's things into a path of the contract.
func (s *scene) path(path string) string {
	last := "foo"
	switch {
	case strings.Contains(path, "os-instance-actions"):
		last = s.request
	case strings.Contains(path, "/ips"):
		last = "private"
	case strings.Contains(path, "os-extra_specs"):
		last = "hw:numa_nodes"
	}
	for _, variable := range []string{"{server_id}", "{flavor_id}", "{id}"} {
		at := s.server + s.flavor + s.keypair
		if variable == "{id}" && (strings.Contains(path, s.server+"/") || strings.Contains(path, s.flavor+"/")) && at != "" && strings.Contains(path, at) {
			at = last
		}
		path = strings.Replace(path, variable, at, 1)
	}
	return path
}

func (s *scene) replaced(query string) string {
	return strings.NewReplacer("NAME", s.name, "USER", s.cloud.admin.id, "REQUEST", s.request).Replace(query)
}

// body is a sample request with the scene's things for those that it names.
func (s *scene) body(raw []byte) []byte {
	s.t.Helper()
	var body any
	if err := json.Unmarshal(raw, &body); err != nil {
		s.t.Fatal(err)
	}
	body = s.filled("", body)
	filled, err := json.Marshal(body)
	if err != nil {
		s.t.Fatal(err)
	}
	return filled
}

func (s *scene) filled(key string, value any) any {
	switch key {
	case "imageRef":
		return s.cloud.image
	case "flavorRef":
		return s.cloud.flavor
	case "availability_zone":
		return "nova"
	case "same_host":
		return s.server
	case "host", "hypervisor_hostname":
		return "compute-1"
	case "tenant":
		return s.cloud.demo.project
	case "public_key":
		return publicKey
	case "user_id":
		return s.cloud.admin.id
	case "networks":
		return []object{{"uuid": s.cloud.network}}
	}
	switch value := value.(type) {
	case object:
		filled := object{}
		for k, v := range value {
			if k != "group" { // server groups are not served yet
				filled[k] = s.filled(k, v)
			}
		}
		if key == "removeTenantAccess" {
			filled["tenant"] = s.cloud.admin.project
		}
		return filled
	case string:
		if key == "name" && s.flavor+s.keypair != "" {
			return fmt.Sprintf("%s%s-%d", s.flavor, s.keypair, s.version)
		}
		if key == "id" {
			return s.flavor + "-new"
		}
		if strings.HasPrefix(value, "%(") { // a placeholder that Nova's own documents forgot
			return "text"
		}
	}
	return value
}
