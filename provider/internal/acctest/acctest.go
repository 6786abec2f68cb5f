// SPDX-License-Identifier: MPL-2.0

// Package acctest runs Terraform on the provider for acceptance tests: against the cloud that OS_* names
// in the environment, or else against mockcloud in this process, one for each test.
package acctest

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/flavors"
	"github.com/gophercloud/gophercloud/v2/openstack/image/v2/images"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/extensions/security/groups"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/networks"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/subnets"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/client"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/diagnose"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/wait"
)

// Target is a cloud under test.
type Target struct {
	// Getenv is the environment that names it. The provider of the test reads this one rather than the
	// process's, so that tests with clouds of their own run side by side.
	Getenv func(string) string
	// Client is for doing to the cloud what Terraform does not know of.
	Client *client.Client

	ceiling string // the provider's max_microversion, where the protocol configures it
	hurry   int    // how many times faster the provider waits there; 0 is not
}

// Cloud returns a cloud, or skips the test where there is nothing to run it with.
func Cloud(t *testing.T) *Target {
	t.Helper()
	needTerraform(t)
	if named() {
		return connect(t, os.Getenv)
	}
	return connect(t, inProcess(t))
}

// CloudWithoutNeutron returns a cloud whose catalogue has no network service, where Nova's proxies stand in for it.
func CloudWithoutNeutron(t *testing.T) *Target {
	t.Helper()
	needTerraform(t)
	if named() {
		t.Skip("the cloud under test may have a network service")
	}
	return connect(t, inProcess(t, unlisted("network")))
}

// named is whether the environment names a cloud.
func named() bool { return os.Getenv("OS_AUTH_URL") != "" || os.Getenv("OS_CLOUD") != "" }

func needTerraform(t testing.TB) {
	t.Helper()
	if os.Getenv("TF_ACC_TERRAFORM_PATH") == "" {
		if _, err := exec.LookPath("terraform"); err != nil {
			t.Skip("there is no terraform in PATH and no TF_ACC_TERRAFORM_PATH")
		}
	}
}

func connect(t testing.TB, getenv func(string) string) *Target {
	t.Helper()
	target := &Target{Getenv: getenv}
	c, err := client.New(t.Context(), client.Config{Lookup: target.Getenv, Clock: wait.Wall{}, MaxRetries: 3, UserAgent: "acctest"})
	if err != nil {
		t.Fatal(err)
	}
	target.Client = c
	return target
}

// Test runs a test case on the provider, without asking for TF_ACC: the cloud costs nothing, or was asked for.
func (target *Target) Test(t *testing.T, c resource.TestCase) {
	t.Helper()
	// Terraform warns of a configuration file that is not there, in each of its runs.
	if file := os.Getenv("TF_CLI_CONFIG_FILE"); file != "" {
		if _, err := os.Stat(file); err != nil {
			_ = os.Unsetenv("TF_CLI_CONFIG_FILE")
		}
	}
	if c.ProtoV6ProviderFactories == nil {
		c.ProtoV6ProviderFactories = map[string]func() (tfprotov6.ProviderServer, error){}
	}
	c.ProtoV6ProviderFactories["nova"] = providerserver.NewProtocol6WithError(provider.New("test", target.Getenv)())
	resource.UnitTest(t, c)
}

