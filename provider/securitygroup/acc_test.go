// SPDX-License-Identifier: MPL-2.0

package securitygroup_test

import (
	"context"
	"fmt"
	"regexp"
	"testing"

	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/ports"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/acctest"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/network"
)

const address = "nova_security_group.test"

func config(name, attributes string) string {
	return fmt.Sprintf("resource \"nova_security_group\" \"test\" {\n  name = %q\n%s\n}\n", name, attributes)
}

func does(address string, action plancheck.ResourceActionType) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, action)}}
}

func groups(t *testing.T, cloud *acctest.Target) network.Groups {
	t.Helper()
	all, err := network.GroupsOf(t.Context(), cloud.Client)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// has checks which rules the cloud has: those of the group that what lists, and how many go out by default.
func has(t *testing.T, cloud *acctest.Target, id *string, defaults int, want ...network.Rule) resource.TestCheckFunc {
	t.Helper()
	return resource.TestCheckResourceAttrWith(address, "id", func(v string) error {
		*id = v
		group, err := groups(t, cloud).Get(context.WithoutCancel(t.Context()), v)
		if err != nil {
			return err
		}
		wanted := map[network.Key]string{}
		for _, r := range want {
			if r.RemoteGroupID == "self" {
				r.RemoteGroupID = v
			}
			wanted[r.Key()] = r.Description
		}
		for _, r := range group.Rules {
			description, ok := wanted[r.Key()]
			switch {
			case ok && description == r.Description:
				delete(wanted, r.Key())
			case r.ByDefault():
				defaults--
			default:
				return fmt.Errorf("there is the rule %+v", r)
			}
		}
		if len(wanted) > 0 || defaults != 0 {
			return fmt.Errorf("there are not the rules %+v, nor %d that let everything out", wanted, defaults)
		}
		return nil
	})
}

func in(protocol string, port int64, prefix string) network.Rule {
	r := network.Rule{Direction: network.Ingress, EtherType: network.IPv4, Protocol: protocol, RemotePrefix: prefix}
	if port > 0 {
		r.First, r.Last = &port, &port
	}
	return r
}

const (
	ssh  = `{ protocol = "tcp", port_range_min = 22, remote_ip_prefix = "192.0.2.0/24", description = "ssh" }`
	web  = `{ protocol = "tcp", port_range_min = 80, port_range_max = 81 }`
	ping = `{ protocol = "icmp", icmp_type = 8, icmp_code = 0 }`
	peer = `{ protocol = "udp", remote_self = true }`
	dns  = `{ direction = "egress", ethertype = "IPv6", protocol = "17", port_range_min = 53, port_range_max = 53, remote_ip_prefix = "2001:db8::/32" }`
)

func TestAccSecurityGroup(t *testing.T) {
	t.Parallel()
	cloud := acctest.Cloud(t)
	name := acctest.Name(t)
	var id string
	sshRule, webLast := in("tcp", 22, "192.0.2.0/24"), int64(81)
	sshRule.Description = "ssh"
	webRule := in("tcp", 80, "")
	webRule.Last = &webLast
	pingType, pingCode := int64(8), int64(0)
	pingRule := network.Rule{Direction: network.Ingress, Protocol: "icmp", First: &pingType, Last: &pingCode}
	peerRule := network.Rule{Direction: network.Ingress, Protocol: "udp", RemoteGroupID: "self"}
	dnsRule := in("udp", 53, "2001:db8::/32")
	dnsRule.Direction, dnsRule.EtherType = network.Egress, network.IPv6
	cloud.Test(t, resource.TestCase{Steps: []resource.TestStep{
		{
			Config: config(name, "  description = \"first\"\n  tags = [\"a\", \"b\"]\n  rules = ["+ssh+", "+web+", "+ping+", "+peer+", "+dns+"]"),
			Check:  has(t, cloud, &id, 2, sshRule, webRule, pingRule, peerRule, dnsRule),
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(address, tfjsonpath.New("rules"), knownvalue.SetSizeExact(5)),
				statecheck.ExpectKnownValue(address, tfjsonpath.New("stateful"), knownvalue.Bool(true)),
				statecheck.ExpectKnownValue(address, tfjsonpath.New("project_id"), knownvalue.NotNull()),
			},
		},
		{ResourceName: address, ImportState: true, ImportStateVerify: true, ImportStateVerifyIgnore: []string{"rules"}, ImportStateId: name},
		{ // the same in other words, and a rule that someone else adds and one that they remove
			PreConfig: func() {
				g := groups(t, cloud)
				other := in("tcp", 23, "")
				other.GroupID = id
				found, err := g.Get(t.Context(), id)
				if err == nil {
					_, err = g.AddRule(t.Context(), other)
				}
				for _, r := range found.Rules {
					if r.Key() == pingRule.Key() && err == nil {
						err = g.DropRule(t.Context(), r.ID)
					}
				}
				if err != nil {
					t.Fatal(err)
				}
			},
			Config: config(name, "  description = \"second\"\n  tags = [\"b\"]\n  stateful = false\n  rules = ["+
				`{ protocol = "6", port_range_min = 22, port_range_max = 22, remote_ip_prefix = "192.0.2.0/24", direction = "ingress", description = "SSH" }, `+
				web+", "+ping+", "+peer+"]"),
			ConfigPlanChecks: does(address, plancheck.ResourceActionUpdate),
			Check: has(t, cloud, &id, 2, func() network.Rule {
				r := sshRule
				r.Description = "SSH"
				return r
			}(), webRule, pingRule, peerRule),
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(address, tfjsonpath.New("stateful"), knownvalue.Bool(false)),
				statecheck.ExpectKnownValue(address, tfjsonpath.New("tags"), knownvalue.SetExact([]knownvalue.Check{knownvalue.StringExact("b")})),
			},
		},
		{
			Config:           config(name+"-renamed", "  stateful = false\n  delete_default_rules = true\n  rules = ["+ping+"]"),
			ConfigPlanChecks: does(address, plancheck.ResourceActionUpdate), Check: has(t, cloud, &id, 0, pingRule),
		},
		{ // the spelling of what stays is no change
			Config: config(name+"-renamed", "  stateful = false\n  delete_default_rules = true\n"+
				"  rules = [{ protocol = \"1\", icmp_type = 8, icmp_code = 0, direction = \"ingress\", remote_ip_prefix = \"0.0.0.0/0\" }]"),
			ConfigPlanChecks: does(address, plancheck.ResourceActionNoop),
		},
		{ // without `rules` they are left alone, but for those by default
			Config:           config(name+"-renamed", ""),
			ConfigPlanChecks: does(address, plancheck.ResourceActionUpdate), Check: has(t, cloud, &id, 2, pingRule),
		},
	}})
}

