// SPDX-License-Identifier: MPL-2.0

package nova_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver/sim"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/nova"
)

// spareHosts gives the cloud its two hosts, and one more for each microversion, to delete.
func spareHosts(o *mockcloud.Options) {
	o.Hosts = nil
	for n := range int(nova.Newest) + 3 {
		d, err := sim.New(sim.Options{Clock: clock.Wall()})
		if err != nil {
			panic(err)
		}
		name := fmt.Sprintf("compute-%d", n)
		if n > 2 {
			name = fmt.Sprintf("spare-%d", n-2)
		}
		if n > 0 {
			o.Hosts = append(o.Hosts, compute.HostSpec{Name: name, Driver: d})
		}
	}
}

// Every operation about hosts at every microversion.
func TestSweepOfHosts(t *testing.T) {
	t.Parallel()
	contract := readContract(t)
	cloud := start(t, withQuotas, spareHosts)
	server := cloud.admin.member(t, "compute-1")
	reached := map[string]bool{}
	for v := range nova.Newest {
		s := &sweep{t: t, contract: contract, as: cloud.admin, v: v + 1, reached: reached}
		s.aggregates()
		s.serverGroups(server)
		s.hypervisors()
		s.services()
		s.hosts()
	}
	t.Logf("%d operations at %d microversions", len(reached), nova.Newest)
}

// member makes a server on that host that is in a server group.
func (u *user) member(t *testing.T, host string) string {
	t.Helper()
	made := u.nova(t, 64, http.MethodPost, "/os-server-groups", object{"server_group": object{"name": "g", "policy": "affinity"}})
	group := text(t, made.object(t, http.StatusOK), "server_group", "id")
	got := u.nova(t, nova.Newest, http.MethodPost, "/servers", object{
		"server": object{
			"name": "hosted", "imageRef": u.cloud.image, "flavorRef": u.cloud.flavor, "networks": "none", "host": host,
		},
		"os:scheduler_hints": object{"group": group},
	})
	id := text(t, got.object(t, http.StatusAccepted), "server", "id")
	same(t, "groups", u.settled(t, id)["server_groups"], []any{group})
	return id
}

func (s *sweep) aggregates() {
	const path = "/os-aggregates"
	made := s.do("POST "+path, object{"aggregate": object{"name": fmt.Sprintf("a-%d", s.v), "availability_zone": "north"}})
	id := fmt.Sprint(made["aggregate"].(object)["id"])
	s.do("POST "+path+"/{id}/action add_host", object{"host": "compute-2"}, id)
	s.do("POST "+path+"/{id}/action set_metadata", object{"metadata": object{"ssd": "true", "gone": nil}}, id)
	s.do("GET "+path, nil)
	s.do("GET "+path+"/{id}", nil, id)
	s.do("PUT "+path+"/{id}", object{"aggregate": object{"name": fmt.Sprintf("b-%d", s.v)}}, id)
	s.do("POST "+path+"/{id}/images", object{"cache": []object{{"id": s.as.cloud.image}}}, id)
	s.do("POST "+path+"/{id}/action remove_host", object{"host": "compute-2"}, id)
	s.do("DELETE "+path+"/{id}", nil, id)
}

func (s *sweep) serverGroups(server string) {
	const path = "/os-server-groups"
	group := object{"name": "together", "policies": []string{"anti-affinity"}}
	if s.v >= 64 {
		group = object{"name": "together", "policy": "anti-affinity", "rules": object{"max_server_per_host": 3}}
	}
	made := s.do("POST "+path, object{"server_group": group})
	id := text(s.t, made, "server_group", "id")
	s.do("GET "+path, nil)
	s.do("GET "+path+"?all_projects=True&limit=5&offset=1", nil)
	s.do("GET "+path+"/{id}", nil, id)
	s.do("DELETE "+path+"/{id}", nil, id)
	s.do("GET /servers/{id}", nil, server)
}

