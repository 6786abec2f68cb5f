// SPDX-License-Identifier: MPL-2.0

package nova_test

import (
	"net/http"
	"net/netip"
	"slices"
	"testing"
)

// accepted fails unless the answer is 202.
func (a *answer) accepted(t *testing.T, what string) {
	t.Helper()
	if a.status != http.StatusAccepted {
		t.Errorf("%s: %d %s", what, a.status, a.body)
	}
}

// makeNetwork makes a network through os-networks, which no project has unless the fields name one.
func (c *cloud) makeNetwork(t *testing.T, fields object) object {
	t.Helper()
	return c.admin.nova(t, 1, http.MethodPost, "/os-networks", object{"network": fields}).object(t, http.StatusOK)["network"].(object)
}

func (u *user) oldNetwork(t *testing.T, id string) object {
	t.Helper()
	return u.nova(t, 1, http.MethodGet, "/os-networks/"+id, nil).object(t, http.StatusOK)["network"].(object)
}

// networkAction does an action of os-networks.
func (u *user) networkAction(t *testing.T, id, action string, body any) *answer {
	t.Helper()
	return u.nova(t, 1, http.MethodPost, "/os-networks/"+id+"/action", object{action: body})
}

// addresses are the server's.
func (u *user) addresses(t *testing.T, server string) (all []string) {
	t.Helper()
	for _, list := range u.settled(t, server)["addresses"].(object) {
		for _, a := range list.([]any) {
			all = append(all, text(t, a.(object), "addr"))
		}
	}
	return all
}

// fixedIP is what os-fixed-ips shows since 2.4.
func (u *user) fixedIP(t *testing.T, address string) object {
	t.Helper()
	return u.nova(t, 4, http.MethodGet, "/os-fixed-ips/"+address, nil).object(t, http.StatusOK)["fixed_ip"].(object)
}

func (u *user) fping(t *testing.T, server string) bool {
	t.Helper()
	shown := u.nova(t, 1, http.MethodGet, "/os-fping/"+server, nil).object(t, http.StatusOK)["server"].(object)
	return shown["alive"].(bool)
}

