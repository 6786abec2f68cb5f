// SPDX-License-Identifier: MPL-2.0

package flavor_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/flavors"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/querycheck"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/acctest"
)

// populate makes three flavors: a public one with extra specs, one of a name that is not asked for, a private one.
func populate(t *testing.T, cloud *acctest.Target) (prefix string) {
	t.Helper()
	service, err := cloud.Client.At(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	prefix = acctest.Name(t)
	disk, private := 1, false
	for _, opts := range []flavors.CreateOpts{
		{ID: prefix + "-a", Name: prefix + "-a", RAM: 512, VCPUs: 2, Disk: &disk},
		{ID: prefix + "-other", Name: "other-" + prefix, RAM: 512, VCPUs: 1, Disk: &disk},
		{ID: prefix + "-private", Name: prefix + "-private", RAM: 1024, VCPUs: 1, Disk: &disk, IsPublic: &private},
	} {
		if err := flavors.Create(t.Context(), service, opts).Err; err != nil {
			t.Fatal(err)
		}
	}
	if err := flavors.CreateExtraSpecs(t.Context(), service, prefix+"-a", flavors.ExtraSpecsOpts{"hw:cpu_policy": "dedicated"}).Err; err != nil {
		t.Fatal(err)
	}
	return prefix
}

func TestAccFlavorList(t *testing.T) {
	t.Parallel()
	cloud := acctest.Cloud(t)
	prefix := populate(t, cloud)
	text := func(s string) tftypes.Value { return tftypes.NewValue(tftypes.String, s) }
	query := func(limit int64, config map[string]tftypes.Value) []acctest.Listed {
		t.Helper()
		all, failure := cloud.List(t, acctest.Query{Type: "nova_flavor", Config: config, Limit: limit, IncludeResource: true})
		if failure != nil {
			t.Fatal(failure.Summary, failure.Detail)
		}
		return all
	}
	all := query(0, map[string]tftypes.Value{"name_regex": text("^" + prefix)})
	if got := acctest.Names(all); !slices.Equal(got, []string{prefix + "-a", prefix + "-private"}) {
		t.Fatalf("listed %v", got)
	}
	for _, one := range all {
		if !one.Identity["id"].Equal(text(one.Name)) {
			t.Errorf("%s has the identity %v", one.Name, one.Identity)
		}
	}
	cloud.Refreshed(t, "nova_flavor", all)
	specs := map[string]tftypes.Value{}
	if err := all[slices.IndexFunc(all, func(l acctest.Listed) bool { return l.Name == prefix+"-a" })].Resource["extra_specs"].As(&specs); err != nil ||
		!specs["hw:cpu_policy"].Equal(text("dedicated")) {
		t.Errorf("extra specs %v, %v", specs, err)
	}
	if got := query(0, map[string]tftypes.Value{"is_public": tftypes.NewValue(tftypes.Bool, false), "name_regex": text("^" + prefix)}); len(got) != 1 {
		t.Errorf("private flavors: %v", acctest.Names(got))
	}
	if got := query(1, nil); len(got) != 1 {
		t.Errorf("a limit of 1 lists %v", acctest.Names(got))
	}
	if got := query(0, map[string]tftypes.Value{"min_ram": tftypes.NewValue(tftypes.Number, 1<<30)}); len(got) != 0 {
		t.Errorf("flavors of a PiB: %v", acctest.Names(got))
	}
	_, failure := cloud.List(t, acctest.Query{Type: "nova_flavor", Config: map[string]tftypes.Value{"name_regex": text("(")}})
	if failure == nil || !strings.Contains(failure.Summary, "Invalid Regular Expression") {
		t.Errorf("a bad expression: %v", failure)
	}
}

func TestAccFlavorQuery(t *testing.T) {
	t.Parallel()
	cloud := acctest.Cloud(t)
	prefix := populate(t, cloud)
	cloud.Test(t, resource.TestCase{
		TerraformVersionChecks: []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_14_0)},
		Steps: []resource.TestStep{
			{Config: `provider "nova" {}`},
			{
				Query: true,
				Config: `
list "nova_flavor" "all" {
  provider = nova
  config {
    name_regex = "^` + prefix + `"
  }
}`,
				QueryResultChecks: []querycheck.QueryResultCheck{
					querycheck.ExpectLength("nova_flavor.all", 2),
					querycheck.ExpectIdentity("nova_flavor.all", map[string]knownvalue.Check{"id": knownvalue.StringExact(prefix + "-a")}),
				},
			},
		},
	})
}
