// SPDX-License-Identifier: MPL-2.0

package server

import (
	"fmt"
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework-nettypes/iptypes"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
)

// asked is an interface that is asked for: "" is null, "?" is not known yet.
func asked(uuid, port, ip, tag string) network {
	text := func(s string) types.String {
		switch s {
		case "":
			return types.StringNull()
		case "?":
			return types.StringUnknown()
		}
		return types.StringValue(s)
	}
	return network{
		UUID: text(uuid), Port: text(port), FixedIP: iptypes.IPAddress{StringValue: text(ip)}, Tag: text(tag),
		PortID: types.StringUnknown(), NetworkID: types.StringUnknown(), MAC: types.StringUnknown(), Addresses: types.ListUnknown(types.StringType),
	}
}

// has is that interface as it became.
func (n network) has(port, net string, ips ...string) network {
	one := nova.Interface{PortID: port, NetworkID: net, MAC: "mac of " + port}
	for _, ip := range ips {
		one.FixedIPs = append(one.FixedIPs, nova.FixedIP{Address: ip})
	}
	n.became(&one)
	return n
}

// TestMatch: which interface serves which that is asked for.
func TestMatch(t *testing.T) {
	t.Parallel()
	byNetwork, byPort := asked("n", "", "", ""), asked("", "p", "", "")
	byAddress, tagged := asked("n", "", "10.0.0.5", ""), asked("n", "", "", "a")
	for name, test := range map[string]struct {
		wants, has []network
		believe    bool
		want       []int
	}{
		"the same words":                   {[]network{byPort, byNetwork}, []network{byNetwork.has("q", "n"), byPort.has("p", "n")}, false, []int{1, 0}},
		"one of two":                       {[]network{byNetwork}, []network{byNetwork.has("1", "n"), byNetwork.has("2", "n")}, false, []int{0}},
		"one more":                         {[]network{byNetwork, byNetwork}, []network{byNetwork.has("1", "n")}, false, []int{0, -1}},
		"a port said by its network":       {[]network{byPort}, []network{byNetwork.has("p", "n")}, false, []int{0}},
		"the address that it got":          {[]network{byAddress}, []network{byNetwork.has("1", "n", "10.0.0.5")}, false, []int{0}},
		"another address":                  {[]network{byAddress}, []network{byNetwork.has("1", "n", "10.0.0.6")}, false, []int{-1}},
		"an address in other words":        {[]network{asked("n", "", "fd00:0::5", "")}, []network{byNetwork.has("1", "n", "fd00::5")}, false, []int{0}},
		"an address that goes":             {[]network{byNetwork}, []network{byAddress.has("1", "n", "10.0.0.5")}, false, []int{0}},
		"the one with the address first":   {[]network{byNetwork, byAddress}, []network{byNetwork.has("1", "n", "10.0.0.5"), byNetwork.has("2", "n")}, false, []int{1, 0}},
		"a new tag":                        {[]network{tagged}, []network{byNetwork.has("1", "n")}, false, []int{-1}},
		"a new tag of an imported server":  {[]network{tagged}, []network{byNetwork.has("1", "n")}, true, []int{0}},
		"a tag that goes":                  {[]network{byNetwork}, []network{tagged.has("1", "n")}, false, []int{0}},
		"another network":                  {[]network{asked("m", "", "", "")}, []network{byNetwork.has("1", "n")}, false, []int{-1}},
		"a network that is not known":      {[]network{asked("?", "", "", "")}, []network{byNetwork.has("1", "n")}, false, []int{-1}},
		"the exact one rather than either": {[]network{tagged, byNetwork}, []network{byNetwork.has("1", "n"), tagged.has("2", "n")}, false, []int{1, 0}},
	} {
		if got := (matching{test.wants, test.has, test.believe}).matches(); !slices.Equal(got, test.want) {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// TestCertain: what is said to be certain is so whatever comes to be known. All lists of up to three interfaces are asked
// for that two networks, a port and an address make, and each way in which what is not known may turn out.
func TestCertain(t *testing.T) {
	t.Parallel()
	byNetwork, other, byPort := asked("n", "", "", ""), asked("m", "", "", ""), asked("", "p", "", "")
	byAddress, tagged := asked("n", "", "10.0.0.5", ""), asked("n", "", "", "a")
	known := []network{byNetwork, other, byPort, byAddress, tagged}
	open := map[string]network{"?": asked("?", "", "", ""), "n?": asked("n", "", "?", ""), "p?": asked("", "?", "", ""), "?a": asked("?", "", "", "?")}
	may := map[string][]network{ // be
		"?": {byNetwork, other}, "n?": {byNetwork, byAddress}, "p?": {byPort, asked("", "q", "", "")}, "?a": {byNetwork, other, tagged},
	}
	hass := [][]network{
		{byNetwork.has("1", "n", "10.0.0.5"), byNetwork.has("2", "n")},
		{byPort.has("p", "n"), other.has("3", "m"), byNetwork.has("2", "n")},
		{byNetwork.has("p", "n"), byAddress.has("1", "n", "10.0.0.5")},
		{tagged.has("1", "n"), byNetwork.has("2", "n", "10.0.0.5"), other.has("3", "m")},
	}
	checked := 0
	for name, unknown := range open {
		for _, has := range hass {
			for _, before := range known {
				for _, after := range known {
					for place := range 3 {
						wants := slices.Insert([]network{before, after}, place, unknown)
						first := matching{wants: wants, has: has}.certain()
						for _, became := range may[name] {
							wants[place] = became
							last := matching{wants: wants, has: has}.certain()
							for w, h := range first {
								if h >= 0 && last[w] != h {
									t.Errorf("%s at %d among %v: interface %d serves %d, and then %d", name, place, wants, h, w, last[w])
								}
								checked++
							}
						}
					}
				}
			}
		}
	}
	if all := (matching{wants: []network{byNetwork, open["?"]}, has: hass[0]}).certain(); !slices.Equal(all, []int{0, -1}) || checked == 0 {
		t.Errorf("of an interface that stays in its place, and one that comes, %v is certain", all)
	}
}

// TestSeen: as long as the server shows an address of each interface, nothing else is to be asked.
func TestSeen(t *testing.T) {
	t.Parallel()
	s := &nova.Server{Addresses: map[string][]nova.Address{"net": {
		{Address: "10.0.0.9", MAC: "mac of p", Type: "fixed"}, {Address: "192.0.2.1", MAC: "mac of p", Type: "floating"},
		{Address: "10.0.0.10", MAC: "mac of p", Type: "fixed"},
	}}}
	one := asked("", "p", "", "").has("p", "n", "10.0.0.1")
	all := []network{one}
	if !seen(all, s) || fmt.Sprint(all[0].Addresses) != `["10.0.0.10","10.0.0.9"]` {
		t.Errorf("addresses: %v", all[0].Addresses)
	}
	if seen([]network{one, asked("", "q", "", "").has("q", "n")}, s) || seen([]network{asked("", "p", "", "")}, s) {
		t.Error("an interface is seen that the server does not show")
	}
}
