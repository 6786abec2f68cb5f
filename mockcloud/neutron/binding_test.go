// SPDX-License-Identifier: MPL-2.0

package neutron_test

import (
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/neutron"
)

// A port is bound to a second host, and the binding put in force, as Nova does for a live migration.
func TestBindings(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	private := c.list(t, "demo", "networks?name=private")[0]["id"].(string)
	attached, err := c.Attach(t.Context(), demoCaller, neutron.Device{ID: "s", Owner: "compute:nova", Host: "one"}, []neutron.NIC{{NetworkID: private}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	port := attached[0].Port.ID
	free := c.id(t, "demo", "port", `"network_id": "`+private+`"`)
	at := "/v2.0/ports/" + port + "/bindings"
	c.hold(t, []exchange{
		{"a user", "demo", "GET " + at, "", 403, "PolicyNotAuthorized"},
		{"a port of no server", "admin", "GET /v2.0/ports/" + free + "/bindings", "", 400, "Operation only valid on compute"},
		{"no port", "admin", "GET /v2.0/ports/none/bindings", "", 404, "PortNotFound"},
		{"the first", "admin", "GET " + at, "", 200, `{"bindings":[{"host":"one","vnic_type":"normal","profile":{},"vif_type":"ovs"`},
		{"no host", "admin", "POST " + at, `{"binding": {}}`, 400, "Required attribute 'host'"},
		{"the same again", "admin", "POST " + at, `{"binding": {"host": "one"}}`, 409, "Binding for port " + port + " on host one already exists."},
		{"a second", "admin", "POST " + at, `{"binding": {"host": "two", "profile": {"migrating_to": "two"}}}`, 201, `"status":"INACTIVE"`},
		{"it is there", "admin", "GET " + at + "/two", "", 200, `"profile":{"migrating_to":"two"}`},
		{"the port is where it was", "admin", "GET /v2.0/ports/" + port + "?fields=binding:host_id", "", 200, `{"port":{"binding:host_id":"one"}}`},
		{"active already", "admin", "PUT " + at + "/one/activate", "", 409, "PortBindingAlreadyActive"},
		{"unknown", "admin", "PUT " + at + "/three/activate", "", 404, "Binding for port " + port + " for host three could not be found."},
		{"profile", "admin", "PUT " + at + "/two", `{"binding": {"profile": {}}}`, 200, `"profile":{}`},
		{"onto another's host", "admin", "PUT " + at + "/two", `{"binding": {"host": "one"}}`, 409, "PortBindingAlreadyExists"},
		{"in force", "admin", "PUT " + at + "/two/activate", "", 200, `"status":"ACTIVE"`},
		{"the port follows", "admin", "GET /v2.0/ports/" + port + "?fields=binding:host_id&fields=status", "", 200, `{"port":{"binding:host_id":"two","status":"ACTIVE"}}`},
		{"the first is inactive", "admin", "GET " + at + "/one", "", 200, `"status":"INACTIVE"`},
		{"and goes", "admin", "DELETE " + at + "/one", "", 204, ""},
		{"twice", "admin", "DELETE " + at + "/one", "", 204, ""},
		{"one is left", "admin", "GET " + at + "/one", "", 404, "PortBindingNotFound"},
		{"resource_request", "admin", "GET /v2.0/ports/" + port + "?fields=resource_request", "", 200, `{"port":{"resource_request":null}}`},
		{"for administrators", "demo", "GET /v2.0/ports/" + port + "?fields=resource_request", "", 200, `{"port":{}}`},
	})
	if err := c.Bind(t.Context(), "s", ""); err != nil {
		t.Fatal(err)
	}
	c.hold(t, []exchange{{"unbound", "admin", "GET " + at, "", 200, `"vif_type":"unbound"`}})
}