func TestAccSecurityGroupIdentity(t *testing.T) {
	t.Parallel()
	cloud := acctest.Cloud(t)
	cloud.Test(t, resource.TestCase{
		TerraformVersionChecks: []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_12_0)},
		Steps: []resource.TestStep{
			{Config: config(acctest.Name(t), ""), ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectIdentityValueMatchesState(address, tfjsonpath.New("id")),
			}},
			{ResourceName: address, ImportState: true, ImportStateKind: resource.ImportBlockWithResourceIdentity},
		},
	})
}

func TestAccSecurityGroupInvalid(t *testing.T) {
	t.Parallel()
	cloud := acctest.Cloud(t)
	name := acctest.Name(t)
	refused := func(rules, with string) resource.TestStep {
		return resource.TestStep{Config: config(name, "  rules = ["+rules+"]"), PlanOnly: true, ExpectError: regexp.MustCompile(`(?s)` + with)}
	}
	cloud.Test(t, resource.TestCase{Steps: []resource.TestStep{
		refused(`{ remote_ip_prefix = "10.0.0.5/24" }, { protocol = "tpc" }, { port_range_min = 22 }, { protocol = "icmp", icmp_code = 1 }`,
			`A\s+code\s+needs\s+a\s+type.*Ports\s+need\s+a\s+protocol.*"tpc"\s+is\s+no\s+protocol.*`+
				`10\.0\.0\.5/24\s+is\s+an\s+address\s+in\s+the\s+prefix\s+10\.0\.0\.0/24`),
		refused(ssh+`, { protocol = "6", port_range_min = 22, port_range_max = 22, remote_ip_prefix = "192.0.2.0/24" }`, `Rule Given Twice`),
		{Config: config("Default", ""), PlanOnly: true, ExpectError: regexp.MustCompile(`Default Security Group`)},
		{
			Config:      config(name, `  rules = [{ protocol = "tcp", remote_group_id = "2b3c39b6-9ba9-4b3a-9a20-3f0cd4f94d58" }]`),
			ExpectError: regexp.MustCompile(`(?s)Unable to Create rules of Security Group.*HTTP status: 404`),
		},
		{Config: config(name, "")}, // what failed halfway is replaced
	}})
}

