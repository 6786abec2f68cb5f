// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"fmt"
	"maps"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/acctest"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/wait"
)

const web = `
resource "nova_server" "web" {
  count     = %d
  name      = "web-${count.index}"
  image_id  = %q
  flavor_id = "1"
  networks  = [{ uuid = %q }]
}
`

// TestRequestsPerServer counts what a server costs. A create is a POST and at most one more request, a refresh one, a
// delete a DELETE and at most one more; besides, the polls of all servers that are waited for at once share lists.
func TestRequestsPerServer(t *testing.T) {
	t.Parallel()
	const servers = 20
	mock := acctest.NewMock(t)
	tf := mock.Terraform(t, wait.Wall{}, fmt.Sprintf(web, servers, mock.Image(t), mock.Net(t)))
	mock.Requests("compute")
	for _, step := range []struct {
		does   string
		args   []string
		each   string // the request that each server needs
		beside int    // requests a server beyond that one, but for polls
		polled bool
	}{
		{"create", []string{"apply", "-auto-approve", "-no-color"}, "POST /servers", 1, true},
		{"refresh", []string{"plan", "-detailed-exitcode", "-no-color"}, "GET /servers/{id}", 0, false},
		{"delete", []string{"apply", "-destroy", "-refresh=false", "-auto-approve", "-no-color"}, "DELETE /servers/{id}", 1, true},
	} {
		tf.Run(step.args...)
		asked := mock.Requests("compute")
		t.Logf("%s: %v", step.does, asked)
		if asked[step.each] != servers {
			t.Errorf("%s: %d of %s for %d servers", step.does, asked[step.each], step.each, servers)
		}
		rest := maps.Clone(asked)
		delete(rest, step.each)
		delete(rest, "GET /") // the version document, which each run of terraform reads once
		if step.polled {
			polls := rest["GET /servers/{id}"] + rest["GET /servers/detail"]
			delete(rest, "GET /servers/{id}")
			delete(rest, "GET /servers/detail")
			if polls > 3*servers {
				t.Errorf("%s: %d polls of %d servers", step.does, polls, servers)
			}
		}
		beside := 0
		for _, n := range rest {
			beside += n
		}
		if beside > step.beside*servers {
			t.Errorf("%s: besides %s there are %v", step.does, step.each, rest)
		}
		if asked["GET /"] > 1 {
			t.Errorf("%s: the version document was read %d times", step.does, asked["GET /"])
		}
	}
}
