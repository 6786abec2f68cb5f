// SPDX-License-Identifier: MPL-2.0

package keypair_test

import (
	"fmt"
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/acctest"
)

func TestAccKeypairData(t *testing.T) {
	t.Parallel()
	cloud := acctest.Cloud(t)
	name := acctest.Name(t)
	pair := func(label string) string {
		return fmt.Sprintf("resource \"nova_keypair\" %q {\n  name       = \"%s-%s\"\n  public_key = %q\n}\n", label, name, label, acctest.Key)
	}
	made := pair("a") + pair("b")
	queries := fmt.Sprintf(`
data "nova_keypair" "name" {
  name = nova_keypair.b.name
}

data "nova_keypair" "regex" {
  name_regex = "^%[1]s-b$"
  depends_on = [nova_keypair.a, nova_keypair.b]
}

data "nova_keypairs" "test" {
  name_regex  = "^%[1]s-"
  fingerprint = nova_keypair.a.fingerprint
  depends_on  = [nova_keypair.a, nova_keypair.b]
}
`, name)
	owned := "data \"nova_keypairs\" \"owned\" {\n  user_id = data.nova_keypair.name.user_id\n}\n"
	is := func(source, attribute string, of knownvalue.Check) statecheck.StateCheck {
		return statecheck.ExpectKnownValue("data."+source, tfjsonpath.New(attribute), of)
	}
	cloud.Test(t, resource.TestCase{Steps: []resource.TestStep{
		{
			Config: made + queries + owned,
			ConfigStateChecks: []statecheck.StateCheck{
				is("nova_keypair.name", "public_key", knownvalue.StringExact(acctest.Key)),
				is("nova_keypair.regex", "user_id", knownvalue.NotNull()), is("nova_keypair.regex", "created", knownvalue.NotNull()),
				is("nova_keypair.regex", "type", knownvalue.StringExact("ssh")),
				is("nova_keypairs.test", "names", knownvalue.ListExact([]knownvalue.Check{
					knownvalue.StringExact(name + "-a"), knownvalue.StringExact(name + "-b"),
				})),
			},
			Check: resource.TestCheckTypeSetElemAttrPair("data.nova_keypairs.owned", "names.*", "nova_keypair.a", "name"),
		},
		{
			Config:      "provider \"nova\" {\n  max_microversion = \"2.9\"\n}\n" + made + queries + owned,
			ExpectError: regexp.MustCompile(`user_id cannot be used: it\s+needs\s+microversion\s+2\.10`),
		},
		{
			Config:      made + "data \"nova_keypair\" \"two\" {\n  fingerprint = nova_keypair.a.fingerprint\n  depends_on = [nova_keypair.b]\n}\n",
			ExpectError: regexp.MustCompile(`(?s)Several Keypairs.*-a,.*-b`),
		},
		{Config: made + "data \"nova_keypair\" \"none\" {\n  name = \"no such keypair\"\n}\n", ExpectError: regexp.MustCompile(`No Such Keypair`)},
		{Config: made},
	}})
}
