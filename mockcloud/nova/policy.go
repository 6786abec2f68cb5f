// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"log/slog"
	"maps"
	"strings"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

const policyPrefix = "os_compute_api:"

// rule is the whole name of a rule.
func rule(name string) string {
	for _, other := range []string{"compute:", "network:", "cells_scheduler_filter:"} {
		if strings.HasPrefix(name, other) {
			return name
		}
	}
	return policyPrefix + name
}

// The rules that the others are made of.
func baseRules() api.PolicyRules {
	return api.PolicyRules{
		"context_is_admin":         "role:admin",
		"admin_or_owner":           "is_admin:True or project_id:%(project_id)s",
		"admin_api":                "is_admin:True",
		"project_manager_api":      "role:manager and project_id:%(project_id)s",
		"project_member_api":       "role:member and project_id:%(project_id)s",
		"project_reader_api":       "role:reader and project_id:%(project_id)s",
		"service_api":              "role:service",
		"project_manager_or_admin": "rule:project_manager_api or rule:context_is_admin",
		"project_member_or_admin":  "rule:project_member_api or rule:context_is_admin",
		"project_reader_or_admin":  "rule:project_reader_api or rule:context_is_admin",
		"service_or_admin":         "rule:service_api or rule:context_is_admin",
	}
}

// policyRules are Nova's rules with their default checks, those of what it no longer has included. A test holds
// the others against Nova's own list.
//
// A release before 2023.1, which turned enforce_new_defaults on, took whoever was of a project for its member and its
// reader; one before 2025.2 knew neither managers nor services.
func (r Release) policyRules() api.PolicyRules {
	rules := api.PolicyRules{}
	for check, names := range map[string]string{
		"@": anyone, "!": nobody,
		"rule:context_is_admin":                          adminOnly,
		"rule:service_or_admin":                          serviceOrAdmin,
		"rule:project_manager_or_admin":                  managerOrAdmin,
		"rule:project_member_or_admin":                   memberOrAdmin,
		"rule:project_reader_or_admin":                   readerOrAdmin,
		"(rule:context_is_admin) or user_id:%(user_id)s": ownerOrAdmin,
	} {
		for name := range strings.FieldsSeq(names) {
			rules[rule(name)] = check
		}
	}
	for check, names := range legacyRules() {
		for name := range strings.FieldsSeq(names) {
			rules[rule(name)] = check
		}
	}
	maps.Copy(rules, baseRules())
	for _, earlier := range []struct {
		until       int
		rule, check string
	}{
		{flamingo, "project_manager_api", "!"},
		{flamingo, "service_api", "!"},
		{antelope, "project_member_api", "rule:admin_or_owner"},
		{antelope, "project_reader_api", "rule:admin_or_owner"},
		{antelope, rule("os-flavor-access"), "rule:admin_or_owner"},
	} {
		if r.before(earlier.until) {
			rules[earlier.rule] = earlier.check
		}
	}
	return rules
}

// scoped narrows Nova's rules to tokens of a project: with enforce_scope, which is the default since 2023.1, each refuses
// tokens of a domain and of the system, whatever roles they carry. We do so for every release: what such a token may, it
// may do to nobody's servers or to all.
func scoped(policy api.Policy) api.Policy {
	base := baseRules()
	narrow := api.Policy{}
	for name, check := range policy {
		if _, free := base[name]; !free {
			check = api.All(api.InProject, check)
		}
		narrow[name] = check
	}
	return narrow
}

// policy is the release's default policy.
func (r Release) policy() api.Policy {
	policy, err := r.policyRules().Compile()
	if err != nil {
		panic(err)
	}
	return scoped(policy)
}

// PolicyFromFile is the release's policy with the rules of an oslo.policy file in place of their defaults. The log
// is told of rules that Nova does not have.
func (r Release) PolicyFromFile(path string, log *slog.Logger) (api.Policy, error) {
	file, err := api.ReadPolicyFile(path)
	if err != nil {
		return nil, err
	}
	policy, unknown, err := r.policyRules().Override(file)
	if err != nil {
		return nil, err
	}
	for _, name := range unknown {
		log.Warn("nothing asks for a rule of the policy file", "rule", name, "file", path)
	}
	return scoped(policy), nil
}