func (s *sweep) hypervisors() {
	const path = "/os-hypervisors"
	list := s.do("GET "+path, nil)["hypervisors"].([]any)
	first := list[0].(object)
	id, name := fmt.Sprint(first["id"]), text(s.t, first, "hypervisor_hostname")
	s.do("GET "+path+"/detail", nil)
	if s.v >= 33 {
		s.do("GET "+path+"?limit=1&marker="+id, nil)
		s.do("GET "+path+"/detail?limit=1", nil)
	}
	if s.v >= 53 {
		s.do("GET "+path+"/detail?with_servers=true&hypervisor_hostname_pattern="+name, nil)
		s.do("GET "+path+"/{id}?with_servers=1", nil, id)
	}
	s.do("GET "+path+"/{id}", nil, id)
	s.do("GET "+path+"/{id}/uptime", nil, id)
	s.do("GET "+path+"/{id}/search", nil, name)
	s.do("GET "+path+"/{id}/servers", nil, name)
	if s.v <= 87 {
		s.do("GET "+path+"/statistics", nil)
	}
}

func (s *sweep) services() {
	const path = "/os-services"
	list := s.do("GET "+path+"?binary=nova-compute", nil)["services"].([]any)
	var id string
	for _, service := range list {
		if service.(object)["host"] == fmt.Sprintf("spare-%d", s.v) {
			id = fmt.Sprint(service.(object)["id"])
		}
	}
	for _, change := range serviceChanges(s.v) {
		at := change.at
		if s.v >= 53 {
			at = id
		}
		s.do("PUT "+path+"/{id}", change.body, at)
	}
	s.do("DELETE "+path+"/{id}", nil, id)
}

type serviceChange struct {
	at   string
	body object
}

// serviceChanges are all that can be changed of a service at that version.
func serviceChanges(v api.Version) []serviceChange {
	if v >= 53 {
		return []serviceChange{
			{"", object{"status": "disabled", "disabled_reason": "test"}}, {"", object{"forced_down": true}},
			{"", object{"status": "enabled", "forced_down": "off"}},
		}
	}
	with := func(more object) object {
		body := object{"host": "compute-2", "binary": "nova-compute"}
		for key, value := range more {
			body[key] = value
		}
		return body
	}
	changes := []serviceChange{
		{"disable", with(nil)}, {"disable-log-reason", with(object{"disabled_reason": "test"})}, {"enable", with(nil)},
	}
	if v >= 11 {
		changes = append(changes, serviceChange{"force-down", with(object{"forced_down": true})},
			serviceChange{"force-down", with(object{"forced_down": false})})
	}
	return changes
}

func (s *sweep) hosts() {
	const path = "/os-hosts"
	s.do("GET "+path+"?zone=nova", nil)
	s.do("GET "+path+"/{id}", nil, "compute-1")
	s.do("PUT "+path+"/{id}", object{"status": "disable", "maintenance_mode": "enable"}, "compute-2")
	s.do("PUT "+path+"/{id}", object{"status": "enable", "maintenance_mode": "Disable"}, "compute-2")
	for _, action := range []string{"reboot", "shutdown", "startup"} { // in this order: one that is off answers nothing else
		s.do("GET "+path+"/{id}/"+action, nil, "compute-2")
	}
}

