// SPDX-License-Identifier: MPL-2.0

package conformance

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/cloudtest"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/nova"
)

// Each microversion has its own shapes, so what a client may do in a day is done at every one of
// them, and the contract proxy looks at each exchange.
func TestContract(t *testing.T) {
	t.Parallel()
	cloud := cloudtest.Start(t)
	proxy := startProxy(t, cloud.URL)
	admin := login(t, proxy.URL, cloud.Password("admin"))
	image := text(first(admin.ask(http.MethodGet, "/image/v2/images?visibility=public", nil), "images"), "id")

	for n := 1; n <= int(nova.Newest); n++ {
		s := admin.at(t, n)
		walkVersions(s)
		walkKeypairs(s)
		flavor := walkFlavors(s)
		walkServers(s, image, flavor)
		s.nova(http.MethodDelete, "/flavors/"+flavor, nil)
	}

	found := proxy.stop(t)
	for _, v := range found.Violations {
		t.Errorf("%s (%s %s: %d): %s\nasked: %s\nanswered: %s", v.Operation, v.Method, v.URL, v.Status, v.What, v.Request, v.Response)
	}
	if found.Exchanges == 0 {
		t.Error("the proxy saw no exchange")
	}
}

func walkVersions(s *session) {
	s.ask(http.MethodGet, "/compute/", nil)
	s.nova(http.MethodGet, "/", nil)
	s.nova(http.MethodGet, "/limits", nil)
	s.nova(http.MethodGet, "/os-availability-zone", nil)
	s.nova(http.MethodGet, "/os-availability-zone/detail", nil)
}

// publicKey is an Ed25519 key that nobody has the other half of.
const publicKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGEKlOzFeNXGP1HhFV3vl5i9CQ+16H8/kr4kNR6PdV+G nobody"

func walkKeypairs(s *session) {
	name := fmt.Sprintf("walk-2-%d", s.version)
	if s.version < 92 { // since then Nova makes no keys
		s.nova(http.MethodPost, "/os-keypairs", object{"keypair": object{"name": name + "-made"}})
		s.nova(http.MethodDelete, "/os-keypairs/"+name+"-made", nil)
	}
	s.nova(http.MethodPost, "/os-keypairs", object{"keypair": object{"name": name, "public_key": publicKey}})
	s.nova(http.MethodGet, "/os-keypairs", nil)
	s.nova(http.MethodGet, "/os-keypairs/"+name, nil)
	s.nova(http.MethodDelete, "/os-keypairs/"+name, nil)
}

// walkFlavors leaves a flavor behind and returns its id.
func walkFlavors(s *session) string {
	made := s.nova(http.MethodPost, "/flavors", object{"flavor": object{
		"name": fmt.Sprintf("walk-2.%d", s.version), "ram": 64, "vcpus": 1, "disk": 1, "id": "auto",
	}})
	path := "/flavors/" + text(child(made, "flavor"), "id")
	s.nova(http.MethodGet, "/flavors", nil)
	s.nova(http.MethodGet, "/flavors/detail?is_public=none", nil)
	s.nova(http.MethodPost, path+"/os-extra_specs", object{"extra_specs": object{"hw:cpu_policy": "shared"}})
	s.nova(http.MethodGet, path+"/os-extra_specs", nil)
	s.nova(http.MethodGet, path+"/os-extra_specs/hw:cpu_policy", nil)
	s.nova(http.MethodPut, path+"/os-extra_specs/hw:cpu_policy", object{"hw:cpu_policy": "dedicated"})
	s.nova(http.MethodGet, path, nil)
	s.nova(http.MethodDelete, path+"/os-extra_specs/hw:cpu_policy", nil)
	if s.version >= 55 {
		s.nova(http.MethodPut, path, object{"flavor": object{"description": "walked"}})
	}
	return text(child(made, "flavor"), "id")
}

func walkServers(s *session, image, flavor string) {
	server := object{
		"name": fmt.Sprintf("walk-2.%d", s.version), "imageRef": image, "flavorRef": flavor,
		"metadata": object{"walk": "on"},
	}
	if s.version >= 37 {
		server["networks"] = "none"
	}
	if s.version >= 19 {
		server["description"] = "walking"
	}
	made := s.nova(http.MethodPost, "/servers", object{"server": server})
	id := text(child(made, "server"), "id")
	path := "/servers/" + id
	s.until(id, "ACTIVE")

	for _, query := range []string{"", "/detail", "/detail?name=walk", "?limit=1&sort_key=created_at", "/detail?status=ACTIVE&all_tenants=1"} {
		s.nova(http.MethodGet, "/servers"+query, nil)
	}
	s.nova(http.MethodPut, path, object{"server": object{"name": "renamed"}})
	s.nova(http.MethodPost, path+"/metadata", object{"metadata": object{"a": "1", "b": "2"}})
	s.nova(http.MethodGet, path+"/metadata", nil)
	s.nova(http.MethodPut, path+"/metadata/a", object{"meta": object{"a": "3"}})
	s.nova(http.MethodGet, path+"/metadata/a", nil)
	s.nova(http.MethodDelete, path+"/metadata/a", nil)
	s.nova(http.MethodPut, path+"/metadata", object{"metadata": object{"c": "4"}})
	s.nova(http.MethodGet, path+"/ips", nil)
	if s.version >= 26 {
		s.nova(http.MethodPut, path+"/tags", object{"tags": []string{"x", "y"}})
		s.nova(http.MethodGet, path+"/tags", nil)
		s.nova(http.MethodDelete, path+"/tags/x", nil)
		s.nova(http.MethodDelete, path+"/tags", nil)
	}
	walkActions(s, id)
	s.nova(http.MethodDelete, path, nil)
	s.untilGone(id)
}

func walkActions(s *session, id string) {
	path := "/servers/" + id
	act := func(name string, body any, status string) {
		s.t.Helper()
		s.nova(http.MethodPost, path+"/action", object{name: body})
		s.until(id, status)
	}
	act("os-getConsoleOutput", object{"length": 10}, "ACTIVE")
	act("lock", nil, "ACTIVE")
	act("unlock", nil, "ACTIVE")
	act("os-stop", nil, "SHUTOFF")
	act("os-start", nil, "ACTIVE")
	act("reboot", object{"type": "SOFT"}, "ACTIVE")
	act("reboot", object{"type": "HARD"}, "ACTIVE")
	if code := s.status(http.MethodPost, path+"/action", object{"os-start": nil}); code != http.StatusConflict {
		s.t.Errorf("2.%d: starting a running server answered %d", s.version, code)
	}

	events := s.nova(http.MethodGet, path+"/os-instance-actions", nil)
	request := text(first(events, "instanceActions"), "request_id")
	s.nova(http.MethodGet, path+"/os-instance-actions/"+request, nil)
}
