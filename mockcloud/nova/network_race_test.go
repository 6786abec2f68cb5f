// SPDX-License-Identifier: MPL-2.0

package nova_test

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/cloudtest"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store/memory"
)

// Of requests for one range at once, one gets it, and nothing is left of the others.
func TestOldNetworksAtOnce(t *testing.T) {
	t.Parallel()
	cloud := start(t)
	answers := make([]*answer, 8)
	var all sync.WaitGroup
	for i := range answers {
		all.Go(func() {
			answers[i] = cloud.admin.nova(t, 1, http.MethodPost, "/os-networks", object{"network": object{
				"label": "contended", "cidr": fmt.Sprintf("10.60.0.0/%d", 20+i),
			}})
		})
	}
	all.Wait()
	made := ""
	for _, got := range answers {
		switch {
		case got.status == http.StatusOK && made == "":
			made = text(t, got.object(t, http.StatusOK), "network", "id")
		case got.status != http.StatusConflict:
			t.Errorf("%d %s", got.status, got.body)
		}
	}
	list := cloud.admin.send(t, http.MethodGet, cloud.URL+"/network/v2.0/networks?name=contended", nil, nil).object(t, http.StatusOK)["networks"].([]any)
	if len(list) != 1 || list[0].(object)["id"] != made {
		t.Errorf("made %s, and there are %v", made, list)
	}

	// What is deleted at Neutron's is as gone.
	path := cloud.URL + "/network/v2.0/networks/" + made
	if got := cloud.admin.send(t, http.MethodDelete, path, nil, nil); got.status != http.StatusNoContent {
		t.Fatalf("delete at Neutron: %d %s", got.status, got.body)
	}
	cloud.admin.networkAction(t, made, "disassociate", nil).refused(t, 404, "Network not found")
	cloud.admin.nova(t, 1, http.MethodPost, "/os-networks/add", object{"id": nil}).refused(t, 400, "No more available networks.")
	cloud.makeNetwork(t, object{"label": "contended", "cidr": "10.60.0.0/16"})
}

// Of projects that take a network at once, one gets it.
func TestAddNetworkAtOnce(t *testing.T) {
	t.Parallel()
	cloud := start(t)
	id := text(t, cloud.makeNetwork(t, object{"label": "one", "cidr": "10.61.0.0/24"}), "id")
	projects := make([]*user, 6)
	for i := range projects {
		name := fmt.Sprintf("p%d", i)
		cloud.member(t, name, "member")
		projects[i] = cloud.adminOf(t, name)
	}
	taken := make([]bool, len(projects))
	var all sync.WaitGroup
	for i, u := range projects {
		all.Go(func() {
			taken[i] = u.nova(t, 1, http.MethodPost, "/os-networks/add", object{"id": nil}).status == http.StatusAccepted
		})
	}
	all.Wait()
	owner := cloud.admin.oldNetwork(t, id)["project_id"]
	count := 0
	for i, u := range projects {
		if taken[i] {
			count++
			same(t, "owner", owner, u.project)
		}
	}
	same(t, "projects that took it", count, 1)
}

// A network that a project takes while it is deleted is either gone or the project's.
func TestDeleteNetworkWhileTaken(t *testing.T) {
	t.Parallel()
	cloud := start(t)
	cloud.member(t, "taker", "member")
	taker := cloud.adminOf(t, "taker")
	var all sync.WaitGroup
	for i := range 40 {
		id := text(t, cloud.makeNetwork(t, object{"label": "n", "cidr": fmt.Sprintf("10.62.%d.0/24", i)}), "id")
		var taken, deleted int
		all.Go(func() { taken = taker.nova(t, 1, http.MethodPost, "/os-networks/add", object{"id": id}).status })
		all.Go(func() { deleted = cloud.admin.nova(t, 1, http.MethodDelete, "/os-networks/"+id, nil).status })
		all.Wait()
		if (taken == http.StatusAccepted) == (deleted == http.StatusAccepted) {
			t.Errorf("taken: %d, deleted: %d", taken, deleted)
		}
	}
}

