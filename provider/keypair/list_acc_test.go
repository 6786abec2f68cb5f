// SPDX-License-Identifier: MPL-2.0

package keypair_test

import (
	"slices"
	"testing"

	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/keypairs"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/querycheck"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/acctest"
)

// populate makes two keypairs, of the user's own and of the user if one is named.
func populate(t *testing.T, cloud *acctest.Target, user string) (prefix string) {
	t.Helper()
	service, err := cloud.Client.At(t.Context(), 10)
	if err != nil {
		t.Fatal(err)
	}
	prefix = acctest.Name(t)
	for _, name := range []string{prefix + "-a", prefix + "-b"} {
		opts := keypairs.CreateOpts{Name: name, PublicKey: acctest.Key, UserID: user}
		if err := keypairs.Create(t.Context(), service, opts).Err; err != nil {
			t.Fatal(err)
		}
	}
	return prefix
}

func TestAccKeypairList(t *testing.T) {
	t.Parallel()
	cloud := acctest.Cloud(t)
	user := cloud.User(t)
	prefix := populate(t, cloud, "")
	populate(t, cloud, user)
	text := func(s string) tftypes.Value { return tftypes.NewValue(tftypes.String, s) }
	for name, test := range map[string]struct {
		config map[string]tftypes.Value
		limit  int64
		want   []string
	}{
		"all":         {map[string]tftypes.Value{"name_regex": text("^" + prefix)}, 0, []string{prefix + "-a", prefix + "-b"}},
		"one":         {map[string]tftypes.Value{"name_regex": text("^" + prefix)}, 1, []string{prefix + "-a"}},
		"another's":   {map[string]tftypes.Value{"name_regex": text(prefix + "-b$"), "user_id": text(user)}, 0, []string{prefix + "-b"}},
		"none at all": {map[string]tftypes.Value{"name_regex": text("^$")}, 0, nil},
	} {
		all, failure := cloud.List(t, acctest.Query{Type: "nova_keypair", Config: test.config, Limit: test.limit, IncludeResource: true})
		if failure != nil {
			t.Fatal(failure.Summary, failure.Detail)
		}
		if got := acctest.Names(all); !slices.Equal(got, test.want) {
			t.Errorf("%s: listed %v", name, got)
		}
		for _, one := range all {
			if owner := one.Identity["user_id"]; owner.IsNull() || name == "another's" != owner.Equal(text(user)) {
				t.Errorf("%s: %s is said to belong to %v", name, one.Name, owner)
			}
		}
		cloud.Refreshed(t, "nova_keypair", all)
	}
	_, failure := cloud.Limited("2.9").List(t, acctest.Query{Type: "nova_keypair", Config: map[string]tftypes.Value{"user_id": text(user)}})
	if failure == nil || failure.Summary != "Cloud Too Old" {
		t.Errorf("another's, by microversion 2.9: %v", failure)
	}
}

func TestAccKeypairQuery(t *testing.T) {
	t.Parallel()
	cloud := acctest.Cloud(t)
	prefix := populate(t, cloud, "")
	cloud.Test(t, resource.TestCase{
		TerraformVersionChecks: []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_14_0)},
		Steps: []resource.TestStep{
			{Config: "provider \"nova\" {}\n"},
			{
				Query:             true,
				Config:            "list \"nova_keypair\" \"all\" {\n  provider = nova\n  config {\n    name_regex = \"^" + prefix + "\"\n  }\n}\n",
				QueryResultChecks: []querycheck.QueryResultCheck{querycheck.ExpectLength("nova_keypair.all", 2)},
			},
		},
	})
}
