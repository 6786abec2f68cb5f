// SPDX-License-Identifier: MPL-2.0

package securitygroup

import (
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/network"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/value"
)

// ruleModel is what a rule lets through, as configurations say it: the same in nova_security_group and in
// nova_security_group_rule.
type ruleModel struct {
	Direction            types.String `tfsdk:"direction"`
	EtherType            types.String `tfsdk:"ethertype"`
	Protocol             types.String `tfsdk:"protocol"`
	PortMin              types.Int64  `tfsdk:"port_range_min"`
	PortMax              types.Int64  `tfsdk:"port_range_max"`
	ICMPType             types.Int64  `tfsdk:"icmp_type"`
	ICMPCode             types.Int64  `tfsdk:"icmp_code"`
	RemotePrefix         types.String `tfsdk:"remote_ip_prefix"`
	RemoteGroupID        types.String `tfsdk:"remote_group_id"`
	RemoteAddressGroupID types.String `tfsdk:"remote_address_group_id"`
	Description          types.String `tfsdk:"description"`
}

// rule is what m says, in Neutron's words.
func (m ruleModel) rule() network.Rule {
	r := network.Rule{
		Direction: network.Ingress, EtherType: m.etherType(), Protocol: strings.ToLower(m.Protocol.ValueString()),
		RemotePrefix: m.RemotePrefix.ValueString(), RemoteGroupID: m.RemoteGroupID.ValueString(),
		RemoteAddressGroupID: m.RemoteAddressGroupID.ValueString(), Description: m.Description.ValueString(),
		First: m.PortMin.ValueInt64Pointer(), Last: m.PortMax.ValueInt64Pointer(),
	}
	if value.Known(m.Direction) {
		r.Direction = m.Direction.ValueString()
	}
	if r.Protocol == "any" {
		r.Protocol = ""
	}
	if network.IsICMP(r.Protocol) {
		r.First, r.Last = m.ICMPType.ValueInt64Pointer(), m.ICMPCode.ValueInt64Pointer()
	} else if r.Last == nil {
		r.Last = r.First
	}
	return r
}

// etherType is that of the prefix or of the protocol where m names none.
func (m ruleModel) etherType() string {
	switch {
	case value.Known(m.EtherType):
		return m.EtherType.ValueString()
	case strings.Contains(m.RemotePrefix.ValueString(), ":"), network.OnlyIPv6(m.Protocol.ValueString()):
		return network.IPv6
	}
	return network.IPv4
}

// says is whether m says r already, in whatever spelling.
func (m ruleModel) says(r network.Rule) bool {
	said := m.rule()
	return said.Key() == r.Key() && said.Description == r.Description
}

// spell is r as an import spells it: what goes without saying is left out.
func spell(r network.Rule) ruleModel {
	m := ruleModel{
		Protocol: value.Text(r.Protocol), RemotePrefix: value.Text(r.RemotePrefix), RemoteGroupID: value.Text(r.RemoteGroupID),
		RemoteAddressGroupID: value.Text(r.RemoteAddressGroupID), Description: value.Text(r.Description),
		PortMin: types.Int64PointerValue(r.First), PortMax: types.Int64PointerValue(r.Last),
	}
	if network.IsICMP(r.Protocol) {
		m.ICMPType, m.ICMPCode, m.PortMin, m.PortMax = m.PortMin, m.PortMax, types.Int64Null(), types.Int64Null()
	}
	if r.Direction != network.Ingress {
		m.Direction = types.StringValue(r.Direction)
	}
	if r.EtherType != m.etherType() {
		m.EtherType = types.StringValue(r.EtherType)
	}
	return m
}

// settled is whether nothing about m is unknown yet.
func (m ruleModel) settled() bool {
	for _, text := range m.texts() {
		if text.IsUnknown() {
			return false
		}
	}
	for _, number := range m.numbers() {
		if number.IsUnknown() {
			return false
		}
	}
	return true
}

// texts are the attributes of text, by name.
func (m *ruleModel) texts() map[string]*types.String {
	return map[string]*types.String{
		"direction": &m.Direction, "ethertype": &m.EtherType, "protocol": &m.Protocol, "remote_ip_prefix": &m.RemotePrefix,
		"remote_group_id": &m.RemoteGroupID, "remote_address_group_id": &m.RemoteAddressGroupID, "description": &m.Description,
	}
}

// numbers are the attributes of numbers, by name.
func (m *ruleModel) numbers() map[string]*types.Int64 {
	return map[string]*types.Int64{
		"port_range_min": &m.PortMin, "port_range_max": &m.PortMax, "icmp_type": &m.ICMPType, "icmp_code": &m.ICMPCode,
	}
}
