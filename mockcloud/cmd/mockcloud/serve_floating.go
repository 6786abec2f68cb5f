// SPDX-License-Identifier: MPL-2.0

package main

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/local"
)

// floatingFlags are how this machine reaches the servers' networks.
func floatingFlags(flags *pflag.FlagSet, o *local.Options) {
	flags.Var((*prefixFlag)(&o.FloatingRange), "floating-range",
		"where a fresh cloud's floating IPs are (default 127.64.0.0/16). Of loopback ones this machine listens on the TCP\n"+
			"and UDP ports that security groups open: ssh root@127.64.0.12. Ports below 1024 are at 10000 more where this\n"+
			"process may not have them: 22 at 10022, 80 at 10080. GET /mock/v1/floating tells. Guests reach each other's\n"+
			"floating IPs in any other range; this machine does not")
	flags.Var((*portsFlag)(&o.FloatingPorts), "floating-ports",
		"ports to listen on where a security group opens more than 64 in a row, of TCP and UDP (default the usual ones of\n"+
			"each: 22,80,443,8080... and 53,123,161,443...)")
	flags.StringVar(&o.SOCKS, "socks", "",
		"loopback address of a SOCKS5 door to all servers, by name or address: 127.0.0.1:1080. Whoever is on this machine may\n"+
			"use it, and security groups do not apply. The user name chooses a project or a network where addresses overlap")
}

type prefixFlag netip.Prefix

func (p *prefixFlag) Type() string { return "cidr" }

func (p *prefixFlag) String() string {
	if prefix := netip.Prefix(*p); prefix.IsValid() {
		return prefix.String()
	}
	return ""
}

func (p *prefixFlag) Set(text string) error {
	prefix, err := netip.ParsePrefix(text)
	if err != nil {
		return err
	}
	if !prefix.Addr().Is4() || prefix.Masked() != prefix || prefix.Bits() > 29 {
		return fmt.Errorf("%s is no IPv4 network of at least 8 addresses", text)
	}
	*p = prefixFlag(prefix)
	return nil
}

type portsFlag []uint16

func (p *portsFlag) Type() string { return "ports" }

func (p *portsFlag) String() string {
	words := make([]string, len(*p))
	for i, port := range *p {
		words[i] = strconv.Itoa(int(port))
	}
	return strings.Join(words, ",")
}

func (p *portsFlag) Set(text string) error {
	*p = nil
	for word := range strings.SplitSeq(text, ",") {
		port, err := strconv.ParseUint(strings.TrimSpace(word), 10, 16)
		if err != nil || port == 0 {
			return fmt.Errorf("%q is no port", word)
		}
		*p = append(*p, uint16(port))
	}
	return nil
}
