// SPDX-License-Identifier: MPL-2.0

package aggregate_test

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/compare"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/acctest"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
)

const address = "nova_aggregate.test"

func config(name, attributes string) string {
	return fmt.Sprintf("resource \"nova_aggregate\" \"test\" {\n  name = %q\n%s\n}\n", name, attributes)
}

func does(action plancheck.ResourceActionType) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, action)}}
}

func is(attribute string, check knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(address, tfjsonpath.New(attribute), check)
}

func texts(all ...string) knownvalue.Check {
	var checks []knownvalue.Check
	for _, text := range all {
		checks = append(checks, knownvalue.StringExact(text))
	}
	return knownvalue.SetExact(checks)
}

func TestAccAggregate(t *testing.T) {
	t.Parallel()
	cloud := acctest.Alone(t)
	name, hosts, all := acctest.Name(t), cloud.Hosts(t, 2), nova.Aggregates{Client: cloud.Client}
	same := statecheck.CompareValue(compare.ValuesSame())
	still := func() statecheck.StateCheck { return same.AddStateValue(address, tfjsonpath.New("id")) }
	var id string
	both := fmt.Sprintf("  availability_zone = \"%s-2\"\n  metadata = { ssd = \"true\" }\n  hosts = [%q, %q]", name, hosts[0], hosts[1])
	cloud.Test(t, resource.TestCase{
		Steps: []resource.TestStep{
			{
				Config: config(name, fmt.Sprintf("  availability_zone = \"%s-1\"\n  metadata = { ssd = \"true\", gpu = \"no\" }\n  hosts = [%q]", name, hosts[0])),
				ConfigStateChecks: []statecheck.StateCheck{
					still(), is("availability_zone", knownvalue.StringExact(name+"-1")), is("hosts", texts(hosts[0])), is("uuid", knownvalue.NotNull()),
					is("metadata", knownvalue.MapExact(map[string]knownvalue.Check{
						"ssd": knownvalue.StringExact("true"), "gpu": knownvalue.StringExact("no"),
					})),
				},
				Check: resource.TestCheckResourceAttrWith(address, "id", func(v string) error { id = v; return nil }),
			},
			{ // name, zone, a key less, a host more: all in place
				Config: config(name+"-renamed", both), ConfigPlanChecks: does(plancheck.ResourceActionUpdate),
				ConfigStateChecks: []statecheck.StateCheck{
					still(), is("name", knownvalue.StringExact(name+"-renamed")), is("availability_zone", knownvalue.StringExact(name+"-2")),
					is("hosts", texts(hosts[0], hosts[1])),
				},
				Check: metadata(cloud, &id, map[string]string{"ssd": "true", nova.ZoneKey: name + "-2"}),
			},
			{ResourceName: address, ImportState: true, ImportStateVerify: true},
			{ResourceName: address, ImportState: true, ImportStateVerify: true, ImportStateId: name + "-renamed"},
			{ // others take a host, change a key of ours and add one of theirs
				PreConfig: func() {
					no, theirs := "false", "theirs"
					err := all.SetMetadata(t.Context(), id, map[string]*string{"ssd": &no, "other": &theirs})
					if err == nil {
						err = all.RemoveHost(t.Context(), id, hosts[1])
					}
					if err != nil {
						t.Fatal(err)
					}
				},
				Config: config(name+"-renamed", both), ConfigPlanChecks: does(plancheck.ResourceActionUpdate),
				ConfigStateChecks: []statecheck.StateCheck{
					still(), is("hosts", texts(hosts[0], hosts[1])),
					is("metadata", knownvalue.MapExact(map[string]knownvalue.Check{"ssd": knownvalue.StringExact("true")})),
				},
				Check: metadata(cloud, &id, map[string]string{"ssd": "true", "other": "theirs", nova.ZoneKey: name + "-2"}),
			},
			{ // left alone, and only shown
				Config: config(name+"-renamed", ""), ConfigPlanChecks: does(plancheck.ResourceActionUpdate),
				ConfigStateChecks: []statecheck.StateCheck{
					still(), is("hosts", texts(hosts[0], hosts[1])), is("availability_zone", knownvalue.StringExact(name+"-2")), is("metadata", knownvalue.Null()),
				},
				Check: metadata(cloud, &id, map[string]string{"other": "theirs", nova.ZoneKey: name + "-2"}),
			},
			{ // disappears
				PreConfig: func() {
					if err := all.Delete(t.Context(), id); err != nil {
						t.Fatal(err)
					}
				},
				Config: config(name, "  hosts = []"), ConfigPlanChecks: does(plancheck.ResourceActionCreate),
				ConfigStateChecks: []statecheck.StateCheck{is("hosts", texts()), is("availability_zone", knownvalue.Null())},
			},
			{Config: config(name, fmt.Sprintf("  hosts = [%q]", hosts[0])), ConfigPlanChecks: does(plancheck.ResourceActionUpdate)},
		},
		CheckDestroy: func(*terraform.State) error {
			if left, err := all.Named(context.Background(), name); err != nil || len(left) > 0 {
				return fmt.Errorf("left: %v, %w", left, err)
			}
			return nil
		},
	})
}

