// SPDX-License-Identifier: MPL-2.0

package neutron_test

import (
	"fmt"
	"testing"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/extensions/portsbinding"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/extensions/portsecurity"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/ports"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/neutron"
)

// newNetwork is a network of demo's with a subnet of that prefix.
func newNetwork(t testing.TB, c *cloud, cidr string) (network, subnet string) {
	t.Helper()
	network = c.id(t, "demo", "network", `"name": "n"`)
	return network, c.id(t, "demo", "subnet", `"network_id": "`+network+`", "ip_version": 4, "cidr": "`+cidr+`"`)
}

func TestPort(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	network, subnet := newNetwork(t, c, "10.1.0.0/24")
	client, ctx := c.as("demo"), t.Context()
	type fullPort struct {
		ports.Port
		portsbinding.PortsBindingExt
		portsecurity.PortSecurityExt
	}
	var p fullPort
	err := ports.Create(ctx, client, ports.CreateOpts{
		NetworkID: network, Name: "p", FixedIPs: []ports.IP{{SubnetID: subnet}, {SubnetID: subnet, IPAddress: "10.1.0.77"}},
		AllowedAddressPairs: []ports.AddressPair{{IPAddress: "10.1.0.200"}},
	}).ExtractInto(&p)
	if err != nil {
		t.Fatal(err)
	}
	// .1 is the gateway, .2 the DHCP port.
	if got := fmt.Sprint(p.FixedIPs); got != fmt.Sprintf("[{%s 10.1.0.3} {%s 10.1.0.77}]", subnet, subnet) {
		t.Errorf("addresses: %s", got)
	}
	if p.MACAddress[:9] != "fa:16:3e:" || p.Status != "DOWN" || len(p.SecurityGroups) != 1 || !p.PortSecurityEnabled ||
		p.VNICType != "normal" || p.VIFType != "" || p.AllowedAddressPairs[0].MACAddress != p.MACAddress {
		t.Errorf("port: %+v", p)
	}
	id, device := p.ID, "server-1"
	if err := ports.Update(ctx, client, id, ports.UpdateOpts{DeviceID: &device, FixedIPs: []ports.IP{{SubnetID: subnet, IPAddress: "10.1.0.77"}}}).ExtractInto(&p); err != nil || len(p.FixedIPs) != 1 {
		t.Errorf("updated: %+v, %v", p, err)
	}
	host := "host1"
	update := portsbinding.UpdateOptsExt{UpdateOptsBuilder: ports.UpdateOpts{}, HostID: &host}
	if err := ports.Update(ctx, client, id, update).ExtractInto(&p); !gophercloud.ResponseCodeIs(err, 403) {
		t.Errorf("a member binds: %v", err)
	}
	if err := ports.Update(ctx, c.as("admin"), id, update).ExtractInto(&p); err != nil || p.HostID != host || p.VIFType != "ovs" || p.Status != "ACTIVE" {
		t.Errorf("bound: %+v, %v", p, err)
	}
	if err := ports.Delete(ctx, client, id).ExtractErr(); err != nil {
		t.Error(err)
	}
}

