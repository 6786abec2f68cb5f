// SPDX-License-Identifier: MPL-2.0

package mockcloud_test

import (
	"context"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servers"
	"github.com/gophercloud/gophercloud/v2/openstack/image/v2/images"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/extensions/layer3/floatingips"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/networks"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/ports"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/cloudtest"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver/sim"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store/memory"
)

// board is a fabric that remembers which addresses are plugged where.
type board struct {
	driver.NoFabric
	mu      sync.Mutex
	plugged map[string][]netip.Addr // by port
}

func (b *board) Plug(ctx context.Context, p driver.Port) (driver.NIC, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.plugged[p.ID] = nil
	for _, a := range p.Addresses {
		b.plugged[p.ID] = append(b.plugged[p.ID], a.IP)
	}
	return b.NoFabric.Plug(ctx, p)
}

func (b *board) Unplug(_ context.Context, id string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.plugged, id)
	return nil
}

func (b *board) of(port string) (list []netip.Addr, plugged bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	list, plugged = b.plugged[port]
	return list, plugged
}

// user is the user demo of a cloud.
type user struct {
	t                       *testing.T
	compute, network, image *gophercloud.ServiceClient
}

func login(t *testing.T, cloud *cloudtest.Cloud) *user {
	t.Helper()
	client, err := openstack.AuthenticatedClient(t.Context(), gophercloud.AuthOptions{
		IdentityEndpoint: cloud.AuthURL, Username: "demo", Password: cloud.Password("demo"), TenantName: "demo", DomainName: "Default",
	})
	must(t, err)
	u := &user{t: t}
	region := gophercloud.EndpointOpts{Region: "RegionOne"}
	u.compute, err = openstack.NewComputeV2(client, region)
	must(t, err)
	u.network, err = openstack.NewNetworkV2(client, region)
	must(t, err)
	u.image, err = openstack.NewImageV2(client, region)
	must(t, err)
	return u
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// server makes a server and waits for it.
func (u *user) server(name string) *servers.Server {
	u.t.Helper()
	page, err := images.List(u.image, images.ListOpts{Name: mockcloud.GuestImage}).AllPages(u.t.Context())
	must(u.t, err)
	found, err := images.ExtractImages(page)
	must(u.t, err)
	made, err := servers.Create(u.t.Context(), u.compute, servers.CreateOpts{
		Name: name, FlavorRef: "1", ImageRef: found[0].ID, Networks: []servers.Network{{UUID: u.networkID("private")}},
	}, nil).Extract()
	must(u.t, err)
	must(u.t, servers.WaitForStatus(u.t.Context(), u.compute, made.ID, "ACTIVE"))
	return u.get(made.ID)
}

func (u *user) get(id string) *servers.Server {
	u.t.Helper()
	server, err := servers.Get(u.t.Context(), u.compute, id).Extract()
	must(u.t, err)
	return server
}

// addresses are what Nova tells of the server.
func (u *user) addresses(id string) (list []string) {
	u.t.Helper()
	for _, network := range u.get(id).Addresses {
		for _, a := range network.([]any) {
			list = append(list, a.(map[string]any)["addr"].(string))
		}
	}
	slices.Sort(list)
	return list
}

func (u *user) networkID(name string) string {
	u.t.Helper()
	page, err := networks.List(u.network, networks.ListOpts{Name: name}).AllPages(u.t.Context())
	must(u.t, err)
	found, err := networks.ExtractNetworks(page)
	must(u.t, err)
	return found[0].ID
}

func equal[T comparable](t *testing.T, what string, got, want []T) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

// What users do to a server's ports and floating IPs at Neutron shows at Nova, and in the data plane.
func TestServerFollowsItsPorts(t *testing.T) {
	t.Parallel()
	b := &board{plugged: map[string][]netip.Addr{}}
	cloud := cloudtest.Start(t, cloudtest.With(func(o *mockcloud.Options) { o.Fabric = b }))
	u := login(t, cloud)
	id := u.server("follows").ID
	page, err := ports.List(u.network, ports.ListOpts{DeviceID: id}).AllPages(t.Context())
	must(t, err)
	found, err := ports.ExtractPorts(page)
	must(t, err)
	port := found[0]
	settled := func() { must(t, cloud.Compute.Wait(t.Context())) }

	floating, err := floatingips.Create(t.Context(), u.network, floatingips.CreateOpts{
		FloatingNetworkID: u.networkID("public"), PortID: port.ID,
	}).Extract()
	must(t, err)
	fixed := port.FixedIPs[0].IPAddress
	equal(t, "with a floating IP", u.addresses(id), slices.Sorted(slices.Values([]string{fixed, floating.FloatingIP})))

	must(t, floatingips.Delete(t.Context(), u.network, floating.ID).ExtractErr())
	equal(t, "without it", u.addresses(id), []string{fixed})

	other := netip.MustParseAddr(fixed).Next().Next().Next()
	_, err = ports.Update(t.Context(), u.network, port.ID, ports.UpdateOpts{
		FixedIPs: []ports.IP{{SubnetID: port.FixedIPs[0].SubnetID, IPAddress: other.String()}},
	}).Extract()
	must(t, err)
	equal(t, "moved", u.addresses(id), []string{other.String()})
	settled()
	plugged, _ := b.of(port.ID)
	equal(t, "plugged", plugged, []netip.Addr{other})

	must(t, ports.Delete(t.Context(), u.network, port.ID).ExtractErr())
	equal(t, "without a port", u.addresses(id), nil)
	settled()
	if _, there := b.of(port.ID); there {
		t.Error("a port that is deleted is still plugged")
	}
	must(t, servers.Delete(t.Context(), u.compute, id).ExtractErr())
	settled()
	if len(b.plugged) != 0 {
		t.Errorf("left over: %v", b.plugged)
	}
}

// A store and hosts that outlive a cloud are a cloud that comes back.
func TestCloudComesBack(t *testing.T) {
	t.Parallel()
	records, dir := memory.New(), t.TempDir()
	with := cloudtest.With(func(o *mockcloud.Options) {
		host, err := sim.New(sim.Options{Clock: clock.Wall(), Dir: dir})
		must(t, err)
		t.Cleanup(func() { _ = host.Close() })
		o.Store, o.Hosts = records, []compute.HostSpec{{Name: "one", Zone: "z", Driver: host}}
		o.Passwords = map[string]string{"demo": "the same"}
	})
	var id string
	t.Run("Before", func(t *testing.T) { // what comes after needs it
		id = login(t, cloudtest.Start(t, with)).server("stays").ID
	})
	u := login(t, cloudtest.Start(t, with))
	back := u.get(id)
	if back.Status != "ACTIVE" || back.AvailabilityZone != "z" {
		t.Errorf("%s in %s", back.Status, back.AvailabilityZone)
	}
	must(t, servers.Stop(t.Context(), u.compute, id).ExtractErr())
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	must(t, servers.WaitForStatus(ctx, u.compute, id, "SHUTOFF"))
}
