// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"context"
	"testing"

	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/extensions/layer3/routers"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/networks"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/subnets"
)

// External is the first external network, or skips the test where there is none.
func (target *Target) External(t testing.TB) (id, name string) {
	t.Helper()
	pages, err := networks.List(target.service(t, "network"), externalOnly{}).AllPages(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	external, err := networks.ExtractNetworks(pages)
	if err != nil || len(external) == 0 {
		t.Skip("the cloud has no external network", err)
	}
	return external[0].ID, external[0].Name
}

type externalOnly struct{}

// ToNetworkListQuery is the query.
func (externalOnly) ToNetworkListQuery() (string, error) { return "?router:external=true", nil }

// Routed leads a network, whose first subnet it is, to the external network by a router, for the test.
func (target *Target) Routed(t testing.TB, network, external string) {
	t.Helper()
	service := target.service(t, "network")
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	pages, err := subnets.List(service, subnets.ListOpts{NetworkID: network}).AllPages(t.Context())
	must(err)
	all, err := subnets.ExtractSubnets(pages)
	must(err)
	router, err := routers.Create(t.Context(), service, routers.CreateOpts{GatewayInfo: &routers.GatewayInfo{NetworkID: external}}).Extract()
	must(err)
	_, err = routers.AddInterface(t.Context(), service, router.ID, routers.AddInterfaceOpts{SubnetID: all[0].ID}).Extract()
	must(err)
	t.Cleanup(func() {
		after := context.WithoutCancel(t.Context())
		_, err := routers.RemoveInterface(after, service, router.ID, routers.RemoveInterfaceOpts{SubnetID: all[0].ID}).Extract()
		if err == nil {
			err = routers.Delete(after, service, router.ID).ExtractErr()
		}
		if err != nil {
			t.Error(err)
		}
	})
}
