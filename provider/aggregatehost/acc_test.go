// SPDX-License-Identifier: MPL-2.0

package aggregatehost_test

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/acctest"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
)

const address = "nova_aggregate_host.test"

// config has an aggregate whose hosts are managed one by one, and the first of them.
func config(name, host, more string) string {
	return fmt.Sprintf("resource \"nova_aggregate\" \"test\" {\n  name = %q\n}\n"+
		"resource \"nova_aggregate_host\" \"test\" {\n  aggregate_id = nova_aggregate.test.id\n  host = %q\n}\n%s", name, host, more)
}

func TestAccAggregateHost(t *testing.T) {
	t.Parallel()
	cloud := acctest.Cloud(t)
	name, hosts, all := acctest.Name(t), cloud.Hosts(t, 2)[:2], nova.Aggregates{Client: cloud.Client}
	var id string
	second := fmt.Sprintf("resource \"nova_aggregate_host\" \"second\" {\n  aggregate_id = nova_aggregate.test.id\n  host = %q\n}\n", hosts[1])
	has := func(wanted ...string) resource.TestCheckFunc {
		return func(*terraform.State) error {
			found, err := all.Get(context.Background(), id)
			if err != nil {
				return err
			}
			slices.Sort(found.Hosts)
			if !slices.Equal(found.Hosts, wanted) {
				return fmt.Errorf("the hosts are %v, not %v", found.Hosts, wanted)
			}
			return nil
		}
	}
	does := func(action plancheck.ResourceActionType) resource.ConfigPlanChecks {
		return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
			plancheck.ExpectResourceAction(address, action), plancheck.ExpectResourceAction("nova_aggregate.test", plancheck.ResourceActionNoop),
		}}
	}
	cloud.Test(t, resource.TestCase{Steps: []resource.TestStep{
		{
			Config: config(name, hosts[0], second),
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(address, tfjsonpath.New("host"), knownvalue.StringExact(hosts[0])),
			},
			Check: resource.ComposeTestCheckFunc(
				resource.TestCheckResourceAttrWith(address, "aggregate_id", func(v string) error { id = v; return nil }),
				func(*terraform.State) error { return has(hosts...)(nil) },
			),
		},
		{ResourceName: address, ImportState: true, ImportStateVerify: true},
		{ResourceName: address, ImportState: true, ImportStateVerify: true, ImportStateId: name + "/" + hosts[0]},
		{ // disappears
			PreConfig: func() {
				if err := all.RemoveHost(t.Context(), id, hosts[0]); err != nil {
					t.Fatal(err)
				}
			},
			Config: config(name, hosts[0], second), ConfigPlanChecks: does(plancheck.ResourceActionCreate), Check: has(hosts...),
		},
		{Config: config(name, hosts[0], ""), ConfigPlanChecks: does(plancheck.ResourceActionNoop), Check: func(*terraform.State) error { return has(hosts[0])(nil) }},
		{Config: config(name, hosts[1], ""), ConfigPlanChecks: does(plancheck.ResourceActionDestroyBeforeCreate), Check: func(*terraform.State) error { return has(hosts[1])(nil) }},
		{ResourceName: address, ImportState: true, ImportStateId: "compute-1", ExpectError: regexp.MustCompile(`imported by\s+AGGREGATE/HOST`)},
		{ResourceName: address, ImportState: true, ImportStateId: "none/compute-1", ExpectError: regexp.MustCompile(`No Such Aggregate`)},
		{
			Config: config(name, hosts[1],
				"resource \"nova_aggregate_host\" \"again\" {\n  aggregate_id = nova_aggregate.test.id\n  host = nova_aggregate_host.test.host\n}\n"),
			ExpectError: regexp.MustCompile(`(?s)already has\s+host.*import that by the id`),
		},
		{Config: config(name, hosts[1], "")},
	}})
}

func TestAccAggregateHostByIdentity(t *testing.T) {
	t.Parallel()
	cloud := acctest.Cloud(t)
	host, all := cloud.Hosts(t, 1)[0], nova.Aggregates{Client: cloud.Client}
	made, err := all.Create(t.Context(), acctest.Name(t), nil)
	if err != nil {
		t.Fatal(err)
	}
	id := fmt.Sprint(made.ID)
	t.Cleanup(func() { _ = all.Delete(context.WithoutCancel(t.Context()), id) })
	if err := all.AddHost(t.Context(), id, host); err != nil {
		t.Fatal(err)
	}
	cloud.ByIdentity(t, "nova_aggregate_host", map[string]string{"aggregate_id": id, "host": host})
}

func TestAccAggregateHostReplaces(t *testing.T) {
	t.Parallel()
	text := func(v string) tftypes.Value { return tftypes.NewValue(tftypes.String, v) }
	acctest.Cloud(t).Replaces(t, "nova_aggregate_host",
		map[string]tftypes.Value{"id": text("1/a"), "aggregate_id": text("1"), "host": text("a")},
		map[string]tftypes.Value{"aggregate_id": text("2"), "host": text("b")})
}
