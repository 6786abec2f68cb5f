// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"encoding/json"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

// securityRuleCreate is the body of POST /os-security-group-rules. Nova's schema takes anything for the
// rule's own parts, and looks at them afterwards.
type securityRuleCreate struct {
	ParentGroupID string          `json:"parent_group_id" need:"2.1-" format:"uuid"`
	GroupID       api.Opt[string] `json:"group_id" null:"ok" format:"uuid"`
	Protocol      anything        `json:"ip_protocol"`
	FromPort      anything        `json:"from_port"`
	ToPort        anything        `json:"to_port"`
	CIDR          anything        `json:"cidr"`
}

// anything is a value of any JSON type; nil is null, or absence.
type anything struct{ value any }

// Parse implements api.Parser.
func (a *anything) Parse(v any) error {
	a.value = v
	return nil
}

// text is the value as Python's str tells it; "" is none.
func (a anything) text() string {
	switch v := a.value.(type) {
	case nil:
		return ""
	case string:
		return v
	case json.Number:
		return v.String()
	}
	return api.Repr(a.value)
}

// securityRule is a rule for what comes in, as Nova makes one of a request.
type securityRule struct {
	protocol string // "" is any
	from, to *int   // nil: any
	group    string // "" where cidr is set
	cidr     string
}

// rule holds the parts of a request against each other.
func (in *securityRuleCreate) rule() (securityRule, error) {
	r := securityRule{group: in.GroupID.Value}
	from, to, protocol := in.FromPort.value, in.ToPort.value, in.Protocol.text()
	if r.group == "" {
		var err error
		if r.cidr, err = ruleCIDR(in.CIDR); err != nil {
			return r, err
		}
	} else if from == nil && to == nil {
		// A rule for a group is for all ports where it names none.
		switch {
		case strings.EqualFold(protocol, "icmp"):
			from, to = json.Number("-1"), json.Number("-1")
		case hasPorts(protocol):
			from, to = json.Number("1"), json.Number("65535")
		}
	}
	if protocol == "" || from == nil || to == nil {
		if r.group == "" {
			return r, api.BadRequest("Not enough parameters to build a valid rule.")
		}
		return r, nil
	}
	r.protocol = protocol
	for _, end := range []struct {
		value any
		to    **int
	}{{from, &r.from}, {to, &r.to}} {
		n, err := strconv.Atoi(strings.TrimSpace(anything{end.value}.text()))
		if err != nil {
			return r, notIntegers(protocol)
		}
		*end.to = &n
	}
	return r, r.checkPorts()
}

func notIntegers(protocol string) error {
	if strings.EqualFold(protocol, "icmp") {
		return api.BadRequest("Invalid input received: Type and Code must be integers for ICMP protocol type")
	}
	return api.BadRequest("Invalid input received: To and From ports must be integers")
}

// ruleCIDR is the prefix of a request; none is anywhere.
func ruleCIDR(given anything) (string, error) {
	if given.text() == "" {
		return anywhere, nil
	}
	text, isText := given.value.(string)
	if decoded, err := url.PathUnescape(text); err == nil {
		text = decoded
	}
	prefix, err := netip.ParsePrefix(text)
	switch {
	case !isText || err != nil:
		return "", api.BadRequest("%s is not a valid IP network.", given.text())
	case prefix.Bits() == 0 && !prefix.Addr().IsUnspecified():
		return "", api.BadRequest("Bad prefix for network in cidr %s", text)
	}
	return text, nil
}

func (r securityRule) checkPorts() error {
	const mostICMP = 255
	upper := strings.ToUpper(r.protocol)
	invalid := func(why string) error { return api.BadRequest("Invalid port range %d:%d. %s", *r.from, *r.to, why) }
	outside := func(n, least, most int) bool { return n < least || n > most }
	switch {
	case !hasPorts(upper) && upper != "ICMP":
		return api.BadRequest("Invalid IP protocol %s.", r.protocol)
	case hasPorts(upper) && *r.from > *r.to:
		return invalid("Former value cannot be greater than the later")
	case hasPorts(upper) && (*r.from < firstPort || *r.to > lastPort):
		return invalid("Valid " + upper + " ports should be between 1-65535")
	case upper == "ICMP" && (outside(*r.from, anyPort, mostICMP) || outside(*r.to, anyPort, mostICMP)):
		return invalid("For ICMP, the type:code must be valid")
	}
	return nil
}

// in tells whether the group has such a rule. As in Nova, rules for a group are left to Neutron to find.
func (r securityRule) in(rules []neutronRule) bool {
	for _, other := range rules {
		from, to := other.ports()
		if other.Direction == "ingress" && r.group == "" && other.RemoteGroupID == nil && other.cidr() == r.cidr &&
			other.Protocol != nil && *other.Protocol == r.protocol && sameNumber(from, r.from) && sameNumber(to, r.to) {
			return true
		}
	}
	return false
}

func sameNumber(a, b *int) bool { return a == b || a != nil && b != nil && *a == *b }

// fields is the rule as Neutron takes it. Rules for a group are for IPv4: Nova has no word for the other.
func (r securityRule) fields(parent string) object {
	fields := object{"direction": "ingress", "security_group_id": parent, "ethertype": "IPv4"}
	if r.cidr != "" {
		fields["remote_ip_prefix"] = r.cidr
		if strings.Contains(r.cidr, ":") {
			fields["ethertype"] = "IPv6"
		}
	}
	if r.group != "" {
		fields["remote_group_id"] = r.group
	}
	if r.protocol != "" {
		fields["protocol"] = r.protocol
	}
	for key, n := range map[string]*int{"port_range_min": r.from, "port_range_max": r.to} {
		if n != nil && *n != anyPort {
			fields[key] = *n
		}
	}
	return fields
}
