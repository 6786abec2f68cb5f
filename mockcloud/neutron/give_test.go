// SPDX-License-Identifier: MPL-2.0

package neutron_test

import (
	"strings"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/neutron"
)

// A network changes hands as a whole, and only from whom it is thought to be.
func TestGive(t *testing.T) {
	t.Parallel()
	c, ctx := newCloud(t), t.Context()
	network := c.id(t, "demo", "network", `"name": "given"`)
	c.id(t, "demo", "subnet", `"network_id": "`+network+`", "ip_version": 4, "cidr": "10.9.0.0/24"`)
	kept := c.id(t, "demo", "port", `"network_id": "`+network+`"`)
	give := func(from, to string, want bool) {
		t.Helper()
		if given, err := c.Give(ctx, network, from, to); err != nil || given != want {
			t.Errorf("from %q to %q: %t, %v", from, to, given, err)
		}
		owners, err := c.Owners(ctx)
		if err != nil || want && owners[network] != to {
			t.Errorf("owner is %q, %v", owners[network], err)
		}
	}
	sees := func(who string, want int) {
		t.Helper()
		for _, path := range []string{"networks?id=" + network, "subnets?network_id=" + network, "ports?device_owner=network:dhcp&network_id=" + network} {
			if _, list := c.send(t, who, "GET /v2.0/"+path, ""); strings.Count(list, `"created_at"`) != want {
				t.Errorf("%s sees of %s: %s", who, path, list)
			}
		}
	}
	give(otherProject, "", false)
	give(demoProject, "", true)
	give(demoProject, otherProject, false)
	sees("demo", 0)
	sees("other", 0)
	sees("admin", 1)
	give("", otherProject, true)
	sees("demo", 0)
	sees("other", 1)
	if status, port := c.send(t, "demo", "GET /v2.0/ports/"+kept, ""); status != 200 {
		t.Errorf("the port that stayed: %d %s", status, port)
	}
	if _, err := c.Give(ctx, "none", "", otherProject); !neutron.NetworkNotFound.Is(err) {
		t.Errorf("of no network: %v", err)
	}
}
