// SPDX-License-Identifier: MPL-2.0

package conformance

import (
	"errors"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/terraform-provider-nova/terraform-provider-nova/"

// What a Go test that starts a cloud does not pay for: databases, QEMU, its guests and their
// network. cmd/ or a test hands these in through Options.
var heavy = []string{
	"modernc.org/",
	"github.com/jackc/",
	"github.com/containers/gvisor-tap-vsock",
	"github.com/digitalocean/",
	"gvisor.dev/",
	"github.com/gophercloud/",
	"github.com/hashicorp/",
	module + "mockcloud/driver/qemu",
	module + "mockcloud/guest",
	module + "mockcloud/network",
	module + "mockcloud/store/sqlite",
	module + "mockcloud/store/sqlstore",
	module + "provider",
}

func TestImportsOfACloud(t *testing.T) {
	t.Parallel()
	for _, root := range []string{"mockcloud", "mockcloud/cloudtest"} {
		dependencies := list(t, root)
		if !slices.Contains(dependencies, module+root) {
			t.Fatalf("go list does not tell of %s itself", root)
		}
		for _, dependency := range dependencies {
			for _, prefix := range heavy {
				if strings.HasPrefix(dependency+"/", strings.TrimSuffix(prefix, "/")+"/") {
					t.Errorf("importing %s brings in %s", root, dependency)
				}
			}
		}
	}
}

// The provider reads Nova's API on its own: what it shares with the cloud would be wrong in both.
func TestProviderSharesNothing(t *testing.T) {
	t.Parallel()
	for _, dependency := range list(t, "provider") {
		if strings.HasPrefix(dependency, module+"mockcloud") {
			t.Errorf("the provider brings in %s", dependency)
		}
	}
}

// list returns a package of this module and everything it imports, directly or not.
func list(t *testing.T, path string) []string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", module+path).Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			t.Logf("%s", exit.Stderr)
		}
		t.Fatalf("go list -deps %s: %v", path, err)
	}
	return strings.Fields(string(out))
}
