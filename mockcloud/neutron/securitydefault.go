// SPDX-License-Identifier: MPL-2.0

package neutron

import (
	"strings"

	"github.com/google/uuid"
)

// DefaultRule is a rule for what comes into each project's default group, beside those that Neutron itself gives it.
type DefaultRule struct {
	Protocol    string // a name
	First, Last int    // ports, or an ICMP type and code; -1 is any
	Prefix      string // from where: a prefix of either IP version
}

// insertDefaults gives a project's new default group the rules that Options.DefaultRules tells of. One that Neutron cannot
// have is left out, and told of in the log: a group must not fail for it.
func insertDefaults(o *op, g *SecurityGroup) error {
	if o.defaultRules == nil {
		return nil
	}
	rules, err := o.defaultRules(o.tx)
	if err != nil {
		return err
	}
	known := map[string]bool{}
	for _, rule := range rules {
		r := rule.of(g)
		if err := r.check(); err != nil {
			o.log.Error("no rule of a default security group", "rule", rule, "error", err)
			continue
		}
		if known[r.key()] { // its protocol is spelled in two ways
			continue
		}
		known[r.key()] = true
		r.CreatedAt, r.UpdatedAt = o.now, o.now
		if err := ruleTable.Insert(o.tx, r); err != nil {
			return err
		}
	}
	return nil
}

// of is the rule as one of a group's.
func (d DefaultRule) of(g *SecurityGroup) *SecurityGroupRule {
	protocol, prefix := strings.ToLower(d.Protocol), d.Prefix
	r := &SecurityGroupRule{
		Standard: Standard{ID: uuid.NewString(), ProjectID: g.ProjectID, Revision: 1, Tags: []string{}},
		GroupID:  g.ID, Direction: "ingress", EtherType: "IPv4", Protocol: &protocol, RemoteIPPrefix: &prefix,
	}
	if strings.Contains(prefix, ":") {
		r.EtherType = "IPv6"
	}
	if d.First >= 0 {
		r.PortMin = &d.First
	}
	if d.Last >= 0 {
		r.PortMax = &d.Last
	}
	return r
}

// check holds the parts of a rule against each other.
func (r *SecurityGroupRule) check() error {
	for _, check := range []func() error{r.checkProtocol, r.checkPorts, r.checkRemote} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}