// metadata is what the aggregate has of it in the cloud.
func metadata(cloud *acctest.Target, id *string, wanted map[string]string) resource.TestCheckFunc {
	return func(*terraform.State) error {
		found, err := nova.Aggregates{Client: cloud.Client}.Get(context.Background(), *id)
		if err == nil && !maps.Equal(found.Metadata, wanted) {
			err = fmt.Errorf("the metadata is %v, not %v", found.Metadata, wanted)
		}
		return err
	}
}

// TestAccAggregateUndone: half an aggregate does not stay.
func TestAccAggregateUndone(t *testing.T) {
	t.Parallel()
	cloud := acctest.Cloud(t)
	name, all := acctest.Name(t), nova.Aggregates{Client: cloud.Client}
	if _, err := all.Create(t.Context(), name+"-taken", nil); err != nil {
		t.Fatal(err)
	}
	cloud.Test(t, resource.TestCase{Steps: []resource.TestStep{
		{
			Config:      config(name, "  hosts = [\"no-such-host\"]"),
			ExpectError: regexp.MustCompile(`(?s)Unable to Change hosts of Aggregate.*Compute host no-such-host could not be\s+found`),
		},
		{
			PreConfig: func() {
				if left, err := all.Named(t.Context(), name); err != nil || len(left) > 0 {
					t.Errorf("left: %v, %v", left, err)
				}
			},
			Config: config(name+"-taken", ""), ExpectError: regexp.MustCompile(`(?s)already exists.*import it by its\s+name`),
		},
		{Config: config(name, "  metadata = { availability_zone = \"a\" }"), PlanOnly: true, ExpectError: regexp.MustCompile(`value must be none of`)},
		{Config: config(name, "  availability_zone = \"a:b\""), PlanOnly: true, ExpectError: regexp.MustCompile(`may hold no colon`)},
		{Config: config(name, "  hosts = [\"a b\"]"), PlanOnly: true, ExpectError: regexp.MustCompile(`may hold letters, digits, and any`)},
		{Config: config(name, ""), ResourceName: address, ImportState: true, ImportStateId: "none", ExpectError: regexp.MustCompile(`No Such Aggregate`)},
	}})
}

