// SPDX-License-Identifier: MPL-2.0

package nova_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/cloudtest"
)

// kilo asks Nova as a client of Kilo does, and demands the status.
func (u *user) kilo(t *testing.T, method, path string, body any, status int) object {
	t.Helper()
	got := u.nova(t, 3, method, path, body)
	if got.status != status {
		t.Errorf("%s %s: %d, want %d: %s", method, path, got.status, status, got.body)
		return object{}
	}
	return got.object(t, status)
}

// part is what is in an answer at a path of keys and indexes; nil for nothing.
func part(in any, path ...any) any {
	for _, step := range path {
		switch step := step.(type) {
		case string:
			inner, _ := in.(object)
			in = inner[step]
		case int:
			list, _ := in.([]any)
			if step >= len(list) {
				return nil
			}
			in = list[step]
		}
	}
	return in
}

// action is a path of actions, asked by somebody at 2.3.
type action struct {
	user *user
	path string
}

func (a action) do(t *testing.T, name string, body any) object {
	t.Helper()
	return a.user.kilo(t, http.MethodPost, a.path, object{name: body}, http.StatusAccepted)
}

func (a action) refused(t *testing.T, name string, body any, status int, message string) {
	t.Helper()
	a.user.nova(t, 3, http.MethodPost, a.path, object{name: body}).refused(t, status, message)
}

// The action attach is what os-volume_attachments does, and names the disk's bus and type besides.
func TestAttachAction(t *testing.T) {
	t.Parallel()
	cloud := start(t)
	u := cloud.demo
	server, volume := u.boot(t, "attached", nil), u.volume(t, nil)
	act := action{u, "/servers/" + server + "/action"}
	act.refused(t, "attach", object{"volume_id": volume, "disk_bus": "pigeon"}, http.StatusBadRequest, "Block Device Mapping is Invalid.")
	act.refused(t, "attach", object{"device": "/dev/vdb"}, http.StatusBadRequest, "…")
	cdrom := object{"volume_id": volume, "device": "/dev/vdb", "disk_bus": "ide", "device_type": "cdrom"}
	same(t, "answer", len(act.do(t, "attach", cdrom)), 0)
	u.volumeIs(t, volume, "in-use")
	act.refused(t, "attach", cdrom, http.StatusBadRequest, "…")
	device := text(t, u.kilo(t, http.MethodGet, "/servers/"+server+"/os-volume_attachments/"+volume, nil, http.StatusOK), "volumeAttachment", "device")
	same(t, "device on the bus", device, "/dev/hdb")
	another := u.volume(t, nil)
	u.kilo(t, http.MethodPost, act.path, object{"lock": nil}, http.StatusAccepted)
	act.refused(t, "attach", object{"volume_id": another}, http.StatusConflict, "Instance "+server+" is locked")
	u.nova(t, 36, http.MethodPost, act.path, object{"attach": cdrom}).refused(t, http.StatusNotFound, "API version 2.36 is not supported on this method.")
}

// os-server-actions is os-instance-actions under its first name, with texts in place of nulls.
func TestServerActionLog(t *testing.T) {
	t.Parallel()
	cloud := start(t)
	u := cloud.demo
	server := u.boot(t, "logged", nil)
	path := "/servers/os-server-actions/" + server
	list := u.kilo(t, http.MethodGet, path, nil, http.StatusOK)["serverActions"].([]any)
	first := list[0].(object)
	same(t, "keys", keys(first), []string{"action", "message", "project_id", "request_id", "server_uuid", "start_time", "user_id"})
	same(t, "first", []any{len(list), first["action"], first["message"], first["server_uuid"], first["project_id"]}, []any{1, "create", "", server, u.project})
	request := "/" + text(t, first, "request_id")
	same(t, "events for its owner", part(u.kilo(t, http.MethodGet, path+request, nil, http.StatusOK), "serverAction", "events"), nil)
	shown := cloud.admin.kilo(t, http.MethodGet, path+request, nil, http.StatusOK)
	event := part(shown, "serverAction", "events", 0).(object)
	same(t, "event", keys(event), []string{"event", "finish_time", "result", "start_time", "traceback"})
	same(t, "result", []any{event["result"], event["traceback"]}, []any{"Success", ""})
	u.kilo(t, http.MethodGet, path+"/req-nothing", nil, http.StatusNotFound)
	cloud.member(t, "elsewhere", "member").kilo(t, http.MethodGet, path, nil, http.StatusNotFound)
}

