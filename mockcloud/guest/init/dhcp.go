// SPDX-License-Identifier: MPL-2.0

//go:build linux

package main

import (
	"context"
	"errors"
	"time"

	"github.com/insomniacslk/dhcp/dhcpv4"
	"github.com/insomniacslk/dhcp/dhcpv4/nclient4"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
)

const (
	// A first try after a second, doubled at each: 1+2+4+8 s, then a pause, all over.
	dhcpTimeout = time.Second
	dhcpTries   = 4
	dhcpPause   = 30 * time.Second
	// renewPause is the least time between two tries to renew (RFC 2131 section 4.4.5).
	renewPause = time.Minute
)

// dhcpClient keeps a lease for one link.
type dhcpClient struct {
	clock clock.Clock
	link  string
	out   *console
}

// run obtains a lease, hands it to use, renews it in time, and begins anew when it is lost. It ends
// with ctx.
func (d *dhcpClient) run(ctx context.Context, use func(lease) error) {
	for silent := false; ctx.Err() == nil; {
		got, err := d.request(ctx)
		if err != nil {
			if !silent && ctx.Err() == nil {
				d.out.logf("%s: no DHCP lease yet: %v", d.link, err)
				silent = true
			}
			_ = d.clock.Sleep(ctx, dhcpPause)
			continue
		}
		silent = false
		d.keep(ctx, got, use)
	}
}

// keep uses and renews a lease until it is lost.
func (d *dhcpClient) keep(ctx context.Context, got *nclient4.Lease, use func(lease) error) {
	for {
		l, err := fromACK(got.ACK)
		if err == nil {
			err = use(l)
		}
		if err != nil {
			d.out.logf("%s: DHCP: %v", d.link, err)
		}
		if got = d.renew(ctx, got, l); got == nil {
			return
		}
	}
}

// renew waits until the lease is due and renews it, trying again in half of the time that is left,
// as the RFC has it. It returns nil when the lease is lost.
func (d *dhcpClient) renew(ctx context.Context, got *nclient4.Lease, l lease) *nclient4.Lease {
	end := d.clock.Now().Add(l.expire)
	pause := max(l.renew, time.Second)
	for d.clock.Sleep(ctx, pause) == nil {
		renewed, err := d.renewOnce(ctx, got)
		if err == nil {
			return renewed
		}
		var refused *nclient4.ErrNak
		left := end.Sub(d.clock.Now())
		if errors.As(err, &refused) || left <= 0 {
			return nil
		}
		pause = min(max(left/2, renewPause), left)
	}
	return nil
}

func (d *dhcpClient) request(ctx context.Context) (*nclient4.Lease, error) {
	client, err := d.open()
	if err != nil {
		return nil, err
	}
	defer client.Close()
	return client.Request(ctx, wanted)
}

func (d *dhcpClient) renewOnce(ctx context.Context, got *nclient4.Lease) (*nclient4.Lease, error) {
	client, err := d.open()
	if err != nil {
		return nil, err
	}
	defer client.Close()
	return client.Renew(ctx, got, wanted)
}

func (d *dhcpClient) open() (*nclient4.Client, error) {
	return nclient4.New(d.link, nclient4.WithTimeout(dhcpTimeout), nclient4.WithRetry(dhcpTries))
}

// wanted lists the options that we make use of.
func wanted(message *dhcpv4.DHCPv4) {
	dhcpv4.WithRequestedOptions(
		dhcpv4.OptionSubnetMask, dhcpv4.OptionRouter, dhcpv4.OptionClasslessStaticRoute,
		dhcpv4.OptionDomainNameServer, dhcpv4.OptionDomainName, dhcpv4.OptionDNSDomainSearchList,
		dhcpv4.OptionHostName, dhcpv4.OptionInterfaceMTU,
		dhcpv4.OptionIPAddressLeaseTime, dhcpv4.OptionRenewTimeValue,
	)(message)
}
