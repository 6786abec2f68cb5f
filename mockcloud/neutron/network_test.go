// SPDX-License-Identifier: MPL-2.0

package neutron_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/networks"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/subnets"
)

func TestDocuments(t *testing.T) {
	t.Parallel()
	newCloud(t).hold(t, []exchange{
		{"versions", "", "GET /", "", 200, `{"versions":[{"id":"v2.0","status":"CURRENT","links":[{"href":"http://`},
		{"versions without a slash", "", "GET ", "", 200, `"versions"`},
		{"resources", "demo", "GET /v2.0/", "", 200, `"name":"network"`},
		{"no token", "", "GET /v2.0/networks", "", 401, `{"NeutronError":{"detail":"","message":"The request you have made requires authentication.","type":"HTTPUnauthorized"}}`},
		{"extensions", "demo", "GET /v2.0/extensions", "", 200, `"alias":"security-group"`},
		{"extension", "demo", "GET /v2.0/extensions/router", "", 200, `"extension":{"alias":"router"`},
		{"no extension", "demo", "GET /v2.0/extensions/bgp", "", 404, `HTTPNotFound`},
		{"zones", "demo", "GET /v2.0/availability_zones", "", 200, `{"name":"nova","resource":"router","state":"available"}`},
		{"unknown path", "demo", "GET /v2.0/bgp-speakers", "", 404, "HTTPNotFound"},
	})
}

func TestSeed(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	if got := names(c.list(t, "admin", "networks?sort_key=name")); got != "[private public]" {
		t.Errorf("admin sees %s", got)
	}
	if got := names(c.list(t, "other", "networks")); got != "[public]" {
		t.Errorf("another project sees %s", got)
	}
	private, err := c.Networks(t.Context(), demoCaller)
	if err != nil || len(private) != 1 || len(private[0].Subnets) != 1 {
		t.Fatalf("demo can use %v, %v", private, err)
	}
	routers := c.list(t, "demo", "routers")
	if len(routers) != 1 || routers[0]["external_gateway_info"] == nil {
		t.Errorf("routers: %v", routers)
	}
	if ports := c.list(t, "demo", "ports?device_owner=network:router_interface"); len(ports) != 1 || fmt.Sprint(ports[0]["fixed_ips"]) == "" {
		t.Errorf("interfaces: %v", ports)
	}
	if subnets := c.list(t, "other", "subnets"); len(subnets) != 0 {
		t.Errorf("another project sees subnets %v", subnets)
	}
}

func names(list []map[string]any) string {
	var all []any
	for _, o := range list {
		all = append(all, o["name"])
	}
	return fmt.Sprint(all)
}

// TestGophercloud lives through a network and a subnet with the client that Terraform uses.
func TestGophercloud(t *testing.T) {
	t.Parallel()
	client := newCloud(t).as("demo")
	ctx := t.Context()
	net, err := networks.Create(ctx, client, networks.CreateOpts{Name: "n1", Description: "first"}).Extract()
	if err != nil {
		t.Fatal(err)
	}
	if net.Status != "ACTIVE" || !net.AdminStateUp || net.Shared || net.TenantID != demoProject || net.ProjectID != demoProject ||
		net.RevisionNumber != 1 || net.CreatedAt.Year() != 2026 {
		t.Errorf("network: %+v", net)
	}
	gateway, dhcp := "10.1.0.254", true
	sub, err := subnets.Create(ctx, client, subnets.CreateOpts{
		NetworkID: net.ID, CIDR: "10.1.0.0/24", IPVersion: gophercloud.IPv4, GatewayIP: &gateway, EnableDHCP: &dhcp,
		DNSNameservers: []string{"9.9.9.9"}, HostRoutes: []subnets.HostRoute{{DestinationCIDR: "10.9.0.0/16", NextHop: "10.1.0.1"}},
	}).Extract()
	if err != nil {
		t.Fatal(err)
	}
	if len(sub.AllocationPools) != 1 || sub.AllocationPools[0].Start != "10.1.0.1" || sub.AllocationPools[0].End != "10.1.0.253" ||
		sub.HostRoutes[0].NextHop != "10.1.0.1" || sub.DNSNameservers[0] != "9.9.9.9" {
		t.Errorf("subnet: %+v", sub)
	}
	none := ""
	sub, err = subnets.Update(ctx, client, sub.ID, subnets.UpdateOpts{GatewayIP: &none, DNSNameservers: &[]string{}}).Extract()
	if err != nil || sub.GatewayIP != "" || len(sub.DNSNameservers) != 0 {
		t.Errorf("updated subnet: %+v, %v", sub, err)
	}
	name := "renamed"
	if net, err = networks.Update(ctx, client, net.ID, networks.UpdateOpts{Name: &name}).Extract(); err != nil || net.Name != name || net.Description != "first" || net.RevisionNumber != 2 || net.Subnets[0] != sub.ID {
		t.Errorf("updated network: %+v, %v", net, err)
	}
	if err := subnets.Delete(ctx, client, sub.ID).ExtractErr(); err != nil {
		t.Error(err)
	}
	if err := networks.Delete(ctx, client, net.ID).ExtractErr(); err != nil {
		t.Error(err)
	}
	if _, err := networks.Get(ctx, client, net.ID).Extract(); !gophercloud.ResponseCodeIs(err, 404) {
		t.Errorf("after delete: %v", err)
	}
}