// Flavors are reached at the paths of their extensions, with the reference's codes; a flavor of such an id is not.
func TestKiloFlavors(t *testing.T) {
	t.Parallel()
	cloud := start(t)
	admin := cloud.admin
	flavor := func(id string, more object) object {
		body := object{"name": "kilo-" + id, "ram": 64, "vcpus": 1, "disk": 1, "id": id}
		for key, value := range more {
			body[key] = value
		}
		return object{"flavor": body}
	}
	quick := admin.kilo(t, http.MethodPost, "/flavors/os-flavor-rxtx", flavor("100", object{"rxtx_factor": 2.5}), http.StatusOK)
	admin.kilo(t, http.MethodPost, "/flavors/os-flavor-access", flavor("10", object{"os-flavor-access:is_public": false}), http.StatusOK)
	admin.kilo(t, http.MethodPost, "/flavors/os-flavor-manage", flavor("11", nil), http.StatusCreated)
	whole := cloud.demo.kilo(t, http.MethodGet, "/flavors/detail", nil, http.StatusOK)
	for _, extension := range []string{"os-flavor-rxtx", "os-flavor-access"} {
		same(t, extension, cloud.demo.kilo(t, http.MethodGet, "/flavors/"+extension+"/detail", nil, http.StatusOK), whole)
		same(t, extension, cloud.demo.kilo(t, http.MethodGet, "/flavors/"+extension+"/100", nil, http.StatusOK), quick)
	}
	opened := object{"flavor_access": []any{object{"flavor_id": "10", "tenant_id": cloud.demo.project}}}
	add := object{"addTenantAccess": object{"tenant": cloud.demo.project}}
	same(t, "added", admin.kilo(t, http.MethodPost, "/flavors/os-flavor-access/10/action", add, http.StatusOK), opened)
	same(t, "all", admin.kilo(t, http.MethodGet, "/flavors/os-flavor-access", nil, http.StatusOK), opened)
	remove := object{"removeTenantAccess": object{"tenant": cloud.demo.project}}
	same(t, "none", admin.kilo(t, http.MethodPost, "/flavors/os-flavor-access/10/action", remove, http.StatusOK), object{"flavor_access": []any{}})
	cloud.demo.kilo(t, http.MethodGet, "/flavors/os-flavor-access", nil, http.StatusForbidden)

	specs := "/flavors/os-flavor-extra-specs/100"
	both := object{"extra_specs": object{"key1": "value1", "key2": "value2"}}
	same(t, "created", admin.kilo(t, http.MethodPost, specs, both, http.StatusCreated), both)
	same(t, "specs", admin.kilo(t, http.MethodGet, specs, nil, http.StatusOK), both)
	same(t, "one", admin.kilo(t, http.MethodGet, specs+"/key1", nil, http.StatusOK), object{"key1": "value1"})
	same(t, "changed", admin.kilo(t, http.MethodPut, specs+"/key1", object{"key1": "new"}, http.StatusOK), object{"key1": "new"})
	same(t, "where it is today", admin.kilo(t, http.MethodGet, "/flavors/100/os-extra_specs/key1", nil, http.StatusOK), object{"key1": "new"})
	cloud.demo.kilo(t, http.MethodDelete, "/flavors/os-flavor-manage/11", nil, http.StatusForbidden)
	admin.nova(t, 3, http.MethodDelete, "/flavors/os-flavor-manage/11", nil).empty(t, http.StatusNoContent)
	admin.kilo(t, http.MethodGet, "/flavors/11", nil, http.StatusNotFound)
	cloud.demo.kilo(t, http.MethodPost, "/flavors/os-flavor-rxtx", flavor("12", nil), http.StatusForbidden)
}

// Quotas are the project's whose path it is, or one user's of it.
func TestKiloQuotas(t *testing.T) {
	t.Parallel()
	cloud := start(t)
	admin := cloud.admin
	quota := func(path string) float64 {
		return part(admin.kilo(t, http.MethodGet, path, nil, http.StatusOK), "quota_set", "instances").(float64)
	}
	set := func(path string, body object) object {
		return admin.kilo(t, http.MethodPut, path, object{"quota_set": body}, http.StatusOK)["quota_set"].(object)
	}
	after := set("/"+admin.project+"/os-quota-sets", object{"force": "True", "instances": 45})
	same(t, "after", []any{after["instances"], after["id"], after["server_groups"]}, []any{45.0, nil, 10.0})
	same(t, "shown", quota("/os-quota-sets/"+admin.project), 45.0)
	same(t, "in detail", quota("/os-quota-sets/detail"), 45.0)
	same(t, "by default", quota("/os-quota-sets/defaults"), 10.0)
	own := "/os-quota-sets/?user_id=" + admin.id
	same(t, "the user's", set(own, object{"force": "True", "instances": 9})["instances"], any(9.0))
	same(t, "the user's", quota("/os-quota-sets/"+admin.project+"?user_id="+admin.id), 9.0)
	same(t, "the project's", quota("/os-quota-sets/detail"), 45.0)
	admin.nova(t, 3, http.MethodDelete, own, nil).empty(t, http.StatusNoContent)
	same(t, "the user's", quota("/os-quota-sets/"+admin.project+"?user_id="+admin.id), 45.0)
	admin.nova(t, 3, http.MethodDelete, "/os-quota-sets", nil).empty(t, http.StatusNoContent)
	same(t, "reset", quota("/os-quota-sets/detail"), 10.0)
	cloud.demo.kilo(t, http.MethodPut, "/os-quota-sets", object{"quota_set": object{"instances": 1000}}, http.StatusForbidden)
	cloud.demo.kilo(t, http.MethodDelete, "/os-quota-sets/", nil, http.StatusForbidden)
}

