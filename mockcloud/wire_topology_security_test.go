// SPDX-License-Identifier: MPL-2.0

package mockcloud

import (
	"net/netip"
	"reflect"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/neutron"
)

func TestSecurityThatTheFabricIsToldOf(t *testing.T) {
	t.Parallel()
	ptr := func(s string) *string { return &s }
	num := func(n int) *int { return &n }
	group := func(id string) *neutron.SecurityGroup {
		return &neutron.SecurityGroup{Standard: neutron.Standard{ID: id}}
	}
	rule := func(of, direction, ether string, change func(*neutron.SecurityGroupRule)) *neutron.SecurityGroupRule {
		r := &neutron.SecurityGroupRule{GroupID: of, Direction: direction, EtherType: ether}
		if change != nil {
			change(r)
		}
		return r
	}
	ports, groups := securityOf(&neutron.Topology{
		Groups: []*neutron.SecurityGroup{group("web"), group("empty")},
		Rules: []*neutron.SecurityGroupRule{
			rule("web", "egress", "IPv6", nil),
			rule("web", "ingress", "IPv4", func(r *neutron.SecurityGroupRule) {
				r.Protocol, r.PortMin, r.PortMax, r.RemoteIPPrefix, r.NormalizedCIDR = ptr("tcp"), num(80), num(81), ptr("10.0.0.7/8"), ptr("10.0.0.0/8")
			}),
			rule("web", "ingress", "IPv6", func(r *neutron.SecurityGroupRule) { r.Protocol, r.PortMin = ptr("1"), num(128) }),
			rule("web", "ingress", "IPv4", func(r *neutron.SecurityGroupRule) { r.Protocol, r.RemoteGroupID = ptr("112"), ptr("web") }),
			rule("web", "ingress", "IPv4", func(r *neutron.SecurityGroupRule) { r.RemoteGroupID = ptr("gone") }),
			rule("web", "ingress", "IPv4", func(r *neutron.SecurityGroupRule) { r.Protocol = ptr("a protocol of tomorrow") }),
			rule("gone", "ingress", "IPv4", nil),
		},
		Ports: []*neutron.Port{{
			Standard: neutron.Standard{ID: "closed"}, PortSecurity: true, SecurityGroups: []string{"web", "gone"},
			FixedIPs: []neutron.FixedIP{{IPAddress: netip.MustParseAddr("10.0.0.5")}, {IPAddress: netip.MustParseAddr("::ffff:10.0.0.5")}},
			AddressPairs: []neutron.AddressPair{
				{IPAddress: "10.0.0.9", MACAddress: "00:00:5e:00:01:01"}, {IPAddress: "fd00::/64"}, {IPAddress: "10.0.0.9", MACAddress: "01:00:5e:00:00:01"},
			},
		}, {
			Standard: neutron.Standard{ID: "open"}, AdminStateUp: true,
		}},
	})
	web := []driver.Rule{
		{Egress: true, IPv6: true, Protocol: -1, First: -1, Last: -1},
		{Protocol: 6, First: 80, Last: 81, RemotePrefix: netip.MustParsePrefix("10.0.0.0/8")},
		{IPv6: true, Protocol: 58, First: 128, Last: -1},
		{Protocol: 112, First: -1, Last: -1, RemoteGroup: "web"},
	}
	if want := map[string][]driver.Rule{"web": web, "empty": nil}; !reflect.DeepEqual(groups, want) {
		t.Errorf("groups\n%+v\nwant\n%+v", groups, want)
	}
	want := map[string]driver.PortSecurity{
		"closed": {
			Down: true, Groups: []string{"web"}, Addresses: []netip.Addr{netip.MustParseAddr("10.0.0.5")},
			Allowed: []driver.AddressPair{
				{MAC: "00:00:5e:00:01:01", Prefix: netip.MustParsePrefix("10.0.0.9/32")}, {Prefix: netip.MustParsePrefix("fd00::/64")},
			},
		},
		"open": {Disabled: true},
	}
	if !reflect.DeepEqual(ports, want) {
		t.Errorf("ports\n%+v\nwant\n%+v", ports, want)
	}
}
