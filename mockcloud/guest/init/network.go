// SPDX-License-Identifier: MPL-2.0

//go:build linux

package main

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net"
	"net/netip"
	"slices"
	"sync"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
)

// routeMetric plus the link's index is the metric of its routes, so that two links with a default
// route each do not fight over one entry.
const routeMetric = 100

// network configures every link that there is or comes later, as network_data.json says or by DHCP.
// It learns of links from the kernel's rtnetlink broadcasts.
type network struct {
	clock clock.Clock
	out   *console
	data  *networkData

	mu      sync.Mutex
	links   map[int]context.CancelFunc
	configs map[configKey]netConfig
	ready   chan struct{} // closed when the first link has an address
}

// configKey says whose a configuration is.
type configKey struct {
	link   int
	source configSource
}

// configSource is where a link's configuration comes from.
type configSource int

// In the order in which their addresses are the machine's.
const (
	fromCloud configSource = iota // network_data.json and DHCPv4
	fromDHCPv6
	fromRouter // made by the kernel
)

func (k configKey) compare(other configKey) int {
	return cmp.Or(cmp.Compare(k.link, other.link), cmp.Compare(k.source, other.source))
}

func newNetwork(c clock.Clock, out *console) *network {
	return &network{
		clock: c, out: out,
		links: map[int]context.CancelFunc{}, configs: map[configKey]netConfig{}, ready: make(chan struct{}),
	}
}

// hasLinks reports whether the machine has a network interface now.
func (n *network) hasLinks() bool {
	links, err := netlink.LinkList()
	return err == nil && slices.ContainsFunc(links, ours)
}

// ours are the network cards: not lo, no tunnel or bridge that a user makes.
func ours(link netlink.Link) bool {
	attrs := link.Attrs()
	return attrs.EncapType == "ether" && link.Type() == "device" && attrs.Flags&net.FlagLoopback == 0
}

// run serves links until ctx ends.
func (n *network) run(ctx context.Context) error {
	if lo, err := netlink.LinkByName("lo"); err == nil {
		_ = netlink.LinkSetUp(lo)
	}
	updates := make(chan netlink.LinkUpdate, 64)
	err := netlink.LinkSubscribeWithOptions(updates, ctx.Done(), netlink.LinkSubscribeOptions{
		ListExisting: true,
		ErrorCallback: func(err error) {
			if ctx.Err() == nil {
				n.out.logf("network: %v", err)
			}
		},
	})
	if err != nil {
		return fmt.Errorf("listen to links: %w", err)
	}
	for update := range updates {
		n.handle(ctx, update)
	}
	return ctx.Err()
}

// handle brings a new link up, starts its configuration when it has a carrier, and forgets one that
// is gone.
func (n *network) handle(ctx context.Context, update netlink.LinkUpdate) {
	if !ours(update.Link) {
		return
	}
	attrs := update.Link.Attrs()
	gone := update.Header.Type == unix.RTM_DELLINK
	carrier := attrs.RawFlags&unix.IFF_LOWER_UP != 0

	n.mu.Lock()
	stop, serving := n.links[attrs.Index]
	if serving && (gone || !carrier) {
		stop()
		delete(n.links, attrs.Index)
	}
	start := !serving && !gone && carrier
	if start {
		linkCtx, cancel := context.WithCancel(ctx)
		n.links[attrs.Index] = cancel
		go n.serve(linkCtx, update.Link)
	}
	n.mu.Unlock()

	switch {
	case gone:
		n.forget(attrs.Index)
	case attrs.Flags&net.FlagUp == 0:
		if err := netlink.LinkSetUp(update.Link); err != nil {
			n.out.logf("%s: %v", attrs.Name, err)
		}
	}
}

// serve configures one link until ctx ends: its carrier is lost, or it is gone.
func (n *network) serve(ctx context.Context, link netlink.Link) {
	name := link.Attrs().Name
	config, dhcp, err := n.data.forLink(link.Attrs().HardwareAddr.String())
	if err != nil {
		n.out.logf("%s: %v", name, err)
	}
	go n.serveIPv6(ctx, link, !dhcp)
	if len(config.addresses) > 0 || config.mtu > 0 {
		if err := n.apply(link, fromCloud, config); err != nil {
			n.out.logf("%s: %v", name, err)
		}
	}
	if !dhcp {
		return
	}
	client := dhcpClient{clock: n.clock, link: name, out: n.out}
	client.run(ctx, func(l lease) error {
		l.addresses = append(slices.Clone(config.addresses), l.addresses...)
		l.routes = append(slices.Clone(config.routes), l.routes...)
		if l.mtu == 0 {
			l.mtu = config.mtu
		}
		return n.apply(link, fromCloud, l.netConfig)
	})
}

