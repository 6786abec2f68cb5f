// SPDX-License-Identifier: MPL-2.0

package neutron_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/networks"
)

// A request that insists on a revision is refused once the record has another.
func TestRevisions(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	client := c.as("demo")
	n, err := networks.Create(t.Context(), client, networks.CreateOpts{Name: "n"}).Extract()
	if err != nil {
		t.Fatal(err)
	}
	name := "m"
	rename := networks.UpdateOpts{Name: &name, RevisionNumber: &n.RevisionNumber}
	if _, err := networks.Update(t.Context(), client, n.ID, rename).Extract(); err != nil {
		t.Errorf("the current revision: %v", err)
	}
	if _, err := networks.Update(t.Context(), client, n.ID, rename).Extract(); err == nil || !strings.Contains(err.Error(), "RevisionNumberConstraintFailed") {
		t.Errorf("an old revision: %v", err)
	}
	for _, test := range []struct {
		tag  string
		want int
	}{
		{"revision_number=1", http.StatusPreconditionFailed},
		{`"revision_number=1"`, http.StatusPreconditionFailed},
		{"revision_number=x", http.StatusBadRequest},
		{"revision_number=1,revision_number=2", http.StatusBadRequest},
		{"revision_number=2", http.StatusNoContent},
	} {
		c.deleteIf(t, n.ID, test.tag, test.want)
	}
}

func (c *cloud) deleteIf(t *testing.T, network, tag string, want int) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodDelete, c.url+"/network/v2.0/networks/"+network, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header = http.Header{"X-Auth-Token": {"demo"}, "If-Match": {tag}}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	if answer.StatusCode != want {
		t.Errorf("%s: %d, want %d", tag, answer.StatusCode, want)
	}
}
