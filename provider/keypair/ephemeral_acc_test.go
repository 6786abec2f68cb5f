// SPDX-License-Identifier: MPL-2.0

package keypair_test

import (
	"fmt"
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/compare"
	"github.com/hashicorp/terraform-plugin-testing/echoprovider"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/acctest"
)

// echo is what the echo provider shows of the ephemeral keypair, in a state that only a test may have.
const echo = "echo.test"

func ephemeral(attributes string) string {
	return fmt.Sprintf("ephemeral \"nova_keypair\" \"test\" {\n%s\n}\n", attributes)
}

const echoing = `
provider "echo" {
  data = ephemeral.nova_keypair.test
}

resource "echo" "test" {}
`

func TestAccEphemeralKeypair(t *testing.T) {
	t.Parallel()
	cloud := acctest.Cloud(t)
	name := acctest.Name(t)
	shown := func(attribute string) tfjsonpath.Path { return tfjsonpath.New("data").AtMapKey(attribute) }
	like := func(attribute, expression string) statecheck.StateCheck {
		return statecheck.ExpectKnownValue(echo, shown(attribute), knownvalue.StringRegexp(regexp.MustCompile(expression)))
	}
	version := func(n int) string {
		return config(name, fmt.Sprintf("  public_key_wo = ephemeral.nova_keypair.test.public_key\n  public_key_wo_version = %d", n))
	}
	differ := statecheck.CompareValue(compare.ValuesDiffer())
	cloud.Test(t, resource.TestCase{
		TerraformVersionChecks:   []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_11_0)},
		ProtoV6ProviderFactories: map[string]func() (tfprotov6.ProviderServer, error){"echo": echoprovider.NewProviderServer()},
		Steps: []resource.TestStep{
			{
				Config: ephemeral("  comment = \"someone@example\"") + version(1) + echoing,
				ConfigStateChecks: []statecheck.StateCheck{
					like("private_key", `^-----BEGIN OPENSSH PRIVATE KEY-----\n`), like("public_key", `^ssh-ed25519 \S+ someone@example$`),
					like("fingerprint", `^([0-9a-f]{2}:){15}[0-9a-f]{2}$`), like("fingerprint_sha256", `^SHA256:`),
					// The key of the keypair is the one of the same apply.
					statecheck.CompareValuePairs(echo, shown("public_key"), address, tfjsonpath.New("public_key"), compare.ValuesSame()),
					statecheck.CompareValuePairs(echo, shown("fingerprint"), address, tfjsonpath.New("fingerprint"), compare.ValuesSame()),
					statecheck.ExpectKnownValue(address, tfjsonpath.New("private_key"), knownvalue.Null()),
					statecheck.ExpectKnownValue(address, tfjsonpath.New("public_key_wo"), knownvalue.Null()),
					differ.AddStateValue(address, tfjsonpath.New("public_key")),
				},
			},
			{ // another key of the same version is no change
				Config: ephemeral("") + version(1), ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					plancheck.ExpectResourceAction(address, plancheck.ResourceActionNoop),
				}},
			},
			{
				Config: ephemeral("  algorithm = \"ecdsa\"\n  bits = 384") + version(2), ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					plancheck.ExpectResourceAction(address, plancheck.ResourceActionDestroyBeforeCreate),
				}},
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownValue(address, tfjsonpath.New("public_key"), knownvalue.StringRegexp(regexp.MustCompile(`^ecdsa-sha2-nistp384 `))),
					differ.AddStateValue(address, tfjsonpath.New("public_key")),
				},
			},
		},
	})
}

func TestAccEphemeralKeypairInvalid(t *testing.T) {
	t.Parallel()
	cloud := acctest.Cloud(t)
	refused := func(attributes, with string) resource.TestStep {
		return resource.TestStep{Config: ephemeral(attributes), PlanOnly: true, ExpectError: regexp.MustCompile(with)}
	}
	cloud.Test(t, resource.TestCase{
		TerraformVersionChecks: []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_11_0)},
		Steps: []resource.TestStep{
			refused(`  algorithm = "dsa"`, `value\s+must\s+be\s+one\s+of`),
			refused("  algorithm = \"rsa\"\n  bits = 1024", `from\s+2048\s+to\s+8192\s+bits`),
			refused("  algorithm = \"ecdsa\"\n  bits = 255", `256,\s+384\s+or\s+521`),
			refused("  algorithm = \"ed25519\"\n  bits = 256", `no\s+size\s+to\s+choose`),
			{Config: ephemeral("")},
		},
	})
}
