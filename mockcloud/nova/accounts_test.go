// SPDX-License-Identifier: MPL-2.0

package nova_test

import (
	"fmt"
	"net/http"
	"sync"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/nova"
)

// Quotas, usages and what else belongs to nobody's servers, at every microversion.
func TestAccountsAtEveryMicroversion(t *testing.T) {
	t.Parallel()
	contract := readContract(t)
	cloud := start(t)
	cloud.admin.boot(t, "used", nil)
	reached := map[string]bool{}
	for v := range nova.Newest {
		s := &sweep{t: t, contract: contract, as: cloud.admin, v: v + 1, reached: reached}
		s.quotas()
		s.usages()
		s.extensions()
		s.bareMetal()
		s.images()
		s.imageMetadata()
	}
	t.Logf("%d operations at %d microversions", len(reached), nova.Newest)
}

func (s *sweep) quotas() {
	const sets, classes = "/os-quota-sets/{id}", "/os-quota-class-sets/{id}"
	limits := object{"cores": 40, "ram": "60000", "instances": s.v%2 + 20, "server_groups": 12}
	if s.v < 57 {
		limits["injected_files"] = 6
	}
	if s.v < 36 {
		limits["floating_ips"] = 7
	}
	s.do("GET "+sets, nil, s.as.project)
	s.do("GET "+sets+"/defaults", nil, s.as.project)
	after := s.do("PUT "+sets, object{"quota_set": limits}, s.as.project)["quota_set"].(object)
	same(s.t, fmt.Sprintf("2.%d: ram", s.v), after["ram"], 60000.0)
	detail := s.do("GET "+sets+"/detail", nil, s.as.project)["quota_set"].(object)
	same(s.t, fmt.Sprintf("2.%d: instances", s.v), detail["instances"], object{"limit": float64(s.v%2 + 20), "in_use": 1.0, "reserved": 0.0})
	s.do("DELETE "+sets, nil, s.as.project)
	s.do("PUT "+classes, object{"quota_class_set": object{"cores": "21", "server_group_members": 11}}, "default")
	class := s.do("GET "+classes, nil, "default")["quota_class_set"].(object)
	same(s.t, fmt.Sprintf("2.%d: the class's cores", s.v), class["cores"], 21.0)
}

// What quota sets refuse, and what only administrators may.
func TestQuotaSetRefusals(t *testing.T) {
	t.Parallel()
	cloud := start(t)
	sets := "/os-quota-sets/" + cloud.demo.project
	put := func(as *user, v api.Version, query string, body object) *answer {
		t.Helper()
		return as.nova(t, v, http.MethodPut, sets+query, object{"quota_set": body})
	}
	const badLimit = "Invalid input for field/attribute cores. Value: -2. -2 is less than the minimum of -1"
	put(cloud.admin, 1, "", object{"cores": -2}).refused(t, http.StatusBadRequest, badLimit)
	put(cloud.admin, 57, "", object{"injected_files": 1}).refused(t, http.StatusBadRequest,
		"Invalid input for field/attribute quota_set. Value: {'injected_files': 1}. Additional properties are not allowed "+
			"('injected_files' was unexpected)")
	put(cloud.admin, 36, "", object{"floating_ips": 1}).refused(t, http.StatusBadRequest, "…")
	put(cloud.admin, 74, "?any=thing", object{"cores": 30}).object(t, http.StatusOK)
	put(cloud.admin, 75, "?any=thing", object{"cores": 30}).refused(t, http.StatusBadRequest, "…")
	put(cloud.admin, 1, "?user_id=somebody", object{"cores": 31}).refused(t, http.StatusBadRequest,
		"Quota limit 31 for cores must be less than or equal to 30.")
	put(cloud.admin, 1, "?user_id=somebody", object{"cores": 31, "force": "True"}).object(t, http.StatusOK)
	shown := cloud.demo.nova(t, 1, http.MethodGet, sets+"?user_id=somebody", nil).object(t, http.StatusOK)["quota_set"].(object)
	same(t, "a user's cores", shown["cores"], 31.0)
	put(cloud.demo, 1, "", object{"cores": 30}).refused(t, http.StatusForbidden,
		"Policy doesn't allow os_compute_api:os-quota-sets:update to be performed.")
	for _, path := range []string{"", "/detail", "/defaults"} {
		cloud.admin.nova(t, 1, http.MethodGet, "/os-quota-sets/nobody"+path, nil).
			refused(t, http.StatusBadRequest, "Project ID nobody is not a valid project.")
	}
	cloud.demo.nova(t, 1, http.MethodGet, "/os-quota-sets/"+cloud.admin.project, nil).refused(t, http.StatusForbidden,
		"Policy doesn't allow os_compute_api:os-quota-sets:show to be performed.")
}

