// SPDX-License-Identifier: MPL-2.0

package nova_test

import (
	"net/http"
	"testing"
)

// atNeutron is what Neutron shows at a path.
func (u *user) atNeutron(t *testing.T, path, name string) object {
	t.Helper()
	got := u.send(t, http.MethodGet, u.cloud.URL+"/network/v2.0/"+path, nil, nil)
	return got.object(t, http.StatusOK)[name].(object)
}

// act does a server action at a microversion that has them all.
func (u *user) act(t *testing.T, server, action string, body any) *answer {
	t.Helper()
	return u.nova(t, 35, http.MethodPost, "/servers/"+server+"/action", object{action: body})
}

// ownNetwork is the id of the network that the demo project begins with.
func (c *cloud) ownNetwork(t *testing.T) string {
	t.Helper()
	found := c.demo.send(t, http.MethodGet, c.URL+"/network/v2.0/networks?project_id="+c.demo.project, nil, nil).object(t, http.StatusOK)
	return text(t, found["networks"].([]any)[0].(object), "id")
}

// A floating IP of Nova's is one of Neutron's, and leads where Nova says.
func TestFloatingIPs(t *testing.T) {
	t.Parallel()
	cloud := start(t)
	as := cloud.demo
	server := as.boot(t, "s", object{"networks": []object{{"uuid": cloud.ownNetwork(t)}}})
	made := as.nova(t, 1, http.MethodPost, "/os-floating-ips", object{"pool": "public"}).object(t, http.StatusOK)["floating_ip"].(object)
	id, address := text(t, made, "id"), text(t, made, "ip")
	same(t, "address", as.atNeutron(t, "floatingips/"+id, "floatingip")["floating_ip_address"], address)

	addresses := func() []string {
		var all []string
		for _, list := range as.settled(t, server)["addresses"].(object) {
			for _, a := range list.([]any) {
				all = append(all, text(t, a.(object), "addr"))
			}
		}
		return all
	}
	fixed := addresses()[0]
	shown := func() object {
		return as.nova(t, 1, http.MethodGet, "/os-floating-ips/"+id, nil).object(t, http.StatusOK)["floating_ip"].(object)
	}
	if got := as.act(t, server, "addFloatingIp", object{"address": address}); got.status != http.StatusAccepted {
		t.Fatalf("addFloatingIp: %d %s", got.status, got.body)
	}
	same(t, "addresses", addresses(), []string{fixed, address})
	same(t, "fixed_ip", shown()["fixed_ip"], fixed)
	same(t, "instance_id", shown()["instance_id"], server)
	same(t, "fixed address at Neutron", as.atNeutron(t, "floatingips/"+id, "floatingip")["fixed_ip_address"], fixed)

	if got := as.act(t, server, "removeFloatingIp", object{"address": address}); got.status != http.StatusAccepted {
		t.Fatalf("removeFloatingIp: %d %s", got.status, got.body)
	}
	same(t, "addresses", addresses(), []string{fixed})
	same(t, "instance_id", shown()["instance_id"], nil)
	as.act(t, server, "removeFloatingIp", object{"address": address}).
		refused(t, http.StatusConflict, "Floating IP "+address+" is not associated with instance "+server+".")

	if got := as.nova(t, 1, http.MethodDelete, "/os-floating-ips/"+id, nil); got.status != http.StatusAccepted {
		t.Errorf("delete: %d %s", got.status, got.body)
	}
	got := as.send(t, http.MethodGet, cloud.URL+"/network/v2.0/floatingips/"+id, nil, nil)
	same(t, "Neutron after the delete", got.status, http.StatusNotFound)
}

