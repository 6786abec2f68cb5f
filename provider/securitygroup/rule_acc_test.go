// SPDX-License-Identifier: MPL-2.0

package securitygroup_test

import (
	"context"
	"fmt"
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/acctest"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/network"
)

const ruleAddress = "nova_security_group_rule.test"

func ruleConfig(name, attributes string) string {
	return config(name, "") + "resource \"nova_security_group_rule\" \"test\" {\n  security_group_id = nova_security_group.test.id\n" + attributes + "\n}\n"
}

func TestAccSecurityGroupRule(t *testing.T) {
	t.Parallel()
	cloud := acctest.Cloud(t)
	name := acctest.Name(t)
	var id string
	replaces := does(ruleAddress, plancheck.ResourceActionDestroyBeforeCreate)
	cloud.Test(t, resource.TestCase{Steps: []resource.TestStep{
		{
			Config: ruleConfig(name, `
  protocol         = "tcp"
  port_range_min   = 22
  port_range_max   = 23
  remote_ip_prefix = "192.0.2.0/24"
  description      = "ssh"`),
			Check: resource.TestCheckResourceAttrWith(ruleAddress, "id", func(v string) error { id = v; return nil }),
		},
		{ResourceName: ruleAddress, ImportState: true, ImportStateVerify: true},
		{ // another spelling, of what the state has and of what it has not
			Config: ruleConfig(name, `
  protocol         = "6"
  port_range_min   = 22
  port_range_max   = 23
  remote_ip_prefix = "192.0.2.0/24"
  description      = "ssh"`),
			ConfigPlanChecks: does(ruleAddress, plancheck.ResourceActionNoop),
		},
		{
			Config: ruleConfig(name, `
  direction        = "ingress"
  protocol         = "6"
  port_range_min   = 22
  port_range_max   = 23
  remote_ip_prefix = "192.0.2.0/24"
  description      = "ssh"`),
			ConfigPlanChecks: does(ruleAddress, plancheck.ResourceActionUpdate),
		},
		{Config: ruleConfig(name, "  protocol = \"tcp\"\n  port_range_min = 22\n  description = \"ssh\""), ConfigPlanChecks: replaces},
		{Config: ruleConfig(name, "  protocol = \"tcp\"\n  port_range_min = 22\n  description = \"shell\""), ConfigPlanChecks: replaces},
		{
			Config: ruleConfig(name, "  direction = \"egress\"\n  protocol = \"ipv6-icmp\"\n  icmp_type = 0"), ConfigPlanChecks: replaces,
			Check: resource.TestCheckResourceAttrWith(ruleAddress, "id", func(v string) error { id = v; return nil }),
		},
		{ResourceName: ruleAddress, ImportState: true, ImportStateVerify: true},
		{ // disappears
			PreConfig: func() {
				if err := groups(t, cloud).DropRule(t.Context(), id); err != nil {
					t.Fatal(err)
				}
			},
			Config:           ruleConfig(name, "  remote_group_id = nova_security_group.test.id"),
			ConfigPlanChecks: does(ruleAddress, plancheck.ResourceActionCreate),
		},
	}})
}

func TestAccSecurityGroupRuleIdentity(t *testing.T) {
	t.Parallel()
	cloud := acctest.Cloud(t)
	cloud.Test(t, resource.TestCase{
		TerraformVersionChecks: []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_12_0)},
		Steps: []resource.TestStep{
			{Config: ruleConfig(acctest.Name(t), ""), ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectIdentityValueMatchesState(ruleAddress, tfjsonpath.New("id")),
			}},
			{ResourceName: ruleAddress, ImportState: true, ImportStateKind: resource.ImportBlockWithResourceIdentity},
		},
	})
}

