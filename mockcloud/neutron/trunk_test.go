// SPDX-License-Identifier: MPL-2.0

package neutron_test

import (
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/neutron"
)

// trunked is a cloud with two free ports on networks of their own, and a trunk of a third that carries the first.
func trunked(t *testing.T) (c *cloud, trunk, parent, one, two string) {
	t.Helper()
	c = newCloud(t)
	private := c.list(t, "demo", "networks?name=private")[0]["id"].(string)
	port := func(network string) string { return c.id(t, "demo", "port", `"network_id": "`+network+`"`) }
	vlan := func(name string) string {
		n := c.id(t, "demo", "network", `"name": "`+name+`"`)
		c.id(t, "demo", "subnet", `"network_id": "`+n+`", "ip_version": 4, "cidr": "192.0.2.0/28"`)
		return port(n)
	}
	parent, one, two = port(private), vlan("one"), vlan("two")
	trunk = c.id(t, "demo", "trunk", `"name": "t", "port_id": "`+parent+`", "sub_ports": [`+carried(one, "42")+`]`)
	return c, trunk, parent, one, two
}

func carried(port, segment string) string {
	return `{"port_id": "` + port + `", "segmentation_type": "vlan", "segmentation_id": ` + segment + `}`
}

func TestTrunks(t *testing.T) {
	t.Parallel()
	c, trunk, parent, one, two := trunked(t)
	private := c.list(t, "demo", "networks?name=private")[0]["id"].(string)
	free := c.id(t, "demo", "port", `"network_id": "`+private+`"`)
	const all = "/v2.0/trunks"
	at := all + "/" + trunk
	more := func(ports string) string { return `{"sub_ports": [` + ports + `]}` }
	of := func(port string) string { return `{"trunk": {"port_id": "` + port + `"}}` }
	c.hold(t, []exchange{
		{"shown", "demo", "GET " + at, "", 200, `"sub_ports":[{"port_id":"` + one + `","segmentation_type":"vlan","segmentation_id":42}]`},
		{"down", "demo", "GET " + at + "?fields=status", "", 200, `{"trunk":{"status":"DOWN"}}`},
		{"found by its port", "demo", "GET " + all + "?port_id=" + parent + "&fields=id", "", 200, `{"trunks":[{"id":"` + trunk + `"}]}`},
		{"of no other port", "demo", "GET " + all + "?port_id=" + one, "", 200, `{"trunks":[]}`},
		{"somebody else's", "other", "GET " + at, "", 404, "Trunk " + trunk + " could not be found."},
		{"of its parent", "demo", "GET /v2.0/ports/" + parent + "?fields=trunk_details", "", 200, `{"port":{"trunk_details":{"trunk_id":"` + trunk + `","sub_ports":[{"port_id":"` + one + `","segmentation_type":"vlan","segmentation_id":42,"mac_address":"fa:16:3e:`},
		{"of no other", "demo", "GET /v2.0/ports/" + one + "?fields=trunk_details", "", 200, `{"port":{}}`},
		{"quota", "demo", "GET /v2.0/quotas/" + demoProject + "/details", "", 200, `"trunk":{"limit":-1,"used":1,"reserved":0}`},

		{"no port", "demo", "POST " + all, `{"trunk": {}}`, 400, "port_id"},
		{"somebody else's port", "other", "POST " + all, of(free), 404, "PortNotFound"},
		{"a parent", "demo", "POST " + all, of(parent), 409, "ParentPortInUse"},
		{"a sub-port", "demo", "POST " + all, of(one), 409, "TrunkPortInUse"},
		{"by a reader", "reader", "POST " + all, of(free), 403, "PolicyNotAuthorized"},

		{"carry itself", "demo", "PUT " + at + "/add_subports", more(carried(parent, "43")), 409, "ParentPortInUse"},
		{"carry twice", "demo", "PUT " + at + "/add_subports", more(carried(one, "43")), 409, "TrunkPortInUse"},
		{"same segment", "demo", "PUT " + at + "/add_subports", more(carried(two, "42")), 409, "segmentation_type vlan and segmentation_id 42 already in use on trunk " + trunk},
		{"out of range", "demo", "PUT " + at + "/add_subports", more(carried(two, "4095")), 400, "Segmentation ID '4095' is not in range"},
		{"no segment", "demo", "PUT " + at + "/add_subports", more(`{"port_id": "` + two + `"}`), 400, "missing segmentation information"},
		{"segment of the network", "demo", "PUT " + at + "/add_subports", more(`{"port_id": "` + two + `", "segmentation_type": "inherit"}`), 400, "Unknown segmentation_type 'vxlan'"},
		{"no uuid", "demo", "PUT " + at + "/add_subports", more(carried("x", "43")), 400, "Invalid UUID for subport: 'x'"},
		{"no such port", "demo", "PUT " + at + "/add_subports", more(carried(trunk, "43")), 404, "PortNotFound"},
		{"by a reader", "reader", "PUT " + at + "/add_subports", more(carried(two, "43")), 403, "PolicyNotAuthorized"},
		{"twice in one request", "demo", "PUT " + at + "/add_subports", more(carried(two, "43") + "," + carried(two, "44")), 400, "Non unique UUID"},
		{"carry", "demo", "PUT " + at + "/add_subports", more(carried(two, `"43"`)), 200, `"segmentation_id":43`},
		{"two", "demo", "GET " + at + "/get_subports", "", 200, `{"sub_ports":[` + `{"port_id":"` + one + `"`},
		{"drop", "demo", "PUT " + at + "/remove_subports", more(`{"port_id": "` + one + `"}`), 200, `"sub_ports":[{"port_id":"` + two + `"`},
		{"drop again", "demo", "PUT " + at + "/remove_subports", more(`{"port_id": "` + one + `"}`), 404, "SubPort " + one + " on trunk " + trunk + " could not be found."},

		{"delete the parent", "demo", "DELETE /v2.0/ports/" + parent, "", 409, "PortInUseAsTrunkParent"},
		{"delete a sub-port", "demo", "DELETE /v2.0/ports/" + two, "", 409, "PortInUseAsSubPort"},
		{"a free port", "demo", "DELETE /v2.0/ports/" + one, "", 204, ""},
		{"disabled", "demo", "PUT " + at, `{"trunk": {"admin_state_up": false, "name": "u"}}`, 200, `"name":"u"`},
		{"nothing more", "demo", "PUT " + at + "/remove_subports", more(`{"port_id": "` + two + `"}`), 409, "TrunkDisabled"},
		{"nor its end", "demo", "DELETE " + at, "", 409, "TrunkDisabled"},
		{"another parent", "demo", "PUT " + at, `{"trunk": {"port_id": "` + free + `"}}`, 400, "read-only"},
		{"enabled", "demo", "PUT " + at, `{"trunk": {"admin_state_up": true}}`, 200, `"admin_state_up":true`},
		{"gone", "demo", "DELETE " + at, "", 204, ""},
		{"and the ports are free", "demo", "DELETE /v2.0/ports/" + two, "", 204, ""},
	})
}