func TestRefusedFloatingIPs(t *testing.T) {
	t.Parallel()
	cloud := start(t)
	as := cloud.demo
	bare := as.boot(t, "bare", nil)
	server := as.boot(t, "s", object{"networks": []object{{"uuid": cloud.ownNetwork(t)}}})
	const nowhere = "6a6f4d0c-5a6b-4a55-8a0a-0d4d0a0f0d0c"
	as.act(t, bare, "addFloatingIp", object{"address": "198.51.100.9"}).refused(t, 400, "Instance network is not ready yet")
	as.act(t, server, "addFloatingIp", object{"address": "198.51.100.9"}).refused(t, 404, "floating IP not found")
	as.act(t, server, "addFloatingIp", object{"address": "198.51.100.9", "fixed_address": "10.77.0.1"}).
		refused(t, 400, "Specified fixed address not assigned to instance")
	as.act(t, server, "removeFloatingIp", object{"address": "198.51.100.9"}).
		refused(t, 404, "Floating IP not found for address 198.51.100.9.")
	as.nova(t, 1, http.MethodGet, "/os-floating-ips/"+nowhere, nil).refused(t, 404, "Floating IP not found for ID "+nowhere)
	as.nova(t, 1, http.MethodDelete, "/os-floating-ips/"+nowhere, nil).refused(t, 404, "Floating IP not found for ID "+nowhere)
	as.nova(t, 1, http.MethodPost, "/os-floating-ips", object{"pool": "none"}).refused(t, 404, "Floating IP pool not found.")
	cloud.admin.send(t, http.MethodPut, cloud.URL+"/network/v2.0/quotas/"+as.project, nil, object{"quota": object{"floatingip": 0}})
	as.nova(t, 1, http.MethodPost, "/os-floating-ips", object{"pool": "public"}).refused(t, 403, "IP allocation over quota in pool public.")
	as.nova(t, 1, http.MethodPost, "/os-floating-ips", "null").refused(t, 403, "IP allocation over quota.")
}

// A security group of Nova's is one of Neutron's; a server is in it by its ports.
func TestSecurityGroups(t *testing.T) {
	t.Parallel()
	cloud := start(t)
	as := cloud.demo
	server := as.boot(t, "s", object{"networks": []object{{"uuid": cloud.network}}})
	made := as.nova(t, 1, http.MethodPost, "/os-security-groups", object{"security_group": object{"name": "web", "description": "w"}})
	group := text(t, made.object(t, http.StatusOK), "security_group", "id")
	rule := as.nova(t, 1, http.MethodPost, "/os-security-group-rules", object{"security_group_rule": object{
		"parent_group_id": group, "ip_protocol": "tcp", "from_port": 443, "to_port": 443,
	}}).object(t, http.StatusOK)["security_group_rule"].(object)
	same(t, "range", rule["ip_range"], object{"cidr": "0.0.0.0/0"})
	same(t, "group", rule["group"], object{})
	same(t, "the rule at Neutron", as.atNeutron(t, "security-group-rules/"+text(t, rule, "id"), "security_group_rule")["port_range_min"], 443.0)

	groups := func() []string {
		var all []string
		for _, g := range as.settled(t, server)["security_groups"].([]any) {
			all = append(all, text(t, g.(object), "name"))
		}
		list := as.nova(t, 1, http.MethodGet, "/servers/"+server+"/os-security-groups", nil).object(t, http.StatusOK)
		same(t, "security groups", names(t, list, "security_groups"), all)
		return all
	}
	same(t, "groups", groups(), []string{"default"})
	for range 2 { // a group that the server is in already is added as well
		if got := as.act(t, server, "addSecurityGroup", object{"name": "web"}); got.status != http.StatusAccepted {
			t.Fatalf("add: %d %s", got.status, got.body)
		}
	}
	same(t, "groups", groups(), []string{"default", "web"})
	as.nova(t, 1, http.MethodDelete, "/os-security-groups/"+group, nil).refused(t, 400, "Security Group "+group+" in use.")
	if got := as.act(t, server, "removeSecurityGroup", object{"name": group}); got.status != http.StatusAccepted {
		t.Fatalf("remove: %d %s", got.status, got.body)
	}
	same(t, "groups", groups(), []string{"default"})
	as.act(t, server, "removeSecurityGroup", object{"name": "web"}).
		refused(t, 404, "Security group web not associated with the instance "+server)
	as.act(t, server, "addSecurityGroup", object{"name": "none"}).
		refused(t, 404, "Security group none is not found for project "+as.project)
	as.act(t, server, "addSecurityGroup", object{"name": " "}).refused(t, 400, "Security group name cannot be empty")
	bare := as.boot(t, "bare", nil)
	as.act(t, bare, "addSecurityGroup", object{"name": "web"}).
		refused(t, 404, "instance_id "+bare+" could not be found as device id on any ports")
	if got := as.nova(t, 1, http.MethodDelete, "/os-security-groups/"+group, nil); got.status != http.StatusAccepted {
		t.Errorf("delete: %d %s", got.status, got.body)
	}
	as.nova(t, 1, http.MethodGet, "/os-security-groups/"+group, nil).refused(t, 404, "Security group "+group+" does not exist.")
}

