// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// DefaultRule is a rule for what comes in that the default security group of each project begins with which has none yet.
type DefaultRule struct {
	ID       int
	Protocol string // as it was asked for: "TCP"
	From, To int    // ports, or an ICMP type and code; -1 is any
	CIDR     string
}

var defaultRuleTable = store.Table[DefaultRule]{
	Name: "nova_default_rules",
	Key:  func(r *DefaultRule) string { return defaultRuleKey(r.ID) },
}

func defaultRuleKey(id int) string { return fmt.Sprintf("%010d", id) }

// DefaultRules are all of them, for who makes the groups.
func DefaultRules(tx store.Tx) ([]*DefaultRule, error) { return defaultRuleTable.All(tx) }

// defaultRuleCreate is the body of POST /os-security-group-default-rules. Nova looks at its parts by itself.
type defaultRuleCreate struct {
	Rule api.Opt[struct {
		Protocol anything `json:"ip_protocol"`
		FromPort anything `json:"from_port"`
		ToPort   anything `json:"to_port"`
		CIDR     anything `json:"cidr"`
	}] `json:"security_group_default_rule" null:"ok"`
}

// defaultRuleView is a rule as Nova shows it.
type defaultRuleView struct {
	ID       int       `json:"id"`
	Protocol string    `json:"ip_protocol"`
	FromPort int       `json:"from_port"`
	ToPort   int       `json:"to_port"`
	Range    ruleRange `json:"ip_range"`
}

func (r *DefaultRule) view() defaultRuleView {
	return defaultRuleView{ID: r.ID, Protocol: r.Protocol, FromPort: r.From, ToPort: r.To, Range: ruleRange{CIDR: r.CIDR}}
}

func (s *Service) defaultRuleRoutes() []api.Route {
	const path, one = "/os-security-group-default-rules", "security_group_default_rule"
	routes := []api.Route{
		api.Get(path, one+"s", s.listDefaultRules),
		api.Post(path, "", s.createDefaultRule).Answer(one).Loose(proxied),
		api.Get(path+"/{id}", one, s.showDefaultRule),
		api.Delete(path+"/{id}", s.deleteDefaultRule),
	}
	for i := range routes {
		routes[i] = routes[i].Only(proxied).Policy(rule("os-security-group-default-rules"))
	}
	return routes
}

func (s *Service) listDefaultRules(c *api.Call) (views []defaultRuleView, err error) {
	views = []defaultRuleView{}
	err = s.Store.View(c.Context(), func(tx store.Tx) error {
		rules, err := DefaultRules(tx)
		for _, r := range rules {
			views = append(views, r.view())
		}
		return err
	})
	return views, err
}

func (s *Service) createDefaultRule(c *api.Call, in *defaultRuleCreate) (defaultRuleView, error) {
	none := defaultRuleView{}
	sent := in.Rule.Pointer()
	if sent == nil {
		return none, api.BadRequest("Missing parameter security_group_default_rule")
	}
	asked := securityRuleCreate{Protocol: sent.Protocol, FromPort: sent.FromPort, ToPort: sent.ToPort, CIDR: sent.CIDR}
	wanted, err := asked.rule()
	if err != nil {
		return none, err
	}
	made := &DefaultRule{Protocol: wanted.protocol, From: *wanted.from, To: *wanted.to, CIDR: wanted.cidr}
	if made.From == anyPort && made.To != anyPort { // no firewall has a code of any type
		return none, api.BadRequest("Invalid port range %d:%d. For ICMP, the type:code must be valid", made.From, made.To)
	}
	err = s.Store.Update(c.Context(), func(tx store.Tx) error {
		rules, err := DefaultRules(tx)
		if err != nil {
			return err
		}
		made.ID = 0
		for _, r := range rules {
			if *r == (DefaultRule{ID: r.ID, Protocol: made.Protocol, From: made.From, To: made.To, CIDR: made.CIDR}) {
				return api.Conflict("This default rule already exists.")
			}
			made.ID = max(made.ID, r.ID)
		}
		made.ID++
		return defaultRuleTable.Insert(tx, made)
	})
	return made.view(), err
}

// defaultRule is the rule of the id in the path.
func defaultRule(tx store.Tx, c *api.Call) (*DefaultRule, error) {
	id, err := strconv.Atoi(strings.TrimSpace(c.Var("id")))
	if err != nil {
		return nil, api.BadRequest("Security group id should be integer")
	}
	r, err := defaultRuleTable.Get(tx, defaultRuleKey(id))
	if errors.Is(err, store.ErrNotFound) {
		return nil, api.NotFound("Security group default rule %d not found.", id)
	}
	return r, err
}

func (s *Service) showDefaultRule(c *api.Call) (view defaultRuleView, err error) {
	err = s.Store.View(c.Context(), func(tx store.Tx) error {
		r, err := defaultRule(tx, c)
		if err == nil {
			view = r.view()
		}
		return err
	})
	return view, err
}

func (s *Service) deleteDefaultRule(c *api.Call) error {
	return s.Store.Update(c.Context(), func(tx store.Tx) error {
		r, err := defaultRule(tx, c)
		if err != nil {
			return err
		}
		return defaultRuleTable.Delete(tx, defaultRuleKey(r.ID))
	})
}