func TestAccSecurityGroupRuleInvalid(t *testing.T) {
	t.Parallel()
	cloud := acctest.Cloud(t)
	name := acctest.Name(t)
	wrong := config(name, "")
	for n, attributes := range []string{
		"  protocol = \"tcp\"\n  port_range_min = 2\n  port_range_max = 1\n  remote_ip_prefix = \"2001:db8::/32\"\n  ethertype = \"IPv4\"",
		"  protocol = \"icmp\"\n  port_range_min = 8",
		"  remote_ip_prefix = \"192.0.2.0/24\"\n  remote_group_id = \"g\"",
		"  protocol = \"ipv6-icmp\"\n  ethertype = \"IPv4\"",
	} {
		wrong += fmt.Sprintf("resource \"nova_security_group_rule\" \"n%d\" {\n  security_group_id = \"g\"\n%s\n}\n", n, attributes)
	}
	cloud.Test(t, resource.TestCase{Steps: []resource.TestStep{
		{
			Config: wrong, PlanOnly: true, ExpectError: regexp.MustCompile(
				`(?s)ends\s+at\s+1,\s+before.*is\s+no\s+prefix\s+of\s+IPv4.*use\s+icmp_type.*one\s+remote\s+side.*protocol\s+of\s+IPv6`),
		},
		{
			Config: ruleConfig(name, `  protocol = "tcp"`) + "resource \"nova_security_group_rule\" \"twin\" {\n" +
				"  security_group_id = nova_security_group_rule.test.security_group_id\n  protocol = \"tcp\"\n  remote_ip_prefix = \"0.0.0.0/0\"\n" +
				"  depends_on = [nova_security_group_rule.test]\n}\n" +
				"resource \"nova_security_group_rule\" \"triplet\" {\n  security_group_id = nova_security_group_rule.test.security_group_id\n" +
				"  protocol = \"tcp\"\n  depends_on = [nova_security_group_rule.test]\n}\n",
			ExpectError: regexp.MustCompile(`(?s)Unable to Create Security Group Rule.*HTTP status: 409.*import\s+it\s+by\s+its\s+id`),
		},
		{Config: ruleConfig(name, "")},
	}})
}

func TestAccSecurityGroupRuleWithoutNeutron(t *testing.T) {
	t.Parallel()
	cloud := acctest.CloudWithoutNeutron(t)
	name := acctest.Name(t)
	refused := func(attributes, with string) resource.TestStep {
		return resource.TestStep{Config: ruleConfig(name, attributes), PlanOnly: true, ExpectError: regexp.MustCompile(`(?s)` + with)}
	}
	cloud.Test(t, resource.TestCase{Steps: []resource.TestStep{
		refused(`  direction = "egress"`, `direction cannot be used`),
		refused(`  remote_ip_prefix = "192.0.2.0/24"`, `protocol cannot be used`),
		{Config: ruleConfig(name, "  protocol = \"udp\"\n  remote_group_id = nova_security_group.test.id")},
		{ResourceName: ruleAddress, ImportState: true, ImportStateVerify: true},
		{
			Config:           ruleConfig(name, "  protocol = \"tcp\"\n  port_range_min = 22\n  remote_ip_prefix = \"2001:db8::/32\""),
			ConfigPlanChecks: does(ruleAddress, plancheck.ResourceActionDestroyBeforeCreate),
		},
	}})
}

// TestAccSecurityGroupRuleMoved: from the neighbour's rules, without a change.
func TestAccSecurityGroupRuleMoved(t *testing.T) {
	t.Parallel()
	cloud := acctest.Cloud(t)
	all := groups(t, cloud)
	group, err := all.Create(t.Context(), network.Group{Name: acctest.Name(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := all.Delete(context.WithoutCancel(t.Context()), group.ID); err != nil {
			t.Error(err)
		}
	})
	wanted := in("tcp", 22, "192.0.2.0/24")
	wanted.GroupID = group.ID
	made, err := all.AddRule(t.Context(), wanted)
	if err != nil {
		t.Fatal(err)
	}
	text := func(s string) tftypes.Value { return tftypes.NewValue(tftypes.String, s) }
	cloud.Moved(t, "openstack_networking_secgroup_rule_v2", fmt.Sprintf(
		`{"id": %q, "security_group_id": %q, "direction": "ingress", "ethertype": "IPv4", "protocol": "tcp", "port_range_min": 22, "port_range_max": 22,
		"remote_ip_prefix": "192.0.2.0/24", "remote_group_id": "", "remote_address_group_id": "", "description": "", "tenant_id": "t", "region": "r"}`,
		made.ID, group.ID), "nova_security_group_rule", map[string]tftypes.Value{
		"security_group_id": text(group.ID), "direction": text("ingress"), "ethertype": text("IPv4"), "protocol": text("tcp"),
		"port_range_min": tftypes.NewValue(tftypes.Number, 22), "port_range_max": tftypes.NewValue(tftypes.Number, 22),
		"remote_ip_prefix": text("192.0.2.0/24"),
	})
}