// Addresses that are made floating IPs of one subnet at once are all there, and gone once they are deleted.
func TestBulkAtOnce(t *testing.T) {
	t.Parallel()
	cloud := start(t)
	cloud.admin.nova(t, 1, http.MethodPost, bulk, bulkOf("172.29.255.0/30", "shared", "")).object(t, http.StatusOK)
	pool := cloud.admin.send(t, http.MethodGet, cloud.URL+"/network/v2.0/networks?name=shared", nil, nil).object(t, http.StatusOK)["networks"].([]any)[0]
	cloud.admin.send(t, http.MethodPost, cloud.URL+"/network/v2.0/subnets", nil, object{"subnet": object{
		"network_id": pool.(object)["id"], "ip_version": 4, "cidr": "172.28.0.0/16", "enable_dhcp": false, "gateway_ip": nil,
		"allocation_pools": []object{{"start": "172.28.255.1", "end": "172.28.255.1"}},
	}}).object(t, http.StatusCreated)
	const ranges, each = 8, 2
	var all sync.WaitGroup
	at := func(send func(addresses string)) {
		for i := range ranges {
			all.Go(func() { send(fmt.Sprintf("172.28.%d.0/30", i)) })
		}
		all.Wait()
	}
	at(func(addresses string) {
		if got := cloud.admin.nova(t, 1, http.MethodPost, bulk, bulkOf(addresses, "shared", "")); got.status != http.StatusOK {
			t.Errorf("%s: %d %s", addresses, got.status, got.body)
		}
	})
	const before = 2 + 1
	same(t, "addresses", len(cloud.inPool(t, "shared")), before+ranges*each)
	at(func(addresses string) {
		if got := cloud.admin.nova(t, 1, http.MethodPut, bulk+"/delete", object{"ip_range": addresses}); got.status != http.StatusOK {
			t.Errorf("%s: %d %s", addresses, got.status, got.body)
		}
	})
	same(t, "addresses that are left", len(cloud.inPool(t, "shared")), before)
}

// A range that others have is passed over at once, however many networks it has room for.
func TestTenantNetworkPastLargeOne(t *testing.T) {
	t.Parallel()
	cloud := start(t)
	ask := func(fields object) *answer {
		fields["label"] = "n"
		return cloud.demo.nova(t, 1, http.MethodPost, "/os-tenant-networks", object{"network": fields})
	}
	ask(object{"cidr": "0.0.0.0/1", "ipam": true}).object(t, http.StatusOK)
	ask(object{"cidr": "0.0.0.0/1", "network_size": 4}).refused(t, 409, "Requested cidr (0.0.0.0/30) conflicts with existing cidr (0.0.0.0/1)")
	found := ask(object{"cidr": "0.0.0.0/0", "network_size": 4}).object(t, http.StatusOK)
	same(t, "after it", text(t, found, "network", "cidr"), "128.0.0.0/30")
}

// interrupted is a store in which something comes before the next change.
type interrupted struct {
	store.Store

	by atomic.Pointer[func()]
}

func (s *interrupted) Update(ctx context.Context, change func(store.Tx) error) error {
	if by := s.by.Swap(nil); by != nil {
		(*by)()
	}
	return s.Store.Update(ctx, change)
}

