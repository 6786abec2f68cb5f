// SPDX-License-Identifier: MPL-2.0

package nova_test

import (
	"net/http"
	"testing"
)

// Nodes are added to servers and seen by the proxy of the bare metal service, too; nobody sees another server's.
func TestServerNodes(t *testing.T) {
	t.Parallel()
	cloud := start(t)
	admin := cloud.admin
	server, other := admin.boot(t, "with-nodes", nil), admin.boot(t, "without", nil)
	path := "/servers/" + server + "/os-baremetal-nodes"
	node := object{
		"service_host": "host", "cpus": 8, "memory_mb": 8192, "local_gb": 128, "pm_address": "10.1.2.3", "pm_user": "pm_user",
		"pm_password": "pm_pass", "prov_mac_address": "12:34:56:78:90:AB", "terminal_port": 8000,
	}
	add := action{admin, path + "/action"}
	admin.nova(t, 3, http.MethodPost, path+"/action", object{"add_interface": object{"address": "aa:aa:aa:aa:aa:aa"}}).
		refused(t, http.StatusNotFound, "Instance "+server+" has no bare metal node.")
	made := admin.kilo(t, http.MethodPost, path, object{"node": node}, http.StatusAccepted)["node"].(object)
	id := text(t, made, "uuid")
	want := object{
		"id": 2.0, "uuid": id, "instance_uuid": nil, "task_state": nil, "cpus": 8.0, "memory_mb": 8192.0, "local_gb": 128.0,
		"service_host": "host", "pm_address": "10.1.2.3", "pm_user": "pm_user", "terminal_port": 8000.0, "pxe_config_path": nil, "updated_at": nil,
		"interfaces": []any{object{"id": 2.0, "address": "12:34:56:78:90:ab", "datapath_id": nil, "port_no": nil}},
	}
	same(t, "node", made, want)
	same(t, "list", admin.kilo(t, http.MethodGet, path, nil, http.StatusAccepted), object{"nodes": []any{want}})
	same(t, "by number", admin.kilo(t, http.MethodGet, path+"/2", nil, http.StatusAccepted), object{"node": want})
	same(t, "of the other", admin.kilo(t, http.MethodGet, "/servers/"+other+"/os-baremetal-nodes", nil, http.StatusAccepted), object{"nodes": []any{}})
	admin.kilo(t, http.MethodGet, "/servers/"+other+"/os-baremetal-nodes/"+id, nil, http.StatusNotFound)
	same(t, "proxied", part(admin.kilo(t, http.MethodGet, "/os-baremetal-nodes/"+id, nil, http.StatusOK), "node", "cpus"), any("8"))

	add.refused(t, "add_interface", object{"address": "12:34"}, http.StatusBadRequest, "Must specify address in the form of xx:xx:xx:xx:xx:xx")
	add.refused(t, "add_interface", object{"address": "12:34:56:78:90:ab"}, http.StatusConflict, "Baremetal interface 12:34:56:78:90:ab already in use")
	admin.nova(t, 3, http.MethodPost, "/servers/"+other+"/os-baremetal-nodes", object{"node": node}).
		refused(t, http.StatusConflict, "Baremetal interface 12:34:56:78:90:AB already in use")
	add.refused(t, "add_interface", object{"address": "52:54:00:c4:00:01"}, http.StatusConflict, "Baremetal interface 52:54:00:c4:00:01 already in use")
	got := add.do(t, "add_interface", object{"address": "aa:aa:aa:aa:aa:aa"})
	same(t, "interface", got, object{"interface": object{"id": 3.0, "address": "aa:aa:aa:aa:aa:aa", "datapath_id": nil, "port_no": nil}})
	add.do(t, "remove_interface", object{"address": "12:34:56:78:90:AB"})
	add.do(t, "remove_interface", object{"id": 3})
	add.refused(t, "remove_interface", object{"id": 3}, http.StatusNotFound, "The interface could not be found.")
	add.refused(t, "remove_interface", object{}, http.StatusBadRequest, "Must specify id or address")
	same(t, "interfaces", part(admin.kilo(t, http.MethodGet, path+"/"+id, nil, http.StatusAccepted), "node", "interfaces"), any([]any{}))

	admin.kilo(t, http.MethodPost, "/servers/"+server+"/action", object{"suspend": nil}, http.StatusAccepted)
	admin.settled(t, server)
	admin.nova(t, 3, http.MethodPost, path, object{"node": node}).refused(t, http.StatusConflict,
		"Cannot 'os-baremetal-nodes' instance "+server+" while it is in vm_state suspended")
	admin.kilo(t, http.MethodPost, "/servers/"+other+"/action", object{"lock": nil}, http.StatusAccepted)
	admin.nova(t, 3, http.MethodPost, "/servers/"+other+"/os-baremetal-nodes", object{"node": node}).
		refused(t, http.StatusConflict, "Instance "+other+" is locked")
	mine := cloud.demo.boot(t, "mine", nil)
	cloud.demo.kilo(t, http.MethodGet, "/servers/"+mine+"/os-baremetal-nodes", nil, http.StatusForbidden)
	admin.kilo(t, http.MethodDelete, path+"/"+id, nil, http.StatusAccepted)
	admin.kilo(t, http.MethodDelete, path+"/"+id, nil, http.StatusNotFound)
	admin.kilo(t, http.MethodGet, "/os-baremetal-nodes/"+id, nil, http.StatusNotFound)
}