// Interfaces, audits and services answer at Kilo's paths as at their own.
func TestKiloPaths(t *testing.T) {
	t.Parallel()
	cloud := start(t)
	admin := cloud.admin
	server := admin.boot(t, "plugged", nil)
	path := "/servers/" + server + "/os-attach-interfaces"
	made := admin.kilo(t, http.MethodPost, path, object{"interfaceAttachment": object{"net_id": cloud.network}}, http.StatusOK)["interfaceAttachment"]
	port := text(t, made.(object), "port_id")
	listed := admin.kilo(t, http.MethodGet, path, nil, http.StatusOK)
	same(t, "shown", admin.kilo(t, http.MethodGet, path+"/"+port, nil, http.StatusOK)["interfaceAttachment"], part(listed, "interfaceAttachments", 0))
	admin.nova(t, 3, http.MethodDelete, path+"/"+port, nil).empty(t, http.StatusAccepted)
	for _, rest := range []string{"", "/2026-01-01%2000:00:00"} {
		same(t, "audit", admin.kilo(t, http.MethodGet, "/os-instance-usage-audit-log"+rest, nil, http.StatusOK),
			admin.kilo(t, http.MethodGet, "/os-instance_usage_audit_log"+rest, nil, http.StatusOK))
	}

	act := func(name string, more object) object {
		body := object{"host": "compute-2", "binary": "nova-compute"}
		for key, value := range more {
			body[key] = value
		}
		return admin.kilo(t, http.MethodPut, "/os-services/"+name, body, http.StatusOK)["service"].(object)
	}
	same(t, "disabled", act("disable-log-reason", object{"disabled_reason": "test2"}),
		object{"binary": "nova-compute", "host": "compute-2", "status": "disabled", "disabled_reason": "test2"})
	found := ""
	for _, item := range admin.kilo(t, http.MethodGet, "/os-services/detail", nil, http.StatusOK)["services"].([]any) {
		if service := item.(object); service["host"] == "compute-2" {
			found = fmt.Sprint(service["status"], " ", service["disabled_reason"])
		}
	}
	same(t, "in detail", found, "disabled test2")
	same(t, "enabled", act("enable", nil)["status"], any("enabled"))
	named := object{"host": "compute-2", "binary": "nova-compute"}
	cloud.demo.kilo(t, http.MethodDelete, "/os-services", named, http.StatusForbidden)
	admin.kilo(t, http.MethodDelete, "/os-services", object{"host": "compute-2"}, http.StatusBadRequest)
	admin.nova(t, 3, http.MethodDelete, "/os-services", named).empty(t, http.StatusNoContent)
	admin.nova(t, 3, http.MethodDelete, "/os-services", named).refused(t, http.StatusNotFound, "Service nova-compute on host compute-2 not found.")
}

// What extensions added to servers is there, as their chapters show it; several are made with counts that are texts.
func TestKiloServers(t *testing.T) {
	t.Parallel()
	cloud := start(t)
	u := cloud.demo
	server := object{
		"name": "many", "imageRef": cloud.image, "flavorRef": "42", "networks": []object{{"uuid": cloud.network}}, "min_count": "2", "max_count": "3",
	}
	one := u.kilo(t, http.MethodPost, "/"+u.project+"/servers", object{"server": server}, http.StatusAccepted)
	same(t, "keys", strings.Contains(strings.Join(keys(one["server"].(object)), " "), "adminPass id links"), true)
	server["return_reservation_id"] = "True"
	reservation := text(t, u.kilo(t, http.MethodPost, "/servers", object{"server": server}, http.StatusAccepted), "reservation_id")
	list := u.kilo(t, http.MethodGet, "/servers/detail?reservation_id="+reservation, nil, http.StatusOK)["servers"].([]any)
	same(t, "of one reservation", len(list), 3)
	id := u.boot(t, "driven", object{"config_drive": true})
	shown := u.kilo(t, http.MethodGet, "/servers/"+id, nil, http.StatusOK)["server"].(object)
	same(t, "config drive", shown["config_drive"], any("True"))
	same(t, "terminated", shown["OS-SRV-USG:terminated_at"], nil)
	if launched, _ := shown["OS-SRV-USG:launched_at"].(string); launched == "" {
		t.Errorf("not launched: %v", shown)
	}
	for _, item := range list {
		same(t, "config drive of others", item.(object)["config_drive"], any(""))
	}
}

