// SPDX-License-Identifier: MPL-2.0

package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/guest"
)

// asDemo makes this test the command that it tests.
const asDemo = "MOCKCLOUD_TEST_AS_DEMO"

func TestMain(m *testing.M) {
	if os.Getenv(asDemo) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

const firstServer = "../../../examples/demos/first-server"

// demonstrate runs the demo once and tells its exit code and what it printed. It leaves nothing behind.
func demonstrate(t *testing.T, driver, example string) (int, string) {
	t.Helper()
	if _, err := commandLine(); err != nil {
		t.Skip(err)
	}
	scratch := t.TempDir()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-driver", driver, "-example", example)
	cmd.Env = append(os.Environ(), asDemo+"=1", "DEMO_ONCE=1", "TMPDIR="+scratch, "XDG_RUNTIME_DIR=")
	out, err := cmd.CombinedOutput()
	var ended *exec.ExitError
	if err != nil && !errors.As(err, &ended) {
		t.Fatal(err)
	}
	left, err := filepath.Glob(filepath.Join(scratch, "mockcloud-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left over: %v %v", left, err)
	}
	return cmd.ProcessState.ExitCode(), string(out)
}

// shows holds a run to success and these words, in this order.
func shows(t *testing.T, code int, out string, words ...string) {
	t.Helper()
	if code != 0 {
		t.Fatalf("exit code %d:\n%s", code, out)
	}
	rest := out
	for _, word := range words {
		_, after, found := strings.Cut(rest, word)
		if !found {
			t.Fatalf("no %q where it should be:\n%s", word, out)
		}
		rest = after
	}
	if strings.Contains(out, "\x1b[") || strings.Contains(out, "PRIVATE KEY") {
		t.Errorf("colours or secrets:\n%s", out)
	}
}

func TestSim(t *testing.T) {
	t.Parallel()
	code, out := demonstrate(t, "sim", firstServer)
	shows(t, code, out, "Starting the cloud.", "nova_server.first: Creation complete", "private_key = (sensitive)",
		"first-server login:", "Now terraform destroy.", "Resources: 2 destroyed.")
}

func TestQEMU(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("a real guest takes seconds")
	}
	if _, err := exec.LookPath("qemu-system-x86_64"); err != nil {
		t.Skip("there is no QEMU here: " + err.Error())
	}
	if err := guest.Check(); err != nil {
		t.Skip("the guest image cannot be built here: " + err.Error())
	}
	code, out := demonstrate(t, "qemu", firstServer)
	shows(t, code, out, "nova_server.first: Creation complete", "mockcloud-guest: ready first-server", "Logging in over SSH",
		"Linux first-server", "first-server", "Now terraform destroy.", "Resources: 2 destroyed.")
}

// Whatever fails makes the demo fail, and it leaves nothing all the same.
func TestFails(t *testing.T) {
	t.Parallel()
	for name, main := range map[string]string{
		"an image that is not there": `
			terraform { required_providers { nova = { source = "terraform-provider-nova/nova" } } }
			data "nova_image" "none" { name = "none" }`,
		"a server without the outputs that the login needs": `
			terraform { required_providers { nova = { source = "terraform-provider-nova/nova" } } }
			data "nova_image" "guest" { name = "mockcloud-guest" }
			data "nova_flavor" "small" { name = "m1.micro" }
			resource "nova_server" "s" {
				name      = "s"
				image_id  = data.nova_image.guest.id
				flavor_id = data.nova_flavor.small.id
			}`,
		"no configuration": `nonsense`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, "main.tf"), []byte(main), 0o600); err != nil {
				t.Fatal(err)
			}
			code, out := demonstrate(t, "sim", dir)
			if code != 1 || !strings.Contains(out, "demo: ") || strings.Contains(out, "goroutine") {
				t.Errorf("exit code %d:\n%s", code, out)
			}
		})
	}
	t.Run("no example", func(t *testing.T) {
		t.Parallel()
		if code, out := demonstrate(t, "sim", filepath.Join(t.TempDir(), "none")); code != 1 || !strings.Contains(out, "no such file") {
			t.Errorf("exit code %d:\n%s", code, out)
		}
	})
}
