// SPDX-License-Identifier: MPL-2.0

package keypair_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"regexp"
	"testing"
	"time"

	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/keypairs"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/acctest"
)

const address = "nova_keypair.test"

func config(name, attributes string) string {
	return fmt.Sprintf("resource \"nova_keypair\" \"test\" {\n  name = %q\n%s\n}\n", name, attributes)
}

func given() string { return fmt.Sprintf("  public_key = %q", acctest.Key) }

func TestAccKeypair(t *testing.T) {
	t.Parallel()
	cloud := acctest.Cloud(t)
	name := acctest.Name(t)
	data := "data \"nova_keypair\" \"test\" {\n  name = nova_keypair.test.name\n}\n"
	cloud.Test(t, resource.TestCase{Steps: []resource.TestStep{
		{
			Config: config(name, given()) + data,
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(address, tfjsonpath.New("fingerprint"), knownvalue.NotNull()),
				statecheck.ExpectKnownValue(address, tfjsonpath.New("private_key"), knownvalue.Null()),
				statecheck.ExpectKnownValue(address, tfjsonpath.New("type"), knownvalue.StringExact("ssh")),
				statecheck.ExpectKnownValue("data.nova_keypair.test", tfjsonpath.New("public_key"), knownvalue.StringExact(acctest.Key)),
			},
		},
		{
			ResourceName: address, ImportState: true, ImportStateVerify: true,
			ImportStateId: name, ImportStateVerifyIdentifierAttribute: "name",
		},
		{
			Config: config(name+" renamed", given()),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(address, plancheck.ResourceActionDestroyBeforeCreate),
			}},
		},
		{ // spaces around the key are no change
			Config: config(name+" renamed", fmt.Sprintf("  public_key = \"%s\\n\"", acctest.Key)),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate),
			}},
		},
	}})
}

func TestAccKeypairGenerated(t *testing.T) {
	t.Parallel()
	cloud := acctest.Cloud(t)
	cloud.Test(t, resource.TestCase{Steps: []resource.TestStep{{
		Config: config(acctest.Name(t), ""),
		ConfigStateChecks: []statecheck.StateCheck{
			statecheck.ExpectKnownValue(address, tfjsonpath.New("private_key"), knownvalue.NotNull()),
			statecheck.ExpectSensitiveValue(address, tfjsonpath.New("private_key")),
			statecheck.ExpectKnownValue(address, tfjsonpath.New("public_key"), knownvalue.NotNull()),
		},
	}}})
}

func TestAccKeypairIdentity(t *testing.T) {
	t.Parallel()
	cloud := acctest.Cloud(t)
	name := acctest.Name(t)
	cloud.Test(t, resource.TestCase{
		TerraformVersionChecks: []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_12_0)},
		Steps: []resource.TestStep{
			{Config: config(name, given()), ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectIdentityValueMatchesState(address, tfjsonpath.New("name")),
			}},
			{ResourceName: address, ImportState: true, ImportStateKind: resource.ImportBlockWithResourceIdentity},
		},
	})
}

func TestAccKeypairInvalid(t *testing.T) {
	t.Parallel()
	cloud := acctest.Cloud(t)
	name := acctest.Name(t)
	twin := config(name, given()) + fmt.Sprintf(
		"resource \"nova_keypair\" \"twin\" {\n  name = nova_keypair.test.name\n  public_key = %q\n}\n", acctest.Key)
	cloud.Test(t, resource.TestCase{Steps: []resource.TestStep{
		{Config: config("a/b", given()), PlanOnly: true, ExpectError: regexp.MustCompile(`may\s+hold\s+letters`)},
		{Config: config("", given()), PlanOnly: true, ExpectError: regexp.MustCompile(`string\s+length`)},
		{Config: config("n", `type = "gpg"`), PlanOnly: true, ExpectError: regexp.MustCompile(`value\s+must\s+be\s+one\s+of`)},
		{Config: config("user@host", ""), PlanOnly: true, ExpectError: regexp.MustCompile(`Missing\s+Public\s+Key`)},
		{Config: config("n", `  public_key = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"`), PlanOnly: true, ExpectError: regexp.MustCompile(`this\s+is\s+a\s+private\s+key`)},
		{Config: config("n", given()+"\n  public_key_wo = \"k\""), PlanOnly: true, ExpectError: regexp.MustCompile(`(?s)Invalid\s+Attribute\s+Combination.*public_key_wo_version`)},
		{
			Config:   "provider \"nova\" {\n  max_microversion = \"2.9\"\n}\n" + config("n", given()+"\n  user_id = \"u\""),
			PlanOnly: true, ExpectError: regexp.MustCompile(`user_id cannot be used: it needs\s+microversion\s+2\.10`),
		},
		{
			Config: twin,
			ExpectError: regexp.MustCompile(
				`Unable to Create Keypair(.|\n)*HTTP status: 409(.|\n)*Request id: req-(.|\n)*import\s+it\s+by\s+the\s+id`),
		},
		{Config: config(name, given())},
	}})
}

