// SPDX-License-Identifier: MPL-2.0

package nova_test

import (
	"encoding/base64"
	"maps"
	"net/http"
	"strings"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/cloudtest"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/nova"
)

// try asks for a server with these attributes besides those that every server needs.
func (u *user) try(t *testing.T, v api.Version, change, beside object) *answer {
	t.Helper()
	server := object{"name": "tried", "imageRef": u.cloud.image, "flavorRef": u.cloud.flavor}
	if v >= 37 {
		server["networks"] = "none"
	}
	maps.Copy(server, change)
	body := object{"server": server}
	maps.Copy(body, beside)
	return u.nova(t, v, http.MethodPost, "/servers", body)
}

// What a request names and is not there, or does not fit, in Nova's words.
func TestServersRefused(t *testing.T) {
	t.Parallel()
	cloud := start(t)
	const nobody = "00000000-0000-4000-8000-000000000000"
	port := cloud.neutron(t, "ports", "port", object{"network_id": cloud.network})
	taken := cloud.neutron(t, "ports", "port", object{"network_id": cloud.network})
	cloud.admin.boot(t, "owner", object{"networks": []object{{"port": taken}}})
	nic := func(n object) object { return object{"networks": []object{n}} }
	hint := func(key string, value any) object { return object{"os:scheduler_hints": object{key: value}} }
	for _, c := range []struct {
		as     *user
		v      api.Version
		change object
		beside object
		status int
		words  string
	}{
		{cloud.admin, 1, object{"imageRef": ""}, nil, 400, "Missing imageRef attribute"},
		{cloud.admin, 1, object{"imageRef": nobody}, nil, 400, "Can not find requested image"},
		{cloud.admin, 1, object{"flavorRef": "none"}, nil, 400, "Flavor none could not be found."},
		{cloud.admin, 1, object{"flavorRef": "http://cloud/flavors/none"}, nil, 400, "Flavor none could not be found."},
		{cloud.admin, 1, object{"key_name": "none"}, nil, 400, "Invalid key_name provided."},
		{cloud.admin, 1, object{"availability_zone": "none"}, nil, 400, "The requested availability zone is not available"},
		{cloud.admin, 1, object{"availability_zone": "a:b:c:d"}, nil, 400, "Invalid input received: Unable to parse availability_zone"},
		{cloud.demo, 1, object{"availability_zone": "nova:compute-1"}, nil, 403, "Policy doesn't allow os_compute_api:servers:create:forced_host to be performed."},
		{cloud.demo, 74, object{"host": "compute-1"}, nil, 403, "Policy doesn't allow compute:servers:create:requested_destination to be performed."},
		{cloud.admin, 74, object{"host": "none"}, nil, 400, "Compute host none could not be found."},
		{cloud.admin, 74, object{"hypervisor_hostname": "none"}, nil, 400, "Compute host none could not be found."},
		{
			cloud.admin, 74, object{"host": "compute-1", "availability_zone": "nova:compute-1"}, nil, 400,
			"One mechanism with host and/or hypervisor_hostname and another mechanism with zone:host:node are mutually exclusive.",
		},
		{cloud.admin, 1, nic(object{"uuid": nobody}), nil, 400, "Network " + nobody + " could not be found."},
		{cloud.admin, 1, nic(object{"port": nobody}), nil, 400, "Port id " + nobody + " could not be found."},
		{cloud.admin, 1, nic(object{"port": taken}), nil, 409, "Port " + taken + " is still in use."},
		{
			cloud.admin, 1, nic(object{"port": port, "fixed_ip": "10.1.0.9"}), nil, 400,
			"Specified Fixed IP '10.1.0.9' cannot be used with port '" + port + "': the two cannot be specified together.",
		},
		{
			cloud.admin, 1, object{"networks": []object{{"port": port}, {"port": port}}}, nil, 400,
			"Port ID '" + port + "' was specified twice: you cannot attach a port multiple times.",
		},
		{cloud.demo, 1, nic(object{"port": port}), nil, 400, "Port id " + port + " could not be found."},
		{cloud.admin, 1, object{"security_groups": []object{{"name": "none"}}, "networks": []object{{"uuid": cloud.network}}}, nil, 400, "Unable to find security_group with name or id 'none'"},
		{cloud.demo, 1, nil, nil, 409, "Multiple possible networks found, use a Network ID to be more specific."},
		{
			cloud.admin, 1, object{"max_count": 2, "networks": []object{{"port": port}}}, nil, 400,
			"Failed to launch instances: Unable to launch multiple instances with a single configured port ID. " +
				"Please launch your instance one by one with different ports.",
		},
		{
			cloud.admin, 1, object{"max_count": 2, "networks": []object{{"uuid": cloud.network, "fixed_ip": "10.1.0.9"}}}, nil, 400,
			"Failed to launch instances: max_count cannot be greater than 1 if an fixed_ip is specified.",
		},
		{cloud.admin, 90, object{"max_count": 2, "hostname": "both"}, nil, 400, "Unable to allocate a single hostname to multiple instances"},
		{cloud.admin, 1, nil, hint("group", nobody), 400, "Instance group " + nobody + " could not be found."},
		{cloud.admin, 1, object{"metadata": many(129)}, nil, 403, "Maximum number of metadata items exceeds 128"},
		{cloud.admin, 1, object{"personality": files(6, 1, 1)}, nil, 403, "Personality file limit exceeded"},
		{cloud.admin, 1, object{"personality": files(1, 256, 1)}, nil, 403, "Personality file path exceeds maximum 255"},
		{cloud.admin, 1, object{"personality": files(1, 1, 10241)}, nil, 403, "Personality file content exceeds maximum 10240"},
		{cloud.admin, 1, object{"user_data": strings.Repeat("A", 65536)}, nil, 400, "Invalid input for field/attribute user_data. Value: AAA…"},
		{cloud.admin, 1, object{"flavorRef": "5", "max_count": 3}, nil, 0, ""},
		{
			cloud.demo, 37, object{"flavorRef": "5", "min_count": 3}, nil, 403,
			"Quota exceeded for cores: Requested 24, but already used 0 of 20 cores",
		},
		{
			cloud.demo, 37, object{"flavorRef": "5", "min_count": 11, "max_count": 12}, nil, 403,
			"Quota exceeded for cores, instances, ram: Requested 96, 11-12, 196608, but already used 0, 0, 0 of 20, 10, 51200 cores, instances, ram",
		},
	} {
		got := c.as.try(t, c.v, c.change, c.beside)
		if c.status == 0 {
			got.object(t, http.StatusAccepted)
			continue
		}
		got.refused(t, c.status, c.words)
	}
}

