// SPDX-License-Identifier: MPL-2.0

package neutron_test

import (
	"strings"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/neutron"
)

// A project that asks for a network gets one of the default pool, with a router out of the cloud.
func TestAutoAllocatedTopology(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	at := "/v2.0/auto-allocated-topology/" + otherProject
	c.hold(t, []exchange{
		{"could be", "other", "GET " + at + "?fields=dry-run", "", 200, `{"auto_allocated_topology":{"id":"dry-run=pass","project_id":"` + otherProject + `"`},
		{"is not yet", "other", "GET /v2.0/routers", "", 200, `{"routers":[]}`},
		{"somebody else's", "demo", "GET " + at, "", 403, "PolicyNotAuthorized"},
		{"unknown field", "other", "GET " + at + "?fields=x", "", 400, "Unrecognized field"},
		{"nothing to delete", "other", "DELETE " + at, "", 204, ""},
		{"made", "other", "GET " + at, "", 200, `"project_id":"` + otherProject + `"`},
	})
	private, err := c.Networks(t.Context(), otherCaller)
	if err != nil || len(private) != 1 || private[0].Name != "auto_allocated_network" || !private[0].AdminStateUp {
		t.Fatalf("%+v, %v", private, err)
	}
	network := private[0].ID
	public := c.list(t, "other", "networks?router:external=true")[0]["id"].(string)
	c.hold(t, []exchange{
		{"the same again", "other", "GET /v2.0/auto-allocated-topology/None", "", 200, `"id":"` + network + `"`},
		{"by an administrator", "admin", "GET " + at, "", 200, `"id":"` + network + `"`},
		{"subnet", "other", "GET /v2.0/subnets?network_id=" + network, "", 200, `"cidr":"10.1.0.0/26"`},
		{"router", "other", "GET /v2.0/routers", "", 200, `"network_id":"` + public + `"`},
		{"interface", "other", "GET /v2.0/ports?device_owner=network:router_interface", "", 200, `"ip_address":"10.1.0.1"`},
		{"deleted by a reader of another", "reader", "DELETE " + at, "", 403, "PolicyNotAuthorized"},
	})
	used := c.id(t, "other", "port", `"network_id": "`+network+`"`)
	c.hold(t, []exchange{
		{"in use", "other", "DELETE " + at, "", 409, "NetworkInUse"},
		{"and whole", "other", "GET /v2.0/ports?device_owner=network:router_interface", "", 200, `"ip_address":"10.1.0.1"`},
		{"free", "other", "DELETE /v2.0/ports/" + used, "", 204, ""},
		{"gone", "other", "DELETE " + at, "", 204, ""},
		{"with its router", "other", "GET /v2.0/routers", "", 200, `{"routers":[]}`},
		{"and its network", "other", "GET /v2.0/networks/" + network, "", 404, "NetworkNotFound"},
	})
}

// What users delete of their topology is made again, or is not missed when the rest goes.
func TestAutoAllocatedTopologyInPart(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	at := "/v2.0/auto-allocated-topology/" + otherProject
	c.hold(t, []exchange{{"made", "other", "GET " + at, "", 200, ""}})
	router := c.list(t, "other", "routers")[0]["id"].(string)
	subnet := c.list(t, "other", "subnets?name=auto_allocated_subnet_v4")[0]
	part := `{"subnet_id": "` + subnet["id"].(string) + `"}`
	network := "/v2.0/networks/" + subnet["network_id"].(string)
	c.hold(t, []exchange{
		{"parted", "other", "PUT /v2.0/routers/" + router + "/remove_router_interface", part, 200, ""},
		{"no router", "other", "DELETE /v2.0/routers/" + router, "", 204, ""},
		{"the network is", "other", "GET " + at, "", 200, strings.TrimPrefix(network, "/v2.0/networks/")},
		{"the rest goes", "other", "DELETE " + at, "", 204, ""},
		{"is gone", "other", "GET " + network, "", 404, ""},
		{"made", "other", "GET " + at, "", 200, ""},
	})
	second := c.list(t, "other", "networks?name=auto_allocated_network")[0]["id"].(string)
	router = c.list(t, "other", "routers")[0]["id"].(string)
	part = `{"subnet_id": "` + c.list(t, "other", "subnets?name=auto_allocated_subnet_v4")[0]["id"].(string) + `"}`
	c.hold(t, []exchange{
		{"parted", "other", "PUT /v2.0/routers/" + router + "/remove_router_interface", part, 200, ""},
		{"no network", "other", "DELETE /v2.0/networks/" + second, "", 204, ""},
		{"another one", "other", "GET " + at, "", 200, ""},
	})
	if third := c.list(t, "other", "networks?name=auto_allocated_network"); len(third) != 1 || third[0]["id"] == second {
		t.Errorf("%v", third)
	}
}

