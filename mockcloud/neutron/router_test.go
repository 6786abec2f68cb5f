// SPDX-License-Identifier: MPL-2.0

package neutron_test

import (
	"testing"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/extensions/layer3/floatingips"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/extensions/layer3/routers"
)

func TestExternalNetwork(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	external := c.id(t, "admin", "network", `"router:external": true`)
	c.id(t, "admin", "subnet", `"network_id": "`+external+`", "ip_version": 4, "cidr": "203.0.113.0/24", "enable_dhcp": false`)
	router := c.id(t, "demo", "router", `"external_gateway_info": {}`)
	gateway := `{"router": {"external_gateway_info": {"network_id": "` + external + `"}}}`
	floating := c.id(t, "demo", "floatingip", `"floating_network_id": "`+external+`"`)
	c.hold(t, []exchange{
		{"gateway", "demo", "PUT /v2.0/routers/" + router, gateway, 200, `"ip_address":"203.0.113.3"`},
		{"snat is kept", "demo", "PUT /v2.0/routers/" + router, gateway, 200, `"enable_snat":true`},
		{"gateway in use", "admin", "DELETE /v2.0/networks/" + external, "", 409, "NetworkInUse"},
		{"not external any more", "admin", "PUT /v2.0/networks/" + external, `{"network": {"router:external": false}}`, 409, "ExternalNetworkInUse"},
		{"no gateway", "demo", "PUT /v2.0/routers/" + router, `{"router": {"external_gateway_info": {}}}`, 200, `"external_gateway_info":null`},
		{"idle floating IPs go along", "admin", "DELETE /v2.0/networks/" + external, "", 204, ""},
		{"gone", "demo", "GET /v2.0/floatingips/" + floating, "", 404, "FloatingIPNotFound"},
	})
}

