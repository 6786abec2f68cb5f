// SPDX-License-Identifier: MPL-2.0

package neutron_test

import (
	"testing"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/extensions/security/groups"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/extensions/security/rules"
)

func TestSecurityGroup(t *testing.T) {
	t.Parallel()
	client, ctx := newCloud(t).as("demo"), t.Context()
	g, err := groups.Create(ctx, client, groups.CreateOpts{Name: "web", Description: "the web"}).Extract()
	if err != nil {
		t.Fatal(err)
	}
	if len(g.Rules) != 2 || g.Rules[0].Direction != "egress" || !g.Stateful || g.ProjectID != demoProject {
		t.Errorf("group: %+v", g)
	}
	r, err := rules.Create(ctx, client, rules.CreateOpts{
		SecGroupID: g.ID, Direction: rules.DirIngress, EtherType: rules.EtherType4, Protocol: rules.ProtocolTCP,
		PortRangeMin: 80, PortRangeMax: 443, RemoteIPPrefix: "10.0.0.0/8",
	}).Extract()
	if err != nil {
		t.Fatal(err)
	}
	if r.PortRangeMin != 80 || r.PortRangeMax != 443 || r.Protocol != "tcp" || r.RemoteIPPrefix != "10.0.0.0/8" {
		t.Errorf("rule: %+v", r)
	}
	if g, err = groups.Get(ctx, client, g.ID).Extract(); err != nil || len(g.Rules) != 3 {
		t.Errorf("group: %+v, %v", g, err)
	}
	if err := rules.Delete(ctx, client, r.ID).ExtractErr(); err != nil {
		t.Error(err)
	}
	if err := groups.Delete(ctx, client, g.ID).ExtractErr(); err != nil {
		t.Error(err)
	}
	if _, err := rules.Get(ctx, client, g.Rules[0].ID).Extract(); !gophercloud.ResponseCodeIs(err, 404) {
		t.Errorf("a rule outlives its group: %v", err)
	}
}

func TestDefaultGroup(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	list := c.list(t, "other", "security-groups")
	if len(list) != 1 || list[0]["name"] != "default" || len(list[0]["security_group_rules"].([]any)) != 4 {
		t.Fatalf("a fresh project has %v", list)
	}
	id := list[0]["id"].(string)
	c.hold(t, []exchange{
		{"is not deleted", "other", "DELETE /v2.0/security-groups/" + id, "", 409, "SecurityGroupCannotRemoveDefault"},
		{"is not renamed", "other", "PUT /v2.0/security-groups/" + id, `{"security_group": {"name": "x"}}`, 409, "SecurityGroupCannotUpdateDefault"},
		{"is one", "other", "POST /v2.0/security-groups", `{"security_group": {"name": "default"}}`, 409, "SecurityGroupDefaultAlreadyExists"},
		{"is not another's", "demo", "GET /v2.0/security-groups/" + id, "", 404, `"Security group ` + id + ` does not exist."`},
		{"rules", "other", "GET /v2.0/security-group-rules?direction=ingress&ethertype=IPv6&fields=remote_group_id", "", 200, `[{"remote_group_id":"` + id + `"}]`},
	})
}