func TestPortRules(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	network, subnet := newNetwork(t, c, "10.1.0.0/28")
	shared := c.id(t, "admin", "network", `"shared": true`)
	c.id(t, "admin", "subnet", `"network_id": "`+shared+`", "ip_version": 4, "cidr": "10.9.0.0/24"`)
	id := c.id(t, "demo", "port", `"network_id": "`+network+`", "mac_address": "fa:16:3e:00:00:01", "fixed_ips": [{"ip_address": "10.1.0.9"}]`)
	foreign := c.id(t, "other", "security_group", `"name": "g"`)
	post := "POST /v2.0/ports"
	port := func(fields string) string { return `{"port": {"network_id": "` + network + `", ` + fields + `}}` }
	c.hold(t, []exchange{
		{"address taken", "demo", post, port(`"fixed_ips": [{"ip_address": "10.1.0.9"}]`), 409, "IP address 10.1.0.9 already allocated in subnet " + subnet},
		{"address elsewhere", "demo", post, port(`"fixed_ips": [{"ip_address": "10.2.0.9"}]`), 400, "InvalidIpForNetwork"},
		{"broadcast", "demo", post, port(`"fixed_ips": [{"ip_address": "10.1.0.15"}]`), 400, "InvalidIpForSubnet"},
		{"same twice", "demo", post, port(`"fixed_ips": [{"ip_address": "10.1.0.8"}, {"ip_address": "10.1.0.8"}]`), 400, "Duplicate IP address"},
		{"nothing asked", "demo", post, port(`"fixed_ips": [{}]`), 400, "requires subnet_id or ip_address"},
		{"no subnet", "demo", post, port(`"fixed_ips": [{"subnet_id": "` + network + `"}]`), 404, "SubnetNotFound"},
		{"no addresses", "demo", post, port(`"fixed_ips": []`), 201, `"fixed_ips":[]`},
		{"MAC taken", "demo", post, port(`"mac_address": "FA:16:3E:00:00:01"`), 409, "MacAddressInUse"},
		{"MAC of a group", "demo", post, port(`"mac_address": "01:16:3e:00:00:01"`), 400, "InvalidInput"},
		{"MAC taken, in other words", "demo", post, port(`"mac_address": "fa16.3e00.0001"`), 409, "MacAddressInUse"},
		{"MAC", "demo", post, port(`"mac_address": "mac"`), 400, "is not a 'mac'"},
		{"no network", "demo", post, `{"port": {"network_id": "` + subnet + `"}}`, 404, "NetworkNotFound"},
		{"network of nobody", "demo", post, `{"port": {}}`, 404, "NetworkNotFound"},
		{"no group", "demo", post, port(`"security_groups": ["` + network + `"]`), 404, "SecurityGroupNotFound"},
		{"foreign group", "demo", post, port(`"security_groups": ["` + foreign + `"]`), 404, "SecurityGroupNotFound"},
		{"no groups", "demo", post, port(`"security_groups": []`), 201, `"security_groups":[]`},
		{"groups without security", "demo", post, port(`"port_security_enabled": false, "security_groups": ["` + foreign + `"]`), 400, "PortSecurityAndIPRequired"},
		{"without security", "demo", post, port(`"port_security_enabled": false`), 201, `"security_groups":[]`},
		{"security off with groups", "demo", "PUT /v2.0/ports/" + id, `{"port": {"port_security_enabled": false}}`, 409, "PortSecurityPortHasSecurityGroup"},
		{"security and groups off", "demo", "PUT /v2.0/ports/" + id, `{"port": {"port_security_enabled": false, "security_groups": []}}`, 200, `"port_security_enabled":false`},
		{"pair without security", "demo", "PUT /v2.0/ports/" + id, `{"port": {"allowed_address_pairs": [{"ip_address": "10.0.0.1"}]}}`, 409, "AddressPairAndPortSecurityRequired"},
		{"bad pair", "demo", post, port(`"allowed_address_pairs": [{"ip_address": "ten"}]`), 400, "not a valid IP address"},
		{"binding", "demo", post, port(`"binding:host_id": "h"`), 403, "create_port:binding:host_id"},
		{"vnic type", "demo", post, port(`"binding:vnic_type": "odd"`), 400, "is not one of"},
		{"dhcp options", "demo", post, port(`"extra_dhcp_opts": [{"opt_name": "mtu", "opt_value": "9000"}]`), 201, `"extra_dhcp_opts":[{"opt_name":"mtu","opt_value":"9000","ip_version":4}]`},
		{"a shared network's MAC", "demo", post, `{"port": {"network_id": "` + shared + `", "mac_address": "fa:16:3e:00:00:02"}}`, 403, "create_port:mac_address"},
		{"a shared network's address", "demo", post, `{"port": {"network_id": "` + shared + `", "fixed_ips": [{"ip_address": "10.9.0.9"}]}}`, 403, "create_port:fixed_ips"},
		{"a shared network", "demo", post, `{"port": {"network_id": "` + shared + `", "name": "guest"}}`, 201, `"ip_address":"10.9.0.3"`},
		{"network moves", "demo", "PUT /v2.0/ports/" + id, `{"port": {"network_id": "` + shared + `"}}`, 400, "read-only attribute network_id"},
		{"others do not see it", "other", "GET /v2.0/ports/" + id, "", 404, "PortNotFound"},
		{"by address", "demo", "GET /v2.0/ports?fields=id&fixed_ips=ip_address%3D10.1.0.9&fixed_ips=subnet_id%3D" + subnet, "", 200, `{"ports":[{"id":"` + id + `"}]}`},
		{"by a part of it", "demo", "GET /v2.0/ports?fields=id&fixed_ips=ip_address_substr%3D.0.9", "", 200, id},
		{"by no address", "demo", "GET /v2.0/ports?fixed_ips=ip_address%3D10.1.0.99", "", 200, `{"ports":[]}`},
		{"subnet in use", "demo", "DELETE /v2.0/subnets/" + subnet, "", 409, "SubnetInUse"},
		{"network in use", "demo", "DELETE /v2.0/networks/" + network, "", 409, "NetworkInUse"},
	})
}

