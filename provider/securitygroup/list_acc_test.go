// SPDX-License-Identifier: MPL-2.0

package securitygroup_test

import (
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/querycheck"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/acctest"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/network"
)

// populate makes two security groups, the first with a rule.
func populate(t *testing.T, cloud *acctest.Target) (prefix string) {
	t.Helper()
	prefix = acctest.Name(t)
	all := groups(t, cloud)
	for _, name := range []string{prefix + "-a", prefix + "-b"} {
		made, err := all.Create(t.Context(), network.Group{Name: name})
		if err == nil && name == prefix+"-a" {
			rule := in("tcp", 22, "192.0.2.0/24")
			rule.GroupID = made.ID
			_, err = all.AddRule(t.Context(), rule)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return prefix
}

func TestAccSecurityGroupList(t *testing.T) {
	t.Parallel()
	for name, cloud := range map[string]*acctest.Target{"neutron": acctest.Cloud(t), "proxies": acctest.CloudWithoutNeutron(t)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			prefix := populate(t, cloud)
			text := func(s string) tftypes.Value { return tftypes.NewValue(tftypes.String, s) }
			for name, test := range map[string]struct {
				config map[string]tftypes.Value
				limit  int64
				want   []string
			}{
				"all":       {map[string]tftypes.Value{"name_regex": text("^" + prefix)}, 0, []string{prefix + "-a", prefix + "-b"}},
				"one":       {map[string]tftypes.Value{"name_regex": text("^" + prefix + "-b$")}, 1, []string{prefix + "-b"}},
				"nobody's":  {map[string]tftypes.Value{"project_id": text("nobody")}, 0, nil},
				"by prefix": {map[string]tftypes.Value{"name_regex": text("^" + prefix + "-[a-a]")}, 0, []string{prefix + "-a"}},
			} {
				all, failure := cloud.List(t, acctest.Query{Type: "nova_security_group", Config: test.config, Limit: test.limit, IncludeResource: true})
				if failure != nil {
					t.Fatal(failure.Summary, failure.Detail)
				}
				if got := acctest.Names(all); !slices.Equal(got, test.want) {
					t.Errorf("%s: listed %v", name, got)
				}
				cloud.Refreshed(t, "nova_security_group", all)
			}
		})
	}
}

func TestAccSecurityGroupQuery(t *testing.T) {
	t.Parallel()
	cloud := acctest.Cloud(t)
	prefix := populate(t, cloud)
	cloud.Test(t, resource.TestCase{
		TerraformVersionChecks: []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_14_0)},
		Steps: []resource.TestStep{
			{Config: "provider \"nova\" {}\n"},
			{
				Query:             true,
				Config:            "list \"nova_security_group\" \"all\" {\n  provider = nova\n  config {\n    name_regex = \"^" + prefix + "\"\n  }\n}\n",
				QueryResultChecks: []querycheck.QueryResultCheck{querycheck.ExpectLength("nova_security_group.all", 2)},
			},
		},
	})
}
