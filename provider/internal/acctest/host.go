// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"slices"
	"testing"

	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/services"
)

// Hosts are the names of the cloud's compute hosts, of which the test needs so many.
func (target *Target) Hosts(t *testing.T, atLeast int) []string {
	t.Helper()
	service, err := target.Client.At(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	pages, err := services.List(service, services.ListOpts{Binary: "nova-compute"}).AllPages(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	all, err := services.ExtractServices(pages)
	if err != nil {
		t.Fatal(err)
	}
	var hosts []string
	for _, s := range all {
		hosts = append(hosts, s.Host)
	}
	slices.Sort(hosts)
	if len(hosts) < atLeast {
		t.Skipf("the cloud has %d compute hosts, and this needs %d", len(hosts), atLeast)
	}
	return hosts
}