// However many keys a user makes at once, no more than the limit come into being.
func TestKeypairQuotaIsNeverOvershot(t *testing.T) {
	t.Parallel()
	cloud := start(t, func(o *mockcloud.Options) { o.Quotas = map[compute.Resource]int{compute.QuotaKeyPairs: 5} })
	var making sync.WaitGroup
	for n := range 20 {
		making.Go(func() {
			body := object{"keypair": object{"name": fmt.Sprint("key-", n), "public_key": publicKey}}
			if got := cloud.demo.nova(t, 2, http.MethodPost, "/os-keypairs", body); got.status != http.StatusCreated {
				got.refused(t, http.StatusForbidden, "Quota exceeded, too many key pairs.")
			}
		})
	}
	making.Wait()
	have := cloud.demo.nova(t, 2, http.MethodGet, "/os-keypairs", nil).object(t, http.StatusOK)["keypairs"].([]any)
	same(t, "keys", len(have), 5)
}

func (s *sweep) usages() {
	const usage, audit = "GET /os-simple-tenant-usage", "GET /os-instance_usage_audit_log"
	s.do(usage+"?start=2001-01-01T00:00:00&detailed=1", nil)
	s.do(usage+"?start=2001-01-01T00:00:00", nil)
	shown := s.do(usage+"/{id}?start=2001-01-01T00:00:00&limit=1", nil, s.as.project)
	if _, linked := shown["tenant_usage_links"]; linked != (s.v >= 40) {
		s.t.Errorf("2.%d: the page of a project's usage: %v", s.v, shown)
	}
	s.do(usage+"/{id}?start=2001-01-01T00:00:00", nil, "nobody")
	s.do(audit, nil)
	s.do(audit+"/{id}", nil, "2026-02-03%2004:05:06")
}

func (s *sweep) extensions() {
	all := s.do("GET /extensions", nil)["extensions"].([]any)
	for _, e := range all[:2] {
		s.do("GET /extensions/{id}", nil, text(s.t, e.(object), "alias"))
	}
}

func (s *sweep) bareMetal() {
	nodes := s.do("GET /os-baremetal-nodes", nil)
	if nodes == nil {
		return
	}
	s.do("GET /os-baremetal-nodes/{id}", nil, text(s.t, nodes["nodes"].([]any)[0].(object), "id"))
}

func (s *sweep) images() {
	s.do("GET /images?limit=1", nil)
	s.do("GET /images/detail?status=ACTIVE&name=tiny&property-x=", nil)
	s.do("GET /images/{id}", nil, s.as.cloud.image)
	s.do("DELETE /images/{id}", nil, s.as.cloud.upload(s.t))
}

func (s *sweep) imageMetadata() {
	const path = "/images/{image_id}/metadata"
	id := s.as.cloud.image
	s.do("PUT "+path, object{"metadata": object{"one": "1", "instance_uuid": id, "auto_disk_config": "true"}}, id)
	s.do("GET /images/{id}", nil, id)
	s.do("POST "+path, object{"metadata": object{"two": "2"}}, id)
	after := s.do("GET "+path, nil, id)
	if after != nil {
		same(s.t, "metadata", after["metadata"], object{"one": "1", "two": "2", "instance_uuid": id, "auto_disk_config": "true"})
	}
	s.do("PUT "+path+"/{id}", object{"meta": object{"two": "3"}}, id, "two")
	s.do("GET "+path+"/{id}", nil, id, "two")
	s.do("DELETE "+path+"/{id}", nil, id, "two")
	s.do("PUT "+path, object{"metadata": object{}}, id)
}