// TestFloatingIP makes what tempest makes for each project, and undoes it in the wrong order first.
func TestFloatingIP(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	client, ctx := c.as("demo"), t.Context()
	network, subnet := newNetwork(t, c, "10.1.0.0/24")
	external := c.list(t, "demo", "networks?router:external=True")[0]["id"].(string)
	port := c.id(t, "demo", "port", `"network_id": "`+network+`"`)
	if _, err := floatingips.Create(ctx, client, floatingips.CreateOpts{FloatingNetworkID: external, PortID: port}).Extract(); !gophercloud.ResponseCodeIs(err, 404) {
		t.Errorf("without a router: %v", err)
	}
	r, err := routers.Create(ctx, client, routers.CreateOpts{Name: "r", GatewayInfo: &routers.GatewayInfo{NetworkID: external}}).Extract()
	if err != nil {
		t.Fatal(err)
	}
	if r.Status != "ACTIVE" || len(r.GatewayInfo.ExternalFixedIPs) != 1 || !*r.GatewayInfo.EnableSNAT {
		t.Errorf("router: %+v", r)
	}
	i, err := routers.AddInterface(ctx, client, r.ID, routers.AddInterfaceOpts{SubnetID: subnet}).Extract()
	if err != nil || i.SubnetID != subnet || i.PortID == "" || i.ID != r.ID {
		t.Fatalf("interface: %+v, %v", i, err)
	}
	f, err := floatingips.Create(ctx, client, floatingips.CreateOpts{FloatingNetworkID: external, PortID: port}).Extract()
	if err != nil || f.FixedIP != "10.1.0.3" || f.RouterID != r.ID || f.Status != "ACTIVE" || f.FloatingIP == "" {
		t.Fatalf("floating IP: %+v, %v", f, err)
	}
	c.hold(t, []exchange{
		{"twice on a subnet", "demo", "PUT /v2.0/routers/" + r.ID + "/add_router_interface", `{"subnet_id": "` + subnet + `"}`, 400, "already has a port on subnet"},
		{"neither", "demo", "PUT /v2.0/routers/" + r.ID + "/add_router_interface", `{}`, 400, "must be specified"},
		{"interface in use", "demo", "PUT /v2.0/routers/" + r.ID + "/remove_router_interface", `{"subnet_id": "` + subnet + `"}`, 409, "RouterInterfaceInUseByFloatingIP"},
		{"gateway in use", "demo", "PUT /v2.0/routers/" + r.ID, `{"router": {"external_gateway_info": null}}`, 409, "RouterExternalGatewayInUseByFloatingIp"},
		{"router in use", "demo", "DELETE /v2.0/routers/" + r.ID, "", 409, "RouterInUse"},
		{"interface is not a port to delete", "demo", "DELETE /v2.0/ports/" + i.PortID, "", 409, "ServicePortInUse"},
		{"second for a port", "demo", "POST /v2.0/floatingips", `{"floatingip": {"floating_network_id": "` + external + `", "port_id": "` + port + `"}}`, 409, "FloatingIPPortAlreadyAssociated"},
		{"not external", "demo", "POST /v2.0/floatingips", `{"floatingip": {"floating_network_id": "` + network + `"}}`, 400, "not a valid external network"},
		{"address is the administrators'", "demo", "POST /v2.0/floatingips", `{"floatingip": {"floating_network_id": "` + external + `", "floating_ip_address": "198.51.100.99"}}`, 403, "floating_ip_address"},
		{"address", "admin", "POST /v2.0/floatingips", `{"floatingip": {"floating_network_id": "` + external + `", "floating_ip_address": "198.51.100.99"}}`, 201, `"floating_ip_address":"198.51.100.99"`},
		{"not theirs", "other", "GET /v2.0/floatingips/" + f.ID, "", 404, "FloatingIPNotFound"},
		{"details", "demo", "GET /v2.0/floatingips/" + f.ID, "", 200, `"port_details":{"admin_state_up":true`},
		{"route nowhere", "demo", "PUT /v2.0/routers/" + r.ID, `{"router": {"routes": [{"destination": "10.7.0.0/16", "nexthop": "10.6.0.1"}]}}`, 400, "InvalidRoutes"},
		{"route", "demo", "PUT /v2.0/routers/" + r.ID, `{"router": {"routes": [{"destination": "10.7.0.0/16", "nexthop": "10.1.0.9"}]}}`, 200, `"nexthop":"10.1.0.9"`},
		{"route to itself", "demo", "PUT /v2.0/routers/" + r.ID + "/add_extraroutes", `{"router": {"routes": [{"destination": "10.8.0.0/16", "nexthop": "10.1.0.1"}]}}`, 400, "the nexthop is used by router"},
		{"one route more", "demo", "PUT /v2.0/routers/" + r.ID + "/add_extraroutes", `{"router": {"routes": [{"destination": "10.8.0.0/16", "nexthop": "10.1.0.9"}]}}`, 200, `"destination":"10.7.0.0/16"`},
		{"the same again", "demo", "PUT /v2.0/routers/" + r.ID + "/add_extraroutes", `{"router": {"routes": [{"destination": "10.8.0.0/16", "nexthop": "10.1.0.9"}]}}`, 200, `"routes":[{"destination":"10.7.0.0/16","nexthop":"10.1.0.9"},{"destination":"10.8.0.0/16","nexthop":"10.1.0.9"}]`},
		{"one route less", "demo", "PUT /v2.0/routers/" + r.ID + "/remove_extraroutes", `{"router": {"routes": [{"destination": "10.7.0.0/16", "nexthop": "10.1.0.9"}]}}`, 200, `"routes":[{"destination":"10.8.0.0/16","nexthop":"10.1.0.9"}]`},
		{"port goes", "demo", "DELETE /v2.0/ports/" + port, "", 204, ""},
		{"and leaves the floating IP", "demo", "GET /v2.0/floatingips/" + f.ID, "", 200, `"port_id":null`},
	})
	if err := floatingips.Delete(ctx, client, f.ID).ExtractErr(); err != nil {
		t.Error(err)
	}
	c.hold(t, []exchange{
		{"interface in use", "demo", "PUT /v2.0/routers/" + r.ID + "/remove_router_interface", `{"subnet_id": "` + subnet + `"}`, 409, "RouterInterfaceInUseByRoute"},
		{"no routes", "demo", "PUT /v2.0/routers/" + r.ID, `{"router": {"routes": null}}`, 200, `"routes":[]`},
	})
	if _, err := routers.RemoveInterface(ctx, client, r.ID, routers.RemoveInterfaceOpts{SubnetID: subnet}).Extract(); err != nil {
		t.Error(err)
	}
	if err := routers.Delete(ctx, client, r.ID).ExtractErr(); err != nil {
		t.Error(err)
	}
	c.hold(t, []exchange{{"network goes", "demo", "DELETE /v2.0/networks/" + network, "", 204, ""}})
	// The seeded router's gateway and the address that the administrator took remain.
	if left := c.list(t, "admin", "ports?network_id="+external); len(left) != 2 {
		t.Errorf("ports left on the external network: %v", left)
	}
}