// A network whose packets are longer than the parent's has no room in its trunk.
func TestTrunkMTU(t *testing.T) {
	t.Parallel()
	c, trunk, _, _, _ := trunked(t)
	long := c.id(t, "demo", "network", `"name": "long", "mtu": 9000`)
	port := c.id(t, "demo", "port", `"network_id": "`+long+`"`)
	c.hold(t, []exchange{{"long", "demo", "PUT /v2.0/trunks/" + trunk + "/add_subports", `{"sub_ports": [` + carried(port, "9") + `]}`, 409, "MTU 9000 of subport " + port}})
}

// The sub-ports of a server's trunk are where the server is: through its build, a move and its end.
func TestTrunksFollowTheirServer(t *testing.T) {
	t.Parallel()
	c, trunk, parent, one, two := trunked(t)
	ctx := t.Context()
	holds := func(when, status, owner, host string) {
		t.Helper()
		c.hold(t, []exchange{
			{when, "admin", "GET /v2.0/trunks/" + trunk + "?fields=status", "", 200, `{"trunk":{"status":"` + status + `"}}`},
			{
				when, "admin", "GET /v2.0/ports/" + one + "?fields=status&fields=device_owner&fields=binding:host_id", "", 200,
				`{"port":{"binding:host_id":"` + host + `","device_owner":"` + owner + `","status":"` + status + `"}}`,
			},
		})
	}
	holds("made", "DOWN", "", "")
	nics := []neutron.NIC{{PortID: parent}}
	if _, err := c.Attach(ctx, demoCaller, neutron.Device{ID: "s", Owner: "compute:nova", Host: "one"}, nics, nil); err != nil {
		t.Fatal(err)
	}
	holds("built", "ACTIVE", "trunk:subport", "one")
	if err := c.Bind(ctx, "s", "two"); err != nil {
		t.Fatal(err)
	}
	holds("moved", "ACTIVE", "trunk:subport", "two")
	_, err := c.Attach(ctx, demoCaller, neutron.Device{ID: "z", Owner: "compute:nova", Host: "one"}, []neutron.NIC{{PortID: one}}, nil)
	if !neutron.PortInUse.Is(err) {
		t.Errorf("a sub-port on a server of its own: %v", err)
	}
	c.hold(t, []exchange{
		{"in use", "demo", "DELETE /v2.0/trunks/" + trunk, "", 409, "TrunkInUse"},
		{"one more", "demo", "PUT /v2.0/trunks/" + trunk + "/add_subports", `{"sub_ports": [` + carried(two, "43") + `]}`, 200, `"status":"ACTIVE"`},
		{"bound at once", "admin", "GET /v2.0/ports/" + two + "?fields=status", "", 200, `{"port":{"status":"ACTIVE"}}`},
		{"dropped", "demo", "PUT /v2.0/trunks/" + trunk + "/remove_subports", `{"sub_ports": [{"port_id": "` + two + `"}]}`, 200, `"status":"ACTIVE"`},
		{"free at once", "admin", "GET /v2.0/ports/" + two + "?fields=status&fields=device_owner", "", 200, `{"port":{"device_owner":"","status":"DOWN"}}`},
	})
	if err := c.DetachAll(ctx, "s"); err != nil {
		t.Fatal(err)
	}
	holds("deleted", "DOWN", "", "")
}

// A port that was made for a server, and is a trunk's parent by then, outlives the server.
func TestTrunkKeepsItsParent(t *testing.T) {
	t.Parallel()
	c, ctx := newCloud(t), t.Context()
	private := c.list(t, "demo", "networks?name=private")[0]["id"].(string)
	attached, err := c.Attach(ctx, demoCaller, neutron.Device{ID: "s", Owner: "compute:nova", Host: "one"}, []neutron.NIC{{NetworkID: private}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	port := attached[0].Port.ID
	c.hold(t, []exchange{{"bound", "demo", "POST /v2.0/trunks", `{"trunk": {"port_id": "` + port + `"}}`, 409, "ParentPortInUse"}})
	if err := c.Bind(ctx, "s", ""); err != nil { // as when the server is offloaded
		t.Fatal(err)
	}
	c.id(t, "demo", "trunk", `"port_id": "`+port+`"`)
	if err := c.DetachAll(ctx, "s"); err != nil {
		t.Fatal(err)
	}
	c.hold(t, []exchange{{"left", "demo", "GET /v2.0/ports/" + port + "?fields=device_id", "", 200, `{"port":{"device_id":""}}`}})
}