// TestAccSecurityGroupInUse: a group that is in use stays, and the error says how long was waited.
func TestAccSecurityGroupInUse(t *testing.T) {
	t.Parallel()
	cloud := acctest.Cloud(t)
	on := cloud.Network(t)
	service, err := cloud.Client.Network()
	if err != nil {
		t.Fatal(err)
	}
	made := config(acctest.Name(t), `  timeouts = { delete = "1s" }`)
	var group string
	var port *ports.Port
	cloud.Test(t, resource.TestCase{Steps: []resource.TestStep{
		{Config: made, Check: resource.TestCheckResourceAttrWith(address, "id", func(v string) error { group = v; return nil })},
		{
			PreConfig: func() {
				port, err = ports.Create(t.Context(), service, ports.CreateOpts{NetworkID: on, SecurityGroups: &[]string{group}}).Extract()
				if err != nil {
					t.Fatal(err)
				}
			},
			Config: "locals {}", ExpectError: regexp.MustCompile(`(?s)Unable to Delete Security Group.*timeouts\.delete`),
		},
		{
			PreConfig: func() {
				if err := ports.Delete(t.Context(), service, port.ID).ExtractErr(); err != nil {
					t.Fatal(err)
				}
			},
			Config: "locals {}",
		},
	}})
}

func TestAccSecurityGroupDisappears(t *testing.T) {
	t.Parallel()
	cloud := acctest.Cloud(t)
	made := config(acctest.Name(t), "")
	var id string
	cloud.Test(t, resource.TestCase{Steps: []resource.TestStep{
		{Config: made, Check: resource.TestCheckResourceAttrWith(address, "id", func(v string) error { id = v; return nil })},
		{
			PreConfig: func() {
				if err := groups(t, cloud).Delete(t.Context(), id); err != nil {
					t.Fatal(err)
				}
			},
			Config: made, ConfigPlanChecks: does(address, plancheck.ResourceActionCreate),
		},
	}})
}

// TestAccSecurityGroupWithoutNeutron: the same by Nova's proxies, and what they cannot do.
func TestAccSecurityGroupWithoutNeutron(t *testing.T) {
	t.Parallel()
	cloud := acctest.CloudWithoutNeutron(t)
	name := acctest.Name(t)
	var id string
	pingType, pingCode := int64(8), int64(0)
	pingRule := network.Rule{Direction: network.Ingress, Protocol: "icmp", First: &pingType, Last: &pingCode}
	peerRule := network.Rule{Direction: network.Ingress, Protocol: "udp", RemoteGroupID: "self"}
	six := network.Rule{Direction: network.Ingress, EtherType: network.IPv6, Protocol: "ipv6-icmp"}
	refused := func(attributes, with string) resource.TestStep {
		return resource.TestStep{Config: config(name, attributes), PlanOnly: true, ExpectError: regexp.MustCompile(`(?s)` + with)}
	}
	cloud.Test(t, resource.TestCase{Steps: []resource.TestStep{
		refused("  stateful = false\n  delete_default_rules = true\n  tags = [\"a\"]",
			`stateful cannot be used.*delete_default_rules cannot\s+be\s+used.*tags cannot be used`),
		refused(`  rules = [{ direction = "egress", protocol = "tcp" }, { protocol = "sctp" }, `+ssh+"]",
			`description\s+of\s+the\s+rule.*cannot\s+be\s+used.*direction\s+of\s+the\s+rule.*protocol\s+of\s+the\s+rule.*tcp,\s+udp\s+and\s+icmp`),
		{
			Config: config(name, `  rules = [{ protocol = "tcp" }, `+ping+", "+peer+`, { protocol = "ipv6-icmp", ethertype = "IPv6" }]`),
			Check:  has(t, cloud, &id, 0, in("tcp", 0, ""), pingRule, peerRule, six),
		},
		{ResourceName: address, ImportState: true, ImportStateVerify: true, ImportStateVerifyIgnore: []string{"rules"}, ImportStateId: name},
		{
			Config:           config(name+"-renamed", "  description = \"now\"\n  rules = ["+web+", "+peer+"]"),
			ConfigPlanChecks: does(address, plancheck.ResourceActionUpdate),
			Check: has(t, cloud, &id, 0, peerRule, func() network.Rule {
				r, last := in("tcp", 80, ""), int64(81)
				r.Last = &last
				return r
			}()),
		},
	}})
}

