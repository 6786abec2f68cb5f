// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"github.com/hashicorp/go-version"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"
	tfaddr "github.com/hashicorp/terraform-registry-address"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/wait"
)

// Terraform is the command terraform with a configuration of its own, on the provider in this process: for tests of many
// resources, which the steps of a test case would take too long for.
type Terraform struct {
	t      testing.TB
	folder string
	env    []string
}

// Terraform returns a terraform with this configuration. Its provider waits by that clock and lives as long as the test.
func (target *Target) Terraform(t testing.TB, clock wait.Clock, config string) *Terraform {
	t.Helper()
	made := &Terraform{t: t, folder: t.TempDir()}
	made.Write(config)
	factory := providerserver.NewProtocol6(provider.On(clock, "test", target.Getenv)())
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	attach, closed := make(chan *plugin.ReattachConfig, 1), make(chan struct{})
	served := make(chan error, 1)
	go func() {
		served <- tf6server.Serve(provider.Address(), func() tfprotov6.ProviderServer { return factory() },
			tf6server.WithDebug(ctx, attach, closed), tf6server.WithoutLogStderrOverride(), tf6server.WithLoggingSink(sink{t}),
			tf6server.WithGoPluginLogger(hclog.New(&hclog.LoggerOptions{Output: io.Discard})))
	}()
	t.Cleanup(func() {
		stop()
		<-closed
	})
	var at *plugin.ReattachConfig
	select {
	case at = <-attach:
	case err := <-served:
		t.Fatalf("serve the provider: %v", err)
	}
	// Without a host, which is another for OpenTofu than for Terraform.
	reattach, err := json.Marshal(map[string]any{source(): map[string]any{
		"Protocol": at.Protocol, "ProtocolVersion": at.ProtocolVersion, "Pid": at.Pid, "Test": true,
		"Addr": map[string]string{"Network": at.Addr.Network(), "String": at.Addr.String()},
	}})
	if err != nil {
		t.Fatal(err)
	}
	made.env = append(os.Environ(), "TF_REATTACH_PROVIDERS="+string(reattach), "CHECKPOINT_DISABLE=1", "TF_CLI_CONFIG_FILE="+os.DevNull)
	return made
}

// Binary is a terraform with this configuration on the provider's binary, which Terraform starts and whose log it has.
// variables are added to its environment ("TF_LOG=TRACE").
func (target *Target) Binary(t testing.TB, config string, variables ...string) *Terraform {
	t.Helper()
	made := &Terraform{t: t, folder: t.TempDir()}
	made.Write(config)
	built := exec.CommandContext(t.Context(), "go", "build", "-buildvcs=false", "-o", made.folder, "github.com/terraform-provider-nova/terraform-provider-nova")
	if out, err := built.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	settings := filepath.Join(made.folder, "cli.rc")
	content := fmt.Sprintf("provider_installation {\n  dev_overrides { %q = %q }\n  direct {}\n}\n", source(), made.folder)
	if err := os.WriteFile(settings, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	made.env = append(os.Environ(), "TF_CLI_CONFIG_FILE="+settings, "CHECKPOINT_DISABLE=1", "TF_REATTACH_PROVIDERS=", "OS_CLOUD=")
	for _, name := range []string{
		"OS_AUTH_URL", "OS_USERNAME", "OS_PASSWORD", "OS_PROJECT_NAME", "OS_USER_DOMAIN_NAME", "OS_PROJECT_DOMAIN_NAME", "OS_REGION_NAME",
	} {
		made.env = append(made.env, name+"="+target.Getenv(name))
	}
	made.env = append(made.env, variables...)
	return made
}

// source is the provider as configurations name it.
func source() string { return tfaddr.MustParseProviderSource(provider.Address()).ForDisplay() }

// Folder is where terraform runs, and keeps its state.
func (tf *Terraform) Folder() string { return tf.folder }

// Setenv sets a variable of terraform's environment.
func (tf *Terraform) Setenv(name, value string) { tf.env = append(tf.env, name+"="+value) }

// Version is terraform's.
func (tf *Terraform) Version() *version.Version {
	tf.t.Helper()
	var answer struct {
		Version string `json:"terraform_version"`
	}
	if err := json.Unmarshal([]byte(tf.Run("version", "-json")), &answer); err != nil {
		tf.t.Fatal(err)
	}
	return version.Must(version.NewVersion(answer.Version))
}

// sink has the provider's log go where TF_LOG and its like say, as Terraform's own does.
type sink struct{ testing.TB }

// Parallel is what only testing.T has of what sinks ask for.
func (sink) Parallel() {}

// Write puts a configuration in the place of the last one; the address of the provider is added if it has to do with it.
func (tf *Terraform) Write(config string) {
	tf.t.Helper()
	if strings.Contains(config, "nova") && !strings.Contains(config, "required_providers") {
		config = "terraform {\n  required_providers {\n    nova = { source = \"" + source() + "\" }\n  }\n}\n" + config
	}
	if err := os.WriteFile(filepath.Join(tf.folder, "main.tf"), []byte(config), 0o600); err != nil {
		tf.t.Fatal(err)
	}
}

// Run runs terraform, which has to succeed, and returns what it said.
func (tf *Terraform) Run(arguments ...string) string {
	tf.t.Helper()
	out, err := tf.Try(arguments...)
	if err != nil {
		tf.t.Fatalf("terraform %s: %v\n%s", strings.Join(arguments, " "), err, out)
	}
	return out
}

// Try runs terraform.
func (tf *Terraform) Try(arguments ...string) (string, error) {
	cli := os.Getenv("TF_ACC_TERRAFORM_PATH")
	if cli == "" {
		cli = "terraform"
	}
	command := exec.CommandContext(tf.t.Context(), cli, arguments...)
	command.Dir, command.Env = tf.folder, tf.env
	out, err := command.CombinedOutput()
	return string(out), err
}

// Resources are the values of all managed resources in the state, by their address.
func (tf *Terraform) Resources() map[string]map[string]any {
	tf.t.Helper()
	var state struct {
		Values struct {
			Root struct {
				Resources []struct {
					Address, Mode string
					Values        map[string]any
				}
			} `json:"root_module"`
		}
	}
	if err := json.Unmarshal([]byte(tf.Run("show", "-json")), &state); err != nil {
		tf.t.Fatal(err)
	}
	all := map[string]map[string]any{}
	for _, r := range state.Values.Root.Resources {
		if r.Mode == "managed" {
			all[r.Address] = r.Values
		}
	}
	return all
}
