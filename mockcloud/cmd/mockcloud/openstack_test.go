// SPDX-License-Identifier: MPL-2.0

package main

import (
	"os/exec"
	"strings"
	"testing"
)

// TestOpenStackClient does with OpenStack's own command line what everybody does first.
func TestOpenStackClient(t *testing.T) {
	t.Parallel()
	client, err := exec.LookPath("openstack")
	if err != nil {
		t.Skip("there is no openstack here: apt-get install python3-openstackclient")
	}
	if testing.Short() {
		t.Skip("Python takes seconds to start")
	}
	s := serve(t, t.TempDir(), "-v")
	env := s.environment(t, "demo")
	ask := func(args ...string) string {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), client, args...)
		cmd.Env = env
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("openstack %s: %v\n%s\n%s", strings.Join(args, " "), err, out, s.said())
		}
		return strings.TrimSpace(string(out))
	}
	said := ask("server", "create", "--wait", "--image", "mockcloud-guest", "--flavor", "m1.tiny", "--network", "private", "web",
		"-f", "value", "-c", "adminPass", "-c", "status")
	lines := strings.Split(said, "\n")
	if len(lines) < 2 || lines[len(lines)-1] != "ACTIVE" {
		t.Fatalf("create: %q", said)
	}
	secret := lines[len(lines)-2]
	if said := ask("server", "list", "-f", "value", "-c", "Name", "-c", "Status", "-c", "Image"); said != "web ACTIVE mockcloud-guest" {
		t.Errorf("list: %q", said)
	}
	if said := ask("console", "log", "show", "web"); !strings.Contains(said, "web") {
		t.Errorf("console: %q", said)
	}
	ask("server", "delete", "--wait", "web")
	if said := ask("server", "list", "-f", "value"); said != "" {
		t.Errorf("list: %q", said)
	}
	if len(secret) < 8 || strings.Contains(s.said(), secret) {
		t.Errorf("the log tells the server's password %q:\n%s", secret, s.said())
	}
}
