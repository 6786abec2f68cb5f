// SPDX-License-Identifier: MPL-2.0

package serverpassword_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/keypairs"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/echoprovider"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"
	"golang.org/x/crypto/ssh"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/acctest"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/diagnose"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
)

// pair is an RSA key: private in PEM, public as a keypair has it.
func pair(t *testing.T) (private, public string) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	opener, err := ssh.NewPublicKey(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	block := &pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}
	return string(pem.EncodeToMemory(block)), string(ssh.MarshalAuthorizedKey(opener))
}

// config reads a password and has the echo provider show, in its state, what it got.
func config(server, private, attributes string) string {
	return fmt.Sprintf(`
ephemeral "nova_server_password" "test" {
  server_id   = %q
  private_key = <<-EOT
    %s
  EOT
%s
}

provider "echo" {
  data = ephemeral.nova_server_password.test.password
}
`, server, strings.ReplaceAll(strings.TrimSpace(private), "\n", "\n    "), attributes)
}

func TestAccServerPassword(t *testing.T) {
	t.Parallel()
	cloud := acctest.Cloud(t)
	private, public := pair(t)
	another, _ := pair(t)
	server := withKey(t, cloud, public)
	cloud.Test(t, resource.TestCase{
		TerraformVersionChecks:   []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_10_0)},
		ProtoV6ProviderFactories: map[string]func() (tfprotov6.ProviderServer, error){"echo": echoprovider.NewProviderServer()},
		Steps: []resource.TestStep{
			{
				Config: config(server, private, `timeouts = { open = "200ms" }`), PlanOnly: true,
				ExpectError: regexp.MustCompile(`Unable to Read Password of Server(.|\n)*time\s+limit(.|\n)*has\s+posted\s+no\s+password`),
			},
			{
				PreConfig: func() { // which the guest of mockcloud posts as if it had made it itself
					err := cloud.Servers().Act(t.Context(), server, map[string]any{"changePassword": map[string]any{"adminPass": "S3cret, really"}})
					if err != nil {
						t.Fatal(err)
					}
				},
				Config: config(server, private, "") + "resource \"echo\" \"test\" {}\n",
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownValue("echo.test", tfjsonpath.New("data"), knownvalue.StringExact("S3cret, really")),
				},
			},
			{Config: config(server, another, ""), PlanOnly: true, ExpectError: regexp.MustCompile(`not\s+encrypted\s+for\s+this\s+private\s+key`)},
			{Config: config(server, "mangled", ""), PlanOnly: true, ExpectError: regexp.MustCompile(`Unusable Private Key`)},
			{
				Config: config("00000000-0000-0000-0000-000000000000", private, ""), PlanOnly: true,
				ExpectError: regexp.MustCompile(`HTTP status: 404`),
			},
			{Config: "# nothing\n"},
		},
	})
}

// withKey makes a server with a keypair.
func withKey(t *testing.T, cloud *acctest.Target, public string) string {
	t.Helper()
	service, err := cloud.Client.At(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	name := acctest.Name(t)
	if err := keypairs.Create(t.Context(), service, keypairs.CreateOpts{Name: name, PublicKey: public}).Err; err != nil {
		t.Fatal(err)
	}
	ctx := context.WithoutCancel(t.Context())
	t.Cleanup(func() {
		if err := keypairs.Delete(ctx, service, name, nil).ExtractErr(); err != nil {
			t.Error(err)
		}
	})
	id, err := cloud.Servers().Create(ctx, 37, nova.ServerCreate{
		Name: name, ImageRef: cloud.Image(t), FlavorRef: cloud.Flavor(t), KeyName: name, Networks: "none",
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		err := cloud.Servers().Delete(ctx, id)
		if err == nil {
			err = cloud.Gone(ctx, id)
		}
		if err != nil && !diagnose.NotFound(err) {
			t.Error(err)
		}
	})
	if err := cloud.Active(ctx, id); err != nil {
		t.Fatal(err)
	}
	return id
}