func many(n int) object {
	items := object{}
	for len(items) < n {
		items["key-"+strings.Repeat("x", len(items))] = "v"
	}
	return items
}

func files(n, path, content int) []object {
	var all []object
	for i := range n {
		name := strings.Repeat("p", path-1) + string(rune('a'+i))
		all = append(all, object{"path": name, "contents": base64.StdEncoding.EncodeToString(make([]byte, content))})
	}
	return all
}

// What a request says is what the server is.
func TestServerAttributes(t *testing.T) {
	t.Parallel()
	cloud := start(t)
	cloud.admin.nova(t, 2, http.MethodPost, "/os-keypairs", object{"keypair": object{"name": "k", "public_key": publicKey}})
	for _, c := range []struct {
		name   string
		v      api.Version
		change object
		want   object
	}{
		{"as little as possible", 1, nil, object{
			"description": "tried", "key_name": nil, "config_drive": "", "accessIPv4": "", "accessIPv6": "", "OS-DCF:diskConfig": "MANUAL",
			"pinned_availability_zone": nil, "scheduler_hints": object{}, "tags": []any{}, "locked": false, "trusted_image_certificates": nil,
			"OS-EXT-SRV-ATTR:hostname": "tried", "server_groups": []any{}, "progress": 0.0, "status": "ACTIVE", "OS-EXT-STS:power_state": 1.0,
			"OS-EXT-STS:vm_state": "active", "OS-EXT-SRV-ATTR:user_data": nil, "metadata": object{},
		}},
		{"no description", 19, nil, object{"description": nil}},
		{"description", 19, object{"description": "d"}, object{"description": "d"}},
		{"addresses to reach it", 1, object{"accessIPv4": "192.0.2.1", "accessIPv6": "2001:db8:0::0001"}, object{"accessIPv4": "192.0.2.1", "accessIPv6": "2001:db8::1"}},
		{"disk", 1, object{"OS-DCF:diskConfig": "AUTO"}, object{"OS-DCF:diskConfig": "AUTO"}},
		{"key", 1, object{"key_name": "k"}, object{"key_name": "k"}},
		{"config drive", 1, object{"config_drive": "yes"}, object{"config_drive": "True"}},
		{"zone", 1, object{"availability_zone": "nova"}, object{"pinned_availability_zone": "nova", "OS-EXT-AZ:availability_zone": "nova"}},
		{"forced host", 1, object{"availability_zone": "nova:compute-2"}, object{"OS-EXT-SRV-ATTR:host": "compute-2"}},
		{"forced host of another zone", 1, object{"availability_zone": "other:compute-2"}, object{"OS-EXT-SRV-ATTR:host": "compute-2", "pinned_availability_zone": nil}},
		{"forced node", 1, object{"availability_zone": "nova::compute-2"}, object{"OS-EXT-SRV-ATTR:hypervisor_hostname": "compute-2"}},
		{"host", 74, object{"host": "compute-2"}, object{"OS-EXT-SRV-ATTR:host": "compute-2"}},
		{"node", 74, object{"hypervisor_hostname": "compute-2"}, object{"OS-EXT-SRV-ATTR:host": "compute-2"}},
		{"user data", 1, object{"user_data": "IyEv YmluL3No"}, object{"OS-EXT-SRV-ATTR:user_data": "IyEv YmluL3No"}},
		{"metadata", 1, object{"metadata": object{"a": "b"}}, object{"metadata": object{"a": "b"}}},
		{"tags", 52, object{"tags": []string{"a", "b", "a"}}, object{"tags": []any{"a", "b"}}},
		{"certificates", 63, object{"trusted_image_certificates": []string{"c"}}, object{"trusted_image_certificates": []any{"c"}}},
		{"name as hostname", 1, object{"name": "Été_à la.plage"}, object{"OS-EXT-SRV-ATTR:hostname": "été-à-la-plage"}},
		{"hostname", 90, object{"hostname": "Host-1"}, object{"OS-EXT-SRV-ATTR:hostname": "Host-1"}},
		{"whole hostname", 94, object{"hostname": "host.example.org"}, object{"OS-EXT-SRV-ATTR:hostname": "host.example.org"}},
	} {
		made := cloud.admin.try(t, c.v, c.change, nil).object(t, http.StatusAccepted)
		server := cloud.admin.settled(t, text(t, made, "server", "id"))
		for key, want := range c.want {
			same(t, c.name+": "+key, server[key], want)
		}
		cloud.admin.nova(t, 1, http.MethodDelete, "/servers/"+text(t, server, "id"), nil)
	}
}

