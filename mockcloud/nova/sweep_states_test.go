// SPDX-License-Identifier: MPL-2.0

package nova_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/nova"
)

// Every operation that changes a server where it is, or looks into it, at every microversion.
func TestSweepOfStates(t *testing.T) {
	t.Parallel()
	contract := readContract(t)
	cloud := start(t)
	reached := map[string]bool{}
	for v := range nova.Newest {
		s := &sweep{t: t, contract: contract, as: cloud.admin, v: v + 1, reached: reached}
		id := s.as.boot(t, fmt.Sprintf("server-%d", s.v), nil)
		s.states(id)
		s.snapshots(id)
		s.consoles(id)
		s.do("DELETE /servers/{id}", nil, id)
		s.as.gone(t, id)
	}
	t.Logf("%d operations at %d microversions", len(reached), nova.Newest)
}

func (s *sweep) states(id string) {
	const action = "POST /servers/{id}/action "
	rebuild := object{"imageRef": s.as.cloud.image, "metadata": object{"a": "b"}, "preserve_ephemeral": true, "name": "rebuilt"}
	for version, more := range map[int]object{
		19: {"description": nil}, 54: {"key_name": nil}, 57: {"user_data": nil}, 63: {"trusted_image_certificates": nil},
		90: {"hostname": "rebuilt"},
	} {
		if int(s.v) >= version {
			for key, value := range more {
				rebuild[key] = value
			}
		}
	}
	for _, step := range []struct {
		name   string
		body   any
		status string
	}{
		{"pause", nil, "PAUSED"},
		{"unpause", nil, "ACTIVE"},
		{"suspend", nil, "SUSPENDED"},
		{"resume", nil, "ACTIVE"},
		{"rescue", nil, "RESCUE"},
		{"unrescue", nil, "ACTIVE"},
		{"rescue", object{"rescue_image_ref": s.as.cloud.image, "adminPass": "secret"}, "RESCUE"},
		{"unrescue", nil, "ACTIVE"},
		{"rebuild", rebuild, "ACTIVE"},
		{"changePassword", object{"adminPass": "secret"}, "ACTIVE"},
		{"injectNetworkInfo", nil, "ACTIVE"},
		{"trigger_crash_dump", nil, "ACTIVE"},
		{"os-resetState", object{"state": "error"}, "ERROR"},
		{"os-resetState", object{"state": "active"}, "ACTIVE"},
	} {
		s.do(action+step.name, step.body, id)
		if got := s.as.settled(s.t, id)["status"]; got != step.status {
			s.t.Fatalf("2.%d: after %s the server is %v, want %s", s.v, step.name, got, step.status)
		}
	}
	s.do("GET /servers/{server_id}/diagnostics", nil, id)
	s.do("GET /servers/{server_id}/topology", nil, id)
	s.do("GET /servers/{server_id}/os-server-password", nil, id)
	s.do("DELETE /servers/{server_id}/os-server-password", nil, id)
}

func (s *sweep) snapshots(id string) {
	for name, body := range map[string]object{
		"createImage":  {"name": "image", "metadata": object{"a": "b"}},
		"createBackup": {"name": "backup", "backup_type": "daily", "rotation": 1},
	} {
		path, before := "/servers/"+id+"/action", s.v < 45
		key := "POST /servers/{id}/action " + name
		s.reached[key] = true
		got := s.as.nova(s.t, s.v, http.MethodPost, path, object{name: body})
		s.contract.check(s.t, s.contract.operations[key], s.v, got)
		if located := got.header.Get("Location") != ""; located != before || before != (len(got.body) == 0) {
			s.t.Errorf("2.%d: %s answers %q at %q", s.v, name, got.body, got.header.Get("Location"))
		}
		s.as.settled(s.t, id)
	}
}

func (s *sweep) consoles(id string) {
	for name, kind := range map[string]string{
		"os-getVNCConsole": "novnc", "os-getSPICEConsole": "spice-html5", "os-getSerialConsole": "serial",
	} {
		s.do("POST /servers/{id}/action "+name, object{"type": kind}, id)
	}
	consoles := []object{
		{"protocol": "vnc", "type": "novnc"}, {"protocol": "spice", "type": "spice-html5"}, {"protocol": "serial", "type": "serial"},
	}
	if s.v >= 99 {
		consoles = append(consoles, object{"protocol": "spice", "type": "spice-direct"})
	}
	for _, console := range consoles {
		made := s.do("POST /servers/{server_id}/remote-consoles", object{"remote_console": console}, id)
		if made == nil {
			continue
		}
		token := tokenOf(s.t, text(s.t, made, "remote_console", "url"))
		if s.v >= 31 {
			found := s.do("GET /os-console-auth-tokens/{id}", nil, token)["console"].(object)
			same(s.t, "instance_uuid", found["instance_uuid"], id)
			if _, told := found["tls_port"]; told != (console["type"] == "spice-direct") {
				s.t.Errorf("2.%d: the token of %v is for %v", s.v, console, found)
			}
		}
	}
}
