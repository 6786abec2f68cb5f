// SPDX-License-Identifier: MPL-2.0

package network

import (
	"bytes"
	"log/slog"
	"net/netip"
	"strings"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// TestBadRoutesAreLeftOut: a router or floating address that cannot be is no reason to keep others' rules from
// changing.
func TestBadRoutesAreLeftOut(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	f := newFabric(t, Options{Log: slog.New(slog.NewTextHandler(&log, nil))})
	plug(t, f, testPort("red", 5, redLan()))
	for what, change := range map[string]func(*driver.Topology){
		"MAC address": func(n *driver.Topology) { n.Routers[1].Inside[0].MAC = "none" },
		"address":     func(n *driver.Topology) { n.Routers[1].Inside[0].Addresses = make([]driver.Address, 1) },
		"route":       func(n *driver.Topology) { n.Routers[1].Routes = make([]driver.Route, 1) },
		"floating": func(n *driver.Topology) {
			n.Routers = n.Routers[:1]
			n.Floating = []driver.FloatingIP{{ID: "bad", RouterID: "r", Address: netip.MustParseAddr("203.0.113.7")}}
		},
	} {
		log.Reset()
		follow(t, f, driver.Topology{})
		told := redAndBlue()
		told.Routers = append(told.Routers, driver.Router{ID: "bad", Inside: []driver.RouterPort{leg("red", 3, subnet("10.7.0.0/24"))}})
		change(&told)
		for range 2 { // it is told once
			follow(t, f, told)
		}
		if r := f.routing.routers; len(r) != 1 || r[0].id != "r" || len(r[0].floating) != 0 {
			t.Errorf("bad %s: there are %d routers", what, len(r))
		}
		if got := log.String(); strings.Count(got, "left out") != 1 || !strings.Contains(got, "id=bad") {
			t.Errorf("bad %s: the log says %q", what, got)
		}
	}
}