// A network of os-networks is one of Neutron's, with all that nova-network knew of it: a project takes it, servers are
// on it, the project leaves it and another one takes it.
func TestOldNetwork(t *testing.T) {
	t.Parallel()
	cloud := start(t)
	as, other := cloud.demo, cloud.member(t, "q", "member")
	made := cloud.makeNetwork(t, object{
		"label": "old", "cidr": "10.20.105.0/24", "mtu": 1400, "dhcp_server": "10.20.105.2", "dns1": "192.0.2.53", "dns2": "192.0.2.54",
		"share_address": true, "allowed_start": "10.20.105.10", "allowed_end": "10.20.105.200", "bridge_interface": "eth1",
	})
	id := text(t, made, "id")
	for key, want := range (object{
		"label": "old", "cidr": "10.20.105.0/24", "netmask": "255.255.255.0", "broadcast": "10.20.105.255", "gateway": "10.20.105.1",
		"dns1": "192.0.2.53", "dns2": "192.0.2.54", "cidr_v6": nil, "gateway_v6": nil, "netmask_v6": nil,
		"dhcp_server": "10.20.105.2", "dhcp_start": "10.20.105.10", "enable_dhcp": true, "share_address": true, "multi_host": false,
		"mtu": 1400.0, "project_id": nil, "host": nil, "vlan": nil, "bridge": nil, "bridge_interface": "eth1", "deleted": false,
		"deleted_at": nil, "updated_at": nil, "vpn_public_port": nil,
	}) {
		same(t, key, made[key], want)
	}
	same(t, "shown", cloud.admin.oldNetwork(t, id), made)
	same(t, "keys", keys(made), keys(cloud.admin.oldNetwork(t, cloud.ownNetwork(t))))
	as.nova(t, 1, http.MethodGet, "/os-networks/"+id, nil).refused(t, 404, "Network not found")

	as.nova(t, 1, http.MethodPost, "/os-networks/add", object{"id": id}).refused(t, 403, "Policy doesn't allow os_compute_api:os-networks to be performed.")
	ours := cloud.login(t, "admin", cloud.Password("admin"), "demo") // an administrator of demo's
	ours.nova(t, 1, http.MethodPost, "/os-networks/add", object{"id": id}).accepted(t, "add")
	ours.nova(t, 1, http.MethodPost, "/os-networks/add", object{"id": id}).refused(t, 400, "No more available networks.")
	same(t, "project", cloud.admin.oldNetwork(t, id)["project_id"], as.project)
	same(t, "project at Neutron", as.atNeutron(t, "networks/"+id, "network")["project_id"], as.project)
	member := as.oldNetwork(t, id)
	same(t, "what a member sees", []any{member["cidr"], member["host"]}, []any{"10.20.105.0/24", nil})
	if _, shown := member["project_id"]; shown {
		t.Error("a member sees what is for administrators")
	}

	server := as.boot(t, "s", object{"networks": []object{{"uuid": id}}})
	address := as.addresses(t, server)[0]
	if a := netip.MustParseAddr(address); a.Less(netip.MustParseAddr("10.20.105.10")) || netip.MustParseAddr("10.20.105.200").Less(a) {
		t.Errorf("address %s is outside of what is allowed", address)
	}
	cloud.admin.nova(t, 1, http.MethodDelete, "/os-networks/"+id, nil).refused(t, 409, "Network "+id+" is still in use.")
	cloud.admin.networkAction(t, id, "associate_host", "testHost").accepted(t, "associate_host")
	same(t, "host", cloud.admin.oldNetwork(t, id)["host"], "testHost")
	cloud.admin.networkAction(t, id, "disassociate_host", nil).accepted(t, "disassociate_host")
	same(t, "host", cloud.admin.oldNetwork(t, id)["host"], nil)
	cloud.admin.networkAction(t, id, "associate_host", "testHost").accepted(t, "associate_host")
	cloud.admin.networkAction(t, id, "disassociate_project", nil).accepted(t, "disassociate_project")
	left := cloud.admin.oldNetwork(t, id)
	same(t, "project and host", []any{left["project_id"], left["host"]}, []any{nil, "testHost"})
	if left["updated_at"] == nil {
		t.Error("updated_at is null")
	}
	same(t, "the server's address", as.addresses(t, server), []string{address})
	cloud.admin.nova(t, 1, http.MethodDelete, "/os-networks/"+id, nil).refused(t, 409, "Network "+id+" is still in use.")

	theirs := cloud.adminOf(t, "q")
	theirs.nova(t, 1, http.MethodPost, "/os-networks/add", object{"id": nil}).accepted(t, "add of any")
	same(t, "label", other.oldNetwork(t, id)["label"], "old")
	as.nova(t, 1, http.MethodGet, "/os-networks/"+id, nil).refused(t, 404, "Network not found")
	cloud.admin.networkAction(t, id, "disassociate", nil).accepted(t, "disassociate")
	left = cloud.admin.oldNetwork(t, id)
	same(t, "project and host", []any{left["project_id"], left["host"]}, []any{nil, nil})
	as.nova(t, 1, http.MethodDelete, "/servers/"+server, nil)
	as.gone(t, server)
	cloud.admin.nova(t, 1, http.MethodDelete, "/os-networks/"+id, nil).accepted(t, "delete")
	cloud.admin.nova(t, 1, http.MethodGet, "/os-networks/"+id, nil).refused(t, 404, "Network not found")
	got := cloud.admin.send(t, http.MethodGet, cloud.URL+"/network/v2.0/networks/"+id, nil, nil)
	same(t, "Neutron after the delete", got.status, http.StatusNotFound)
	cloud.makeNetwork(t, object{"label": "again", "cidr": "10.20.105.0/24"}) // the range is free again
}