// Protocol is the provider, configured for the cloud, as Terraform speaks with it: for what the Terraform of
// the tests is too old for (actions, list resources, identities).
func (target *Target) Protocol(t *testing.T) tfprotov6.ProviderServer {
	t.Helper()
	clock := wait.Hurried{Factor: target.hurry}
	server, err := providerserver.NewProtocol6WithError(provider.On(clock, "test", target.Getenv)())()
	if err != nil {
		t.Fatal(err)
	}
	schemas, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	block := map[string]tftypes.Value{}
	if target.ceiling != "" {
		block["max_microversion"] = tftypes.NewValue(tftypes.String, target.ceiling)
	}
	configured, err := server.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{
		TerraformVersion: "1.14.0", Config: Fill(t, schemas.Provider, block),
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range configured.Diagnostics {
		t.Fatal(d.Summary, d.Detail)
	}
	return server
}

// Fill is an object of the schema with these values; the rest is null.
func Fill(t *testing.T, schema *tfprotov6.Schema, values map[string]tftypes.Value) *tfprotov6.DynamicValue {
	t.Helper()
	kind, ok := schema.ValueType().(tftypes.Object)
	if !ok {
		t.Fatalf("a schema of %s", schema.ValueType())
	}
	all := map[string]tftypes.Value{}
	for name, of := range kind.AttributeTypes {
		all[name] = tftypes.NewValue(of, nil)
		if v, ok := values[name]; ok {
			all[name] = v
		}
	}
	filled, err := tfprotov6.NewDynamicValue(kind, tftypes.NewValue(kind, all))
	if err != nil {
		t.Fatal(err)
	}
	return &filled
}

// Servers are the cloud's servers.
func (target *Target) Servers() nova.Servers { return nova.Servers{Client: target.Client} }

// Image is the id of an image to make servers from: OS_IMAGE_ID, or the smallest that is active and everybody's (those of
// tests are not).
func (target *Target) Image(t testing.TB) string {
	t.Helper()
	if id := target.Getenv("OS_IMAGE_ID"); id != "" {
		return id
	}
	service, err := target.Client.Image()
	if err != nil {
		t.Fatal(err)
	}
	pages, err := images.List(service, images.ListOpts{
		Status: images.ImageStatusActive, Visibility: images.ImageVisibilityPublic, Sort: "size:asc",
	}).AllPages(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	all, err := images.ExtractImages(pages)
	if err != nil || len(all) == 0 {
		t.Fatalf("the cloud has no image: %v", err)
	}
	return all[0].ID
}

// Flavor is the id of a flavor to make servers of: OS_FLAVOR_ID, or the one with the least memory.
func (target *Target) Flavor(t *testing.T) string {
	t.Helper()
	if id := target.Getenv("OS_FLAVOR_ID"); id != "" {
		return id
	}
	service, err := target.Client.At(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	pages, err := flavors.ListDetail(service, nil).AllPages(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	all, err := flavors.ExtractFlavors(pages)
	if err != nil || len(all) == 0 {
		t.Fatalf("the cloud has no flavor: %v", err)
	}
	return slices.MinFunc(all, func(a, b flavors.Flavor) int { return cmp.Compare(a.RAM, b.RAM) }).ID
}

// Network makes a network with one subnet of IPv4 for the test, and returns its id.
func (target *Target) Network(t *testing.T) string {
	t.Helper()
	return target.NetworkOf(t, subnets.CreateOpts{CIDR: "192.0.2.0/24", IPVersion: 4})
}

// NetworkOf makes a network with this subnet for the test, and returns its id.
func (target *Target) NetworkOf(t *testing.T, subnet subnets.CreateOpts) string {
	t.Helper()
	service, err := target.Client.Network()
	if err != nil {
		t.Fatal(err)
	}
	made, err := networks.Create(t.Context(), service, networks.CreateOpts{Name: Name(t)}).Extract()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := networks.Delete(context.WithoutCancel(t.Context()), service, made.ID).ExtractErr(); err != nil {
			t.Error(err)
		}
	})
	subnet.NetworkID = made.ID
	if _, err := subnets.Create(t.Context(), service, subnet).Extract(); err != nil {
		t.Fatal(err)
	}
	return made.ID
}

// SecurityGroup makes a security group for the test, and returns its name.
func (target *Target) SecurityGroup(t *testing.T) string {
	t.Helper()
	service, err := target.Client.Network()
	if err != nil {
		t.Fatal(err)
	}
	made, err := groups.Create(t.Context(), service, groups.CreateOpts{Name: Name(t)}).Extract()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := groups.Delete(context.WithoutCancel(t.Context()), service, made.ID).ExtractErr(); err != nil {
			t.Error(err)
		}
	})
	return made.Name
}

// Name is a name for an object of this test.
func Name(t *testing.T) string {
	t.Helper()
	return strings.NewReplacer("/", "-", " ", "-").Replace(fmt.Sprintf("tf-%s-%d", strings.ToLower(t.Name()), os.Getpid()))
}

// Key is an SSH public key.
const Key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPRqcjYsijySA5hJdwJaFKYW1njJ6Ri1vC5gUg0BDDn0 test@example"

// Gone waits until a server is gone.
func (target *Target) Gone(ctx context.Context, id string) error {
	return target.await(ctx, id, func(_ *nova.Server, err error) (bool, error) {
		if diagnose.NotFound(err) {
			return true, nil
		}
		return false, err
	})
}

// Active waits until a server is active.
func (target *Target) Active(ctx context.Context, id string) error {
	return target.await(ctx, id, func(s *nova.Server, err error) (bool, error) {
		if err == nil && s.Status == nova.Error {
			err = fmt.Errorf("server %s is in ERROR: %v", id, s.Fault)
		}
		return err == nil && s.Status == nova.Active, err
	})
}

func (target *Target) await(ctx context.Context, id string, done func(*nova.Server, error) (bool, error)) error {
	often := wait.Backoff{First: 10 * time.Millisecond, Factor: 2, Max: time.Second}
	_, err := wait.NewPoller[*nova.Server](target.Servers(), wait.Wall{}, often).Until(ctx, id, done)
	return err
}
