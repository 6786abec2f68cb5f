// SPDX-License-Identifier: MPL-2.0

package network

import (
	"fmt"
	"net/netip"
	"testing"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

func TestDNS(t *testing.T) {
	t.Parallel()
	f := newFabric(t, Options{Domain: "cloud.example"})
	lan := subnet("10.0.0.0/24")
	six := testPort("net", 6, lan)
	six.Hostname = "Web-1"
	six.Addresses = append(six.Addresses, driver.Address{
		IP: netip.MustParseAddr("fd00::6"), Subnet: driver.Subnet{CIDR: netip.MustParsePrefix("fd00::/64")},
	})
	plug(t, f, six)
	plug(t, f, testPort("other", 7, lan))
	s := newStation(t, f, testPort("net", 5, lan))

	for i, c := range []struct {
		name  string
		kind  dnsmessage.Type
		rcode dnsmessage.RCode
		want  string
	}{
		{"web-1.", dnsmessage.TypeA, dnsmessage.RCodeSuccess, "[10.0.0.6]"},
		{"WEB-1.cloud.example.", dnsmessage.TypeA, dnsmessage.RCodeSuccess, "[10.0.0.6]"},
		{"web-1.cloud.example.", dnsmessage.TypeAAAA, dnsmessage.RCodeSuccess, "[fd00::6]"},
		{"web-1.cloud.example.", dnsmessage.TypeALL, dnsmessage.RCodeSuccess, "[10.0.0.6 fd00::6]"},
		{"vm-5.", dnsmessage.TypeAAAA, dnsmessage.RCodeSuccess, "[]"},
		{"web-1.", dnsmessage.TypeMX, dnsmessage.RCodeSuccess, "[]"},
		{"6.0.0.10.in-addr.arpa.", dnsmessage.TypePTR, dnsmessage.RCodeSuccess, "[web-1.cloud.example.]"},
		{"vm-7.", dnsmessage.TypeA, dnsmessage.RCodeNameError, "[]"}, // of another network
		{"nobody.cloud.example.", dnsmessage.TypeA, dnsmessage.RCodeNameError, "[]"},
		{"example.org.", dnsmessage.TypeA, dnsmessage.RCodeRefused, "[]"},
		{"cloud.example.", dnsmessage.TypeA, dnsmessage.RCodeRefused, "[]"},
		{"9.9.0.10.in-addr.arpa.", dnsmessage.TypePTR, dnsmessage.RCodeRefused, "[]"},
	} {
		got := s.resolve(uint16(i), c.name, c.kind)
		if got.RCode != c.rcode || answers(got) != c.want {
			t.Errorf("%s %s: %s %s, want %s %s", c.name, c.kind, got.RCode, answers(got), c.rcode, c.want)
		}
	}
	// What is no query gets no answer: the next one is that of the query after it.
	for _, junk := range []string{"", "junk", "\x00\x01\x80\x00\x00\x01\x00\x00\x00\x00\x00\x00"} {
		s.send(s.outbound(lan.Gateway, dnsPort, junk))
	}
	if got := s.resolve(99, "web-1.", dnsmessage.TypeA); got.RCode != dnsmessage.RCodeSuccess {
		t.Errorf("after junk: %s", got.RCode)
	}
}

func (s *station) resolve(id uint16, name string, kind dnsmessage.Type) dnsmessage.Message {
	s.t.Helper()
	query := dnsmessage.Message{
		Header:    dnsmessage.Header{ID: id, RecursionDesired: true},
		Questions: []dnsmessage.Question{{Name: dnsmessage.MustNewName(name), Type: kind, Class: dnsmessage.ClassINET}},
	}
	packed, err := query.Pack()
	if err != nil {
		s.t.Fatal(err)
	}
	s.send(s.outbound(s.port.Addresses[0].Subnet.Gateway, dnsPort, string(packed)))
	var reply dnsmessage.Message
	if err := reply.Unpack([]byte(payload(s.next("DNS answer", func(f []byte) bool { return payload(f) != "" })))); err != nil {
		s.t.Fatal(err)
	}
	if reply.ID != id || !reply.Response || len(reply.Questions) != 1 || reply.Questions[0] != query.Questions[0] {
		s.t.Errorf("answer to %s: %+v", name, reply)
	}
	return reply
}

func answers(m dnsmessage.Message) string {
	list := []string{}
	for _, r := range m.Answers {
		switch body := r.Body.(type) {
		case *dnsmessage.AResource:
			list = append(list, netip.AddrFrom4(body.A).String())
		case *dnsmessage.AAAAResource:
			list = append(list, netip.AddrFrom16(body.AAAA).String())
		case *dnsmessage.PTRResource:
			list = append(list, body.PTR.String())
		}
	}
	return fmt.Sprint(list)
}