// What Nova says of a rule that it does not make.
func TestRefusedSecurityGroupRules(t *testing.T) {
	t.Parallel()
	cloud := start(t)
	as := cloud.demo
	made := as.nova(t, 1, http.MethodPost, "/os-security-groups", object{"security_group": object{"name": "g", "description": "d"}})
	group := text(t, made.object(t, http.StatusOK), "security_group", "id")
	post := func(change object) *answer {
		rule := object{"parent_group_id": group, "ip_protocol": "tcp", "from_port": 22, "to_port": 22, "cidr": "10.0.0.0/8"}
		for key, value := range change {
			rule[key] = value
		}
		return as.nova(t, 1, http.MethodPost, "/os-security-group-rules", object{"security_group_rule": rule})
	}
	post(nil).object(t, http.StatusOK)
	const nowhere = "6a6f4d0c-5a6b-4a55-8a0a-0d4d0a0f0d0c"
	for _, test := range []struct {
		change  object
		status  int
		message string
	}{
		{nil, 400, "This rule already exists in group " + group},
		{object{"to_port": nil}, 400, "Not enough parameters to build a valid rule."},
		{object{"ip_protocol": nil}, 400, "Not enough parameters to build a valid rule."},
		{object{"from_port": "x"}, 400, "Invalid input received: To and From ports must be integers"},
		{object{"ip_protocol": "icmp", "from_port": "x"}, 400, "Invalid input received: Type and Code must be integers for ICMP protocol type"},
		{object{"ip_protocol": "sctp"}, 400, "Invalid IP protocol sctp."},
		{object{"from_port": 23}, 400, "Invalid port range 23:22. Former value cannot be greater than the later"},
		{object{"from_port": 0}, 400, "Invalid port range 0:22. Valid TCP ports should be between 1-65535"},
		{object{"ip_protocol": "ICMP", "to_port": 256}, 400, "Invalid port range 22:256. For ICMP, the type:code must be valid"},
		{object{"cidr": "10.0.0.1"}, 400, "10.0.0.1 is not a valid IP network."},
		{object{"cidr": "10.0.0.0/0"}, 400, "Bad prefix for network in cidr 10.0.0.0/0"},
		{object{"parent_group_id": nowhere}, 404, "Security group " + nowhere + " does not exist."},
		{object{"group_id": nowhere}, 404, "Security group " + nowhere + " does not exist."},
	} {
		post(test.change).refused(t, test.status, test.message)
	}
	for key, want := range map[string][2]any{"tcp": {1.0, 65535.0}, "icmp": {-1.0, -1.0}} {
		rule := post(object{"group_id": group, "ip_protocol": key, "from_port": nil, "to_port": nil}).object(t, http.StatusOK)["security_group_rule"].(object)
		same(t, key, [2]any{rule["from_port"], rule["to_port"]}, want)
		same(t, "group", rule["group"], object{"name": "g", "tenant_id": as.project})
	}
	as.nova(t, 1, http.MethodDelete, "/os-security-group-rules/1", nil).refused(t, 400, "Security group id should be uuid")
	as.nova(t, 1, http.MethodDelete, "/os-security-group-rules/"+nowhere, nil).refused(t, 404, "Security group rule "+nowhere+" does not exist.")
}

// Nobody sees other projects' through the proxies, and a reader changes nothing.
func TestProxiesKeepProjectsApart(t *testing.T) {
	t.Parallel()
	cloud := start(t)
	other, reader := cloud.member(t, "q", "member"), cloud.member(t, "q", "reader")
	made := cloud.demo.nova(t, 1, http.MethodPost, "/os-floating-ips", object{"pool": "public"}).object(t, http.StatusOK)
	address := text(t, made, "floating_ip", "id")
	group := cloud.neutron(t, "security-groups", "security_group", object{"name": "admins"})
	for _, path := range []string{"/os-floating-ips/" + address, "/os-security-groups/" + group, "/os-networks/" + cloud.ownNetwork(t)} {
		if got := other.nova(t, 1, http.MethodGet, path, nil); got.status != http.StatusNotFound {
			t.Errorf("%s: %d %s", path, got.status, got.body)
		}
	}
	same(t, "floating IPs", other.nova(t, 1, http.MethodGet, "/os-floating-ips", nil).object(t, http.StatusOK)["floating_ips"], []any{})
	for path, body := range map[string]object{
		"/os-floating-ips": {"pool": "public"}, "/os-security-groups": {"security_group": object{"name": "n", "description": "d"}},
	} {
		if got := reader.nova(t, 1, http.MethodPost, path, body); got.status != http.StatusForbidden {
			t.Errorf("%s by a reader: %d %s", path, got.status, got.body)
		}
	}
}
