// SPDX-License-Identifier: MPL-2.0

package servergroup_test

import (
	"slices"
	"testing"

	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servergroups"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/querycheck"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/acctest"
)

// populate makes two server groups.
func populate(t *testing.T, cloud *acctest.Target) (prefix string) {
	t.Helper()
	service, err := cloud.Client.At(t.Context(), 64)
	if err != nil {
		t.Fatal(err)
	}
	prefix = acctest.Name(t)
	for _, opts := range []servergroups.CreateOpts{
		{Name: prefix + "-a", Policy: "affinity"},
		{Name: prefix + "-b", Policy: "anti-affinity", Rules: &servergroups.Rules{MaxServerPerHost: 3}},
	} {
		if err := servergroups.Create(t.Context(), service, opts).Err; err != nil {
			t.Fatal(err)
		}
	}
	return prefix
}

func TestAccServerGroupList(t *testing.T) {
	t.Parallel()
	cloud := acctest.Cloud(t)
	prefix := populate(t, cloud)
	text := func(s string) tftypes.Value { return tftypes.NewValue(tftypes.String, s) }
	yes := tftypes.NewValue(tftypes.Bool, true)
	for name, test := range map[string]struct {
		config map[string]tftypes.Value
		limit  int64
		want   []string
	}{
		"all":               {map[string]tftypes.Value{"name_regex": text("^" + prefix)}, 0, []string{prefix + "-a", prefix + "-b"}},
		"of all projects":   {map[string]tftypes.Value{"name_regex": text("^" + prefix), "all_projects": yes}, 0, []string{prefix + "-a", prefix + "-b"}},
		"one":               {map[string]tftypes.Value{"name_regex": text("^" + prefix)}, 1, []string{prefix + "-a"}},
		"of a policy":       {map[string]tftypes.Value{"name_regex": text("^" + prefix), "policy": text("anti-affinity")}, 0, []string{prefix + "-b"}},
		"of a policy, none": {map[string]tftypes.Value{"name_regex": text("^" + prefix), "policy": text("soft-affinity")}, 0, nil},
	} {
		all, failure := cloud.List(t, acctest.Query{Type: "nova_server_group", Config: test.config, Limit: test.limit, IncludeResource: true})
		if failure != nil {
			t.Fatal(failure.Summary, failure.Detail)
		}
		if got := acctest.Names(all); !slices.Equal(got, test.want) {
			t.Errorf("%s: listed %v", name, got)
		}
		cloud.Refreshed(t, "nova_server_group", all)
	}
}

func TestAccServerGroupQuery(t *testing.T) {
	t.Parallel()
	cloud := acctest.Cloud(t)
	prefix := populate(t, cloud)
	cloud.Test(t, resource.TestCase{
		TerraformVersionChecks: []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_14_0)},
		Steps: []resource.TestStep{
			{Config: "provider \"nova\" {}\n"},
			{
				Query:             true,
				Config:            "list \"nova_server_group\" \"all\" {\n  provider = nova\n  config {\n    name_regex = \"^" + prefix + "\"\n  }\n}\n",
				QueryResultChecks: []querycheck.QueryResultCheck{querycheck.ExpectLength("nova_server_group.all", 2)},
			},
		},
	})
}
