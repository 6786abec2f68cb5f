// SPDX-License-Identifier: MPL-2.0

package network

import (
	"context"
	"errors"
	"testing"
	"time"

	"gvisor.dev/gvisor/pkg/tcpip/header"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// A guest answers whatever its rules say, as long as its port is up.
func TestPing(t *testing.T) {
	t.Parallel()
	hands := clock.NewManual(time.Unix(0, 0))
	f := newFabric(t, Options{Clock: hands})
	g := newGuest(t, f, testPort("net", 5, subnet("10.0.0.0/24")))
	ping := func() bool {
		t.Helper()
		answers, err := f.Ping(patient(t), g.port.ID)
		if err != nil {
			t.Fatal(err)
		}
		return answers
	}
	if !ping() {
		t.Error("no answer")
	}
	follow(t, f, driver.Topology{Sequence: 1, Groups: map[string][]driver.Rule{"none": nil}, Security: map[string]driver.PortSecurity{
		g.port.ID: {Groups: []string{"none"}},
	}})
	if !ping() {
		t.Error("no answer from behind a group without rules")
	}
	follow(t, f, driver.Topology{Sequence: 2, Security: map[string]driver.PortSecurity{g.port.ID: {Down: true}}})
	if silence(t, hands, ping) {
		t.Error("an answer through a port that is down")
	}
}

// silence lets the clock go on until the ping that runs has an end.
func silence(t *testing.T, hands *clock.Manual, ping func() bool) bool {
	t.Helper()
	done := make(chan bool)
	go func() { done <- ping() }()
	for {
		select {
		case answers := <-done:
			return answers
		default:
			hands.Next()
		}
	}
}

func TestPingIPv6(t *testing.T) {
	t.Parallel()
	f := newFabric(t, Options{})
	s := station6(t, f, "net", 5, subnet6("fd00::/64", ""))
	answered := make(chan error)
	go func() {
		answers, err := f.Ping(t.Context(), s.port.ID)
		if err == nil && !answers {
			err = errors.New("no answer")
		}
		answered <- err
	}()
	request, from := s.nextICMP6("echo request", header.ICMPv6EchoRequest)
	body := append([]byte(nil), request[4:]...)
	s.send(icmp6Frame(hop6{fromMAC: s.mac, toMAC: s.router, from: s.mac.linkLocal(), to: from, limit: 64}, header.ICMPv6EchoReply, 0, body))
	if err := <-answered; err != nil {
		t.Error(err)
	}
}

func TestPingNobody(t *testing.T) {
	t.Parallel()
	hands := clock.NewManual(time.Unix(0, 0))
	f := newFabric(t, Options{Clock: hands})
	silent := newIdleStation(t, f, testPort("net", 5, subnet("10.0.0.0/24")))
	if silence(t, hands, func() bool {
		answers, err := f.Ping(t.Context(), silent.port.ID)
		return answers || err != nil
	}) {
		t.Error("a guest that does not answer is there")
	}
	if passed := hands.Now().Sub(time.Unix(0, 0)); passed < echoRequests*echoPatience {
		t.Errorf("waited %s", passed)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := f.Ping(ctx, silent.port.ID); !errors.Is(err, context.Canceled) {
		t.Errorf("of an ended context: %v", err)
	}
	if _, err := f.Ping(t.Context(), "other"); !errors.Is(err, ErrNotPlugged) {
		t.Errorf("of no port: %v", err)
	}
	bare := plug(t, f, driver.Port{ID: "bare", NetworkID: "net", MAC: "fa:16:3e:00:00:aa"})
	if _, err := f.Ping(t.Context(), bare.PortID); err == nil {
		t.Error("a port without addresses answers")
	}
}