// What another service tells of servers reaches them, and who sends it learns what became of it.
func TestExternalEvents(t *testing.T) {
	t.Parallel()
	contract := readContract(t)
	cloud := start(t)
	id := cloud.admin.boot(t, "told", nil)
	missing := "00000000-0000-0000-0000-000000000001"
	o := contract.operations["POST /os-server-external-events"]
	send := func(v api.Version, status int, events ...object) []any {
		t.Helper()
		got := cloud.admin.nova(t, v, o.Method, o.Path, object{"events": events})
		body := got.object(t, status)
		if err := contract.valid(o.Response, v, got.body); err != nil {
			t.Errorf("2.%d: %v: %s", v, err, got.body)
		}
		return body["events"].([]any)
	}
	for v := range nova.Newest {
		send(v+1, http.StatusOK, object{"name": "network-changed", "server_uuid": id, "tag": missing, "status": "completed"})
	}
	for name, since := range map[string]api.Version{"volume-extended": 51, "power-update": 76, "accelerator-request-bound": 82, "volume-reimaged": 93} {
		got := cloud.admin.nova(t, since-1, o.Method, o.Path, object{"events": []object{{"name": name, "server_uuid": id, "tag": "x"}}})
		got.refused(t, http.StatusBadRequest, "Invalid input for field/attribute name. Value: "+name+". '"+name+"' is not one of …")
		send(since, http.StatusOK, object{"name": name, "server_uuid": id, "tag": "x"})
	}
	same(t, "events that cannot be told", send(nova.Newest, http.StatusMultiStatus,
		object{"name": "network-changed", "server_uuid": missing}, object{"name": "power-update", "server_uuid": id},
		object{"name": "network-vif-plugged", "server_uuid": id},
	), []any{
		object{"name": "network-changed", "server_uuid": missing, "status": "failed", "code": 404.0},
		object{"name": "power-update", "server_uuid": id, "status": "failed", "code": 400.0},
		object{"name": "network-vif-plugged", "server_uuid": id, "status": "completed", "code": 200.0},
	})
	for _, power := range []struct{ tag, status string }{{"POWER_ON", "ACTIVE"}, {"POWER_OFF", "SHUTOFF"}, {"POWER_OFF", "SHUTOFF"}, {"POWER_ON", "ACTIVE"}} {
		send(nova.Newest, http.StatusOK, object{"name": "power-update", "server_uuid": id, "tag": power.tag})
		same(t, power.tag, cloud.admin.settled(t, id)["status"], power.status)
	}
}

// A port that is deleted is taken from its server.
func TestPortDeletedEvent(t *testing.T) {
	t.Parallel()
	cloud := start(t)
	id := cloud.admin.boot(t, "two", object{"networks": []object{{"uuid": cloud.network}}})
	list := cloud.admin.nova(t, 1, http.MethodGet, "/servers/"+id+"/os-interface", nil).object(t, http.StatusOK)
	port := text(t, list["interfaceAttachments"].([]any)[0].(object), "port_id")
	cloud.admin.nova(t, 1, http.MethodPost, "/os-server-external-events", object{"events": []object{
		{"name": "network-vif-deleted", "server_uuid": id, "tag": port},
	}}).object(t, http.StatusOK)
	for range 2000 {
		list = cloud.admin.nova(t, 1, http.MethodGet, "/servers/"+id+"/os-interface", nil).object(t, http.StatusOK)
		if len(list["interfaceAttachments"].([]any)) == 0 {
			return
		}
		pause()
	}
	t.Errorf("the server still has %v", list)
}
