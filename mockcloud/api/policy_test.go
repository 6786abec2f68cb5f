// SPDX-License-Identifier: MPL-2.0

package api

import (
	"strings"
	"testing"
)

var (
	someAdmin  = &Identity{UserID: "a", ProjectID: "p", Roles: []string{"admin", "member", "reader"}}
	someMember = &Identity{UserID: "m", ProjectID: "p", UserDomainID: "d", Roles: []string{"member", "reader"}}
	someSystem = &Identity{UserID: "s", System: true, Roles: []string{"reader"}}
)

func TestPolicyLanguage(t *testing.T) {
	t.Parallel()
	own := Target{ProjectID: "p", UserID: "m"}
	for _, c := range []struct {
		check                 string
		admin, member, system bool
	}{
		{"", true, true, true},
		{"@", true, true, true},
		{"!", false, false, false},
		{"role:admin", true, false, false},
		{"role:ADMIN", true, false, false},
		{"is_admin:True", true, false, false},
		{"is_admin:False", false, true, true},
		{"rule:owner", true, true, false},
		{"not rule:owner", false, false, true},
		{"not not role:admin", true, false, false},
		{"user_id:%(user_id)s", false, true, false},
		{"domain_id:%(domain_id)s", false, false, false}, // nobody has one
		{"user_domain_id:d", false, true, false},
		{"project_id:'p'", true, true, false},
		{"system_scope:all and role:reader", false, false, true},
		{"role:admin or role:reader and system_scope:all", true, false, true},
		{"(role:admin or role:reader) and system_scope:all", false, false, true},
		{"role:reader AND NOT (role:member or system_scope:all)", false, false, false},
		{"((rule:context_is_admin)) or ( user_id:%(user_id)s )", true, true, false},
	} {
		policy, err := PolicyRules{"it": c.check, "owner": "project_id:%(project_id)s", "context_is_admin": "role:admin"}.Compile()
		if err != nil {
			t.Errorf("%q: %v", c.check, err)
			continue
		}
		for who, want := range map[*Identity]bool{someAdmin: c.admin, someMember: c.member, someSystem: c.system} {
			if got := policy["it"](who, own); got != want {
				t.Errorf("%q lets %s: %v, want %v", c.check, who.UserID, got, want)
			}
		}
	}
}

func TestBadPolicy(t *testing.T) {
	t.Parallel()
	for check, want := range map[string]string{
		"role":                       `"role" is no check: want KIND:VALUE`,
		"role:":                      `"role:" is no check`,
		"role:a or":                  "it ends where a check is expected",
		"role:a role:b":              `"role:b" is not expected`,
		"(role:a":                    `")" is missing`,
		"role:a)":                    `")" is not expected`,
		"()":                         `")" is no check`,
		"not":                        "it ends where a check is expected",
		"rule:nowhere":               `there is no rule "nowhere"`,
		"rule:round":                 "it needs itself: it -> round -> it",
		"shoe_size:43":               `"shoe_size" is neither a kind of check nor an attribute of a token`,
		"project_id:%(shoe_size)s":   `"%(shoe_size)s" is no attribute of a target`,
		"project_id:%(project_id":    `"%(project_id" is no attribute of a target`,
		"role:admin or is_admin:Yes": `there is no rule "context_is_admin"`,
	} {
		_, err := PolicyRules{"it": check, "round": "not rule:it"}.Compile()
		if check != "rule:round" {
			_, err = PolicyRules{"it": check}.Compile()
		}
		if err == nil || !strings.HasPrefix(err.Error(), `policy rule "it": `) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", check, err, want)
		}
	}
}

var defaults = PolicyRules{"context_is_admin": "role:admin", "fly": "rule:context_is_admin", "walk": "@"}

func TestPolicyFile(t *testing.T) {
	t.Parallel()
	for _, content := range []string{
		"# pilots\nfly: role:member or rule:pilot\n\"pilot\": \"role:pilot\"\nwlak: '!'\n",
		"{\"fly\": \"role:member or rule:pilot\",\n\"pilot\": \"role:pilot\", \"wlak\": \"!\"}",
	} {
		file, err := ParsePolicyFile("policy", []byte(content))
		if err != nil {
			t.Fatal(err)
		}
		policy, unknown, err := defaults.Override(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Join(unknown, " ") != "wlak" {
			t.Errorf("unknown: %v", unknown)
		}
		if !policy["fly"](someAdmin, Target{}) || policy["fly"](someSystem, Target{}) || !policy["walk"](someSystem, Target{}) {
			t.Error("the file's rules do not hold")
		}
		pilot := &Identity{Roles: []string{"pilot"}}
		if !policy["fly"](pilot, Target{}) {
			t.Error("a rule of the file's own does not hold")
		}
	}
	for _, empty := range []string{"", "# nothing\n", "{}", "~"} {
		file, err := ParsePolicyFile("policy", []byte(empty))
		if err != nil || len(file.Rules) != 0 {
			t.Errorf("%q: %v, %v", empty, file, err)
		}
	}
}

func TestBadPolicyFile(t *testing.T) {
	t.Parallel()
	for content, want := range map[string]string{
		"fly: role:a\nwalk: role:a and\n":      `policy file f:2: policy rule "walk": it ends where a check is expected`,
		"# one\n\nfly: rule:nowhere\n":         `policy file f:3: policy rule "fly": there is no rule "nowhere"`,
		"context_is_admin: rule:fly\n":         `policy file f:1: policy rule "context_is_admin": it needs itself: context_is_admin -> fly -> context_is_admin`,
		"fly: [[\"role:a\"]]\n":                `f:1: policy rule "fly": its check must be a string`,
		"fly: true\n":                          `f:1: policy rule "fly": its check must be a string`,
		"fly: role:a\nfly: role:b\n":           `f:2: policy rule "fly" is here twice`,
		"- fly\n":                              "f:1: want an object of rules and their checks",
		"fly: !\n":                             `f:1: policy rule "fly": its check must be a string`,
		"fly: @\n":                             "f: yaml: ",
		"fly: role:a\n\twalk: role:b\n":        "f: yaml: line 2: ",
		"{\"fly\": \"role:a\", \"walk\": 1.5}": `f:1: policy rule "walk": its check must be a string`,
		"? [fly]\n: role:a\n":                  "f:1: the name of a rule must be a string",
	} {
		file, err := ParsePolicyFile("f", []byte(content))
		if err == nil {
			_, _, err = defaults.Override(file)
		}
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: %v, want %q", content, err, want)
		}
	}
	if _, err := ReadPolicyFile(t.TempDir() + "/none.yaml"); err == nil || !strings.Contains(err.Error(), "none.yaml: no such file") {
		t.Errorf("a file that is not there: %v", err)
	}
}

// Who is an administrator is the service's own policy to say.
func TestAdminByPolicy(t *testing.T) {
	t.Parallel()
	policy, err := PolicyRules{"context_is_admin": "role:member"}.Compile()
	if err != nil {
		t.Fatal(err)
	}
	if !someMember.under(policy).Admin() || someMember.Admin() || !someAdmin.under(Policy{}).Admin() {
		t.Error("context_is_admin does not decide")
	}
}
