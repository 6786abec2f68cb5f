// SPDX-License-Identifier: MPL-2.0

package nova_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/nova"
)

// agentBuild is the body of a request for an agent build.
func agentBuild(change object) object {
	build := object{
		"hypervisor": "xen", "os": "linux", "architecture": "x86", "version": "8.0",
		"md5hash": "add6bb58e139be103324d04d82d8f545", "url": "http://example.com/path/to/resource",
	}
	for key, value := range change {
		build[key] = value
	}
	return object{"agent": build}
}

// There is one agent build for each kind of guest, which administrators see and change.
func TestAgentBuilds(t *testing.T) {
	t.Parallel()
	cloud := start(t)
	ask := func(method, path string, body any) *answer {
		return cloud.admin.nova(t, 1, method, "/os-agents"+path, body)
	}
	create := func(change object) *answer { return ask(http.MethodPost, "", agentBuild(change)) }
	made := create(nil).object(t, http.StatusOK)["agent"].(object)
	want := agentBuild(object{"agent_id": 1.0})["agent"]
	same(t, "made", made, want)
	create(object{"version": "9"}).refused(t, 409, "Agent-build with hypervisor xen os linux architecture x86 exists.")
	create(object{"hypervisor": "kvm"}).object(t, http.StatusOK)
	create(object{"os": "win"}).object(t, http.StatusOK)
	list := func(v api.Version, query string) string {
		var ids []string
		for _, item := range cloud.admin.nova(t, v, http.MethodGet, "/os-agents"+query, nil).object(t, http.StatusOK)["agents"].([]any) {
			agent := item.(object)
			ids = append(ids, fmt.Sprintf("%v %v %v", agent["hypervisor"], agent["agent_id"], agent["version"]))
		}
		return strings.Join(ids, " ")
	}
	// The refused one has used up no id.
	same(t, "all", list(1, ""), "xen 1 8.0 kvm 2 8.0 xen 3 8.0")
	same(t, "of a hypervisor", list(1, "?hypervisor=xen&any=thing"), "xen 1 8.0 xen 3 8.0")
	same(t, "of no hypervisor", list(75, "?hypervisor="), "xen 1 8.0 kvm 2 8.0 xen 3 8.0")
	same(t, "of an unknown one", list(87, "?hypervisor=vmware"), "")

	change := object{"para": object{"version": "7.0", "md5hash": "ADD6", "url": "ftp://example.com/x"}}
	updated := ask(http.MethodPut, "/1", change).object(t, http.StatusOK)
	same(t, "updated", updated, object{"agent": object{"agent_id": "1", "version": "7.0", "md5hash": "ADD6", "url": "ftp://example.com/x"}})
	same(t, "after the update", list(1, "?hypervisor=xen"), "xen 1 7.0 xen 3 8.0")
	same(t, "answer to a delete", string(ask(http.MethodDelete, "/3", nil).body), "")
	ask(http.MethodDelete, "/3", nil).refused(t, 404, "No agent-build associated with id 3.")
	ask(http.MethodPut, "/3", change).refused(t, 404, "No agent-build associated with id 3.")
	ask(http.MethodPut, "/x", change).refused(t, 400, "Invalid input received: id must be an integer")
	ask(http.MethodDelete, "/x", nil).refused(t, 400, "Invalid input received: id must be an integer")
	create(object{"os": "win"}).object(t, http.StatusOK)
	same(t, "an id is not used again", list(1, ""), "xen 1 7.0 kvm 2 8.0 xen 4 8.0")
}

func TestAgentBuildsRefuse(t *testing.T) {
	t.Parallel()
	cloud := start(t)
	invalid := func(attribute, value, message string) string {
		return "Invalid input for field/attribute " + attribute + ". Value: " + value + ". " + message
	}
	long := strings.Repeat("a", 256)
	for _, c := range []struct {
		change object
		want   string
	}{
		{object{"os": "a/b"}, invalid("os", "a/b", "'a/b' does not match '^[a-zA-Z0-9-._ ]*$'")},
		{object{"architecture": long}, invalid("architecture", long, "'"+long+"' is too long")},
		{object{"hypervisor": nil}, invalid("hypervisor", "None", "None is not of type 'string'")},
		{object{"version": 8}, invalid("version", "8", "8 is not of type 'string'")},
		{object{"url": "nowhere"}, invalid("url", "nowhere", "'nowhere' is not a 'uri'")},
		{object{"md5hash": "xyz"}, invalid("md5hash", "xyz", "'xyz' does not match '^[a-fA-F0-9]*$'")},
		{object{"agent_id": 5}, "Invalid input for field/attribute agent. Value: …"},
	} {
		cloud.admin.nova(t, 1, http.MethodPost, "/os-agents", agentBuild(c.change)).refused(t, 400, c.want)
	}
	body := agentBuild(nil)
	delete(body["agent"].(object), "url")
	cloud.admin.nova(t, 1, http.MethodPost, "/os-agents", body).refused(t, 400, "Invalid input for field/attribute agent. Value: …")
	cloud.admin.nova(t, 1, http.MethodPut, "/os-agents/1", agentBuild(nil)).refused(t, 400, "'para' is a required property")
	cloud.admin.nova(t, 75, http.MethodGet, "/os-agents?any=thing", nil).refused(t, 400, "Additional properties are not allowed ('any' was unexpected)")
	for rule, request := range map[string][2]string{
		"list": {http.MethodGet, ""}, "create": {http.MethodPost, ""}, "update": {http.MethodPut, "/1"}, "delete": {http.MethodDelete, "/1"},
	} {
		var body any
		switch rule {
		case "create":
			body = agentBuild(nil)
		case "update":
			body = object{"para": object{"version": "7.0", "md5hash": "ADD6", "url": "ftp://example.com/x"}}
		}
		cloud.demo.nova(t, nova.Newest, request[0], "/os-agents"+request[1], body).refused(t, 403,
			"Policy doesn't allow os_compute_api:os-agents:"+rule+" to be performed.")
	}
}
