// SPDX-License-Identifier: MPL-2.0

package service_test

import (
	"context"
	"fmt"
	"regexp"
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

const address = "nova_service.test"

func config(host, attributes string) string {
	return fmt.Sprintf("resource \"nova_service\" \"test\" {\n  host = %q\n%s\n}\n", host, attributes)
}

func does(action plancheck.ResourceActionType) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, action)}}
}

func is(attribute string, check knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(address, tfjsonpath.New(attribute), check)
}

// on is the service of a host as the cloud shows it.
func on(cloud *acctest.Target, host string) (*nova.Service, error) {
	found, err := nova.Services{Client: cloud.Client}.On(context.Background(), host, nova.Compute)
	if err == nil && found == nil {
		err = fmt.Errorf("there is no service on %s", host)
	}
	return found, err
}

// serves is an error unless the host is in service again.
func serves(cloud *acctest.Target, host string) resource.TestCheckFunc {
	return func(*terraform.State) error {
		found, err := on(cloud, host)
		if err == nil && (found.Status != nova.Enabled || *found.ForcedDown) {
			err = fmt.Errorf("the service is %s, and forced down: %t", found.Status, *found.ForcedDown)
		}
		return err
	}
}

func TestAccService(t *testing.T) {
	t.Parallel()
	cloud := acctest.Alone(t)
	host := cloud.Hosts(t, 1)[0]
	change := func(c nova.ServiceChange) func() {
		return func() {
			found, err := on(cloud, host)
			if err == nil {
				err = nova.Services{Client: cloud.Client}.Change(t.Context(), found, c)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	var id string
	cloud.Test(t, resource.TestCase{
		Steps: []resource.TestStep{
			{ // taken over as it is
				Config: config(host, ""),
				ConfigStateChecks: []statecheck.StateCheck{
					is("status", knownvalue.StringExact("enabled")), is("state", knownvalue.StringExact("up")), is("forced_down", knownvalue.Bool(false)),
					is("disabled_reason", knownvalue.Null()), is("zone", knownvalue.StringExact("nova")), is("binary", knownvalue.StringExact("nova-compute")),
				},
				Check: resource.TestCheckResourceAttrWith(address, "id", func(v string) error { id = v; return nil }),
			},
			{
				Config: config(host, "  status = \"disabled\"\n  disabled_reason = \"new memory\""), ConfigPlanChecks: does(plancheck.ResourceActionUpdate),
				ConfigStateChecks: []statecheck.StateCheck{
					is("status", knownvalue.StringExact("disabled")), is("disabled_reason", knownvalue.StringExact("new memory")),
				},
			},
			{ResourceName: address, ImportState: true, ImportStateVerify: true, ImportStateId: host + ":nova-compute"},
			{ResourceName: address, ImportState: true, ImportStateVerify: true, ImportStateId: host},
			{ResourceName: address, ImportState: true, ImportStateVerify: true, ImportStateIdFunc: func(*terraform.State) (string, error) { return id, nil }},
			{
				Config: config(host, "  status = \"disabled\"\n  disabled_reason = \"new disks\"\n  forced_down = true"), ConfigPlanChecks: does(plancheck.ResourceActionUpdate),
				ConfigStateChecks: []statecheck.StateCheck{
					is("disabled_reason", knownvalue.StringExact("new disks")), is("forced_down", knownvalue.Bool(true)), is("state", knownvalue.StringExact("down")),
				},
			},
			{ // somebody puts it back into service too early
				PreConfig: change(nova.ServiceChange{Status: nova.Enabled}),
				Config:    config(host, "  status = \"disabled\"\n  disabled_reason = \"new disks\""), ConfigPlanChecks: does(plancheck.ResourceActionUpdate),
				ConfigStateChecks: []statecheck.StateCheck{is("disabled_reason", knownvalue.StringExact("new disks")), is("forced_down", knownvalue.Bool(true))},
			},
			{ // what is not given is left alone
				PreConfig: change(nova.ServiceChange{Status: nova.Disabled, Reason: "theirs"}),
				Config:    config(host, "  status = \"disabled\""), ConfigPlanChecks: does(plancheck.ResourceActionNoop),
				ConfigStateChecks: []statecheck.StateCheck{is("disabled_reason", knownvalue.StringExact("theirs"))},
			},
			{
				Config: config(host, "  status = \"enabled\"\n  forced_down = false"), ConfigPlanChecks: does(plancheck.ResourceActionUpdate),
				ConfigStateChecks: []statecheck.StateCheck{is("disabled_reason", knownvalue.Null()), is("state", knownvalue.StringExact("up"))}, Check: serves(cloud, host),
			},
			{Config: config(host, "  status = \"disabled\"\n  forced_down = true")},
		},
		CheckDestroy: serves(cloud, host),
	})
}

// TestAccServiceOlder: before 2.53 each thing takes a call of its own, and ids are numbers.
func TestAccServiceOlder(t *testing.T) {
	t.Parallel()
	cloud := acctest.Alone(t)
	host := cloud.Hosts(t, 1)[0]
	at := func(v, attributes string) string {
		return fmt.Sprintf("provider \"nova\" {\n  max_microversion = %q\n}\n%s", v, config(host, attributes))
	}
	cloud.Test(t, resource.TestCase{
		Steps: []resource.TestStep{
			{Config: at("2.10", "  forced_down = true"), PlanOnly: true, ExpectError: regexp.MustCompile(`forced_down cannot be used: it needs\s+microversion\s+2\.11`)},
			{
				Config: at("2.10", "  status = \"disabled\"\n  disabled_reason = \"old\""),
				ConfigStateChecks: []statecheck.StateCheck{
					is("disabled_reason", knownvalue.StringExact("old")), is("forced_down", knownvalue.Null()), is("id", knownvalue.StringRegexp(regexp.MustCompile(`^\d+$`))),
				},
			},
			{
				Config:            at("2.52", "  status = \"enabled\"\n  forced_down = true"),
				ConfigStateChecks: []statecheck.StateCheck{is("status", knownvalue.StringExact("enabled")), is("forced_down", knownvalue.Bool(true))},
			},
			{
				Config:            at("2.52", "  status = \"disabled\"\n  on_destroy = \"keep\""),
				ConfigStateChecks: []statecheck.StateCheck{is("status", knownvalue.StringExact("disabled")), is("disabled_reason", knownvalue.Null())},
			},
		},
		CheckDestroy: func(*terraform.State) error {
			found, err := on(cloud, host)
			if err == nil && (found.Status != nova.Disabled || !*found.ForcedDown) {
				err = fmt.Errorf("the service is %s", found.Status)
			}
			return err
		},
	})
}

// TestAccServiceDeleted: of a host that is no more.
func TestAccServiceDeleted(t *testing.T) {
	t.Parallel()
	cloud := acctest.Alone(t)
	host := cloud.Hosts(t, 1)[0]
	gone := func(*terraform.State) error {
		if found, err := on(cloud, host); err == nil {
			return fmt.Errorf("there still is %v", found)
		}
		return nil
	}
	cloud.Test(t, resource.TestCase{
		Steps: []resource.TestStep{
			{Config: config(host, "  forced_down = true\n  on_destroy = \"delete\"")},
			{Config: "locals {\n  none = true\n}\n", Check: gone},
			{Config: config(host, ""), ExpectError: regexp.MustCompile(`(?s)No Such Service.*register\s+themselves`)},
		},
		CheckDestroy: gone,
	})
}

func TestAccServiceDisappears(t *testing.T) {
	t.Parallel()
	cloud := acctest.Alone(t)
	host := cloud.Hosts(t, 1)[0]
	cloud.Test(t, resource.TestCase{Steps: []resource.TestStep{
		{Config: config(host, "")},
		{
			PreConfig: func() {
				found, err := on(cloud, host)
				if err == nil {
					err = nova.Services{Client: cloud.Client}.Delete(t.Context(), found)
				}
				if err != nil {
					t.Fatal(err)
				}
			},
			Config: config(host, ""), ConfigPlanChecks: does(plancheck.ResourceActionCreate), ExpectError: regexp.MustCompile(`No Such Service`),
		},
	}})
}

func TestAccServiceInvalid(t *testing.T) {
	t.Parallel()
	_, member := acctest.CloudWithMember(t)
	fails := func(attributes, with string) resource.TestStep {
		return resource.TestStep{Config: config("compute-1", attributes), PlanOnly: true, ExpectError: regexp.MustCompile(with)}
	}
	member.Test(t, resource.TestCase{Steps: []resource.TestStep{
		fails("  status = \"enabled\"\n  disabled_reason = \"why\"", `Reason of What Is Enabled`),
		fails("  disabled_reason = \"why\"", `Attribute "status" must be specified`),
		fails("  binary = \"nova-scheduler\"", `Service That Cannot Be Changed`),
		fails("  binary = \"nova-scheduler\"\n  on_destroy = \"delete\"\n  status = \"disabled\"", `Nova changes services of the binary\s+nova-compute\s+only`),
		{Config: config("compute-1", ""), ExpectError: regexp.MustCompile(`(?s)Unable to Take Over Service.*os-services:list.*role`)},
	}})
}

func TestAccServiceByIdentity(t *testing.T) {
	t.Parallel()
	cloud := acctest.Cloud(t)
	host := cloud.Hosts(t, 1)[0]
	cloud.ByIdentity(t, "nova_service", map[string]string{"host": host, "binary": "nova-compute"})
	imported := cloud.ByIdentity(t, "nova_service", map[string]string{"host": host})
	if binary := acctest.As[string](t, imported["binary"]); binary != "nova-compute" {
		t.Error(binary)
	}
}

func TestAccServiceReplaces(t *testing.T) {
	t.Parallel()
	text := func(v string) tftypes.Value { return tftypes.NewValue(tftypes.String, v) }
	acctest.Cloud(t).Replaces(t, "nova_service", map[string]tftypes.Value{
		"id": text("i"), "host": text("a"), "binary": text("nova-compute"), "on_destroy": text("delete"),
	}, map[string]tftypes.Value{"host": text("b"), "binary": text("nova-scheduler")})
}
