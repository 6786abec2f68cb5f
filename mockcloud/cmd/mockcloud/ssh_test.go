// SPDX-License-Identifier: MPL-2.0

package main

import (
	"os/exec"
	"strings"
	"testing"
)

// ssh itself has to understand what we tell it of a directory, whatever its name.
func TestSSHLine(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("ssh"); err != nil {
		t.Skip(err)
	}
	for _, dir := range []string{"/state", "/a state", "/it's 100% \"mine\""} {
		line := sshLine("/opt/my tools/mockcloud", dir, "an-id")
		out, err := exec.CommandContext(t.Context(), line[0], append(append([]string{"-G"}, line[1:]...), "root@web")...).CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		for _, want := range []string{
			"userknownhostsfile " + dir + "/known_hosts\n",
			"proxycommand '/opt/my tools/mockcloud' --state-dir " + strings.ReplaceAll(quote(dir), "%", "%%") + " connect an-id 22\n",
		} {
			if !strings.Contains(string(out), want) {
				t.Errorf("%s: ssh understands\n%s\nwant %s", dir, out, want)
			}
		}
	}
}