// TestAddressesRunOut: a /29 has six addresses, of which the gateway and DHCP have two.
// What a user writes into a port's device gives no hold on what is the service's or another project's.
func TestDeviceIsNoHold(t *testing.T) {
	t.Parallel()
	c, ctx := newCloud(t), t.Context()
	private, err := c.Networks(ctx, demoCaller)
	if err != nil {
		t.Fatal(err)
	}
	nics := []neutron.NIC{{NetworkID: private[0].ID}}
	list, err := c.Attach(ctx, demoCaller, server, nics, nil)
	if err != nil {
		t.Fatal(err)
	}
	network := c.id(t, "other", "network", `"name": "trap"`)
	c.id(t, "other", "subnet", `"network_id": "`+network+`", "ip_version": 4, "cidr": "10.1.0.0/24"`)
	port := func(device, owner string) string {
		return `{"port": {"network_id": "` + network + `", "device_id": "` + device + `", "device_owner": "` + owner + `"}}`
	}
	mine := c.id(t, "other", "port", `"network_id": "`+network+`", "device_id": "`+server.ID+`", "device_owner": "compute:nova"`)
	c.id(t, "other", "port", `"network_id": "`+network+`", "device_id": "dhcp-`+private[0].ID+`"`)
	dhcp := c.list(t, "other", "ports?device_owner=network:dhcp&network_id="+network)[0]["id"].(string)
	const refusal = "is the service's own"
	c.hold(t, []exchange{
		{"a floating IP's", "other", "POST /v2.0/ports", port("x", "network:floatingip"), 400, refusal},
		{"a router's", "other", "POST /v2.0/ports", port("x", "network:router_interface"), 400, refusal},
		{"a gateway's", "other", "POST /v2.0/ports", port("x", "network:router_gateway"), 400, refusal},
		{"DHCP's", "other", "POST /v2.0/ports", port("x", "network:dhcp"), 400, refusal},
		{"to a router", "other", "PUT /v2.0/ports/" + mine, `{"port": {"device_owner": "network:router_interface"}}`, 400, refusal},
		{"from DHCP", "other", "PUT /v2.0/ports/" + dhcp, `{"port": {"device_id": "x"}}`, 400, refusal},
		{"DHCP's name", "other", "PUT /v2.0/ports/" + dhcp, `{"port": {"name": "x"}}`, 200, `"name":"x"`},
	})
	found, err := c.DevicePorts(ctx, server.ID)
	if err != nil || len(found) != 1 || found[0].Port.ID != list[0].Port.ID || len(found[0].DHCP) != 1 {
		t.Errorf("the server's ports: %+v, %v", found, err)
	}
	if err := c.DetachAll(ctx, server.ID); err != nil {
		t.Error(err)
	}
	if left := c.list(t, "other", "ports?device_id="+server.ID); len(left) != 1 {
		t.Errorf("the other project's port: %v", left)
	}
}