// A host that is shut down takes its servers along and gets no others; one in maintenance keeps its own.
func TestKiloHosts(t *testing.T) {
	t.Parallel()
	cloud := start(t)
	admin := cloud.admin
	on := func(server string) string { return text(t, admin.settled(t, server), "OS-EXT-SRV-ATTR:host") }
	status := func(server, want string) {
		t.Helper()
		for range 2000 {
			if admin.settled(t, server)["status"] == want {
				return
			}
			pause()
		}
		t.Errorf("server %s does not become %s", server, want)
	}
	server := admin.boot(t, "on-the-first", object{"availability_zone": "nova:compute-1"})
	same(t, "shut down", admin.kilo(t, http.MethodGet, "/os-hosts/compute-1/shutdown", nil, http.StatusOK),
		object{"host": "compute-1", "power_action": "shutdown"})
	status(server, "SHUTOFF")
	same(t, "state", part(admin.kilo(t, http.MethodGet, "/os-hypervisors/1", nil, http.StatusOK), "hypervisor", "state"), any("down"))
	for _, name := range []string{"one", "two", "three"} {
		same(t, "host of "+name, on(admin.boot(t, name, nil)), "compute-2")
	}
	admin.kilo(t, http.MethodGet, "/os-hosts/compute-1/startup", nil, http.StatusOK)
	same(t, "state", part(admin.kilo(t, http.MethodGet, "/os-hypervisors/1", nil, http.StatusOK), "hypervisor", "state"), any("up"))
	admin.kilo(t, http.MethodPost, "/servers/"+server+"/action", object{"os-start": nil}, http.StatusAccepted)
	status(server, "ACTIVE")
	admin.kilo(t, http.MethodGet, "/os-hosts/compute-1/reboot", nil, http.StatusOK)
	status(server, "ACTIVE")

	maintain := func(host, mode, want string) {
		t.Helper()
		same(t, host, admin.kilo(t, http.MethodPut, "/os-hosts/"+host, object{"maintenance_mode": mode}, http.StatusOK),
			object{"host": host, "maintenance_mode": want})
	}
	maintain("compute-1", "enable", "on_maintenance")
	maintain("compute-2", "enable", "on_maintenance")
	status(server, "ACTIVE")
	status(admin.create(t, "nowhere", nil), "ERROR")
	maintain("compute-1", "disable", "off_maintenance")
	same(t, "host", on(admin.boot(t, "somewhere", nil)), "compute-1")
}

// The API v2 of Kilo had extensions of its own, with namespaces and days; the list of 2.1 is today's.
func TestKiloExtensions(t *testing.T) {
	t.Parallel()
	kilo, today := start(t, cloudtest.Release("kilo")), start(t)
	list := func(c *cloud, mount string) []any {
		return c.demo.send(t, http.MethodGet, c.URL+"/compute/"+mount+"/"+c.demo.project+"/extensions", nil, nil).object(t, http.StatusOK)["extensions"].([]any)
	}
	same(t, "2.1", list(kilo, "v2.1"), list(today, "v2.1"))
	same(t, "of 2.0", len(list(kilo, "v2")), 90)
	same(t, "of today's 2.0", len(list(today, "v2")), 100)
	shown := kilo.demo.send(t, http.MethodGet, kilo.URL+"/compute/v2/"+kilo.demo.project+"/extensions/OS-DCF", nil, nil).object(t, http.StatusOK)
	same(t, "DiskConfig", shown, object{"extension": object{
		"alias": "OS-DCF", "name": "DiskConfig", "description": "Disk Management Extension.", "updated": "2011-09-27T00:00:00Z",
		"namespace": "http://docs.openstack.org/compute/ext/disk_config/api/v1.1", "links": []any{},
	}})
	for _, item := range list(kilo, "v2") {
		e := item.(object)
		if _, err := time.Parse(time.RFC3339, text(t, e, "updated")); err != nil || !strings.HasPrefix(text(t, e, "namespace"), "http://docs.openstack.org/") {
			t.Errorf("%v: %v", e, err)
		}
	}
}

// The paths are Kilo's: no release after it has them.
func TestKiloAlone(t *testing.T) {
	t.Parallel()
	for name, served := range map[string]bool{"": true, "kilo": true, "liberty": false} {
		cloud := start(t, cloudtest.Release(name))
		for _, path := range []string{"/os-pci", "/os-quota-sets/detail", "/flavors/os-flavor-rxtx/detail"} {
			if got := cloud.admin.old(t, "2.1", http.MethodGet, "/v2.1"+path, nil); (got.status == http.StatusOK) != served {
				t.Errorf("%q %s: %d %s", name, path, got.status, got.body)
			}
		}
	}
}