// What an operator gets wrong about hosts, in Nova's words.
func TestRefusalsAboutHosts(t *testing.T) {
	t.Parallel()
	c := start(t, withQuotas)
	c.admin.boot(t, "hosted", object{"host": "compute-1"})
	create := func(name, zone string) string {
		body := object{"name": name}
		if zone != "" {
			body["availability_zone"] = zone
		}
		made := c.admin.nova(t, 1, http.MethodPost, "/os-aggregates", object{"aggregate": body}).object(t, http.StatusOK)
		return fmt.Sprint(made["aggregate"].(object)["id"])
	}
	north, south, plain := create("north", "north"), create("south", "south"), create("plain", "")
	add := func(aggregate, host string) *answer {
		return c.admin.nova(t, 1, http.MethodPost, "/os-aggregates/"+aggregate+"/action", object{"add_host": object{"host": host}})
	}
	add(north, "compute-2").object(t, http.StatusOK)
	add(plain, "compute-1").object(t, http.StatusOK)
	const busy = "The host cannot be added to the aggregate as the availability zone of the host would change from 'None' to 'south' but the host already has 1 instance(s)…"
	for _, test := range []struct {
		method, path string
		v            api.Version
		body         object
		status       int
		message      string
	}{
		{"POST", "/os-aggregates/" + south + "/action", 1, object{"add_host": object{"host": "compute-2"}}, 409,
			"Cannot add host to aggregate 2. Reason: One or more hosts already in availability zone(s) ['north']."},
		{"POST", "/os-aggregates/" + south + "/action", 1, object{"add_host": object{"host": "compute-1"}}, 409,
			"Cannot add host to aggregate 2. Reason: " + busy},
		{"POST", "/os-aggregates/" + north + "/action", 1, object{"add_host": object{"host": "compute-2"}}, 409,
			"Aggregate 1 already has host compute-2."},
		{"POST", "/os-aggregates/" + north + "/action", 1, object{"add_host": object{"host": "compute-9"}}, 404,
			"Compute host compute-9 could not be found."},
		{"POST", "/os-aggregates/" + north + "/action", 1, object{"remove_host": object{"host": "compute-1"}}, 404,
			"Cannot remove host compute-1 in aggregate 1"},
		{"PUT", "/os-aggregates/" + plain, 1, object{"aggregate": object{"availability_zone": "south"}}, 400,
			"Cannot update aggregate 3. Reason: One or more hosts contain instances in this zone."},
		{"PUT", "/os-aggregates/" + plain, 1, object{"aggregate": object{"name": "north"}}, 409, "Aggregate north already exists."},
		{"POST", "/os-aggregates/" + plain + "/action", 1, object{"set_metadata": object{"metadata": object{"availability_zone": ""}}}, 400,
			"Cannot update metadata of aggregate 3. Reason: Aggregate plain does not support empty named availability zone."},
		{"POST", "/os-aggregates", 1, object{"aggregate": object{"name": "x", "availability_zone": "a:b"}}, 400, "Invalid input for field/attribute availability_zone…"},
		{"DELETE", "/os-aggregates/" + north, 1, nil, 400, "Cannot remove host from aggregate 1. Reason: Host aggregate is not empty."},
		{"GET", "/os-aggregates/9", 1, nil, 404, "Aggregate 9 could not be found."},
		{"GET", "/os-aggregates/x", 1, nil, 400, "Invalid input received: id must be an integer"},
		{"POST", "/os-server-groups", 64, object{"server_group": object{"name": "g", "policy": "affinity", "rules": object{"max_server_per_host": 2}}}, 400,
			"Only anti-affinity policy supports rules."},
		{"POST", "/servers", 90, object{"server": object{"name": "s", "flavorRef": c.flavor, "imageRef": c.image, "networks": "none"},
			"os:scheduler_hints": object{"group": c.image}}, 400, "Instance group " + c.image + " could not be found."},
		{"GET", "/os-hypervisors/7", 1, nil, 404, "Hypervisor with ID '7' could not be found."},
		{"GET", "/os-hypervisors/7", 53, nil, 400, "Invalid uuid 7"},
		{"GET", "/os-hypervisors?hypervisor_hostname_pattern=x", 53, nil, 404, "No hypervisor matching 'x' could be found."},
		{"GET", "/os-hypervisors?limit=1&hypervisor_hostname_pattern=x", 53, nil, 400, "Paging over hypervisors…"},
		{"PUT", "/os-services/disable-log-reason", 1, object{"host": "compute-1", "binary": "nova-compute"}, 400, "Missing disabled reason field"},
		{"PUT", "/os-services/disable", 1, object{"host": "compute-1", "binary": "nova-scheduler"}, 400, "Updating a nova-scheduler service is not supported…"},
		{"PUT", "/os-services/disable", 1, object{"host": "nowhere", "binary": "nova-compute"}, 404, "Host 'nowhere' is not mapped to any cell"},
		{"PUT", "/os-services/force-down", 10, object{"host": "compute-1", "binary": "nova-compute"}, 404, "Unknown action"},
		{"DELETE", "/os-services/3", 1, nil, 409, "Unable to delete compute service that is hosting instances…"},
		{"GET", "/os-hosts/nowhere/reboot", 1, nil, 404, "Host nowhere could not be found."},
	} {
		got := c.admin.nova(t, test.v, test.method, test.path, test.body)
		if got.status != test.status {
			t.Errorf("%s %s", test.method, test.path)
		}
		got.refused(t, test.status, test.message)
	}
}
