// SPDX-License-Identifier: MPL-2.0

//go:build linux

package main

import (
	"bytes"
	"encoding/binary"
	"net"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/insomniacslk/dhcp/dhcpv6"
	"golang.org/x/sys/unix"
)

func TestResolversOfAnnouncements(t *testing.T) {
	t.Parallel()
	server := netip.MustParseAddr("2001:db8::53")
	message := func(kind uint16, index uint32, option []byte) []byte {
		data := make([]byte, 16)
		data[0] = unix.AF_INET6
		binary.NativeEndian.PutUint32(data[4:], index)
		data = append(data, option...)
		head := make([]byte, unix.SizeofNlMsghdr)
		binary.NativeEndian.PutUint32(head, uint32(len(head)+len(data)))
		binary.NativeEndian.PutUint16(head[4:], kind)
		return append(head, data...)
	}
	option := slices.Concat([]byte{25, 3, 0, 0, 0, 0, 1, 0}, server.AsSlice())
	for name, test := range map[string]struct {
		events []byte
		want   []netip.Addr
	}{
		"a server":           {message(unix.RTM_NEWNDUSEROPT, 2, option), []netip.Addr{server}},
		"of another link":    {message(unix.RTM_NEWNDUSEROPT, 3, option), nil},
		"another message":    {message(unix.RTM_NEWLINK, 2, option), nil},
		"another option":     {message(unix.RTM_NEWNDUSEROPT, 2, bytes.Replace(option, []byte{25}, []byte{31}, 1)), nil},
		"cut short":          {message(unix.RTM_NEWNDUSEROPT, 2, option[:12]), nil},
		"of no length":       {message(unix.RTM_NEWNDUSEROPT, 2, []byte{25, 0, 0, 0, 0, 0, 0, 0}), nil},
		"nothing":            {nil, nil},
		"what is no message": {[]byte("nonsense that is longer than a header"), nil},
	} {
		if got := resolversIn(test.events, 2); !slices.Equal(got, test.want) {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
}

func TestLeaseOfDHCPv6(t *testing.T) {
	t.Parallel()
	reply, err := dhcpv6.NewMessage(dhcpv6.WithDNS(net.ParseIP("2001:db8::53")), dhcpv6.WithDomainSearchList("example.org"))
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := fromReply(reply); err == nil {
		t.Error("a reply without an address was taken")
	}
	reply.AddOption(&dhcpv6.OptIANA{T1: 90 * time.Second, Options: dhcpv6.IdentityOptions{Options: dhcpv6.Options{
		&dhcpv6.OptIAAddress{IPv6Addr: net.ParseIP("2001:db8::7"), PreferredLifetime: time.Hour, ValidLifetime: time.Hour},
	}}})
	config, due, err := fromReply(reply)
	if err != nil || config.String() != "[2001:db8::7/128]" || due != 90*time.Second {
		t.Errorf("%v, %v, %v", config, due, err)
	}
	if want := "search example.org\nnameserver 2001:db8::53\n"; resolvConf([]netConfig{config}) != want {
		t.Errorf("resolv.conf %q, want %q", resolvConf([]netConfig{config}), want)
	}
}
