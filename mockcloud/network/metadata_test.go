// SPDX-License-Identifier: MPL-2.0

package network

import (
	"net/netip"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

func TestMetadataKnowsWhoAsks(t *testing.T) {
	t.Parallel()
	isolated, own := subnet("10.0.0.0/24"), subnet("10.0.0.0/24")
	isolated.Gateway = netip.Addr{}
	own.Gateway, own.DHCPPort = netip.Addr{}, netip.MustParseAddr("10.0.0.2")
	f := newFabric(t, Options{})
	f.Serve(name)
	// The same MAC addresses and subnets on four networks.
	for network, s := range map[string]driver.Subnet{
		"red": subnet("10.0.0.0/24"), "blue": subnet("10.0.0.0/24"), "on-link": isolated, "dhcp-port": own,
	} {
		for n := range byte(2) {
			g := newGuest(t, f, testPort(network, 5+n, s))
			got, err := g.get(patient(t), "http://169.254.169.254/openstack")
			if want := g.port.Device + " /openstack"; err != nil || got != want {
				t.Errorf("%s: got %q, %v; want %q", g.port.ID, got, err, want)
			}
		}
	}
}

// TestMetadataIsForAll: a guest that holds all the connections that it can get has some, and its neighbour
// is served.
func TestMetadataIsForAll(t *testing.T) {
	t.Parallel()
	f := newFabric(t, Options{})
	f.Serve(name)
	greedy, modest := newGuest(t, f, testPort("n", 5, subnet("10.0.0.0/24"))), newGuest(t, f, testPort("n", 6, subnet("10.0.0.0/24")))
	ended := make(chan error, 1)
	for range metadataConnections + 1 {
		conn, err := greedy.dial(patient(t), "tcp", "169.254.169.254:80")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
		go func() {
			_, err := conn.Read(make([]byte, 1))
			select {
			case ended <- err:
			default:
			}
		}()
	}
	select {
	case err := <-ended:
		if err == nil {
			t.Error("a connection without a request was answered")
		}
	case <-patient(t).Done():
		t.Errorf("a guest holds %d connections", metadataConnections+1)
	}
	if got, err := modest.get(patient(t), "http://169.254.169.254/openstack"); err != nil || got != modest.port.Device+" /openstack" {
		t.Errorf("the other guest got %q, %v", got, err)
	}
}
