// SPDX-License-Identifier: MPL-2.0

package network

import (
	"encoding/binary"
	"net"
	"net/netip"
	"strconv"
	"strings"

	"github.com/insomniacslk/dhcp/dhcpv4"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// optionKind is how the value of an option is written.
type optionKind uint8

const (
	kindText optionKind = iota
	kindAddresses
	kindUint16
	kindUint32
	kindRoutes
)

// namedOptions are the options that extra_dhcp_opts may name (dnsmasq --help dhcp); others go by number.
func namedOptions() map[string]dhcpv4.OptionCode {
	return map[string]dhcpv4.OptionCode{
		"netmask": dhcpv4.OptionSubnetMask, "router": dhcpv4.OptionRouter, "dns-server": dhcpv4.OptionDomainNameServer,
		"hostname": dhcpv4.OptionHostName, "domain-name": dhcpv4.OptionDomainName, "mtu": dhcpv4.OptionInterfaceMTU,
		"broadcast": dhcpv4.OptionBroadcastAddress, "ntp-server": dhcpv4.OptionNTPServers,
		"lease-time": dhcpv4.OptionIPAddressLeaseTime, "tftp-server": dhcpv4.OptionTFTPServerName,
		"server-ip-address": dhcpv4.OptionTFTPServerIPAddress, "tftp-server-address": dhcpv4.OptionTFTPServerIPAddress,
		"bootfile-name": dhcpv4.OptionBootfileName, "classless-static-route": dhcpv4.OptionClasslessStaticRoute,
	}
}

func kindOf(code uint8) optionKind {
	switch code {
	case 1, 3, 4, 6, 28, 41, 42, 44, 150:
		return kindAddresses
	case 26:
		return kindUint16
	case 51, 58, 59:
		return kindUint32
	case 121:
		return kindRoutes
	default:
		return kindText
	}
}

// extraOption reads an extra DHCP option; false for what has no meaning in DHCPv4.
func extraOption(o driver.DHCPOption) (dhcpv4.Option, bool) {
	name := strings.TrimPrefix(strings.ToLower(o.Name), "option:")
	code, known := namedOptions()[name]
	if !known {
		number, err := strconv.ParseUint(name, 10, 8)
		if err != nil || number == 0 || number == 255 {
			return dhcpv4.Option{}, false
		}
		code = dhcpv4.GenericOptionCode(number)
	}
	value, ok := optionValue(kindOf(code.Code()), o.Value)
	return dhcpv4.OptGeneric(code, value), ok
}

func optionValue(kind optionKind, text string) ([]byte, bool) {
	switch kind {
	case kindUint16:
		n, err := strconv.ParseUint(text, 10, 16)
		return binary.BigEndian.AppendUint16(nil, uint16(n)), err == nil
	case kindUint32:
		n, err := strconv.ParseUint(text, 10, 32)
		return binary.BigEndian.AppendUint32(nil, uint32(n)), err == nil
	case kindAddresses:
		var value []byte
		for word := range strings.SplitSeq(text, ",") {
			ip, err := netip.ParseAddr(strings.TrimSpace(word))
			if err != nil || !ip.Is4() {
				return nil, false
			}
			value = append(value, ip.AsSlice()...)
		}
		return value, true
	case kindRoutes:
		words := strings.Split(text, ",")
		var list dhcpv4.Routes
		for i := 0; i+1 < len(words); i += 2 {
			to, err := netip.ParsePrefix(strings.TrimSpace(words[i]))
			via, viaErr := netip.ParseAddr(strings.TrimSpace(words[i+1]))
			if err != nil || viaErr != nil || !to.Addr().Is4() || !via.Is4() {
				return nil, false
			}
			list = append(list, &dhcpv4.Route{
				Dest: &net.IPNet{IP: to.Masked().Addr().AsSlice(), Mask: net.CIDRMask(to.Bits(), 32)}, Router: via.AsSlice(),
			})
		}
		return list.ToBytes(), len(words)%2 == 0
	default:
		return []byte(text), true
	}
}