// apply gives the link its configuration and takes away what an earlier one had given.
func (n *network) apply(link netlink.Link, source configSource, config netConfig) error {
	index := link.Attrs().Index
	key := configKey{index, source}
	n.mu.Lock()
	before := n.configs[key]
	n.configs[key] = config
	n.mu.Unlock()

	if config.mtu > 0 && config.mtu != before.mtu {
		if err := netlink.LinkSetMTU(link, config.mtu); err != nil {
			n.out.logf("%s: MTU %d: %v", link.Attrs().Name, config.mtu, err)
		}
	}
	for _, old := range before.addresses {
		if !slices.Contains(config.addresses, old) {
			_ = netlink.AddrDel(link, &netlink.Addr{IPNet: ipNet(old)})
		}
	}
	for _, address := range config.addresses {
		if err := netlink.AddrReplace(link, &netlink.Addr{IPNet: ipNet(address)}); err != nil {
			return fmt.Errorf("address %s: %w", address, err)
		}
	}
	for _, old := range before.routes {
		if !slices.Contains(config.routes, old) {
			_ = netlink.RouteDel(route(index, old))
		}
	}
	for _, r := range config.routes {
		if err := netlink.RouteReplace(route(index, r)); err != nil {
			return fmt.Errorf("route to %s via %s: %w", r.to, r.via, err)
		}
	}
	if len(config.addresses) > 0 && !slices.Equal(before.addresses, config.addresses) {
		n.out.logf("%s: %s", link.Attrs().Name, config)
	}
	return n.settle(len(config.addresses) > 0)
}

// settle writes the name servers and tells those who wait for an address.
func (n *network) settle(configured bool) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	var configs []netConfig
	for _, key := range n.sources() {
		configs = append(configs, n.configs[key])
	}
	if configured {
		select {
		case <-n.ready:
		default:
			close(n.ready)
		}
	}
	return replaceFile("/etc/resolv.conf", []byte(resolvConf(configs)), 0o644)
}

func (n *network) forget(index int) {
	n.mu.Lock()
	maps.DeleteFunc(n.configs, func(k configKey, _ netConfig) bool { return k.link == index })
	n.mu.Unlock()
	n.report(n.settle(false))
}

func (n *network) report(err error) {
	if err != nil {
		n.out.logf("network: %v", err)
	}
}

// sources are the configurations, in the order of the links; with mu held.
func (n *network) sources() []configKey {
	return slices.SortedFunc(maps.Keys(n.configs), configKey.compare)
}

// address is the first link's first address, or nothing.
func (n *network) address() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, key := range n.sources() {
		if addresses := n.configs[key].addresses; len(addresses) > 0 {
			return addresses[0].Addr().String()
		}
	}
	return ""
}

// hostname is the one that DHCP offered, if any.
func (n *network) hostname() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, key := range n.sources() {
		if name := n.configs[key].hostname; name != "" {
			return name
		}
	}
	return ""
}

// String is the configuration in a line of the console.
func (c netConfig) String() string {
	text := fmt.Sprint(c.addresses)
	for _, r := range c.routes {
		if r.via.IsValid() {
			text += fmt.Sprintf(" %s via %s", r.to, r.via)
		}
	}
	return text
}

// route is a netRoute as the kernel takes it. The gateway need not lie in the link's own network:
// metadata routes may point anywhere.
func route(index int, r netRoute) *netlink.Route {
	out := &netlink.Route{LinkIndex: index, Dst: ipNet(r.to), Priority: routeMetric + index}
	if r.via.IsValid() {
		out.Gw = r.via.AsSlice()
		out.Flags = int(netlink.FLAG_ONLINK)
	} else {
		out.Scope = netlink.SCOPE_LINK
	}
	return out
}

func ipNet(p netip.Prefix) *net.IPNet {
	return &net.IPNet{IP: p.Addr().AsSlice(), Mask: net.CIDRMask(p.Bits(), p.Addr().BitLen())}
}
