// SPDX-License-Identifier: MPL-2.0

package nova_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/nova"
)

// publicKey is an Ed25519 key that nobody has the other half of.
const publicKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGEKlOzFeNXGP1HhFV3vl5i9CQ+16H8/kr4kNR6PdV+G nobody"

// sweep does every operation at one microversion and holds the answers against the contract.
type sweep struct {
	t        *testing.T
	contract *contract
	as       *user
	v        api.Version
	reached  map[string]bool
}

// do does the operation that key names, which a query may follow; values are put in the place of the path's
// variables.
func (s *sweep) do(key string, body any, values ...string) object {
	s.t.Helper()
	key, query, _ := strings.Cut(key, "?")
	o := s.contract.operations[key]
	if o == nil {
		s.t.Fatalf("the contract has no %s", key)
	}
	s.reached[key] = true
	path := o.Path
	for _, value := range values {
		from, to := strings.IndexByte(path, '{'), strings.IndexByte(path, '}')
		path = path[:from] + value + path[to+1:]
	}
	if o.Action != "" {
		body = object{o.Action: body}
	}
	got := s.as.nova(s.t, s.v, o.Method, path+"?"+query, body)
	if !o.has(s.v) {
		if got.status != http.StatusNotFound {
			s.t.Errorf("2.%d %s: %d, want 404: %s", s.v, key, got.status, got.body)
		}
		return nil
	}
	s.contract.check(s.t, o, s.v, got)
	if len(got.body) == 0 || got.status >= 300 {
		return nil
	}
	return got.object(s.t, got.status)
}

// Every operation at every microversion.
func TestEveryMicroversion(t *testing.T) {
	t.Parallel()
	contract := readContract(t)
	cloud := start(t)
	reached := map[string]bool{}
	for v := range nova.Newest {
		s := &sweep{t: t, contract: contract, as: cloud.admin, v: v + 1, reached: reached}
		s.documents()
		s.keypairs()
		s.flavors()
		s.servers()
	}
	t.Logf("%d operations at %d microversions", len(reached), nova.Newest)
}

func (s *sweep) documents() {
	s.do("GET /", nil)
	s.do("GET /versions/{id}", nil, "v2.1")
	s.do("GET /limits", nil)
	s.do("GET /os-availability-zone", nil)
	s.do("GET /os-availability-zone/detail", nil)
}

func (s *sweep) keypairs() {
	name := fmt.Sprintf("key-%d", s.v)
	s.do("POST /os-keypairs", object{"keypair": object{"name": name, "public_key": publicKey}})
	s.do("GET /os-keypairs", nil)
	s.do("GET /os-keypairs/{id}", nil, name)
	s.do("DELETE /os-keypairs/{id}", nil, name)
	if s.v == 1 || s.v == 2 || s.v == 91 { // making keys takes a while
		s.do("POST /os-keypairs", object{"keypair": object{"name": name}})
	}
}

func (s *sweep) flavors() {
	id := fmt.Sprintf("flavor-%d", s.v)
	s.do("POST /flavors", object{"flavor": object{
		"name": id, "id": id, "ram": 64, "vcpus": 1, "disk": 1, "swap": s.v % 2, "os-flavor-access:is_public": false,
	}})
	s.do("GET /flavors", nil)
	s.do("GET /flavors/detail", nil)
	s.do("GET /flavors/{id}", nil, id)
	s.do("PUT /flavors/{id}", object{"flavor": object{"description": "Small"}}, id)
	s.do("POST /flavors/{flavor_id}/os-extra_specs", object{"extra_specs": object{"hw:numa_nodes": "1"}}, id)
	s.do("GET /flavors/{flavor_id}/os-extra_specs", nil, id)
	s.do("GET /flavors/{flavor_id}/os-extra_specs/{id}", nil, id, "hw:numa_nodes")
	s.do("PUT /flavors/{flavor_id}/os-extra_specs/{id}", object{"hw:numa_nodes": "2"}, id, "hw:numa_nodes")
	s.do("GET /flavors/detail", nil)
	s.do("DELETE /flavors/{flavor_id}/os-extra_specs/{id}", nil, id, "hw:numa_nodes")
	s.do("POST /flavors/{id}/action addTenantAccess", object{"tenant": s.as.project}, id)
	s.do("GET /flavors/{flavor_id}/os-flavor-access", nil, id)
	s.do("POST /flavors/{id}/action removeTenantAccess", object{"tenant": s.as.project}, id)
	s.do("DELETE /flavors/{id}", nil, id)
}

