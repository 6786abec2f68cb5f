// SPDX-License-Identifier: MPL-2.0

package scenario

import (
	"strings"
	"testing"
	"time"
)

// zone is a network whose two servers are under groups of their own: a is who asks, b is who is asked.
type zone struct {
	*client
	network, subnet string
	a, b            *server
	clients, web    string // groups' ids
	address         map[*server]map[int]string
}

// TestSecurityGroups: rules open and close what they say for machines that run, at once.
func TestSecurityGroups(t *testing.T) {
	t.Parallel()
	z := newZone(cloud(t))
	z.onePort()
	z.conversation()
	z.remoteGroup()
	z.ipv6()
	z.out()
	z.spoofing()
	z.overlap()
}

func newZone(c *client) *zone {
	c.t.Helper()
	z := &zone{client: c, address: map[*server]map[int]string{}}
	z.network = c.make("/network/v2.0/networks", "network", with{"name": "zone"})
	for version, cidr := range map[int]string{4: "10.79.0.0/24", 6: "fd79::/64"} {
		z.subnet = c.make("/network/v2.0/subnets", "subnet", with{"network_id": z.network, "cidr": cidr, "ip_version": version})
	}
	groups := "/network/v2.0/security-groups"
	z.clients, z.web = c.make(groups, "security_group", with{"name": "clients"}), c.make(groups, "security_group", with{"name": "web"})
	boot := func(name, group string, into **server) func() {
		return func() {
			*into = c.boot(with{"name": name, "networks": []with{{"uuid": z.network}}, "security_groups": []with{{"name": group}}})
		}
	}
	both := make(chan struct{})
	go func() {
		defer close(both)
		boot("asked", "web", &z.b)()
	}()
	boot("asks", "clients", &z.a)()
	<-both
	for _, s := range []*server{z.a, z.b} {
		z.address[s] = map[int]string{}
		for _, list := range s.show().Addresses {
			for _, a := range list {
				z.address[s][a.Version] = a.Addr
			}
		}
		s.run("ip -6 addr add " + z.address[s][6] + "/64 dev eth0 nodad 2>/dev/null || ip -6 addr add " + z.address[s][6] + "/64 dev eth0; true")
	}
	return z
}

// rule adds a rule to a group; the cloud is asked to take it away again by what is returned.
func (z *zone) rule(group string, fields with) (remove func()) {
	z.t.Helper()
	body := with{"security_group_id": group, "direction": "ingress", "ethertype": "IPv4"}
	for k, v := range fields {
		body[k] = v
	}
	var made struct {
		Rule struct{ ID string } `json:"security_group_rule"`
	}
	z.call("POST", "/network/v2.0/security-group-rules", with{"security_group_rule": body}, &made)
	return func() { z.call("DELETE", "/network/v2.0/security-group-rules/"+made.Rule.ID, nil, nil) }
}

// port is the id of a server's port.
func (z *zone) port(s *server) string {
	z.t.Helper()
	var answer struct{ Ports []struct{ ID string } }
	z.call("GET", "/network/v2.0/ports?device_id="+s.ID, nil, &answer)
	return answer.Ports[0].ID
}

func (z *zone) setPort(s *server, fields with) {
	z.t.Helper()
	z.call("PUT", "/network/v2.0/ports/"+z.port(s), with{"port": fields}, nil)
}

// The ways from a to b. What is not allowed is waited for in vain.

func (z *zone) ssh() bool {
	said, _ := z.a.attempt("(sleep 2; echo) | nc -w 3 " + z.address[z.b][4] + " 22 | head -n 1")
	return strings.HasPrefix(said, "SSH-")
}

func (z *zone) ping() bool { return z.pingTo(z.address[z.b][4], "") }

func (z *zone) pingTo(to, options string) bool {
	_, err := z.a.attempt("ping -c 2 -W 2 " + options + " " + to)
	return err == nil
}

// opens says that way is open, or closed.
func (z *zone) opens(when string, way func() bool, want bool) {
	z.t.Helper()
	if got := way(); got != want {
		z.t.Errorf("%s: open %t", when, got)
	}
}

func (z *zone) onePort() {
	z.opens("ssh without a rule", z.ssh, false)
	z.opens("ping without a rule", z.ping, false)
	close22 := z.rule(z.web, with{"protocol": "tcp", "port_range_min": 22, "port_range_max": 22})
	z.opens("ssh with its rule", z.ssh, true)
	z.opens("ping with the rule of ssh", z.ping, false)
	closePing := z.rule(z.web, with{"protocol": "icmp", "remote_ip_prefix": "10.79.0.0/24"})
	z.opens("ping with its rule", z.ping, true)
	close22()
	z.opens("ssh when the rule is gone", z.ssh, false)
	z.opens("ping when the rule of ssh is gone", z.ping, true)
	closePing()
	z.opens("ping when its rule is gone", z.ping, false)
}