func TestRules(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	id := c.id(t, "demo", "security_group", `"name": "g"`)
	peer := c.id(t, "demo", "security_group", `"name": "peer"`)
	for _, x := range []struct {
		name, fields string
		status       int
		answer       string
	}{
		{"everything", `"direction": "ingress"`, 201, `"protocol":null`},
		{"twice", `"direction": "ingress", "ethertype": "ipv4"`, 409, "SecurityGroupRuleExists"},
		{"any protocol is none", `"direction": "ingress", "protocol": "any"`, 409, "SecurityGroupRuleExists"},
		{"no direction", `"ethertype": "IPv4"`, 400, "direction"},
		{"direction", `"direction": "up"`, 400, "is not one of"},
		{"ethertype", `"direction": "ingress", "ethertype": "ARP"`, 400, "SecurityGroupRuleInvalidEtherType"},
		{"protocol", `"direction": "ingress", "protocol": "bogus"`, 400, "SecurityGroupRuleInvalidProtocol"},
		{"protocol number", `"direction": "ingress", "protocol": 112`, 201, `"protocol":"112"`},
		{"protocol beyond", `"direction": "ingress", "protocol": 256`, 400, "SecurityGroupRuleInvalidProtocol"},
		{"ports without protocol", `"direction": "ingress", "port_range_min": 1, "port_range_max": 2`, 400, "SecurityGroupProtocolRequiredWithPorts"},
		{"half a range", `"direction": "ingress", "protocol": "tcp", "port_range_min": 80`, 400, "SecurityGroupInvalidPortRange"},
		{"range upside down", `"direction": "ingress", "protocol": "tcp", "port_range_min": 80, "port_range_max": 8`, 400, "SecurityGroupInvalidPortRange"},
		{"port 0", `"direction": "ingress", "protocol": "udp", "port_range_min": 0, "port_range_max": 8`, 400, "SecurityGroupInvalidPortValue"},
		{"port beyond", `"direction": "ingress", "protocol": "udp", "port_range_min": 1, "port_range_max": 65536`, 400, "65536"},
		{"ports of no ports", `"direction": "ingress", "protocol": "esp", "port_range_min": 1, "port_range_max": 2`, 400, "SecurityGroupInvalidProtocolForPort"},
		{"port before", `"direction": "ingress", "protocol": "tcp", "port_range_min": -16, "port_range_max": 80`, 400, "Invalid value for port -16"},
		{"icmp type", `"direction": "ingress", "protocol": "icmp", "port_range_min": 8`, 201, `"port_range_min":8`},
		{"icmp code alone", `"direction": "ingress", "protocol": "icmp", "port_range_max": 8`, 400, "SecurityGroupMissingIcmpType"},
		{"icmp beyond", `"direction": "ingress", "protocol": "icmp", "port_range_min": 256`, 400, "Invalid value for ICMP type (port_range_min) 256"},
		{"ipv6 protocol on IPv4", `"direction": "ingress", "protocol": "ipv6-icmp"`, 400, "SecurityGroupEthertypeConflictWithProtocol"},
		{"prefix of the other kind", `"direction": "ingress", "ethertype": "IPv6", "remote_ip_prefix": "10.0.0.0/8"`, 400, "SecurityGroupRuleParameterConflict"},
		{"prefix", `"direction": "ingress", "remote_ip_prefix": "ten"`, 400, "not a valid IP subnet"},
		{"address for prefix", `"direction": "ingress", "remote_ip_prefix": "10.1.2.3"`, 201, `"remote_ip_prefix":"10.1.2.3/32"`},
		{"normal prefix", `"direction": "ingress", "remote_ip_prefix": "10.1.2.3/8"`, 201, `"normalized_cidr":"10.0.0.0/8"`},
		{"same when normal", `"direction": "ingress", "remote_ip_prefix": "10.0.0.0/8"`, 409, "SecurityGroupRuleExists"},
		{"two remotes", `"direction": "ingress", "remote_ip_prefix": "10.0.0.0/8", "remote_group_id": "` + peer + `"`, 400, "SecurityGroupRemoteGroupAndRemoteIpPrefix"},
		{"remote group", `"direction": "ingress", "remote_group_id": "` + peer + `"`, 201, peer},
		{"no remote group", `"direction": "ingress", "remote_group_id": "nobody"`, 404, "SecurityGroupNotFound"},
	} {
		c.hold(t, []exchange{{x.name, "demo", "POST /v2.0/security-group-rules",
			`{"security_group_rule": {"security_group_id": "` + id + `", ` + x.fields + `}}`, x.status, x.answer}})
	}
	network, _ := newNetwork(t, c, "10.1.0.0/24")
	c.id(t, "demo", "port", `"network_id": "`+network+`", "security_groups": ["`+id+`"]`)
	c.hold(t, []exchange{
		{"in use", "demo", "DELETE /v2.0/security-groups/" + id, "", 409, "SecurityGroupInUse"},
		{"ports of a group", "demo", "GET /v2.0/ports?security_groups=" + id + "&fields=security_groups", "", 200, `[{"security_groups":["` + id + `"]}]`},
		{"peer goes", "demo", "DELETE /v2.0/security-groups/" + peer, "", 204, ""},
		{"with the rules that name it", "demo", "GET /v2.0/security-group-rules?remote_group_id=" + peer, "", 200, `[]`},
	})
}