func TestNetworkRules(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	id := c.id(t, "demo", "network", `"name": "mine"`)
	shared := c.id(t, "admin", "network", `"name": "ours", "shared": true`)
	c.id(t, "demo", "port", `"network_id": "`+shared+`"`)
	c.hold(t, []exchange{
		{"bulk", "demo", "POST /v2.0/networks", `{"networks": [{"name": "a"}, {"name": "b"}]}`, 201, `"networks":[{`},
		{"bulk is all or nothing", "demo", "POST /v2.0/networks", `{"networks": [{"name": "c"}, {"name": "d", "shared": true}]}`, 403, "PolicyNotAuthorized"},
		{"nothing of it is left", "demo", "GET /v2.0/networks?name=c", "", 200, `{"networks":[]}`},
		{"not recognised", "demo", "POST /v2.0/networks", `{"network": {"nme": "x"}}`, 400, "'nme' was unexpected"},
		{"no body", "demo", "POST /v2.0/networks", `{}`, 400, "BadRequest"},
		{"shared is the administrators'", "demo", "PUT /v2.0/networks/" + id, `{"network": {"shared": true}}`, 403, "update_network:shared"},
		{"others do not see it", "other", "GET /v2.0/networks/" + id, "", 404, `"message":"Network ` + id + ` could not be found.","type":"NetworkNotFound"`},
		{"others cannot delete what they see", "other", "DELETE /v2.0/networks/" + shared, "", 403, "PolicyNotAuthorized"},
		{"readers do not write", "reader", "POST /v2.0/networks", `{"network": {}}`, 403, "PolicyNotAuthorized"},
		{"readers read", "reader", "GET /v2.0/networks/" + id, "", 200, `"name":"mine"`},
		{"provider is hidden", "demo", "GET /v2.0/networks?id=" + id + "&fields=provider:network_type", "", 200, `[{}]`},
		{"provider", "admin", "GET /v2.0/networks?id=" + id + "&fields=provider:network_type", "", 200, `[{"provider:network_type":"vxlan"}]`},
		{"other people's projects", "demo", "POST /v2.0/networks", `{"network": {"project_id": "` + otherProject + `"}}`, 403, "create_for_other_project"},
		{"an administrator's are not", "admin", "POST /v2.0/networks", `{"network": {"tenant_id": "` + otherProject + `"}}`, 201, `"project_id":"` + otherProject + `"`},
		{"shared in use", "admin", "PUT /v2.0/networks/" + shared, `{"network": {"shared": false}}`, 409, "InvalidSharedSetting"},
		{"in use", "admin", "DELETE /v2.0/networks/" + shared, "", 409, `"NetworkInUse"`},
		{"fixed", "demo", "PUT /v2.0/networks/" + id, `{"network": {"project_id": "x"}}`, 400, "read-only attribute project_id"},
		{"tags", "demo", "PUT /v2.0/networks/" + id + "/tags", `{"tags": ["red", "blue"]}`, 200, `{"tags":["blue","red"]}`},
		{"a tag", "demo", "PUT /v2.0/networks/" + id + "/tags/green", "", 201, ""},
		{"has it", "demo", "GET /v2.0/networks/" + id + "/tags/green", "", 204, ""},
		{"has it not", "demo", "GET /v2.0/networks/" + id + "/tags/grey", "", 404, "TagNotFound"},
		{"by tags", "demo", "GET /v2.0/networks?tags=red,blue&fields=name", "", 200, `[{"name":"mine"}]`},
		{"by no tags", "demo", "GET /v2.0/networks?not-tags-any=red&name=mine", "", 200, `[]`},
		{"no tags", "demo", "DELETE /v2.0/networks/" + id + "/tags", "", 204, ""},
	})
}