// TestAccSecurityGroupMoved: from the neighbour's security groups, old and new, without a change.
func TestAccSecurityGroupMoved(t *testing.T) {
	t.Parallel()
	cloud := acctest.Cloud(t)
	name := acctest.Name(t)
	made, err := groups(t, cloud).Create(t.Context(), network.Group{Name: name, Description: "d"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := groups(t, cloud).Delete(context.WithoutCancel(t.Context()), made.ID); err != nil {
			t.Error(err)
		}
	})
	text := func(s string) tftypes.Value { return tftypes.NewValue(tftypes.String, s) }
	given := map[string]tftypes.Value{"name": text(name), "description": text("d")}
	state := cloud.Moved(t, "openstack_networking_secgroup_v2", fmt.Sprintf(
		`{"id": %q, "name": %q, "description": "d", "tenant_id": "t", "delete_default_rules": null, "stateful": true, "tags": [], "all_tags": [], "region": "r"}`,
		made.ID, name), "nova_security_group", given)
	if !state["id"].Equal(text(made.ID)) {
		t.Error(state["id"])
	}
	for _, r := range []network.Rule{in("tcp", 22, "192.0.2.0/24"), in("icmp", 0, ""), {Direction: network.Ingress, Protocol: "udp", RemoteGroupID: made.ID}} {
		r.GroupID, r.EtherType = made.ID, network.IPv4
		if _, err := groups(t, cloud).AddRule(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	given["rules"] = rulesOf(t, state["rules"].Type(),
		map[string]any{"protocol": "tcp", "port_range_min": 22, "port_range_max": 22, "remote_ip_prefix": "192.0.2.0/24"},
		map[string]any{"protocol": "icmp", "remote_ip_prefix": "0.0.0.0/0"},
		map[string]any{"protocol": "udp", "port_range_min": 1, "port_range_max": 65535, "remote_self": true})
	cloud.Moved(t, "openstack_compute_secgroup_v2", fmt.Sprintf(`{"id": %q, "name": %q, "description": "d", "region": "r", "rule": [
		{"id": "1", "from_port": 22, "to_port": 22, "ip_protocol": "tcp", "cidr": "192.0.2.0/24", "from_group_id": "", "self": false},
		{"id": "2", "from_port": -1, "to_port": -1, "ip_protocol": "icmp", "cidr": "0.0.0.0/0", "from_group_id": "", "self": false},
		{"id": "3", "from_port": 1, "to_port": 65535, "ip_protocol": "udp", "cidr": "", "from_group_id": "", "self": true}]}`, made.ID, name),
		"nova_security_group", given)
}

// rulesOf is a set of rules of that type; what they do not have is null.
func rulesOf(t *testing.T, of tftypes.Type, rules ...map[string]any) tftypes.Value {
	t.Helper()
	element := of.(tftypes.Set).ElementType.(tftypes.Object)
	var all []tftypes.Value
	for _, r := range rules {
		fields := map[string]tftypes.Value{}
		for name, kind := range element.AttributeTypes {
			fields[name] = tftypes.NewValue(kind, r[name])
		}
		all = append(all, tftypes.NewValue(element, fields))
	}
	return tftypes.NewValue(of, all)
}

// TestAccSecurityGroupDefault: the group that every project has can be managed, and is not deleted.
func TestAccSecurityGroupDefault(t *testing.T) {
	t.Parallel()
	cloud := acctest.Alone(t)
	made, err := groups(t, cloud).Create(t.Context(), network.Group{Name: acctest.Name(t)})
	if err != nil {
		t.Fatal(err)
	}
	all, err := groups(t, cloud).List(t.Context(), "default")
	if err != nil {
		t.Fatal(err)
	}
	var id string
	for _, g := range all {
		if g.ProjectID == made.ProjectID {
			id = g.ID
		}
	}
	cloud.Test(t, resource.TestCase{
		Steps: []resource.TestStep{{
			Config:           fmt.Sprintf("import {\n  to = nova_security_group.test\n  id = %q\n}\n", id) + config("default", "  rules = [{ remote_self = true }]"),
			ConfigPlanChecks: does(address, plancheck.ResourceActionUpdate),
			Check:            has(t, cloud, &id, 2, network.Rule{Direction: network.Ingress, RemoteGroupID: "self"}),
		}},
		CheckDestroy: func(*terraform.State) error {
			_, err := groups(t, cloud).Get(context.WithoutCancel(t.Context()), id)
			return err
		},
	})
}
