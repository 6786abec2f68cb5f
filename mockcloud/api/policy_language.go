// SPDX-License-Identifier: MPL-2.0

package api

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// PolicyRules are a service's rules by name, each a check in the language of oslo.policy: "@" and "!"
// (everybody, nobody), "role:NAME", "rule:NAME", "is_admin:True", "ATTRIBUTE:%(attribute)s" and
// "ATTRIBUTE:literal" with an attribute of the token, joined by "and", "or", "not" and parentheses. An
// empty check is "@".
type PolicyRules map[string]string

// adminRule is the rule that makes a caller an administrator ("is_admin:True").
const adminRule = "context_is_admin"

// RuleError is a rule whose check cannot be understood.
type RuleError struct {
	Rule string
	Err  error
}

func (e *RuleError) Error() string { return fmt.Sprintf("policy rule %q: %s", e.Rule, e.Err) }

// Unwrap is what is wrong with the check.
func (e *RuleError) Unwrap() error { return e.Err }

// Compile makes the checks. The error is a RuleError: bad syntax, a rule that no other is named after, or
// rules that need each other.
func (rules PolicyRules) Compile() (Policy, error) {
	policy, _, err := rules.compile()
	return policy, err
}

// compile also tells which rules each one asks for.
func (rules PolicyRules) compile() (policy Policy, asks map[string][]string, err error) {
	policy, asks = Policy{}, map[string][]string{}
	for _, name := range slices.Sorted(maps.Keys(rules)) {
		p := &checkParser{words: checkWords(rules[name]), policy: policy}
		check, err := p.whole()
		if err != nil {
			return nil, nil, &RuleError{Rule: name, Err: err}
		}
		policy[name], asks[name] = check, p.asks
	}
	for _, name := range slices.Sorted(maps.Keys(rules)) {
		if err := settled(asks, name, nil); err != nil {
			return nil, nil, &RuleError{Rule: name, Err: err}
		}
	}
	return policy, asks, nil
}

// settled refuses a rule that asks for one that does not exist, or in the end for itself.
func settled(asks map[string][]string, name string, above []string) error {
	if slices.Contains(above, name) {
		return fmt.Errorf("it needs itself: %s", strings.Join(append(above, name), " -> "))
	}
	next, known := asks[name]
	if !known {
		return fmt.Errorf("there is no rule %q", name)
	}
	for _, other := range next {
		if err := settled(asks, other, append(above, name)); err != nil {
			return err
		}
	}
	return nil
}

// checkWords splits a check into its words; parentheses around a word are words of their own, those of
// %(attribute)s are not.
func checkWords(text string) []string {
	var words []string
	for word := range strings.FieldsSeq(text) {
		for strings.HasPrefix(word, "(") {
			words, word = append(words, "("), word[1:]
		}
		bare := strings.TrimRight(word, ")")
		if bare != "" {
			words = append(words, bare)
		}
		for range len(word) - len(bare) {
			words = append(words, ")")
		}
	}
	return words
}

// checkParser reads one check by recursive descent: "or" binds least, then "and", then "not".
type checkParser struct {
	words  []string
	policy Policy
	asks   []string // the rules that it names
}

func (p *checkParser) whole() (Check, error) {
	if len(p.words) == 0 {
		return Anyone, nil
	}
	check, err := p.alternatives()
	if err == nil && len(p.words) > 0 {
		return nil, fmt.Errorf("%q is not expected", p.words[0])
	}
	return check, err
}

func (p *checkParser) alternatives() (Check, error) {
	return p.joined("or", Any, func() (Check, error) { return p.joined("and", All, p.negated) })
}

func (p *checkParser) next() string {
	if len(p.words) == 0 {
		return ""
	}
	return p.words[0]
}

func (p *checkParser) take(word string) bool {
	if !strings.EqualFold(p.next(), word) {
		return false
	}
	p.words = p.words[1:]
	return true
}

func (p *checkParser) joined(word string, join func(...Check) Check, part func() (Check, error)) (Check, error) {
	var checks []Check
	for {
		check, err := part()
		if err != nil {
			return nil, err
		}
		checks = append(checks, check)
		if !p.take(word) {
			break
		}
	}
	if len(checks) == 1 {
		return checks[0], nil
	}
	return join(checks...), nil
}

func (p *checkParser) negated() (Check, error) {
	if p.take("not") {
		check, err := p.negated()
		if err != nil {
			return nil, err
		}
		return Not(check), nil
	}
	if !p.take("(") {
		return p.atom()
	}
	check, err := p.alternatives()
	if err == nil && !p.take(")") {
		return nil, errors.New(`")" is missing`)
	}
	return check, err
}

// atom is "@", "!" or KIND:VALUE.
func (p *checkParser) atom() (Check, error) {
	word := p.next()
	kind, value, colon := strings.Cut(word, ":")
	switch {
	case p.take("@"):
		return Anyone, nil
	case p.take("!"):
		return Nobody, nil
	case word == "":
		return nil, errors.New("it ends where a check is expected")
	case !colon || kind == "" || value == "":
		return nil, fmt.Errorf("%q is no check: want KIND:VALUE", word)
	}
	p.words = p.words[1:]
	switch kind {
	case "rule":
		p.asks = append(p.asks, value)
		return p.policy.rule(value), nil
	case "role":
		return Role(strings.ToLower(value)), nil
	case "is_admin":
		p.asks = append(p.asks, adminRule)
		if strings.EqualFold(value, "true") {
			return p.policy.rule(adminRule), nil
		}
		return Not(p.policy.rule(adminRule)), nil
	default:
		return attributeCheck(kind, value)
	}
}

// rule is the check of that name, once all are compiled.
func (p Policy) rule(name string) Check {
	return func(id *Identity, target Target) bool { return p[name](id, target) }
}

// attributeCheck compares what the token says with the target, or with a literal.
func attributeCheck(kind, value string) (Check, error) {
	own, known := identityAttributes[kind]
	if !known {
		return nil, fmt.Errorf("%q is neither a kind of check nor an attribute of a token: want rule, role, is_admin, %s",
			kind, strings.Join(slices.Sorted(maps.Keys(identityAttributes)), ", "))
	}
	attribute, ofTarget := strings.CutPrefix(value, "%(")
	if !ofTarget {
		return func(id *Identity, _ Target) bool { return own(id) == strings.Trim(value, `'"`) }, nil
	}
	attribute, closed := strings.CutSuffix(attribute, ")s")
	its, known := targetAttributes[attribute]
	if !closed || !known {
		return nil, fmt.Errorf("%q is no attribute of a target: want %%(NAME)s with %s",
			value, strings.Join(slices.Sorted(maps.Keys(targetAttributes)), ", "))
	}
	return func(id *Identity, target Target) bool { return own(id) != "" && own(id) == its(target) }, nil
}

// identityAttributes are what a check may ask of a token.
var identityAttributes = map[string]func(*Identity) string{
	"user_id":           func(id *Identity) string { return id.UserID },
	"user_domain_id":    func(id *Identity) string { return id.UserDomainID },
	"project_id":        func(id *Identity) string { return id.ProjectID },
	"project_domain_id": func(id *Identity) string { return id.ProjectDomainID },
	"domain_id":         func(id *Identity) string { return id.DomainID },
	"system_scope": func(id *Identity) string {
		if id.System {
			return "all"
		}
		return ""
	},
}

// targetAttributes are what a check may ask of a target.
var targetAttributes = map[string]func(Target) string{
	"user_id":    func(t Target) string { return t.UserID },
	"project_id": func(t Target) string { return t.ProjectID },
	"domain_id":  func(t Target) string { return t.DomainID },
}
