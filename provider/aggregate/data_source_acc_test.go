// SPDX-License-Identifier: MPL-2.0

package aggregate_test

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"testing"

	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/aggregates"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/acctest"
)

// madeAggregate is the id of an aggregate for the test.
func madeAggregate(t *testing.T, cloud *acctest.Target, name string) string {
	t.Helper()
	service, err := cloud.Client.At(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	made, err := aggregates.Create(t.Context(), service, aggregates.CreateOpts{Name: name}).Extract()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := aggregates.Delete(context.WithoutCancel(t.Context()), service, made.ID).ExtractErr(); err != nil {
			t.Error(err)
		}
	})
	if _, err = aggregates.SetMetadata(t.Context(), service, made.ID, aggregates.SetMetadataOpts{
		Metadata: map[string]any{"ssd": "true"},
	}).Extract(); err != nil {
		t.Fatal(err)
	}
	return strconv.Itoa(made.ID)
}

func TestAccAggregateData(t *testing.T) {
	t.Parallel()
	cloud, member := acctest.CloudWithMember(t)
	name := acctest.Name(t)
	id := madeAggregate(t, cloud, name)
	config := fmt.Sprintf(`
data "nova_aggregate" "id" {
  id = %q
}

data "nova_aggregate" "name" {
  name = %q
}

data "nova_aggregates" "ssd" {
  with_metadata = { ssd = "true" }
}

data "nova_aggregates" "host" {
  host = "no such host"
}
`, id, name)
	is := func(source, attribute string, of knownvalue.Check) statecheck.StateCheck {
		return statecheck.ExpectKnownValue("data."+source, tfjsonpath.New(attribute), of)
	}
	cloud.Test(t, resource.TestCase{Steps: []resource.TestStep{
		{Config: config, ConfigStateChecks: []statecheck.StateCheck{
			is("nova_aggregate.id", "name", knownvalue.StringExact(name)), is("nova_aggregate.name", "id", knownvalue.StringExact(id)),
			is("nova_aggregate.name", "uuid", knownvalue.NotNull()), is("nova_aggregate.name", "hosts", knownvalue.SetSizeExact(0)),
			is("nova_aggregates.ssd", "ids", knownvalue.ListExact([]knownvalue.Check{knownvalue.StringExact(id)})),
			is("nova_aggregates.host", "aggregates", knownvalue.ListSizeExact(0)),
		}},
		{
			Config:            "provider \"nova\" {\n  max_microversion = \"2.40\"\n}\n" + config,
			ConfigStateChecks: []statecheck.StateCheck{is("nova_aggregate.name", "uuid", knownvalue.Null())},
		},
		{Config: `data "nova_aggregate" "none" { id = "4711" }`, ExpectError: regexp.MustCompile(`No Such Aggregate`)},
	}})
	member.Test(t, resource.TestCase{Steps: []resource.TestStep{
		{Config: `data "nova_aggregates" "all" {}`, ExpectError: regexp.MustCompile(`(?s)403.*aggregates\s+to\s+administrators\s+only`)},
	}})
}
