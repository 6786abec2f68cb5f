// SPDX-License-Identifier: MPL-2.0

package network

import (
	"log/slog"
	"net/netip"
	"strings"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// TestUnreadableSecurityCloses: a port whose security cannot be read is down until it can, and everybody else goes on.
func TestUnreadableSecurityCloses(t *testing.T) {
	t.Parallel()
	group := func(bad driver.Rule) func(*town, *driver.PortSecurity) {
		return func(w *town, _ *driver.PortSecurity) { w.told.Groups["b"] = append(w.told.Groups["b"], bad) }
	}
	port := func(change func(*driver.PortSecurity)) func(*town, *driver.PortSecurity) {
		return func(_ *town, p *driver.PortSecurity) { change(p) }
	}
	const aGroup, aPort = `what="security group" id=b `, `what=port id=net-port-6 `
	for what, c := range map[string]struct {
		change func(*town, *driver.PortSecurity)
		said   string
	}{
		"an unknown remote group":    {group(driver.Rule{Protocol: -1, RemoteGroup: "nobody's"}), aGroup},
		"a protocol of nine bits":    {group(driver.Rule{Protocol: 256}), aGroup},
		"a port of 17 bits":          {group(driver.Rule{Protocol: 6, First: 1, Last: 65536}), aGroup},
		"a prefix of another family": {group(driver.Rule{IPv6: true, RemotePrefix: netip.MustParsePrefix("10.0.0.0/8")}), aGroup},
		"an unknown group":           {port(func(p *driver.PortSecurity) { p.Groups = append(p.Groups, "nobody's") }), aPort},
		"no address":                 {port(func(p *driver.PortSecurity) { p.Addresses = []netip.Addr{{}} }), aPort},
		"a pair without an address":  {port(func(p *driver.PortSecurity) { p.Allowed = []driver.AddressPair{{}} }), aPort},
		"a pair of a group's MAC address": {port(func(p *driver.PortSecurity) {
			p.Allowed = []driver.AddressPair{{MAC: "01:00:00:00:00:00", Prefix: netip.MustParsePrefix("10.0.0.1/32")}}
		}), aPort},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			var log strings.Builder
			w := newTownWith(t, Options{Log: slog.New(slog.NewTextHandler(&log, nil))}, in(protocolUDP, 2000, 2000), out(in(protocolUDP, -1, -1)))
			w.talks("before", true)
			good, rules := w.told.Security[w.b.port.ID], w.told.Groups["b"]
			w.secure(w.b, func(p *driver.PortSecurity) { c.change(w, p) })
			w.talks("closed", false)
			w.told.Routers = []driver.Router{} // news of something else
			w.follow()
			w.talks("still closed", false)
			w.told.Security[w.b.port.ID], w.told.Groups["b"] = good, rules
			w.follow()
			w.talks("after", true)
			if said := log.String(); strings.Count(said, "left out of the topology") != 1 || !strings.Contains(said, c.said) {
				t.Errorf("the log says %s", said)
			}
		})
	}
}

// talks says that b is sent a's datagrams and sends its own, or neither; a and c always.
func (w *town) talks(text string, want bool) {
	w.t.Helper()
	if want {
		if !w.passes(w.a, w.b, w.a.datagram(w.b, text)) || !w.passes(w.b, w.a, w.b.datagram(w.a, text)) {
			w.t.Errorf("%s: b is closed", text)
		}
		return
	}
	stats := func() Stats {
		s, err := w.fabric.PortStats(w.b.port.ID)
		if err != nil {
			w.t.Fatal(err)
		}
		return s
	}
	before := stats()
	w.a.send(w.a.datagram(w.b, text))
	if !w.passes(w.a, w.c, w.a.datagram(w.c, text)) { // b's would have been queued by now
		w.t.Errorf("%s: c is closed, too", text)
	}
	w.b.send(w.b.datagram(w.a, text))
	if err := waitUntil(w.t, func() bool { return stats().TxDropped > before.TxDropped }); err != nil {
		w.t.Errorf("%s: b sends", text)
	}
	if stats().RxFrames != before.RxFrames {
		w.t.Errorf("%s: b is sent frames", text)
	}
}
