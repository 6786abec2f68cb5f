// SPDX-License-Identifier: MPL-2.0

package nova_test

import (
	"net/http"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/cloudtest"
)

const (
	nodePath = "/os-baremetal-nodes"
	nodeID   = "6f6a2f3e-7b0a-4d0b-8d43-0a2c5d9be1a7"
	nodeMAC  = "52:54:00:12:34:56"
)

// Nova leaves the bare metal service's inventory to Ironic.
func TestBareMetalIsIronics(t *testing.T) {
	t.Parallel()
	cloud := start(t)
	for _, ask := range []struct {
		method, path, command string
		body                  any
	}{
		{http.MethodPost, nodePath, "node-create", object{"node": object{}}},
		{http.MethodDelete, nodePath + "/" + nodeID, "node-delete", nil},
		{http.MethodPost, nodePath + "/" + nodeID + "/action", "port-create", object{"add_interface": object{"address": nodeMAC}}},
		{http.MethodPost, nodePath + "/" + nodeID + "/action", "port-delete", object{"remove_interface": object{"address": nodeMAC}}},
	} {
		cloud.admin.nova(t, 1, ask.method, ask.path, ask.body).refused(t, http.StatusBadRequest,
			"Command not supported. Please use Ironic command "+ask.command+" to perform this action.")
	}
}

// A cloud that is told to keeps the inventory by itself.
func TestBareMetalChanges(t *testing.T) {
	t.Parallel()
	cloud := start(t, cloudtest.With(func(o *mockcloud.Options) { o.BareMetalChanges = true }))
	enrol := func(more object) object {
		node := object{"uuid": nodeID, "cpus": 8, "memory_mb": 8192, "local_gb": 128}
		for key, value := range more {
			node[key] = value
		}
		return object{"node": node}
	}
	show := func() object {
		return cloud.admin.nova(t, 1, http.MethodGet, nodePath+"/"+nodeID, nil).object(t, http.StatusOK)["node"].(object)
	}
	send := func(method, path string, body any, want int) {
		t.Helper()
		if got := cloud.admin.nova(t, 1, method, nodePath+path, body); got.status != want {
			t.Errorf("%s %s: %d %s", method, path, got.status, got.body)
		}
	}
	action := "/" + nodeID + "/action"
	port := func(name, mac string) object { return object{name: object{"address": mac}} }
	send(http.MethodPost, "", enrol(nil), http.StatusOK)
	send(http.MethodPost, "", enrol(nil), http.StatusConflict)
	send(http.MethodPost, "", enrol(object{"uuid": "one"}), http.StatusBadRequest)
	send(http.MethodPost, "", enrol(object{"uuid": "", "cpus": "many"}), http.StatusBadRequest)
	same(t, "memory", text(t, show(), "memory_mb"), "8192")
	send(http.MethodPost, action, port("add_interface", nodeMAC), http.StatusOK)
	send(http.MethodPost, action, port("add_interface", nodeMAC), http.StatusConflict)
	send(http.MethodPost, action, port("add_interface", "none"), http.StatusBadRequest)
	same(t, "interfaces", show()["interfaces"], any([]any{object{"address": nodeMAC}}))
	send(http.MethodPost, action, port("remove_interface", nodeMAC), http.StatusOK)
	send(http.MethodPost, action, port("remove_interface", nodeMAC), http.StatusNotFound)
	same(t, "no interfaces", show()["interfaces"], any([]any{}))
	send(http.MethodDelete, "/058d27fa-241b-445a-a386-08c04f96db43", nil, http.StatusConflict) // somebody's server is on it
	send(http.MethodDelete, "/"+nodeID, nil, http.StatusOK)
	send(http.MethodDelete, "/"+nodeID, nil, http.StatusNotFound)
	cloud.demo.nova(t, 1, http.MethodPost, nodePath, enrol(nil)).refused(t, http.StatusForbidden,
		"Policy doesn't allow os_compute_api:os-baremetal-nodes to be performed.")
}
