// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"encoding/json"
	"errors"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

// Our policy is Nova's: the same rules with the same default checks, and each decides about each kind of
// caller as an independent reading of the check says.
func TestPolicyIsNovas(t *testing.T) {
	t.Parallel()
	checks, scopes := novasPolicy(t)
	ours := Release{}.policyRules()
	for _, names := range legacyRules() { // which Nova's list no longer has
		for name := range strings.FieldsSeq(names) {
			delete(ours, rule(name))
		}
	}
	if !maps.Equal(ours, checks) {
		for name := range ours {
			if checks[name] == "" {
				t.Errorf("%s is no rule of Nova's", name)
			}
		}
		for name, check := range checks {
			if ours[name] != check {
				t.Errorf("%s: %q, want %q", name, ours[name], check)
			}
		}
	}
	listed := len(baseRules())
	for _, names := range []string{nobody, anyone, ownerOrAdmin, readerOrAdmin, memberOrAdmin, managerOrAdmin, serviceOrAdmin, adminOnly} {
		listed += len(strings.Fields(names))
	}
	if listed != len(checks) {
		t.Errorf("%d rules are listed, Nova has %d", listed, len(checks))
	}
	policy := Release{}.policy()
	for name, novas := range checks {
		for _, id := range callers() {
			for _, target := range []api.Target{{ProjectID: "p", UserID: "u"}, {ProjectID: "p", UserID: "v"}, {ProjectID: "q", UserID: "v"}, {}} {
				want := evaluate(t, checks, novas, id, target) && (scopes[name] == nil || id.ProjectID != "")
				if got := policy[name](id, target); got != want {
					t.Errorf("%s: %v of project %q to %v: %v, want %v (%s)", name, id.Roles, id.ProjectID, target, got, want, novas)
				}
			}
		}
	}
}

// novasPolicy are the default checks of Nova's rules, and the scopes that they ask for.
func novasPolicy(t *testing.T) (api.PolicyRules, map[string][]string) {
	t.Helper()
	raw, err := os.ReadFile("../../../shared/nova/policies.json")
	if errors.Is(err, os.ErrNotExist) {
		t.Skip("the facts about Nova are not here")
	}
	if err != nil {
		t.Fatal(err)
	}
	var rules []struct {
		Name, Check string
		Scope       []string
	}
	if err := json.Unmarshal(raw, &rules); err != nil {
		t.Fatal(err)
	}
	checks, scopes := api.PolicyRules{}, map[string][]string{}
	for _, rule := range rules {
		checks[rule.Name], scopes[rule.Name] = rule.Check, rule.Scope
	}
	return checks, scopes
}

// callers are one of each kind, in the project p, as the user u.
func callers() []*api.Identity {
	var all []*api.Identity
	for _, roles := range [][]string{
		{"admin", "manager", "member", "reader"}, {"manager", "member", "reader"}, {"member", "reader"}, {"reader"}, {"service"}, nil,
	} {
		all = append(all, &api.Identity{UserID: "u", ProjectID: "p", Roles: roles}, &api.Identity{UserID: "u", Roles: roles, System: true})
	}
	return all
}

// evaluate is oslo.policy, as far as Nova's defaults use it: or, and, rule:, role:, project_id:, user_id:,
// is_admin:, @ and !.
func evaluate(t *testing.T, rules api.PolicyRules, check string, id *api.Identity, target api.Target) bool {
	t.Helper()
	check = strings.NewReplacer("%(project_id)s", "TARGET", "%(user_id)s", "TARGET", "(", "", ")", "").Replace(check)
	every := func(sep string) []string { return strings.Split(check, sep) }
	is := func(part string) bool { return evaluate(t, rules, part, id, target) }
	switch kind, value, _ := strings.Cut(check, ":"); {
	case strings.Contains(check, " or "):
		return slices.ContainsFunc(every(" or "), is)
	case strings.Contains(check, " and "):
		return !slices.ContainsFunc(every(" and "), func(part string) bool { return !is(part) })
	case check == "@" || check == "!":
		return check == "@"
	case kind == "rule":
		return is(rules[value])
	case kind == "role":
		return id.Has(value)
	case kind == "is_admin":
		return id.Admin() == (value == "True")
	case check == "project_id:TARGET":
		return id.ProjectID != "" && id.ProjectID == target.ProjectID
	case check == "user_id:TARGET":
		return id.UserID == target.UserID
	default:
		t.Fatalf("a check that this test does not know: %q", check)
		return false
	}
}