// adminOf is an administrator with a token of that project.
func (c *cloud) adminOf(t *testing.T, project string) *user {
	t.Helper()
	projects := c.admin.send(t, http.MethodGet, c.AuthURL+"/projects?name="+project, nil, nil).object(t, http.StatusOK)["projects"].([]any)
	roles := c.admin.send(t, http.MethodGet, c.AuthURL+"/roles?name=admin", nil, nil).object(t, http.StatusOK)["roles"].([]any)
	path := "/projects/" + text(t, projects[0].(object), "id") + "/users/" + c.admin.id + "/roles/" + text(t, roles[0].(object), "id")
	if got := c.admin.send(t, http.MethodPut, c.AuthURL+path, nil, nil); got.status != http.StatusNoContent {
		t.Fatalf("grant: %d %s", got.status, got.body)
	}
	return c.login(t, "admin", c.Password("admin"), project)
}

// A VLAN's network is one in Neutron, too, and has a place for the project's VPN.
func TestOldNetworkOfVLAN(t *testing.T) {
	t.Parallel()
	cloud := start(t)
	made := cloud.makeNetwork(t, object{"label": "v", "cidr": "10.30.0.0/29", "vlan": 100, "project_id": cloud.demo.project, "enable_dhcp": false})
	for key, want := range (object{
		"vlan": 100.0, "bridge": "br100", "vpn_private_address": "10.30.0.2", "vpn_public_port": 1000.0, "vpn_public_address": nil,
		"gateway": "10.30.0.1", "dhcp_server": "10.30.0.1", "dhcp_start": "10.30.0.3", "enable_dhcp": false, "project_id": cloud.demo.project,
	}) {
		same(t, key, made[key], want)
	}
	neutrons := cloud.admin.atNeutron(t, "networks/"+text(t, made, "id"), "network")
	same(t, "at Neutron", []any{neutrons["provider:network_type"], neutrons["provider:segmentation_id"]}, []any{"vlan", 100.0})
	next := cloud.makeNetwork(t, object{"label": "w", "cidr": "10.30.0.8/29", "vlan_start": 100, "vpn_start": "2000", "bridge": "br-w"})
	same(t, "next", []any{next["vlan"], next["bridge"], next["vpn_public_port"]}, []any{101.0, "br-w", 2000.0})
	v6 := cloud.makeNetwork(t, object{"label": "six", "cidr_v6": "fd00:20::/64"})
	same(t, "IPv6", []any{v6["cidr"], v6["cidr_v6"], v6["netmask_v6"], v6["gateway_v6"]}, []any{nil, "fd00:20::/64", "ffff:ffff:ffff:ffff::", "fd00:20::1"})
}

