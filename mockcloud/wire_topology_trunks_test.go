// SPDX-License-Identifier: MPL-2.0

package mockcloud

import (
	"net/netip"
	"reflect"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/neutron"
)

func TestTrunksThatTheFabricIsToldOf(t *testing.T) {
	t.Parallel()
	address := netip.MustParseAddr("10.1.0.7")
	got := trunksOf(&neutron.Topology{
		Networks: []*neutron.Network{{Standard: neutron.Standard{ID: "blue"}, MTU: 1442}},
		Ports: []*neutron.Port{{
			Standard: neutron.Standard{ID: "sub"}, NetworkID: "blue", MACAddress: "fa:16:3e:00:00:07", DNSName: "inside",
			FixedIPs: []neutron.FixedIP{{IPAddress: address}},
		}},
		Trunks: []*neutron.Trunk{{PortID: "parent", SubPorts: []neutron.SubPort{
			{PortID: "sub", SegmentationType: "vlan", SegmentationID: 100}, {PortID: "gone", SegmentationID: 101},
		}}},
	})
	want := []driver.Trunk{{PortID: "parent", SubPorts: []driver.SubPort{{VLAN: 100, Port: driver.Port{
		ID: "sub", NetworkID: "blue", MAC: "fa:16:3e:00:00:07", MTU: 1442, Hostname: "inside", Addresses: []driver.Address{{IP: address}},
	}}}}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("told %+v\nwant %+v", got, want)
	}
}
