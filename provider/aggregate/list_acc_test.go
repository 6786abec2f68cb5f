// SPDX-License-Identifier: MPL-2.0

package aggregate_test

import (
	"slices"
	"strconv"
	"testing"

	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/aggregates"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/querycheck"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/acctest"
)

// populate makes an aggregate that is a zone, with a host, and one that is none.
func populate(t *testing.T, cloud *acctest.Target) (prefix, host string) {
	t.Helper()
	service, err := cloud.Client.At(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	prefix, host = acctest.Name(t), cloud.Hosts(t, 1)[0]
	for _, opts := range []aggregates.CreateOpts{{Name: prefix + "-a", AvailabilityZone: prefix}, {Name: prefix + "-b"}} {
		made, err := aggregates.Create(t.Context(), service, opts).Extract()
		if err == nil && opts.AvailabilityZone != "" {
			_, err = aggregates.AddHost(t.Context(), service, made.ID, aggregates.AddHostOpts{Host: host}).Extract()
		}
		if err == nil {
			_, err = aggregates.SetMetadata(t.Context(), service, made.ID, aggregates.SetMetadataOpts{Metadata: map[string]any{"n": strconv.Itoa(made.ID)}}).Extract()
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return prefix, host
}

func TestAccAggregateList(t *testing.T) {
	t.Parallel()
	cloud := acctest.Alone(t)
	prefix, host := populate(t, cloud)
	text := func(s string) tftypes.Value { return tftypes.NewValue(tftypes.String, s) }
	for name, test := range map[string]struct {
		config map[string]tftypes.Value
		limit  int64
		want   []string
	}{
		"all":       {map[string]tftypes.Value{"name_regex": text("^" + prefix)}, 0, []string{prefix + "-a", prefix + "-b"}},
		"one":       {map[string]tftypes.Value{"name_regex": text("^" + prefix)}, 1, []string{prefix + "-a"}},
		"by zone":   {map[string]tftypes.Value{"availability_zone": text(prefix)}, 0, []string{prefix + "-a"}},
		"by a host": {map[string]tftypes.Value{"host": text(host), "name_regex": text(prefix)}, 0, []string{prefix + "-a"}},
		"none":      {map[string]tftypes.Value{"host": text("nowhere")}, 0, nil},
	} {
		all, failure := cloud.List(t, acctest.Query{Type: "nova_aggregate", Config: test.config, Limit: test.limit, IncludeResource: true})
		if failure != nil {
			t.Fatal(failure.Summary, failure.Detail)
		}
		if got := acctest.Names(all); !slices.Equal(got, test.want) {
			t.Errorf("%s: listed %v", name, got)
		}
		cloud.Refreshed(t, "nova_aggregate", all)
	}
}

func TestAccAggregateQuery(t *testing.T) {
	t.Parallel()
	cloud := acctest.Alone(t)
	prefix, _ := populate(t, cloud)
	cloud.Test(t, resource.TestCase{
		TerraformVersionChecks: []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_14_0)},
		Steps: []resource.TestStep{
			{Config: "provider \"nova\" {}\n"},
			{
				Query:             true,
				Config:            "list \"nova_aggregate\" \"all\" {\n  provider = nova\n  config {\n    availability_zone = \"" + prefix + "\"\n  }\n}\n",
				QueryResultChecks: []querycheck.QueryResultCheck{querycheck.ExpectLength("nova_aggregate.all", 1)},
			},
		},
	})
}
