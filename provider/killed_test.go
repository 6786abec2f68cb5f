// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/novatest"
)

const killed = `
terraform {
  required_providers {
    nova = { source = "terraform-provider-nova/nova" }
  }
}

resource "nova_server" "test" {
  count        = 3
  name         = "web-${count.index}"
  image_id     = "70a599e0-31e7-49b7-b260-868f441e862b"
  flavor_id    = "1"
  network_mode = "none"
}
`

// commandLine is the path of a terraform or tofu.
func commandLine(t *testing.T) string {
	t.Helper()
	cli, err := exec.LookPath(cmp.Or(os.Getenv("TF_ACC_TERRAFORM_PATH"), "terraform"))
	if err != nil {
		t.Skip("there is no terraform in PATH and no TF_ACC_TERRAFORM_PATH")
	}
	return cli
}

// terraform is a command line on the provider's own binary, in a directory of its own.
func terraform(t *testing.T, cloud *novatest.Cloud) func(ctx context.Context, arguments ...string) *exec.Cmd {
	t.Helper()
	cli := commandLine(t)
	folder := t.TempDir()
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", folder, "..").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	overrides := fmt.Sprintf("provider_installation {\n  dev_overrides { \"terraform-provider-nova/nova\" = %q }\n  direct {}\n}\n", folder)
	for name, content := range map[string]string{"main.tf": killed, "cli.rc": overrides} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	environment := []string{"TF_CLI_CONFIG_FILE=" + filepath.Join(folder, "cli.rc"), "CHECKPOINT_DISABLE=1", "TF_REATTACH_PROVIDERS="}
	for _, name := range []string{
		"OS_AUTH_URL", "OS_USERNAME", "OS_PASSWORD", "OS_PROJECT_NAME", "OS_USER_DOMAIN_ID", "OS_PROJECT_DOMAIN_ID", "OS_REGION_NAME", "OS_CLOUD",
	} {
		environment = append(environment, name+"="+cloud.Env(name))
	}
	return func(ctx context.Context, arguments ...string) *exec.Cmd {
		command := exec.CommandContext(ctx, cli, arguments...)
		command.Dir = folder
		command.Env = append(os.Environ(), environment...)
		return command
	}
}

// TestKilledApplyConverges kills terraform while servers are built. The provider lives on long enough to
// delete them, and another apply leaves exactly what is configured.
func TestKilledApplyConverges(t *testing.T) {
	t.Parallel()
	cloud := novatest.Start(t)
	run := terraform(t, cloud)

	building := make(chan struct{}, 100)
	cloud.Intercept(func(_ http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodGet && strings.Contains(r.URL.Path, "/servers/") {
			for _, id := range cloud.IDs() {
				cloud.Put(id, novatest.Server{"status": "BUILD"})
			}
			building <- struct{}{}
		}
		return false
	})
	ctx, kill := context.WithCancel(t.Context()) // that is a SIGKILL
	apply := run(ctx, "apply", "-auto-approve", "-no-color")
	if err := apply.Start(); err != nil {
		t.Fatal(err)
	}
	<-building
	kill()
	var exit *exec.ExitError
	if err := apply.Wait(); !errors.As(err, &exit) && !errors.Is(err, context.Canceled) {
		t.Fatalf("terraform ended with %v", err)
	}
	deadline := time.Now().Add(30 * time.Second)
	for len(cloud.IDs()) > 0 {
		if time.Now().After(deadline) {
			t.Fatalf("%d servers are left that nobody knows of", len(cloud.IDs()))
		}
		<-time.After(10 * time.Millisecond)
	}

	cloud.Intercept(nil)
	if out, err := run(t.Context(), "apply", "-auto-approve", "-no-color").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if n := len(cloud.IDs()); n != 3 {
		t.Errorf("%d servers, not 3", n)
	}
	if out, err := run(t.Context(), "plan", "-detailed-exitcode", "-no-color").CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
}

// tainted is how a state calls what is to be replaced: OpenTofu writes it without spaces.
var tainted = regexp.MustCompile(`"status": ?"tainted"`)

// TestInterruptedApplyKeeps interrupts terraform, as Ctrl-C does, while servers are built: the state knows them, and the
// next apply replaces what was not done.
func TestInterruptedApplyKeeps(t *testing.T) {
	t.Parallel()
	cloud := novatest.Start(t)
	run := terraform(t, cloud)
	building := make(chan struct{}, 100)
	cloud.Intercept(func(_ http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodGet && strings.Contains(r.URL.Path, "/servers/") {
			for _, id := range cloud.IDs() {
				cloud.Put(id, novatest.Server{"status": "BUILD"})
			}
			if len(cloud.IDs()) == 3 {
				building <- struct{}{}
			}
		}
		return false
	})
	apply := run(t.Context(), "apply", "-auto-approve", "-no-color")
	if err := apply.Start(); err != nil {
		t.Fatal(err)
	}
	<-building
	if err := apply.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := apply.Wait(); err == nil {
		t.Fatal("an interrupted apply succeeded")
	}
	state, err := run(t.Context(), "state", "pull").CombinedOutput()
	if err != nil {
		t.Fatal(err)
	}
	made := cloud.IDs()
	for _, id := range made {
		if !strings.Contains(string(state), id) {
			t.Errorf("the state does not know server %s", id)
		}
	}
	if n := len(tainted.FindAll(state, -1)); len(made) != 3 || n != 3 {
		t.Errorf("%d servers, %d tainted", len(made), n)
	}

	cloud.Intercept(nil)
	if out, err := run(t.Context(), "apply", "-auto-approve", "-no-color").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if n := len(cloud.IDs()); n != 3 {
		t.Errorf("%d servers, not 3", n)
	}
}
