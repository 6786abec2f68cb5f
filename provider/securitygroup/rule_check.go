// SPDX-License-Identifier: MPL-2.0

package securitygroup

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/network"
)

// problem is what is wrong with an attribute of a rule.
type problem struct{ attribute, detail string }

// problems are what the cloud would refuse about m, and what it would understand in another way than it is written.
// What is not known yet is not judged.
func (m ruleModel) problems() []problem {
	var all []problem
	for _, check := range []func(ruleModel) (attribute, detail string){
		ruleModel.wrongProtocol, ruleModel.wrongPorts, ruleModel.wrongICMP, ruleModel.wrongRemote, ruleModel.wrongPrefix, ruleModel.wrongEtherType,
	} {
		if attribute, detail := check(m); detail != "" {
			all = append(all, problem{attribute, detail})
		}
	}
	return all
}

func unknown(values ...attr.Value) bool { return slices.ContainsFunc(values, attr.Value.IsUnknown) }

func (m ruleModel) wrongProtocol() (string, string) {
	if _, ok := network.Number(m.Protocol.ValueString()); !ok {
		return "protocol", fmt.Sprintf("%q is no protocol: it is a name, tcp for example, a number from 1 to 255, or any.", m.Protocol.ValueString())
	}
	return "", ""
}

func (m ruleModel) wrongPorts() (string, string) {
	protocol, first, last := m.Protocol.ValueString(), m.PortMin, m.PortMax
	switch {
	case first.IsNull() && last.IsNull() || unknown(m.Protocol, first, last):
	case network.IsICMP(protocol):
		return "port_range_min", "ICMP has no ports: use icmp_type and icmp_code."
	case !network.HasPorts(protocol):
		return "port_range_min", "Ports need a protocol that has them: tcp, udp, sctp, dccp or udplite."
	case first.IsNull():
		return "port_range_max", "The range has no beginning: port_range_min."
	case !last.IsNull() && first.ValueInt64() > last.ValueInt64():
		return "port_range_max", fmt.Sprintf("The range ends at %d, before its beginning %d.", last.ValueInt64(), first.ValueInt64())
	}
	return "", ""
}

func (m ruleModel) wrongICMP() (string, string) {
	switch {
	case m.ICMPType.IsNull() && m.ICMPCode.IsNull() || unknown(m.Protocol, m.ICMPType, m.ICMPCode):
	case !network.IsICMP(m.Protocol.ValueString()):
		return "icmp_type", "Only ICMP has types and codes: the protocol has to be icmp or ipv6-icmp."
	case m.ICMPType.IsNull():
		return "icmp_code", "A code needs a type: icmp_type."
	}
	return "", ""
}

func (m ruleModel) wrongRemote() (string, string) {
	given := ""
	for _, name := range []string{"remote_ip_prefix", "remote_group_id", "remote_address_group_id"} {
		if m.texts()[name].IsNull() {
			continue
		}
		if given != "" {
			return name, fmt.Sprintf("A rule has one remote side at most: there is %s already.", given)
		}
		given = name
	}
	return "", ""
}

func (m ruleModel) wrongPrefix() (string, string) {
	text := m.RemotePrefix.ValueString()
	if text == "" {
		return "", ""
	}
	const attribute = "remote_ip_prefix"
	parsed, err := netip.ParsePrefix(text)
	switch {
	case err != nil:
		return attribute, fmt.Sprintf("%q is no CIDR prefix: 192.0.2.0/24 and 2001:db8::/32 are some.", text)
	case parsed != parsed.Masked():
		return attribute, fmt.Sprintf("%s is an address in the prefix %s. If that is meant, write the prefix; for the one address, %s/%d.",
			text, parsed.Masked(), parsed.Addr(), parsed.Addr().BitLen())
	case unknown(m.EtherType) || parsed.Addr().Is6() == (m.etherType() == network.IPv6):
		return "", ""
	}
	return attribute, fmt.Sprintf("%s is no prefix of %s.", text, m.etherType())
}

func (m ruleModel) wrongEtherType() (string, string) {
	protocol := m.Protocol.ValueString()
	if !unknown(m.EtherType, m.RemotePrefix) && m.etherType() == network.IPv4 && network.OnlyIPv6(protocol) {
		return "protocol", fmt.Sprintf("%s is a protocol of IPv6.", strings.ToLower(protocol))
	}
	return "", ""
}