// TestAccAggregateRefused: Nova does not change the zone of servers, and the state stays true when it does not.
func TestAccAggregateRefused(t *testing.T) {
	t.Parallel()
	cloud := acctest.Alone(t)
	name, hosts := acctest.Name(t), cloud.Hosts(t, 2)
	zoned := func(zone, size string) string {
		return config(name, fmt.Sprintf("  availability_zone = %q\n  metadata = { size = %q }\n  hosts = [%q, %q]", zone, size, hosts[0], hosts[1]))
	}
	var server string
	cloud.Test(t, resource.TestCase{Steps: []resource.TestStep{
		{Config: zoned("a", "s")},
		{
			PreConfig: func() { server = cloud.Server(t, "none") },
			Config:    zoned("b", "l"), ExpectError: regexp.MustCompile(`(?s)Unable to Change details of Aggregate.*contain instances in\s+this\s+zone`),
		},
		{Config: zoned("a", "s"), ConfigPlanChecks: does(plancheck.ResourceActionNoop)},
		{
			Config:      config(name, "  availability_zone = \"a\"\n  metadata = { size = \"s\" }\n  hosts = []"),
			ExpectError: regexp.MustCompile(`(?s)Unable to Change hosts of Aggregate.*cannot\s+be\s+removed\s+from\s+the\s+aggregate`),
		},
		{
			PreConfig: func() {
				if err := cloud.Servers().Delete(t.Context(), server); err != nil {
					t.Fatal(err)
				}
				if err := cloud.Gone(t.Context(), server); err != nil {
					t.Fatal(err)
				}
			},
			Config: zoned("b", "l"), ConfigPlanChecks: does(plancheck.ResourceActionUpdate),
			ConfigStateChecks: []statecheck.StateCheck{is("availability_zone", knownvalue.StringExact("b")), is("hosts", texts(hosts[0], hosts[1]))},
		},
	}})
}

func TestAccAggregateInterrupted(t *testing.T) {
	t.Parallel()
	cloud := acctest.Cloud(t)
	name, host := acctest.Name(t), cloud.Hosts(t, 1)[0]
	cloud.Interrupted(t, "nova_aggregate", map[string]tftypes.Value{
		"name":  tftypes.NewValue(tftypes.String, name),
		"hosts": tftypes.NewValue(tftypes.Set{ElementType: tftypes.String}, []tftypes.Value{tftypes.NewValue(tftypes.String, host)}),
	})
	if left, err := (nova.Aggregates{Client: cloud.Client}).Named(t.Context(), name); err != nil || len(left) > 0 {
		t.Errorf("left: %v, %v", left, err)
	}
}

func TestAccAggregateForbidden(t *testing.T) {
	t.Parallel()
	_, member := acctest.CloudWithMember(t)
	member.Test(t, resource.TestCase{Steps: []resource.TestStep{{
		Config:      config(acctest.Name(t), ""),
		ExpectError: regexp.MustCompile(`(?s)Unable to Create Aggregate.*os-aggregates:(index|create).*role`),
	}}})
}

func TestAccAggregateMoved(t *testing.T) {
	t.Parallel()
	cloud := acctest.Alone(t)
	name, host, all := acctest.Name(t), cloud.Hosts(t, 1)[0], nova.Aggregates{Client: cloud.Client}
	made, err := all.Create(t.Context(), name, &name)
	if err != nil {
		t.Fatal(err)
	}
	id, yes := fmt.Sprint(made.ID), "true"
	t.Cleanup(func() { _ = all.Delete(context.WithoutCancel(t.Context()), id) })
	if err := all.AddHost(t.Context(), id, host); err != nil {
		t.Fatal(err)
	}
	if err := all.SetMetadata(t.Context(), id, map[string]*string{"ssd": &yes}); err != nil {
		t.Fatal(err)
	}
	text := func(v string) tftypes.Value { return tftypes.NewValue(tftypes.String, v) }
	state := cloud.Moved(t, "openstack_compute_aggregate_v2", fmt.Sprintf(`{"id": %q, "region": "RegionOne", "name": %q, "zone": %q,
		"metadata": {"ssd": "true", "availability_zone": %q}, "hosts": [%q]}`, id, name, name, name, host), "nova_aggregate", map[string]tftypes.Value{
		"name": text(name), "availability_zone": text(name),
		"metadata": tftypes.NewValue(tftypes.Map{ElementType: tftypes.String}, map[string]tftypes.Value{"ssd": text("true")}),
		"hosts":    tftypes.NewValue(tftypes.Set{ElementType: tftypes.String}, []tftypes.Value{text(host)}),
	})
	if got := acctest.As[string](t, state["id"]); got != id {
		t.Errorf("the aggregate is %s, not %s", got, id)
	}
	imported := cloud.ByIdentity(t, "nova_aggregate", map[string]string{"id": id})
	if got := acctest.As[string](t, imported["name"]); got != name {
		t.Errorf("by its identity %s is imported, not %s", got, name)
	}
}
