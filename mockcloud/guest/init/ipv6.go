// SPDX-License-Identifier: MPL-2.0

//go:build linux

package main

import (
	"context"
	"encoding/binary"
	"net/netip"
	"slices"
	"syscall"
	"time"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"
)

// The kernel configures IPv6 itself as routers announce it (SLAAC). What is left for us is to notice, and to ask
// by DHCPv6 for what the announcement says is to be had there.

// The flags of linux/if_addr.h's inet6_dev that an announcement sets.
const (
	raOther   = 0x80 // DHCPv6 has name servers
	raManaged = 0x40 // DHCPv6 has addresses
)

// ipv4Grace is how long IPv6 alone waits to be called the machine's address.
const ipv4Grace = 3 * time.Second

// groupsOfIPv6 are rtnetlink's broadcasts of what the kernel has learned.
const groupsOfIPv6 = 1<<(unix.RTNLGRP_IPV6_IFINFO-1) | 1<<(unix.RTNLGRP_IPV6_IFADDR-1) | 1<<(unix.RTNLGRP_ND_USEROPT-1)

// serveIPv6 follows what routers announce on a link, until ctx ends. alone says that no IPv4 is to be waited for.
func (n *network) serveIPv6(ctx context.Context, link netlink.Link, alone bool) {
	events, err := listenKernel(unix.NETLINK_ROUTE, groupsOfIPv6)
	if err != nil {
		n.out.logf("%s: IPv6: %v", link.Attrs().Name, err)
		return
	}
	defer events.Close()
	defer context.AfterFunc(ctx, func() { events.Close() })()
	client := dhcp6Client{clock: n.clock, link: link.Attrs().Name, out: n.out}
	asking := false
	var servers []netip.Addr
	buf := make([]byte, 16<<10)
	for read := 0; ctx.Err() == nil; {
		for _, ip := range resolversIn(buf[:read], link.Attrs().Index) {
			if !slices.Contains(servers, ip) {
				servers = append(servers, ip)
			}
		}
		n.noteIPv6(ctx, link, servers, alone)
		if flags := announced(link.Attrs().Index); !asking && flags&(raManaged|raOther) != 0 {
			asking = true
			go client.run(ctx, flags&raManaged != 0, func(c netConfig) error { return n.apply(link, fromDHCPv6, c) })
		}
		if read, err = events.Read(buf); err != nil && !overrun(err) {
			return
		}
		read = max(read, 0)
	}
}

// noteIPv6 records the addresses that the kernel has made of announcements.
func (n *network) noteIPv6(ctx context.Context, link netlink.Link, servers []netip.Addr, alone bool) {
	found, err := netlink.AddrList(link, netlink.FAMILY_V6)
	if err != nil {
		return // the link is gone
	}
	config := netConfig{dns: servers}
	for _, a := range found {
		ip, ok := netip.AddrFromSlice(a.IP)
		bits, _ := a.Mask.Size()
		// Permanent ones are ours, and so are those that are alone: DHCPv6 gives no prefix with them.
		const not = unix.IFA_F_TENTATIVE | unix.IFA_F_DADFAILED | unix.IFA_F_PERMANENT
		if ok && a.Scope == int(netlink.SCOPE_UNIVERSE) && a.Flags&not == 0 && bits < ip.BitLen() {
			config.addresses = append(config.addresses, netip.PrefixFrom(ip, bits))
		}
	}
	key := configKey{link.Attrs().Index, fromRouter}
	n.mu.Lock()
	before := n.configs[key]
	n.configs[key] = config
	n.mu.Unlock()
	if slices.Equal(before.addresses, config.addresses) && slices.Equal(before.dns, servers) {
		return
	}
	if len(config.addresses) > 0 {
		n.out.logf("%s: %s", link.Attrs().Name, config)
	}
	go func() {
		if alone || n.clock.Sleep(ctx, ipv4Grace) == nil {
			n.report(n.settle(len(config.addresses) > 0))
		}
	}()
}

// announced are the flags of a link's last router announcement.
func announced(index int) uint32 {
	request := nl.NewNetlinkRequest(unix.RTM_GETLINK, unix.NLM_F_DUMP)
	request.AddData(nl.NewIfInfomsg(unix.AF_INET6))
	messages, err := request.Execute(unix.NETLINK_ROUTE, unix.RTM_NEWLINK)
	if err != nil {
		return 0
	}
	for _, message := range messages {
		info := nl.DeserializeIfInfomsg(message)
		if int(info.Index) != index {
			continue
		}
		if flags, ok := attribute(message[info.Len():], unix.IFLA_PROTINFO, unix.IFLA_INET6_FLAGS); ok && len(flags) == 4 {
			return binary.NativeEndian.Uint32(flags)
		}
	}
	return 0
}

// attribute finds a nested attribute of a netlink message.
func attribute(message []byte, path ...uint16) ([]byte, bool) {
	for _, kind := range path {
		attributes, err := nl.ParseRouteAttrAsMap(message)
		if err != nil {
			return nil, false
		}
		a, there := attributes[kind]
		if !there {
			a, there = attributes[kind|unix.NLA_F_NESTED]
		}
		if !there {
			return nil, false
		}
		message = a.Value
	}
	return message, true
}

// resolversIn are the name servers that announcements tell of (RFC 8106), which the kernel passes on (linux/rtnetlink.h:
// nduseroptmsg).
func resolversIn(events []byte, index int) []netip.Addr {
	const (
		header     = 16 // of nduseroptmsg: the interface is its second word
		before     = 8  // the servers, in the option
		rdnss      = 25
		perAddress = 16
	)
	messages, err := syscall.ParseNetlinkMessage(events)
	if err != nil {
		return nil
	}
	var servers []netip.Addr
	for _, m := range messages {
		if m.Header.Type != unix.RTM_NEWNDUSEROPT || len(m.Data) < header+before || m.Data[header] != rdnss ||
			binary.NativeEndian.Uint32(m.Data[4:]) != uint32(index) {
			continue
		}
		option := m.Data[header:]
		if size := int(option[1]) * 8; size <= len(option) && size >= before { // in units of eight bytes
			for raw := range slices.Chunk(option[before:size], perAddress) {
				if ip, ok := netip.AddrFromSlice(raw); ok {
					servers = append(servers, ip)
				}
			}
		}
	}
	return servers
}