func TestAccKeypairDisappears(t *testing.T) {
	t.Parallel()
	cloud := acctest.Cloud(t)
	var id string
	made := config(acctest.Name(t), given())
	cloud.Test(t, resource.TestCase{Steps: []resource.TestStep{
		{Config: made, Check: resource.TestCheckResourceAttrWith(address, "name", func(v string) error { id = v; return nil })},
		{
			PreConfig: func() {
				service, err := cloud.Client.At(t.Context(), 1)
				if err == nil {
					err = keypairs.Delete(t.Context(), service, id, nil).ExtractErr()
				}
				if err != nil {
					t.Fatal(err)
				}
			},
			Config: made,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(address, plancheck.ResourceActionCreate),
			}},
		},
	}})
}

// TestAccKeypairOfOther: another user's keypair, a certificate.
func TestAccKeypairOfOther(t *testing.T) {
	t.Parallel()
	cloud := acctest.Cloud(t)
	name := acctest.Name(t)
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	about := x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotAfter: time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC)}
	content, err := x509.CreateCertificate(rand.Reader, &about, &about, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	certificate := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: content}))
	const user = "5bd3c8b5a2e14bdf8a4dd8a4fdc4b0f7"
	made := config(name, fmt.Sprintf("  user_id = %q\n  type = \"x509\"\n  public_key = %q", user, certificate))
	cloud.Test(t, resource.TestCase{Steps: []resource.TestStep{
		{Config: made, ConfigStateChecks: []statecheck.StateCheck{
			statecheck.ExpectKnownValue(address, tfjsonpath.New("user_id"), knownvalue.StringExact(user)),
			statecheck.ExpectKnownValue(address, tfjsonpath.New("type"), knownvalue.StringExact("x509")),
		}},
		{
			ResourceName: address, ImportState: true, ImportStateVerify: true, ImportStateId: user + "/" + name,
			ImportStateVerifyIdentifierAttribute: "name", ImportStateVerifyIgnore: []string{"public_key"}, // Nova shows it without its end of line
		},
		{
			Config: config(name, fmt.Sprintf("  user_id = \"another\"\n  type = \"x509\"\n  public_key = %q", certificate)),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(address, plancheck.ResourceActionDestroyBeforeCreate),
			}},
		},
	}})
}

// TestAccKeypairMoved: from the neighbour's keypair, without a change.
func TestAccKeypairMoved(t *testing.T) {
	t.Parallel()
	cloud := acctest.Cloud(t)
	name := acctest.Name(t)
	service, err := cloud.Client.At(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	made, err := keypairs.Create(t.Context(), service, keypairs.CreateOpts{Name: name, PublicKey: acctest.Key}).Extract()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := keypairs.Delete(context.WithoutCancel(t.Context()), service, name, nil).ExtractErr(); err != nil {
			t.Error(err)
		}
	})
	text := func(s string) tftypes.Value { return tftypes.NewValue(tftypes.String, s) }
	state := cloud.Moved(t, "openstack_compute_keypair_v2", fmt.Sprintf(
		`{"id": %q, "name": %q, "public_key": %q, "private_key": "", "fingerprint": %q, "user_id": "", "value_specs": null, "region": "r"}`,
		name, name, acctest.Key, made.Fingerprint), "nova_keypair", map[string]tftypes.Value{"name": text(name), "public_key": text(acctest.Key)})
	if !state["fingerprint"].Equal(text(made.Fingerprint)) {
		t.Error(state["fingerprint"])
	}
}