func TestSubnetRules(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	id := c.id(t, "demo", "network", `"name": "n"`)
	c.id(t, "demo", "subnet", `"network_id": "`+id+`", "cidr": "10.2.0.0/24", "ip_version": 4`)
	for _, x := range []struct {
		name, fields string
		status       int
		answer       string
	}{
		{"overlap", `"cidr": "10.2.0.128/25", "ip_version": 4`, 400, "overlaps with another subnet"},
		{"host bits", `"cidr": "10.3.0.5/24", "ip_version": 4`, 400, "'10.3.0.0/24' is recommended"},
		{"version", `"cidr": "10.3.0.0/24", "ip_version": 6`, 400, "does not match the ip_version '6'"},
		{"no cidr", `"ip_version": 4`, 400, "in the absence of a cidr"},
		{"no prefix", `"cidr": "ten", "ip_version": 4`, 400, "is not a 'cidr'"},
		{"pool outside", `"cidr": "10.3.0.0/24", "ip_version": 4, "allocation_pools": [{"start": "10.3.0.9", "end": "10.3.1.9"}]`, 400, "OutOfBoundsAllocationPool"},
		{"pool upside down", `"cidr": "10.3.0.0/24", "ip_version": 4, "allocation_pools": [{"start": "10.3.0.9", "end": "10.3.0.8"}]`, 400, "InvalidAllocationPool"},
		{"pools overlap", `"cidr": "10.3.0.0/24", "ip_version": 4, "allocation_pools": [{"start": "10.3.0.5", "end": "10.3.0.9"}, {"start": "10.3.0.9", "end": "10.3.0.12"}]`, 409, "OverlappingAllocationPools"},
		{"gateway in pool", `"cidr": "10.3.0.0/24", "ip_version": 4, "gateway_ip": "10.3.0.9", "allocation_pools": [{"start": "10.3.0.2", "end": "10.3.0.9"}]`, 409, "GatewayConflictWithAllocationPools"},
		{"gateway is the network", `"cidr": "10.3.0.0/24", "ip_version": 4, "gateway_ip": "10.3.0.0"`, 400, "Gateway is not valid on subnet"},
		{"modes of IPv4", `"cidr": "10.3.0.0/24", "ip_version": 4, "ipv6_ra_mode": "slaac"`, 400, "for IPv6 subnets only"},
		{"slaac is /64", `"cidr": "fd00::/60", "ip_version": 6, "ipv6_address_mode": "slaac"`, 400, "requires the prefix to be /64"},
		{"pool of no addresses", `"cidr": "10.3.0.0/24", "ip_version": 4, "subnetpool_id": "x"`, 404, "SubnetPoolNotFound"},
		{"slaac", `"cidr": "fd00::/64", "ip_version": 6, "ipv6_address_mode": "slaac", "ipv6_ra_mode": "slaac"`, 201, `"gateway_ip":"fd00::1"`},
		{"no gateway", `"cidr": "10.4.0.0/30", "ip_version": 4, "gateway_ip": null`, 201, `"allocation_pools":[{"start":"10.4.0.1","end":"10.4.0.2"}]`},
		{"gateway in the middle", `"cidr": "10.5.0.0/29", "ip_version": 4, "gateway_ip": "10.5.0.3"`, 201, `[{"start":"10.5.0.1","end":"10.5.0.2"},{"start":"10.5.0.4","end":"10.5.0.6"}]`},
		{"one address", `"cidr": "10.6.0.1/32", "ip_version": 4, "gateway_ip": null`, 201, `[{"start":"10.6.0.1","end":"10.6.0.1"}]`},
	} {
		status, text := c.send(t, "demo", "POST /v2.0/subnets", `{"subnet": {"network_id": "`+id+`", `+x.fields+`}}`)
		if status != x.status || !strings.Contains(text, x.answer) {
			t.Errorf("%s: %d %s; want %d …%s…", x.name, status, text, x.status, x.answer)
		}
	}
}

// Networks know nothing of each other: two projects may have the same subnet, and the same address in it.
func TestOverlappingSubnets(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	for _, project := range []string{"demo", "other"} {
		n := c.id(t, project, "network", `"name": "n"`)
		c.id(t, project, "subnet", `"network_id": "`+n+`", "ip_version": 4, "cidr": "10.42.0.0/24"`)
		p := c.make(t, project, "port", `"network_id": "`+n+`", "fixed_ips": [{"ip_address": "10.42.0.7"}]`)
		if ip := p["fixed_ips"].([]any)[0].(map[string]any)["ip_address"]; ip != "10.42.0.7" {
			t.Errorf("%s has %v", project, ip)
		}
		if found := c.list(t, project, "ports?fixed_ips=ip_address=10.42.0.7"); len(found) != 1 {
			t.Errorf("%s sees %v", project, found)
		}
	}
}
