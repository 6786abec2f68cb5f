// SPDX-License-Identifier: MPL-2.0

package network

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/adapters/gonet"
	"gvisor.dev/gvisor/pkg/tcpip/header"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv4"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv6"
	"gvisor.dev/gvisor/pkg/tcpip/transport/icmp"
	"gvisor.dev/gvisor/pkg/waiter"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

var _ driver.Pinger = (*Fabric)(nil)

// A guest is asked as fping does: so often, and so long apart.
const (
	echoRequests = 4
	echoPatience = 500 * time.Millisecond
)

// Ping sends the guest behind a port echo requests, as from its network's own services, and tells whether it answers:
// on its first address, IPv4 rather than IPv6, as Dial does. It waits two seconds at most.
func (f *Fabric) Ping(ctx context.Context, portID string) (bool, error) {
	p := f.port(portID)
	if p == nil {
		return false, fmt.Errorf("ping %s: %w", portID, ErrNotPlugged)
	}
	s := p.network.services
	from, to, err := s.calls(p.settings.Load())
	if err != nil {
		return false, err
	}
	conn, err := s.echo(from, to)
	if err != nil {
		return false, fmt.Errorf("ping %s: %w", portID, err)
	}
	answered, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		if _, err := conn.Read(make([]byte, header.ICMPv4MinimumSize)); err == nil {
			close(answered)
		}
	}()
	defer func() {
		_ = conn.Close() // which ends the read
		<-ended
	}()
	for request := range echoRequests {
		if _, err := conn.Write(echoRequest(to, uint16(request))); err != nil {
			return false, fmt.Errorf("ping %s: %w", portID, err)
		}
		patience := f.options.Clock.Timer(echoPatience)
		select {
		case <-answered:
			patience.Stop()
			return true, nil
		case <-ctx.Done():
			patience.Stop()
			return false, ctx.Err()
		case <-patience.C():
		}
	}
	return false, nil
}

// echo is an endpoint of the services' stack that hears the answers to the requests that are written to it, and
// nothing else.
func (s *services) echo(from, to netip.Addr) (*gonet.UDPConn, error) {
	protocol, transport := ipv4.ProtocolNumber, icmp.ProtocolNumber4
	if to.Is6() {
		protocol, transport = ipv6.ProtocolNumber, icmp.ProtocolNumber6
	}
	queue := new(waiter.Queue)
	endpoint, problem := s.stack.NewEndpoint(transport, protocol, queue)
	if problem != nil {
		return nil, errors.New(problem.String())
	}
	problem = endpoint.Bind(tcpip.FullAddress{NIC: nicID, Addr: tcpipAny(from)})
	if problem == nil {
		problem = endpoint.Connect(tcpip.FullAddress{NIC: nicID, Addr: tcpipAny(to)})
	}
	if problem != nil {
		endpoint.Close()
		return nil, errors.New(problem.String())
	}
	return gonet.NewUDPConn(queue, endpoint), nil
}

// echoRequest is one without its identifier and checksum, which are the endpoint's.
func echoRequest(to netip.Addr, sequence uint16) []byte {
	if to.Is6() {
		request := header.ICMPv6(make([]byte, header.ICMPv6EchoMinimumSize))
		request.SetType(header.ICMPv6EchoRequest)
		request.SetSequence(sequence)
		return request
	}
	request := header.ICMPv4(make([]byte, header.ICMPv4MinimumSize))
	request.SetType(header.ICMPv4Echo)
	request.SetSequence(sequence)
	return request
}
