// SPDX-License-Identifier: MPL-2.0

package local

import (
	"net/netip"
	"os"
	"strings"
)

// resolverOf is the first DNS server with an IPv4 address that a resolv.conf names, on its port 53; none if there is none.
func resolverOf(file string) netip.AddrPort {
	content, err := os.ReadFile(file)
	if err != nil {
		return netip.AddrPort{}
	}
	for line := range strings.Lines(string(content)) {
		words := strings.Fields(line)
		if len(words) < 2 || words[0] != "nameserver" {
			continue
		}
		if a, err := netip.ParseAddr(words[1]); err == nil && a.Is4() {
			return netip.AddrPortFrom(a, 53)
		}
	}
	return netip.AddrPort{}
}
