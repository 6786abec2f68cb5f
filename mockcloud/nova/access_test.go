// SPDX-License-Identifier: MPL-2.0

package nova_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/nova"
)

// access is an operation and who may do it: "admin", "member" (and manager), "reader", "any" (every
// role, even none).
type access struct {
	method, path, least string
	body                any
}

// The operations on a server of somebody's own project, as each role: 403 for a role too low, 404 for
// other projects, 401 without a token.
func TestAccessToServers(t *testing.T) {
	t.Parallel()
	cloud := start(t, withQuotas)
	reader, member, manager := cloud.member(t, "p", "reader"), cloud.member(t, "p", "member"), cloud.member(t, "p", "manager")
	nobody, other := cloud.member(t, "p", "service"), cloud.member(t, "q", "member")
	server := member.boot(t, "one", nil)
	request := member.nova(t, 1, http.MethodGet, "/servers/"+server+"/os-instance-actions", nil).object(t, http.StatusOK)
	action := text(t, request["instanceActions"].([]any)[0].(object), "request_id")
	at := "/servers/" + server
	for _, a := range []access{
		{http.MethodGet, at, "reader", nil},
		{http.MethodGet, at + "/ips", "reader", nil},
		{http.MethodGet, at + "/metadata", "reader", nil},
		{http.MethodGet, at + "/tags", "reader", nil},
		{http.MethodGet, at + "/os-instance-actions", "reader", nil},
		{http.MethodGet, at + "/os-instance-actions/" + action, "reader", nil},
		{http.MethodPut, at, "member", object{"server": object{"name": "two"}}},
		{http.MethodPost, at + "/metadata", "member", object{"metadata": object{"a": "b"}}},
		{http.MethodPut, at + "/metadata", "member", object{"metadata": object{"a": "b"}}},
		{http.MethodPut, at + "/metadata/a", "member", object{"meta": object{"a": "b"}}},
		{http.MethodPut, at + "/tags", "member", object{"tags": []string{"a"}}},
		{http.MethodPut, at + "/tags/a", "member", nil},
		{http.MethodPost, at + "/action", "member", object{"lock": nil}},
		{http.MethodPost, at + "/action", "member", object{"unlock": nil}},
		{http.MethodPost, at + "/action", "member", object{"os-getConsoleOutput": object{}}},
	} {
		for _, who := range []struct {
			name   string
			as     *user
			status int
		}{
			{"admin", cloud.admin, 0},
			{"manager", manager, 0},
			{"member", member, 0},
			{"reader", reader, map[string]int{"member": http.StatusForbidden}[a.least]},
			{"service", nobody, http.StatusForbidden},
			{"other project", other, http.StatusNotFound},
			{"no token", &user{cloud: cloud}, http.StatusUnauthorized},
		} {
			got := who.as.nova(t, nova.Newest, a.method, a.path, a.body)
			if who.status == 0 && got.status >= 300 || who.status != 0 && got.status != who.status {
				t.Errorf("%s %s %v as %s: %d, want %d: %s", a.method, a.path, a.body, who.name, got.status, who.status, got.body)
			}
		}
	}
	for _, gone := range []*user{reader, nobody} {
		gone.nova(t, 1, http.MethodDelete, at, nil).refused(t, http.StatusForbidden, "Policy doesn't allow os_compute_api:servers:delete to be performed.")
	}
	if got := manager.nova(t, 1, http.MethodDelete, at, nil); got.status != http.StatusNoContent {
		t.Errorf("delete: %d %s", got.status, got.body)
	}
}

// What is about no server of anybody's: who may do it at all.
func TestAccessToCollections(t *testing.T) {
	t.Parallel()
	cloud := start(t)
	callers := map[string]*user{
		"admin": cloud.admin, "member": cloud.member(t, "p", "member"), "reader": cloud.member(t, "p", "reader"),
		"service": cloud.member(t, "p", "service"),
	}
	const specs = "/flavors/1/os-extra_specs"
	for _, a := range []access{
		{http.MethodGet, "/servers", "reader", nil},
		{http.MethodGet, "/servers/detail", "reader", nil},
		{http.MethodGet, "/servers?all_tenants=1", "admin", nil},
		{http.MethodGet, "/servers/detail?all_tenants=1", "admin", nil},
		{http.MethodGet, "/flavors/detail", "any", nil},
		{http.MethodGet, "/flavors/1", "any", nil},
		{http.MethodPost, "/flavors", "admin", object{"flavor": object{"name": "f", "ram": 1, "vcpus": 1, "disk": 1}}},
		{http.MethodPut, "/flavors/1", "admin", object{"flavor": object{"description": "d"}}},
		{http.MethodPost, specs, "admin", object{"extra_specs": object{"a": "b"}}},
		{http.MethodPut, specs + "/a", "admin", object{"a": "c"}},
		{http.MethodGet, specs, "reader", nil},
		{http.MethodGet, specs + "/a", "reader", nil},
		{http.MethodDelete, specs + "/a", "admin", nil},
		{http.MethodDelete, "/flavors/2", "admin", nil},
		{http.MethodPost, "/os-keypairs", "any", object{"keypair": object{"name": "k", "public_key": publicKey}}},
		{http.MethodGet, "/os-keypairs", "any", nil},
		{http.MethodGet, "/os-keypairs/k", "any", nil},
		{http.MethodDelete, "/os-keypairs/k", "any", nil},
		{http.MethodGet, "/os-keypairs?user_id=" + cloud.admin.id, "admin", nil},
		{http.MethodGet, "/limits", "any", nil},
		{http.MethodGet, "/limits?tenant_id=" + cloud.admin.project, "admin", nil},
		{http.MethodGet, "/os-availability-zone", "any", nil},
		{http.MethodGet, "/os-availability-zone/detail", "admin", nil},
	} {
		may := map[string][]string{
			"any": {"admin", "member", "reader", "service"}, "reader": {"admin", "member", "reader"}, "admin": {"admin"},
		}[a.least]
		for name, as := range callers {
			got := as.nova(t, nova.Newest, a.method, a.path, a.body)
			if allowed := slices.Contains(may, name); allowed != (got.status < 300) || !allowed && got.status != http.StatusForbidden {
				t.Errorf("%s %s as %s: %d, allowed: %v: %s", a.method, a.path, name, got.status, allowed, got.body)
			}
		}
		if got := (&user{cloud: cloud}).nova(t, 1, a.method, a.path, a.body); got.status != http.StatusUnauthorized {
			t.Errorf("%s %s without a token: %d", a.method, a.path, got.status)
		}
	}
}

// What the same server looks like to an administrator and to its owner.
func TestWhatAdministratorsSee(t *testing.T) {
	t.Parallel()
	cloud := start(t)
	id := cloud.demo.boot(t, "seen", nil)
	show := func(as *user) []string {
		return keys(as.nova(t, nova.Newest, http.MethodGet, "/servers/"+id, nil).object(t, http.StatusOK)["server"].(object))
	}
	var more []string
	owner := show(cloud.demo)
	for _, key := range show(cloud.admin) {
		if !slices.Contains(owner, key) {
			more = append(more, strings.TrimPrefix(key, "OS-EXT-SRV-ATTR:"))
		}
	}
	same(t, "since 2.90 administrators see more", more, []string{
		"host", "hypervisor_hostname", "instance_name", "kernel_id", "launch_index", "ramdisk_id", "reservation_id", "root_device_name",
		"user_data", "host_status",
	})
}