func (s *sweep) servers() {
	body := object{"name": fmt.Sprintf("server-%d", s.v), "imageRef": s.as.cloud.image, "flavorRef": s.as.cloud.flavor}
	if s.v >= 37 {
		body["networks"] = []object{{"uuid": s.as.cloud.network}}
	}
	made := s.do("POST /servers", object{"server": body, "os:scheduler_hints": object{"any": "thing"}})
	if made == nil {
		s.t.FailNow()
	}
	id := text(s.t, made, "server", "id")
	s.as.settled(s.t, id)
	s.do("GET /servers", nil)
	s.do("GET /servers/detail", nil)
	s.do("GET /servers/{id}", nil, id)
	s.do("PUT /servers/{id}", object{"server": object{"name": "renamed"}}, id)
	s.metadata(id)
	s.tags(id)
	addresses := s.do("GET /servers/{server_id}/ips", nil, id)["addresses"].(object)
	for label := range addresses {
		s.do("GET /servers/{server_id}/ips/{id}", nil, id, label)
	}
	s.actions(id)
	s.do("DELETE /servers/{id}", nil, id)
	s.as.gone(s.t, id)
	s.deleted(id)
}

func (s *sweep) metadata(id string) {
	item := object{"meta": object{"a": "b"}}
	s.do("POST /servers/{server_id}/metadata", object{"metadata": object{"one": "1"}}, id)
	s.do("PUT /servers/{server_id}/metadata", object{"metadata": object{"two": "2"}}, id)
	s.do("GET /servers/{server_id}/metadata", nil, id)
	s.do("PUT /servers/{server_id}/metadata/{id}", item, id, "a")
	s.do("GET /servers/{server_id}/metadata/{id}", nil, id, "a")
	s.do("DELETE /servers/{server_id}/metadata/{id}", nil, id, "a")
}

func (s *sweep) tags(id string) {
	s.do("PUT /servers/{server_id}/tags", object{"tags": []string{"x", "y"}}, id)
	s.do("GET /servers/{server_id}/tags", nil, id)
	s.do("GET /servers/{server_id}/tags/{id}", nil, id, "x")
	s.do("DELETE /servers/{server_id}/tags/{id}", nil, id, "x")
	s.do("DELETE /servers/{server_id}/tags", nil, id)
	s.reached["PUT /servers/{server_id}/tags/{id}"] = true // its statuses are beyond the contract: 201, and 204 for one that is there
	for _, status := range []int{http.StatusCreated, http.StatusNoContent} {
		if s.v < 26 {
			status = http.StatusNotFound
		}
		if got := s.as.nova(s.t, s.v, http.MethodPut, "/servers/"+id+"/tags/new", nil); got.status != status {
			s.t.Errorf("2.%d: tag: %d, want %d: %s", s.v, got.status, status, got.body)
		}
	}
}

func (s *sweep) actions(id string) {
	const action = "POST /servers/{id}/action "
	for _, step := range []struct {
		name string
		body any
	}{
		{"lock", nil},
		{"unlock", nil},
		{"os-getConsoleOutput", object{"length": 10}},
		{"reboot", object{"type": "SOFT"}},
		{"os-stop", nil},
		{"os-start", nil},
		{"reboot", object{"type": "HARD"}},
	} {
		s.do(action+step.name, step.body, id)
		s.as.settled(s.t, id)
	}
	list := s.do("GET /servers/{server_id}/os-instance-actions", nil, id)["instanceActions"].([]any)
	for _, item := range list {
		s.do("GET /servers/{server_id}/os-instance-actions/{id}", nil, id, text(s.t, item.(object), "request_id"))
	}
	var done []string
	for _, item := range list {
		done = append(done, text(s.t, item.(object), "action"))
	}
	slices.Reverse(done)
	same(s.t, "instance actions", done, []string{"create", "lock", "unlock", "reboot", "stop", "start", "reboot"})
}

// deleted looks at what is left of a deleted server: its actions since 2.21, itself in lists.
func (s *sweep) deleted(id string) {
	want := http.StatusNotFound
	if s.v >= 21 {
		want = http.StatusOK
	}
	if got := s.as.nova(s.t, s.v, http.MethodGet, "/servers/"+id+"/os-instance-actions", nil); got.status != want {
		s.t.Errorf("2.%d: actions of a deleted server: %d, want %d: %s", s.v, got.status, want, got.body)
	}
	o := s.contract.operations["GET /servers/detail"]
	s.contract.check(s.t, o, s.v, s.as.nova(s.t, s.v, http.MethodGet, "/servers/detail?deleted=true&limit=1", nil))
}