// Of requests that give a range to several pools at once, one does, and nothing is left of the others.
func TestBulkOfOneRangeAtOnce(t *testing.T) {
	t.Parallel()
	records := &interrupted{Store: memory.New()}
	cloud := start(t, cloudtest.With(func(o *mockcloud.Options) { o.Store = records }))
	ask := func(pool string) *answer {
		return cloud.admin.nova(t, 1, http.MethodPost, bulk, bulkOf("172.27.0.0/30", pool, ""))
	}
	const taken = "Floating IP 172.27.0.1 already exists."
	for _, pool := range []string{"late", "public"} { // one that is made for it, and one that is there
		quick := func() { ask("quick").object(t, http.StatusOK) }
		records.by.Store(&quick)
		before := len(cloud.inPool(t, pool))
		ask(pool).refused(t, http.StatusConflict, taken)
		same(t, "who came between", addressesOf(cloud.inPool(t, "quick")), []string{"172.27.0.1", "172.27.0.2"})
		same(t, "left of "+pool, len(cloud.inPool(t, pool)), before)
		ask(pool).refused(t, http.StatusConflict, taken)
		same(t, "pools", cloud.pools(t), []string{"public", "quick"})
		cloud.admin.nova(t, 1, http.MethodPut, bulk+"/delete", object{"ip_range": "172.27.0.0/30"}).object(t, http.StatusOK)
	}
	// Of those who make a pool of one name one does.
	other := func() {
		cloud.admin.nova(t, 1, http.MethodPost, bulk, bulkOf("172.27.8.0/30", "shared", "")).object(t, http.StatusOK)
	}
	records.by.Store(&other)
	ask("shared").object(t, http.StatusOK)
	same(t, "networks", len(cloud.admin.send(t, http.MethodGet, cloud.URL+"/network/v2.0/networks?name=shared", nil, nil).object(t, http.StatusOK)["networks"].([]any)), 1)
	same(t, "both ranges", len(cloud.inPool(t, "shared")), 4)
	cloud.admin.nova(t, 1, http.MethodPut, bulk+"/delete", object{"ip_range": "172.27.0.0/30"}).object(t, http.StatusOK)

	// What was deleted at Neutron's is free.
	ask("late").object(t, http.StatusOK)
	late := cloud.admin.send(t, http.MethodGet, cloud.URL+"/network/v2.0/networks?name=late", nil, nil).object(t, http.StatusOK)["networks"].([]any)[0]
	path := cloud.URL + "/network/v2.0/networks/" + text(t, late.(object), "id")
	same(t, "deleted", cloud.admin.send(t, http.MethodDelete, path, nil, nil).status, http.StatusNoContent)
	ask("public").object(t, http.StatusOK)
}

// A project's range is no other's business, however large it is; nobody's is everybody's, and all are administrators'.
func TestTenantNetworksBesideOthers(t *testing.T) {
	t.Parallel()
	cloud := start(t)
	other := cloud.member(t, "q", "member")
	ask := func(u *user, cidr string) *answer {
		return u.nova(t, 1, http.MethodPost, "/os-tenant-networks", object{"network": object{"label": "n", "cidr": cidr, "ipam": true}})
	}
	cloud.makeNetwork(t, object{"label": "nobodys", "cidr": "10.70.0.0/16"})
	ask(cloud.demo, "172.16.0.0/12").object(t, http.StatusOK)
	ask(cloud.demo, "172.20.0.0/16").refused(t, http.StatusConflict, "Requested cidr (172.20.0.0/16) conflicts with existing cidr (172.16.0.0/12)")
	made := ask(other, "172.20.0.0/16").object(t, http.StatusOK)
	same(t, "the range", text(t, made, "network", "cidr"), "172.20.0.0/16")
	ask(other, "10.70.1.0/24").refused(t, http.StatusConflict, "Requested cidr (10.70.1.0/24) conflicts with existing cidr (10.70.0.0/16)")
	ask(cloud.admin, "172.17.0.0/16").refused(t, http.StatusConflict, "Requested cidr (172.17.0.0/16) conflicts with existing cidr (172.16.0.0/12)")
	got := cloud.admin.nova(t, 1, http.MethodPost, "/os-networks", object{"network": object{"label": "n", "cidr": "172.20.1.0/24"}})
	same(t, "an administrator's", got.status, http.StatusConflict) // with either

	// Who asks for theirs at once all get it.
	projects := []*user{cloud.member(t, "r", "member"), cloud.member(t, "s", "member"), cloud.member(t, "t", "member"), other}
	answers := make([]*answer, len(projects))
	var all sync.WaitGroup
	for i, u := range projects {
		all.Go(func() { answers[i] = ask(u, "172.30.0.0/24") })
	}
	all.Wait()
	for _, got := range answers {
		got.object(t, http.StatusOK)
	}
}