func TestRefusedOldNetworks(t *testing.T) {
	t.Parallel()
	cloud := start(t)
	const nowhere = "6a6f4d0c-5a6b-4a55-8a0a-0d4d0a0f0d0c"
	cloud.makeNetwork(t, object{"label": "n", "cidr": "10.40.0.0/24", "vlan": 7})
	networks := len(cloud.admin.nova(t, 1, http.MethodGet, "/os-networks", nil).object(t, http.StatusOK)["networks"].([]any))
	for _, test := range []struct {
		fields  object
		status  int
		message string
	}{
		{object{"cidr": "10.41.0.0/24"}, 400, "Invalid input for field/attribute network. Value: {'cidr': '10.41.0.0/24'}. 'label' is a required property"},
		{object{"label": "x"}, 400, "Invalid input for field/attribute network. Value: {'label': 'x'}. {'label': 'x'} is not valid under any of the given schemas"},
		{object{"label": "x", "cidr": "10.41.0.0/24", "cidr_v6": "fd00::/64"}, 400, "Invalid input for field/attribute network. Value: {'cidr': '10.41.0.0/24', …"},
		{object{"label": "x", "cidr": "10.41.0.0"}, 400, "Invalid input for field/attribute cidr. Value: 10.41.0.0. '10.41.0.0' is not a 'cidr'"},
		{object{"label": "x", "cidr": "10.41.0.0/24", "mtu": 0}, 400, "Invalid input for field/attribute mtu. Value: 0. 0 is less than the minimum of 1"},
		{object{"label": "x", "cidr": "10.41.0.0/24", "what": 0}, 400, "Invalid input for field/attribute network. Value: {'cidr': '10.41.0.0/24', 'label': 'x', 'what': 0}. Additional properties are not allowed ('what' was unexpected)"},
		{object{"label": "x", "cidr": "10.41.0.0/31"}, 400, "Requested network does not contain enough (2+) usable hosts"},
		{object{"label": "x", "cidr": "10.41.0.0/24", "allowed_start": "10.42.0.1"}, 400, "10.42.0.1 is not within 10.41.0.0/24."},
		{object{"label": "x", "cidr": "10.41.0.0/24", "fixed_cidr": "10.42.0.0/28"}, 400, "10.42.0.0 is not within 10.41.0.0/24."},
		{object{"label": "x", "cidr": "10.41.0.0/24", "vlan": 4095}, 400, "The vlan number cannot be greater than 4094"},
		{object{"label": "x", "cidr": "10.41.0.0/24", "vlan": 7}, 409, "Detected existing vlan with id 7"},
		{object{"label": "x", "cidr": "10.41.0.0/24", "vpn_start": "x", "vlan": 8}, 400, "vpn_start must be an integer."},
		{object{"label": "x", "cidr": "10.40.0.128/25"}, 409, "Requested cidr (10.40.0.128/25) conflicts with existing cidr (10.40.0.0/24)"},
		{object{"label": "x", "cidr": "10.41.0.0/24", "mtu": 9999}, 400, "Invalid input for …"},
	} {
		cloud.admin.nova(t, 1, http.MethodPost, "/os-networks", object{"network": test.fields}).refused(t, test.status, test.message)
	}
	left := len(cloud.admin.nova(t, 1, http.MethodGet, "/os-networks", nil).object(t, http.StatusOK)["networks"].([]any))
	same(t, "networks after all that", left, networks)

	own := cloud.ownNetwork(t)
	cloud.admin.nova(t, 1, http.MethodPost, "/os-networks/add", object{"id": nowhere}).refused(t, 400, "Network could not be found for uuid "+nowhere)
	cloud.admin.nova(t, 1, http.MethodPost, "/os-networks/add", object{"id": own}).refused(t, 501, "The requested functionality is not supported.")
	cloud.admin.nova(t, 1, http.MethodDelete, "/os-networks/"+nowhere, nil).refused(t, 404, "Network not found")
	cloud.admin.nova(t, 1, http.MethodDelete, "/os-networks/"+own, nil).refused(t, 501, "The requested functionality is not supported.")
	cloud.admin.networkAction(t, nowhere, "disassociate", nil).refused(t, 404, "Network not found")
	cloud.admin.networkAction(t, own, "disassociate_host", nil).refused(t, 501, "The requested functionality is not supported.")
	cloud.admin.networkAction(t, own, "associate_host", "a b").
		refused(t, 400, "Invalid input for field/attribute associate_host. Value: a b. 'a b' does not match '^[a-zA-Z0-9-._]*$'")
	cloud.demo.networkAction(t, own, "associate_host", "h").refused(t, 403, "Policy doesn't allow os_compute_api:os-networks-associate to be performed.")
	same(t, "since 2.36", cloud.admin.nova(t, 36, http.MethodPost, "/os-networks", object{"network": object{}}).status, http.StatusNotFound)
}

