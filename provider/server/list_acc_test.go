// SPDX-License-Identifier: MPL-2.0

package server_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/querycheck"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/acctest"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
)

// populate makes two servers: -a with a tag and metadata, -b without.
func populate(t *testing.T, cloud *acctest.Target) (prefix string) {
	t.Helper()
	prefix = acctest.Name(t)
	for _, body := range []nova.ServerCreate{
		{Name: prefix + "-a", Tags: []string{"blue"}, Metadata: map[string]string{"role": "web"}},
		{Name: prefix + "-b"},
	} {
		body.ImageRef, body.FlavorRef, body.Networks = cloud.Image(t), cloud.Flavor(t), "none"
		id, err := cloud.Servers().Create(t.Context(), 52, body)
		if err == nil {
			err = cloud.Active(t.Context(), id)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return prefix
}

func TestAccServerList(t *testing.T) {
	t.Parallel()
	cloud := acctest.Cloud(t)
	prefix := populate(t, cloud)
	text := func(s string) tftypes.Value { return tftypes.NewValue(tftypes.String, s) }
	type config = map[string]tftypes.Value
	tags := func(all ...tftypes.Value) tftypes.Value {
		return tftypes.NewValue(tftypes.List{ElementType: tftypes.String}, all)
	}
	placed, err := cloud.Servers().Named(t.Context(), prefix+"-b")
	if err != nil || len(placed) != 1 {
		t.Fatal(placed, err)
	}
	both := []string{prefix + "-a", prefix + "-b"}
	for name, test := range map[string]struct {
		config config
		limit  int64
		want   []string
	}{
		"all":               {config{"name_regex": text("^" + prefix)}, 0, both},
		"the newest":        {config{"name_regex": text("^" + prefix)}, 1, []string{prefix + "-b"}},
		"by Go's regex":     {config{"name_regex": text(`(?i)^` + strings.ToUpper(prefix) + `-\w$`)}, 0, both},
		"by tag":            {config{"name_regex": text(prefix), "tags": tags(text("blue"))}, 0, []string{prefix + "-a"}},
		"by two tags":       {config{"name_regex": text(prefix), "tags": tags(text("blue"), text("red"))}, 0, nil},
		"by image, flavor":  {config{"name_regex": text(prefix), "image_id": text(cloud.Image(t)), "flavor_id": text(cloud.Flavor(t))}, 0, both},
		"by another flavor": {config{"name_regex": text(prefix), "flavor_id": text("none")}, 0, nil},
		"by another host":   {config{"name_regex": text(prefix), "host": text("nowhere")}, 0, nil},
		"by status":         {config{"name_regex": text(prefix), "status": text("SHUTOFF")}, 0, nil},
		"by host":           {config{"name_regex": text(prefix + "-b"), "host": text(placed[0].Host), "all_projects": tftypes.NewValue(tftypes.Bool, true)}, 0, []string{prefix + "-b"}},
	} {
		all, failure := cloud.List(t, acctest.Query{Type: "nova_server", Config: test.config, Limit: test.limit, IncludeResource: true})
		if failure != nil {
			t.Fatal(name, failure.Summary, failure.Detail)
		}
		if got := acctest.Names(all); !slices.Equal(got, test.want) {
			t.Errorf("%s: listed %v", name, got)
		}
		if name == "all" {
			cloud.Refreshed(t, "nova_server", all)
		}
	}
	for _, refused := range []struct {
		cloud  *acctest.Target
		config config
		says   string
	}{
		{cloud, config{"name_regex": text("[")}, "Invalid Regular Expression"},
		{cloud.Limited("2.25"), config{"tags": tags(text("blue"))}, "Cloud Too Old"},
	} {
		_, failure := refused.cloud.List(t, acctest.Query{Type: "nova_server", Config: refused.config})
		if failure == nil || failure.Summary != refused.says {
			t.Errorf("%v, not %s", failure, refused.says)
		}
	}
}

// TestAccServerListOfMember: who may not select by host hears so, rather than get servers of all hosts.
func TestAccServerListOfMember(t *testing.T) {
	t.Parallel()
	_, member := acctest.CloudWithMember(t)
	populate(t, member)
	_, failure := member.List(t, acctest.Query{
		Type: "nova_server", Config: map[string]tftypes.Value{"host": tftypes.NewValue(tftypes.String, "nowhere")},
	})
	if failure == nil || !strings.Contains(failure.Detail, "administrators only") {
		t.Errorf("got %v", failure)
	}
}

func TestAccServerQuery(t *testing.T) {
	t.Parallel()
	cloud := acctest.Cloud(t)
	prefix := populate(t, cloud)
	cloud.Test(t, resource.TestCase{
		TerraformVersionChecks: []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_14_0)},
		Steps: []resource.TestStep{
			{Config: "provider \"nova\" {}\n"},
			{
				Query:             true,
				Config:            "list \"nova_server\" \"all\" {\n  provider = nova\n  config {\n    name_regex = \"^" + prefix + "\"\n  }\n}\n",
				QueryResultChecks: []querycheck.QueryResultCheck{querycheck.ExpectLength("nova_server.all", 2)},
			},
		},
	})
}