// Without the defaults there is no topology, and there is but one of each.
func TestAutoAllocationNeedsDefaults(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	at := "/v2.0/auto-allocated-topology/" + otherProject
	pool := "/v2.0/subnetpools/" + c.list(t, "admin", "subnetpools")[0]["id"].(string)
	public := "/v2.0/networks/" + c.list(t, "admin", "networks?name=public")[0]["id"].(string)
	subnet := func(fields string) string {
		return `{"subnet": {"network_id": "` + c.list(t, "demo", "networks?name=n")[0]["id"].(string) + `", "use_default_subnetpool": true` + fields + `}}`
	}
	c.id(t, "demo", "network", `"name": "n"`)
	c.hold(t, []exchange{
		{"a second pool", "admin", "POST /v2.0/subnetpools", `{"subnetpool": {"name": "p", "prefixes": ["10.9.0.0/16"], "is_default": true}}`, 400, "Only one default may exist"},
		{"of the other version", "admin", "POST /v2.0/subnetpools", `{"subnetpool": {"name": "p", "prefixes": ["fd00::/48"], "is_default": true}}`, 201, ""},
		{"a second network", "admin", "POST /v2.0/networks", `{"network": {"name": "p", "router:external": true, "is_default": true}}`, 409, "DefaultExternalNetworkExists"},
		{"subnet of the default pool", "demo", "POST /v2.0/subnets", subnet(`, "ip_version": 4`), 201, `"cidr":"10.1.0.0/26"`},
		{"no other pool", "demo", "POST /v2.0/subnets", subnet(`, "ip_version": 4, "subnetpool_id": "` + strings.TrimPrefix(pool, "/v2.0/subnetpools/") + `"`), 400, "cannot both be specified"},
		{"no default", "admin", "PUT " + public, `{"network": {"is_default": false}}`, 200, `"is_default":false`},
		{"no default", "other", "GET " + at + "?fields=dry-run", "", 409, "Deployment error: No default router:external network."},
		{"nor by doing", "other", "GET " + at, "", 409, "AutoAllocationFailure"},
	})
	c.hold(t, []exchange{
		{"default again", "admin", "PUT " + public, `{"network": {"is_default": true}}`, 200, `"is_default":true`},
		{"no IPv6 pool", "admin", "DELETE /v2.0/subnetpools/" + c.list(t, "admin", "subnetpools?name=p")[0]["id"].(string), "", 204, ""},
		{"no default", "admin", "PUT " + pool, `{"subnetpool": {"is_default": false}}`, 200, `"is_default":false`},
		{"no default", "other", "GET " + at + "?fields=dry-run", "", 409, "Deployment error: No default subnetpools defined."},
		{"no subnet of it", "demo", "POST /v2.0/subnets", subnet(`, "ip_version": 4`), 400, "No default subnetpool found for IPv4"},
		{"nothing is left", "other", "GET /v2.0/networks?name=auto_allocated_network", "", 200, `{"networks":[]}`},
	})
	if _, err := c.Resolve(t.Context(), otherCaller, []neutron.NIC{{Auto: true}}, false, nil, 1); !neutron.NoNetwork.Is(err) {
		t.Errorf("a server's network: %v", err)
	}
}

// Servers that ask for any network are on the project's own, which is made with the first of them.
func TestAttachToAnyNetwork(t *testing.T) {
	t.Parallel()
	c, ctx := newCloud(t), t.Context()
	auto := []neutron.NIC{{Auto: true}}
	nics, err := c.Resolve(ctx, otherCaller, auto, false, nil, 3)
	if err != nil || len(nics) != 1 || !nics[0].Auto {
		t.Fatalf("%v, %v", nics, err)
	}
	on := map[string]bool{}
	for _, id := range []string{"a", "b", "c"} {
		attached, err := c.Attach(ctx, otherCaller, neutron.Device{ID: id, Owner: "compute:nova", Host: "one"}, nics, nil)
		if err != nil {
			t.Fatal(err)
		}
		on[attached[0].Network.ID] = true
	}
	if len(on) != 1 {
		t.Errorf("on %v", on)
	}
	if nics, err = c.Resolve(ctx, otherCaller, auto, false, nil, 1); err != nil || nics[0].Auto || !on[nics[0].NetworkID] {
		t.Errorf("once there is one: %v, %v", nics, err)
	}
	c.id(t, "other", "network", `"name": "second"`)
	if _, err := c.Resolve(ctx, otherCaller, auto, false, nil, 1); !neutron.NetworkAmbiguous.Is(err) {
		t.Errorf("with two: %v", err)
	}
}
