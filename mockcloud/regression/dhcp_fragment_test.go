// SPDX-License-Identifier: MPL-2.0

package regression

import (
	"encoding/binary"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/network"
)

// A guest could answer its neighbours' DHCP when it sent its datagrams in fragments: the first fragment, which
// has the ports in it, was taken for something without ports.
func TestDHCPServerInFragments(t *testing.T) {
	t.Parallel()
	dir, err := os.MkdirTemp("", "net") // t.TempDir() is too long for sockets
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	fabric, err := network.New(network.Options{Dir: dir, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = fabric.Close() })
	thief, _ := socket(t, fabric, 5)
	_, heard := socket(t, fabric, 6)

	payload := strings.Repeat("x", 64)
	thief(datagram(67, 0x2000, payload)) // "more fragments"
	thief(datagram(9, 0x2000, payload))  // the first fragment of an honest datagram
	if f := heard(); binary.BigEndian.Uint16(f[34:]) != 9 {
		t.Errorf("a guest's DHCP answer arrived: % x", f)
	}
}

// socket is a guest's NIC: what sends a frame and what waits for one.
func socket(t *testing.T, fabric driver.Fabric, n byte) (send func([]byte), next func() []byte) {
	t.Helper()
	lan := driver.Subnet{ID: "lan", CIDR: netip.MustParsePrefix("10.0.0.0/24"), Gateway: netip.MustParseAddr("10.0.0.1")}
	nic, err := fabric.Plug(t.Context(), driver.Port{
		ID: string('a' + n), NetworkID: "net", Device: string('a' + n), MAC: net.HardwareAddr{0xfa, 0x16, 0x3e, 0, 0, n}.String(),
		Addresses: []driver.Address{{IP: netip.AddrFrom4([4]byte{10, 0, 0, n}), Subnet: lan}},
	})
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: nic.Local, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return func(frame []byte) {
			if _, err := conn.WriteTo(frame, &net.UnixAddr{Name: nic.Switch, Net: "unixgram"}); err != nil {
				t.Error(err)
			}
		}, func() []byte {
			buf := make([]byte, 2048)
			_ = conn.SetReadDeadline(clock.Wall().Now().Add(time.Minute))
			n, err := conn.Read(buf)
			if err != nil {
				t.Fatal(err)
			}
			return buf[:n]
		}
}

// datagram is a frame with UDP from 10.0.0.5 to 10.0.0.6, from that port.
func datagram(port, fragment uint16, payload string) []byte {
	f := []byte{0xfa, 0x16, 0x3e, 0, 0, 6, 0xfa, 0x16, 0x3e, 0, 0, 5, 8, 0}
	ip := []byte{0x45, 0, 0, byte(28 + len(payload)), 0, 1, byte(fragment >> 8), byte(fragment), 64, 17, 0, 0, 10, 0, 0, 5, 10, 0, 0, 6}
	var sum uint32
	for i := 0; i < len(ip); i += 2 {
		sum += uint32(binary.BigEndian.Uint16(ip[i:]))
	}
	binary.BigEndian.PutUint16(ip[10:], ^uint16(sum>>16+sum&0xffff))
	udp := binary.BigEndian.AppendUint16(nil, port)
	udp = append(udp, 0, 68, 0, byte(8+len(payload)), 0, 0)
	return append(append(append(f, ip...), udp...), payload...)
}