// A project makes and deletes its own networks.
func TestTenantNetworks(t *testing.T) {
	t.Parallel()
	cloud := start(t)
	as, other := cloud.demo, cloud.member(t, "q", "member")
	post := func(u *user, fields object) *answer {
		t.Helper()
		return u.nova(t, 1, http.MethodPost, "/os-tenant-networks", object{"network": fields})
	}
	made := post(as, object{"label": "mine", "cidr": "172.20.0.0/24", "vlan_start": 1, "num_networks": 1, "network_size": 255}).
		object(t, http.StatusOK)["network"].(object)
	id := text(t, made, "id")
	same(t, "made", made, object{"id": id, "label": "mine", "cidr": "172.20.0.0/24"})
	same(t, "shown", as.nova(t, 1, http.MethodGet, "/os-tenant-networks/"+id, nil).object(t, http.StatusOK)["network"], any(made))
	list := as.nova(t, 1, http.MethodGet, "/os-tenant-networks", nil).object(t, http.StatusOK)["networks"].([]any)
	if !slices.ContainsFunc(list, func(n any) bool { return n.(object)["id"] == id }) {
		t.Errorf("not in %v", list)
	}
	for _, n := range list {
		if n := n.(object); n["id"] != id {
			same(t, "range of Neutron's own", n["cidr"], "None")
		}
	}
	server := as.boot(t, "s", object{"networks": []object{{"uuid": id}}})
	if a := netip.MustParseAddr(as.addresses(t, server)[0]); !netip.MustParsePrefix("172.20.0.0/24").Contains(a) {
		t.Errorf("address %s", a)
	}
	as.nova(t, 1, http.MethodDelete, "/os-tenant-networks/"+id, nil).refused(t, 409, "Network "+id+" is still in use.")
	other.nova(t, 1, http.MethodDelete, "/os-tenant-networks/"+id, nil).refused(t, 404, "Network not found")
	post(as, object{"label": "x", "cidr": "172.20.0.0/24"}).refused(t, 409, "Requested cidr (172.20.0.0/24) conflicts with existing cidr (172.20.0.0/24)")
	as.nova(t, 1, http.MethodDelete, "/servers/"+server, nil)
	as.gone(t, server)
	as.nova(t, 1, http.MethodDelete, "/os-tenant-networks/"+id, nil).accepted(t, "delete")
	as.nova(t, 1, http.MethodGet, "/os-tenant-networks/"+id, nil).refused(t, 404, "Network not found")

	post(as, object{"label": "x", "cidr": "172.20.0.0/31"}).refused(t, 400, "Requested network does not contain enough (2+) usable hosts")
	post(as, object{"label": "x", "cidr": "172.20.0.0/24", "num_networks": 3, "network_size": 128}).refused(t, 503, "Create networks failed")
	reader := cloud.member(t, "q", "reader")
	same(t, "by a reader", post(reader, object{"label": "x", "cidr": "172.20.0.0/24"}).status, http.StatusForbidden)

	first := post(as, object{"label": "n", "cidr": "172.21.0.0/16", "num_networks": 3}).object(t, http.StatusOK)["network"].(object)
	same(t, "the first of three", []any{first["label"], first["cidr"]}, []any{"n_0", "172.21.0.0/24"})
	again := post(as, object{"label": "m", "cidr": "172.21.0.0/16"}).object(t, http.StatusOK)["network"].(object)
	same(t, "the next that is free", again["cidr"], "172.21.3.0/24")

	cloud.admin.send(t, http.MethodPut, cloud.URL+"/network/v2.0/quotas/"+other.project, nil, object{"quota": object{"network": 1}})
	post(other, object{"label": "q", "cidr": "172.22.0.0/16", "num_networks": 2}).refused(t, 403, "Quota exceeded, too many networks.")
	for _, n := range other.nova(t, 1, http.MethodGet, "/os-tenant-networks", nil).object(t, http.StatusOK)["networks"].([]any) {
		if n := n.(object); n["cidr"] != "None" {
			t.Errorf("left over: %v", n)
		}
	}
	post(other, object{"label": "q", "cidr": "172.22.0.0/16"}).object(t, http.StatusOK)
}

// The ports of VPNs are the first that are free from where the request says, and none where there is none.
func TestVPNPorts(t *testing.T) {
	t.Parallel()
	cloud := start(t)
	last := object{"label": "last", "cidr": "10.1.0.0/24", "vlan": 7, "vpn_start": "65535"}
	same(t, "the last port", cloud.makeNetwork(t, last)["vpn_public_port"], float64(65535))
	same(t, "the first", cloud.makeNetwork(t, object{"label": "first", "cidr": "10.2.0.0/24", "vlan": 8})["vpn_public_port"], float64(1000))
	last["cidr"], last["vlan"] = "10.3.0.0/24", 9
	cloud.admin.nova(t, 1, http.MethodPost, "/os-networks", object{"network": last}).refused(t, 400, "No port for a VPN is free from 65535 on.")
}