// The answer of a request for servers: password, place, and for several what they share.
func TestServerCreated(t *testing.T) {
	t.Parallel()
	cloud := start(t)
	got := cloud.demo.try(t, nova.Newest, object{"security_groups": []object{{"name": "default"}}}, nil)
	server := got.object(t, http.StatusAccepted)["server"].(object)
	id := text(t, server, "id")
	same(t, "Location", got.header.Get("Location"), cloud.URL+"/compute/v2.1/servers/"+id)
	same(t, "a password is made", len(text(t, server, "adminPass")), 12)
	same(t, "groups", server["security_groups"], []any{object{"name": "default"}})
	given := cloud.demo.try(t, 37, object{"adminPass": "secret"}, nil).object(t, http.StatusAccepted)
	same(t, "a password is taken", text(t, given, "server", "adminPass"), "secret")

	several := cloud.demo.try(t, 37, object{"name": "many", "min_count": "2", "max_count": 3, "return_reservation_id": "True"}, nil).object(t, http.StatusAccepted)
	same(t, "only the reservation", keys(several), []string{"reservation_id"})
	list := cloud.demo.nova(t, 1, http.MethodGet, "/servers?sort_key=display_name&sort_dir=asc&reservation_id="+text(t, several, "reservation_id"), nil)
	same(t, "several", names(t, list.object(t, http.StatusOK), "servers"), []string{"many-1", "many-2", "many-3"})
	// Five of ten are there: as many as quota allows are made, if that is enough.
	cloud.demo.try(t, 37, object{"name": "more", "min_count": 1, "max_count": 9}, nil).object(t, http.StatusAccepted)
	all := cloud.demo.nova(t, 1, http.MethodGet, "/servers?name=more", nil).object(t, http.StatusOK)
	same(t, "as many as quota allows", len(names(t, all, "servers")), 5)
	cloud.demo.try(t, 37, nil, nil).refused(t, http.StatusForbidden, "Quota exceeded for instances: Requested 1, but already used 10 of 10 instances")
}

