// SPDX-License-Identifier: MPL-2.0

package neutron_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/networks"
)

func TestPages(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	for i := range 7 {
		c.id(t, "other", "network", fmt.Sprintf(`"name": "n%d", "mtu": %d`, i, 1400+(i*3)%7))
	}
	pages, err := networks.List(c.as("other"), networks.ListOpts{Limit: 3, SortKey: "name", SortDir: "desc"}).AllPages(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	all, err := networks.ExtractNetworks(pages)
	if err != nil || len(all) != 8 || all[0].Name != "public" || all[7].Name != "n0" {
		t.Errorf("by pages: %v, %v", all, err)
	}
	for query, want := range map[string]string{
		"sort_key=mtu&sort_dir=desc&limit=2":                    "[public n2]",
		"name=n1&name=n2&sort_key=name":                         "[n1 n2]",
		"admin_state_up=False":                                  "[]",
		"router:external=true":                                  "[public]",
		"name=n3&mtu=1402":                                      "[n3]",
		"name=":                                                 "[]",
		"sort_key=name&limit=2&marker=MARKER":                   "[n4 n5]",
		"sort_key=name&limit=2&page_reverse=True&marker=MARKER": "[n1 n2]",
	} {
		marker := c.list(t, "other", "networks?name=n3")[0]["id"].(string)
		if got := names(c.list(t, "other", "networks?"+strings.ReplaceAll(query, "MARKER", marker))); got != want {
			t.Errorf("%s: %s, want %s", query, got, want)
		}
	}
	c.hold(t, []exchange{
		{"next", "other", "GET /v2.0/networks?limit=1", "", 200, `"rel":"next"`},
		{"no attribute", "other", "GET /v2.0/networks?colour=red", "", 400, "is invalid attribute for filtering"},
		{"no sort key", "other", "GET /v2.0/networks?sort_key=colour", "", 400, "invalid attribute for sort key"},
		{"no direction", "other", "GET /v2.0/networks?sort_key=name&sort_dir=up", "", 400, "not a valid sort direction"},
		{"no marker", "other", "GET /v2.0/networks?marker=x&limit=1", "", 400, "could not be found"},
		{"limit", "other", "GET /v2.0/networks?limit=-1", "", 400, "limit"},
		{"fields", "other", "GET /v2.0/networks?name=n1&fields=name&fields=mtu", "", 200, `{"networks":[{"mtu":1403,"name":"n1"}]}`},
	})
}
