// SPDX-License-Identifier: MPL-2.0

//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/insomniacslk/dhcp/dhcpv6"
	"github.com/insomniacslk/dhcp/dhcpv6/nclient6"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
)

// dhcp6Client asks for what a router's announcement says that DHCPv6 has.
type dhcp6Client struct {
	clock clock.Clock
	link  string
	out   *console
}

const dhcp6Pause = 10 * time.Second // between tries

var errNoIPv6 = errors.New("the answer has no address")

// run asks, hands what it gets to use, and asks again in time: a server gives a client that asks anew what it has.
// It ends with ctx. Without addresses, name servers are all that it asks for.
func (d *dhcp6Client) run(ctx context.Context, addresses bool, use func(netConfig) error) {
	for silent := false; ctx.Err() == nil; {
		config, due, err := d.ask(ctx, addresses)
		if err == nil {
			err = use(config)
		}
		if err != nil {
			if !silent && ctx.Err() == nil {
				d.out.logf("%s: DHCPv6: %v", d.link, err)
				silent = true
			}
			due = dhcp6Pause
		}
		_ = d.clock.Sleep(ctx, due)
	}
}

// ask returns the configuration and when to ask again.
func (d *dhcp6Client) ask(ctx context.Context, addresses bool) (netConfig, time.Duration, error) {
	client, err := nclient6.New(d.link)
	if err != nil {
		return netConfig{}, 0, err
	}
	defer client.Close()
	wanted := dhcpv6.WithRequestedOptions(dhcpv6.OptionDNSRecursiveNameServer, dhcpv6.OptionDomainSearchList)
	if !addresses {
		return d.inform(ctx, client, wanted)
	}
	offer, err := client.Solicit(ctx, wanted)
	if err != nil {
		return netConfig{}, 0, err
	}
	reply, err := client.Request(ctx, offer, wanted)
	if err != nil {
		return netConfig{}, 0, err
	}
	return fromReply(reply)
}

// inform asks for what is no address.
func (d *dhcp6Client) inform(ctx context.Context, client *nclient6.Client, wanted dhcpv6.Modifier) (netConfig, time.Duration, error) {
	message, err := dhcpv6.NewMessage(wanted)
	if err != nil {
		return netConfig{}, 0, err
	}
	message.MessageType = dhcpv6.MessageTypeInformationRequest
	dhcpv6.WithClientID(&dhcpv6.DUIDLL{HWType: 1, LinkLayerAddr: client.InterfaceAddr()})(message)
	reply, err := client.SendAndRead(ctx, client.RemoteAddr(), message, nclient6.IsMessageType(dhcpv6.MessageTypeReply))
	if err != nil {
		return netConfig{}, 0, err
	}
	return names(reply), time.Hour, nil
}

// names are the reply's name servers.
func names(reply *dhcpv6.Message) netConfig {
	config := netConfig{dns: addrs(reply.Options.DNS())}
	if labels := reply.Options.DomainSearchList(); labels != nil {
		config.search = labels.Labels
	}
	return config
}

// fromReply reads a lease. Its address comes without a prefix: what is on the link routers announce.
func fromReply(reply *dhcpv6.Message) (netConfig, time.Duration, error) {
	config := names(reply)
	association := reply.Options.OneIANA()
	if association == nil {
		return config, 0, errNoIPv6
	}
	given := association.Options.OneAddress()
	if given == nil {
		if status := association.Options.Status(); status != nil {
			return config, 0, fmt.Errorf("%w: %s", errNoIPv6, status)
		}
		return config, 0, errNoIPv6
	}
	ip, ok := netip.AddrFromSlice(given.IPv6Addr)
	if !ok || ip.IsUnspecified() {
		return config, 0, errNoIPv6
	}
	config.addresses = []netip.Prefix{netip.PrefixFrom(ip, ip.BitLen())}
	due := association.T1
	if due <= 0 {
		due = given.PreferredLifetime / 2
	}
	return config, max(due, time.Minute), nil
}
