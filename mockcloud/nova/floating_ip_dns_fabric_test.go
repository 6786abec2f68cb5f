// SPDX-License-Identifier: MPL-2.0

package nova_test

import (
	"context"
	"net/http"
	"net/netip"
	"slices"
	"sync"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/cloudtest"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// follower is a fabric that remembers what it was told.
type follower struct {
	driver.NoFabric

	mu   sync.Mutex
	told driver.Topology
}

func (f *follower) Follow(_ context.Context, t driver.Topology) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.told = t
	return nil
}

// zone is what the fabric was told of a domain.
func (f *follower) zone(domain string) (driver.Zone, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	at := slices.IndexFunc(f.told.Zones, func(z driver.Zone) bool { return z.Domain == domain })
	if at < 0 {
		return driver.Zone{}, false
	}
	return f.told.Zones[at], true
}

// When a name is made, guests are told of it already: all of them, or those of the domain's availability zone.
func TestDNSReachesGuests(t *testing.T) {
	t.Parallel()
	fabric := &follower{}
	cloud := start(t, cloudtest.With(func(o *mockcloud.Options) { o.Fabric = fabric }))
	id := cloud.demo.boot(t, "told", object{"networks": []object{{"uuid": cloud.network}}})
	port := cloud.demo.nova(t, 1, http.MethodGet, "/servers/"+id+"/os-interface", nil).object(t, http.StatusOK)
	for domain, body := range map[string]object{
		"Everybody.example": domainOf("public", nil),
		"here.example":      domainOf("private", object{"availability_zone": "nova"}),
		"there.example":     domainOf("private", object{"availability_zone": "mars"}),
	} {
		cloud.admin.nova(t, 1, http.MethodPut, dns+"/"+domain, body).object(t, http.StatusOK)
		cloud.admin.nova(t, 1, http.MethodPut, dns+"/"+domain+"/entries/WWW", nameOf("192.0.2.1")).object(t, http.StatusOK)
	}
	cloud.demo.nova(t, 1, http.MethodPut, dns+"/unmade.example/entries/www", nameOf("192.0.2.1")).object(t, http.StatusOK)
	names := map[string][]netip.Addr{"www": {netip.MustParseAddr("192.0.2.1")}}
	mine := map[string]bool{text(t, port["interfaceAttachments"].([]any)[0].(object), "port_id"): true}
	for domain, want := range map[string]driver.Zone{
		"everybody.example": {Domain: "everybody.example", Names: names, Ports: map[string]bool{}},
		"here.example":      {Domain: "here.example", Names: names, Private: true, Ports: mine},
		"there.example":     {Domain: "there.example", Names: names, Private: true, Ports: map[string]bool{}},
	} {
		got, _ := fabric.zone(domain)
		same(t, domain, got, want)
	}
	if _, told := fabric.zone("unmade.example"); told {
		t.Error("guests are told of a domain that no administrator made")
	}
	cloud.admin.nova(t, 1, http.MethodDelete, dns+"/everybody.example", nil)
	if _, told := fabric.zone("everybody.example"); told {
		t.Error("guests are told of a domain that is gone")
	}
}