// conversation: what is under way ends with its rule, and goes on with it.
func (z *zone) conversation() {
	shut := z.rule(z.web, with{"protocol": "tcp", "port_range_min": 7000, "port_range_max": 7000})
	z.b.run("(tail -f /dev/null | nc -l -p 7000 >/heard) >/dev/null 2>&1 </dev/null &")
	z.a.run(": >/say; (tail -f /say | nc " + z.address[z.b][4] + " 7000) >/dev/null 2>&1 </dev/null &")
	z.a.run("echo one >>/say")
	heard := func() string { return z.b.run("cat /heard") }
	z.eventually("b has heard the first word", func() bool { return heard() == "one" })
	shut()
	z.a.run("echo two >>/say")
	<-time.After(3 * time.Second)
	if got := heard(); got != "one" {
		z.t.Errorf("without the rule b has heard %q", got)
	}
	shut = z.rule(z.web, with{"protocol": "tcp", "port_range_min": 7000, "port_range_max": 7000})
	z.eventually("b has heard the second word", func() bool { return heard() == "one\ntwo" })
	shut()
	z.a.run("killall tail nc 2>/dev/null; true")
	z.b.run("killall nc 2>/dev/null; true")
}

func (z *zone) remoteGroup() {
	defer z.rule(z.web, with{"protocol": "icmp", "remote_group_id": z.clients})()
	z.opens("ping by a member", z.ping, true)
	z.setPort(z.a, with{"security_groups": []string{z.web}})
	z.opens("ping by one who is no member any more", z.ping, false)
	z.setPort(z.a, with{"security_groups": []string{z.clients, z.web}})
	z.opens("ping by a member of two groups", z.ping, true)
	z.setPort(z.a, with{"security_groups": []string{z.clients}})
}

func (z *zone) ipv6() {
	ping := func() bool { return z.pingTo(z.address[z.b][6], "-6") }
	z.opens("ping without a rule", ping, false)
	remove4 := z.rule(z.web, with{"protocol": "icmp"})
	z.opens("ping with IPv4's rule", ping, false)
	remove4()
	remove := z.rule(z.web, with{"protocol": "ipv6-icmp", "ethertype": "IPv6", "remote_ip_prefix": "fd79::/64"})
	z.opens("ping with its rule", ping, true)
	remove()
	z.opens("ping when its rule is gone", ping, false)
}

// out: the rules that every group begins with are rules like others.
func (z *zone) out() {
	defer z.rule(z.web, with{"protocol": "icmp"})()
	var answer struct {
		Rules []struct{ ID string } `json:"security_group_rules"`
	}
	z.call("GET", "/network/v2.0/security-group-rules?direction=egress&security_group_id="+z.clients, nil, &answer)
	if len(answer.Rules) != 2 {
		z.t.Fatalf("a group begins with %d rules for what goes out", len(answer.Rules))
	}
	z.opens("ping", z.ping, true)
	for _, r := range answer.Rules {
		z.call("DELETE", "/network/v2.0/security-group-rules/"+r.ID, nil, nil)
	}
	z.opens("ping when nothing may go out", z.ping, false)
	z.a.run("wget -q -O - http://169.254.169.254/openstack") // metadata needs no rule, nor does the harness
	z.rule(z.clients, with{"direction": "egress"})
	z.opens("ping when everything may", z.ping, true)
}

func (z *zone) spoofing() {
	defer z.rule(z.web, with{"protocol": "icmp"})()
	z.a.run("ip addr add 10.79.0.99/24 dev eth0")
	ping := func() bool { return z.pingTo(z.address[z.b][4], "-I 10.79.0.99") }
	z.opens("ping from another address", ping, false)
	z.setPort(z.a, with{"allowed_address_pairs": []with{{"ip_address": "10.79.0.99"}}})
	z.opens("ping from an allowed address", ping, true)
	z.setPort(z.a, with{"allowed_address_pairs": []with{}})
	z.opens("ping from what is not allowed any more", ping, false)
	z.setPort(z.a, with{"security_groups": []string{}, "port_security_enabled": false})
	z.opens("ping without port security", ping, true)
	z.setPort(z.a, with{"security_groups": []string{z.clients}, "port_security_enabled": true})
	z.opens("ping with port security", ping, false)
	z.a.run("ip addr del 10.79.0.99/24 dev eth0")
}

// overlap: a server of another network has the same address as b, and nobody's frames meet.
func (z *zone) overlap() {
	defer z.rule(z.web, with{"protocol": "icmp"})()
	other := z.make("/network/v2.0/networks", "network", with{"name": "another zone"})
	z.make("/network/v2.0/subnets", "subnet", with{"network_id": other, "cidr": "10.79.0.0/24", "ip_version": 4})
	twin := z.boot(with{"name": "twin", "networks": []with{{"uuid": other, "fixed_ip": z.address[z.b][4]}}, "security_groups": []with{{"name": "web"}}})
	if got := twin.fixed(); got != z.address[z.b][4] {
		z.t.Fatalf("the twin has %s", got)
	}
	z.opens("ping to b", z.ping, true)
	if _, err := twin.attempt("ping -c 2 -W 2 " + z.address[z.a][4]); err == nil {
		z.t.Error("the twin reaches a server of another network")
	}
	seen := strings.ToLower(z.a.run("ip neigh show " + z.address[z.b][4]))
	for _, list := range twin.show().Addresses {
		if strings.Contains(seen, list[0].MAC) {
			z.t.Errorf("a takes the twin for b: %s", seen)
		}
	}
}