// Hints decide where a server goes.
func TestSchedulerHints(t *testing.T) {
	t.Parallel()
	cloud := start(t)
	first := cloud.admin.boot(t, "first", nil)
	host := text(t, cloud.admin.settled(t, first), "OS-EXT-SRV-ATTR:host")
	for hint, beside := range map[string]bool{"same_host": true, "different_host": false} {
		made := cloud.admin.try(t, 1, nil, object{"os:scheduler_hints": object{hint: []string{first}}}).object(t, http.StatusAccepted)
		server := cloud.admin.settled(t, text(t, made, "server", "id"))
		same(t, hint, text(t, server, "OS-EXT-SRV-ATTR:host") == host, beside)
		same(t, hint, server["scheduler_hints"], object{hint: []any{first}})
	}
	// No host is left: the server is in ERROR, and says why.
	failed := cloud.demo.try(t, 37, nil, object{"OS-SCH-HNT:scheduler_hints": object{"same_host": cloud.network}}).object(t, http.StatusAccepted)
	server := cloud.demo.settled(t, text(t, failed, "server", "id"))
	same(t, "status", server["status"], "ERROR")
	fault := server["fault"].(object)
	same(t, "message", fault["message"], "No valid host was found. There are not enough hosts available.")
	same(t, "code", fault["code"], 500.0)
	same(t, "users see no details", fault["details"], nil)
	seen := cloud.admin.settled(t, text(t, failed, "server", "id"))
	if seen["fault"].(object)["details"] == nil {
		t.Error("administrators see no details")
	}
	same(t, "an ERROR server has no progress", server["progress"], nil)
}