func TestAddressesRunOut(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	network, _ := newNetwork(t, c, "10.1.0.0/29")
	body := `{"port": {"network_id": "` + network + `"}}`
	last := ""
	for want := 3; want <= 6; want++ {
		p := c.make(t, "demo", "port", `"network_id": "`+network+`"`)
		if got := p["fixed_ips"].([]any)[0].(map[string]any)["ip_address"]; got != fmt.Sprintf("10.1.0.%d", want) {
			t.Errorf("got %v, want .%d", got, want)
		}
		last = p["id"].(string)
	}
	c.hold(t, []exchange{
		{"full", "demo", "POST /v2.0/ports", body, 409, `"message":"No more IP addresses available on network ` + network + `.","type":"IpAddressGenerationFailure"`},
		{"one goes", "demo", "DELETE /v2.0/ports/" + last, "", 204, ""},
		{"one comes", "demo", "POST /v2.0/ports", body, 201, `"ip_address":"10.1.0.6"`},
	})
}

func TestIPv6Addresses(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	network, _ := newNetwork(t, c, "10.1.0.0/24")
	c.id(t, "demo", "subnet", `"network_id": "`+network+`", "ip_version": 6, "cidr": "fd01::/64", "ipv6_address_mode": "slaac", "ipv6_ra_mode": "slaac"`)
	c.id(t, "demo", "subnet", `"network_id": "`+network+`", "ip_version": 6, "cidr": "fd02::/64"`)
	p := c.make(t, "demo", "port", `"network_id": "`+network+`", "mac_address": "fa:16:3e:01:02:03"`)
	got := map[string]bool{}
	for _, ip := range p["fixed_ips"].([]any) {
		got[ip.(map[string]any)["ip_address"].(string)] = true
	}
	for _, want := range []string{"10.1.0.3", "fd01::f816:3eff:fe01:203", "fd02::3"} {
		if !got[want] {
			t.Errorf("no %s in %v", want, got)
		}
	}
}

func TestQuota(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	network, _ := newNetwork(t, c, "10.1.0.0/24")
	c.hold(t, []exchange{
		{"mine", "demo", "GET /v2.0/quotas/" + demoProject, "", 200, `"port":500`},
		{"another's", "demo", "GET /v2.0/quotas/" + otherProject, "", 403, "PolicyNotAuthorized"},
		{"set", "demo", "PUT /v2.0/quotas/" + demoProject, `{"quota": {"port": 9}}`, 403, "PolicyNotAuthorized"},
		{"nonsense", "admin", "PUT /v2.0/quotas/" + demoProject, `{"quota": {"port": "many"}}`, 400, "HTTPBadRequest"},
		{"unknown", "admin", "PUT /v2.0/quotas/" + demoProject, `{"quota": {"ports": 1}}`, 400, "Unrecognized attribute(s) 'ports'"},
		// the router's interface and two DHCP ports are the project's already
		{"set by an administrator", "admin", "PUT /v2.0/quotas/" + demoProject, `{"quota": {"port": 4}}`, 200, `"port":4`},
		{"the last", "demo", "POST /v2.0/ports", `{"port": {"network_id": "` + network + `"}}`, 201, ""},
		{"one too many", "demo", "POST /v2.0/ports", `{"port": {"network_id": "` + network + `"}}`, 409, `"message":"Quota exceeded for resources: ['port'].","type":"OverQuota"`},
		{"used", "demo", "GET /v2.0/quotas/" + demoProject + "/details.json", "", 200, `"port":{"limit":4,"used":4,"reserved":0}`},
		{"set ones", "admin", "GET /v2.0/quotas", "", 200, `"project_id":"` + demoProject + `"`},
		{"reset", "admin", "DELETE /v2.0/quotas/" + demoProject, "", 204, ""},
		{"default again", "demo", "GET /v2.0/quotas/" + demoProject, "", 200, `"port":500`},
	})
}
