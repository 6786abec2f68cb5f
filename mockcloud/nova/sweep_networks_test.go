// SPDX-License-Identifier: MPL-2.0

package nova_test

import (
	"net/http"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/nova"
)

// Every operation about networks at every microversion.
func TestSweepOfNetworks(t *testing.T) {
	t.Parallel()
	contract := readContract(t)
	cloud := start(t, withQuotas)
	server := cloud.admin.boot(t, "networked", object{"networks": []object{{"uuid": cloud.network}}})
	group := cloud.neutron(t, "security-groups", "security_group", object{"name": "of-neutron"})
	reached := map[string]bool{}
	for v := range nova.Newest {
		s := &sweep{t: t, contract: contract, as: cloud.admin, v: v + 1, reached: reached}
		s.interfaces(server)
		s.groups(server, group)
		s.networkProxies()
		s.fixedIPs(server)
	}
	t.Logf("%d operations at %d microversions", len(reached), nova.Newest)
}

func (s *sweep) interfaces(server string) {
	const path = "/servers/{server_id}/os-interface"
	body := object{"net_id": s.as.cloud.network}
	if s.v >= 49 {
		body["tag"] = "nic"
	}
	made := s.do("POST "+path, object{"interfaceAttachment": body}, server)
	if made == nil {
		s.t.FailNow()
	}
	port := text(s.t, made, "interfaceAttachment", "port_id")
	s.do("GET "+path, nil, server)
	s.do("GET "+path+"/{id}", nil, server, port)
	s.do("DELETE "+path+"/{id}", nil, server, port)
	for range 2000 {
		if s.as.nova(s.t, s.v, http.MethodGet, "/servers/"+server+"/os-interface/"+port, nil).status == http.StatusNotFound {
			return
		}
		pause()
	}
	s.t.Fatalf("2.%d: port %s is not detached", s.v, port)
}

func (s *sweep) groups(server, group string) {
	const groups, rules = "/os-security-groups", "/os-security-group-rules"
	name := object{"name": group}
	s.do("POST /servers/{id}/action addSecurityGroup", name, server)
	s.do("GET /servers/{server_id}/os-security-groups", nil, server)
	s.do("POST /servers/{id}/action removeSecurityGroup", name, server)
	group = s.as.cloud.network // none of its kind
	made := s.do("POST "+groups, object{"security_group": object{"name": "g", "description": "d"}})
	if made != nil {
		group = text(s.t, made, "security_group", "id")
	}
	s.do("GET "+groups, nil)
	s.do("GET "+groups+"/{id}", nil, group)
	s.do("PUT "+groups+"/{id}", object{"security_group": object{"name": "h", "description": "e"}}, group)
	made = s.do("POST "+rules, object{"security_group_rule": object{
		"parent_group_id": group, "ip_protocol": "tcp", "from_port": 22, "to_port": "22", "cidr": "10.0.0.0/8",
	}})
	rule := group
	if made != nil {
		rule = text(s.t, made, "security_group_rule", "id")
	}
	s.do("POST "+rules, object{"security_group_rule": object{"parent_group_id": group, "ip_protocol": "icmp", "group_id": group}})
	s.do("DELETE "+rules+"/{id}", nil, rule)
	s.do("GET "+groups+"/{id}", nil, group)
	s.do("DELETE "+groups+"/{id}", nil, group)
}

func (s *sweep) networkProxies() {
	for _, path := range []string{"/os-networks", "/os-tenant-networks"} {
		s.do("GET "+path, nil)
		s.do("GET "+path+"/{id}", nil, s.as.cloud.network)
	}
	s.do("GET /os-floating-ip-pools", nil)
	address := s.as.cloud.network
	if made := s.do("POST /os-floating-ips", object{"pool": "public"}); made != nil {
		address = text(s.t, made, "floating_ip", "id")
	}
	s.do("GET /os-floating-ips", nil)
	s.do("GET /os-floating-ips/{id}", nil, address)
	s.do("DELETE /os-floating-ips/{id}", nil, address)
}

// fixedIPs adds an address and takes it away again.
func (s *sweep) fixedIPs(server string) {
	const action = "POST /servers/{id}/action "
	s.do(action+"addFixedIp", object{"networkId": s.as.cloud.network}, server)
	if s.v > 43 {
		s.do(action+"removeFixedIp", object{"address": "10.1.0.1"}, server)
		return
	}
	second := s.as.address(s.t, server, 1, 2)
	s.do(action+"removeFixedIp", object{"address": second}, server)
	s.as.address(s.t, server, 0, 1)
}

// address waits until the server has so many fixed addresses, and is the one at that place.
func (u *user) address(t *testing.T, server string, at, count int) string {
	t.Helper()
	for range 2000 {
		body := u.nova(t, 1, http.MethodGet, "/servers/"+server+"/ips", nil).object(t, http.StatusOK)
		if list, _ := body["addresses"].(object)["private"].([]any); len(list) == count {
			return text(t, list[at].(object), "addr")
		}
		pause()
	}
	t.Fatalf("server %s does not get %d addresses", server, count)
	return ""
}