// What one may do with a server goes by its state.
func TestConflicts(t *testing.T) {
	t.Parallel()
	cloud := start(t)
	id := cloud.demo.boot(t, "one", nil)
	act := func(as *user, action string, body any) *answer {
		return as.nova(t, nova.Newest, http.MethodPost, "/servers/"+id+"/action", object{action: body})
	}
	act(cloud.demo, "os-start", nil).refused(t, 409, "Cannot 'start' instance "+id+" while it is in vm_state active")
	act(cloud.demo, "os-stop", nil).object(t, http.StatusAccepted)
	cloud.demo.settled(t, id)
	act(cloud.demo, "os-stop", nil).refused(t, 409, "Cannot 'stop' instance "+id+" while it is in vm_state stopped")
	act(cloud.demo, "reboot", object{"type": "SOFT"}).refused(t, 409, "Cannot 'reboot' instance "+id+" while it is in vm_state stopped")
	act(cloud.demo, "reboot", object{"type": "warm"}).refused(t, 400,
		"Invalid input for field/attribute type. Value: warm. 'warm' is not one of ['HARD', 'Hard', 'hard', 'SOFT', 'Soft', 'soft']")
	act(cloud.demo, "lock", object{"locked_reason": "mine"}).object(t, http.StatusAccepted)
	server := cloud.demo.settled(t, id)
	same(t, "locked", []any{server["locked"], server["locked_reason"]}, []any{true, "mine"})
	act(cloud.demo, "os-start", nil).refused(t, 409, "Instance "+id+" is locked")
	cloud.demo.nova(t, 1, http.MethodDelete, "/servers/"+id, nil).refused(t, 409, "Instance "+id+" is locked")
	cloud.demo.nova(t, 1, http.MethodPost, "/servers/"+id+"/metadata", object{"metadata": object{"a": "b"}}).refused(t, 409, "Instance "+id+" is locked")
	act(cloud.admin, "os-start", nil).object(t, http.StatusAccepted) // a lock does not hold administrators
	cloud.demo.settled(t, id)
	act(cloud.admin, "lock", nil).object(t, http.StatusAccepted)
	act(cloud.demo, "unlock", nil).refused(t, 403, "Policy doesn't allow os_compute_api:os-lock-server:unlock:unlock_override to be performed.")
	act(cloud.admin, "unlock", nil).object(t, http.StatusAccepted)

	failed := cloud.demo.create(t, "failed", object{"flavorRef": cloud.flavor})
	cloud.demo.settled(t, failed)
	broken := cloud.demo.try(t, 37, nil, object{"os:scheduler_hints": object{"same_host": cloud.network}}).object(t, http.StatusAccepted)
	id = text(t, broken, "server", "id")
	cloud.demo.settled(t, id)
	cloud.demo.nova(t, 26, http.MethodPut, "/servers/"+id+"/tags/a", nil).refused(t, 409, "Cannot 'update tag' instance "+id+" while it is in vm_state error")
	cloud.demo.nova(t, 26, http.MethodDelete, "/servers/"+id+"/tags", nil).refused(t, 409, "Cannot 'delete tags' instance "+id+" while it is in vm_state error")
	act(cloud.demo, "os-getConsoleOutput", object{}).refused(t, 409, "Instance "+id+" is not ready")
	act(cloud.demo, "os-start", nil).refused(t, 409, "Instance "+id+" is not ready")
	cloud.demo.nova(t, 1, http.MethodDelete, "/servers/"+id, nil).object(t, http.StatusNoContent)
	cloud.demo.gone(t, id)
}

// Since 2.104 a server can be let out of its zone, and pinned to the one it is in.
func TestPinnedZone(t *testing.T) {
	t.Parallel()
	cloud := start(t, cloudtest.With(func(o *mockcloud.Options) { o.Quotas = map[compute.Resource]int{compute.QuotaInstances: 1} }))
	id := cloud.demo.boot(t, "pinned", object{"availability_zone": "nova"})
	pin := func(zone any) *answer {
		return cloud.demo.nova(t, 104, http.MethodPut, "/servers/"+id, object{"server": object{"pinned_availability_zone": zone}})
	}
	pin("other").refused(t, 409, "Cannot change pinned availability zone directly. Unpin first by setting pinned_availability_zone to null.")
	same(t, "unpinned", pin(nil).object(t, 200)["server"].(object)["pinned_availability_zone"], nil)
	pin("other").refused(t, 409, "Server can only be pinned to its current availability zone 'nova', but 'other' was requested.")
	same(t, "pinned", pin("nova").object(t, 200)["server"].(object)["pinned_availability_zone"], "nova")
}
