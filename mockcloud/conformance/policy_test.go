// SPDX-License-Identifier: MPL-2.0

package conformance

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

// readPolicy reads Nova's rules, and which of them decides about each operation.
func readPolicy(t *testing.T, c *contract) (api.Policy, map[string]string) {
	t.Helper()
	var list []struct {
		Name, Check string
		Scope       []string
		Operations  []struct {
			Method json.RawMessage
			Path   string
		}
	}
	readFacts(t, "policies.json", &list)
	rules, deciding := api.PolicyRules{}, map[string]string{}
	for _, r := range list {
		rules[r.Name] = r.Check
		for _, o := range r.Operations {
			method, path := strings.Trim(string(o.Method), `"`), o.Path
			path, action, _ := strings.Cut(strings.TrimSuffix(strings.ReplaceAll(path, " (", "("), ")"), "(")
			path, _, _ = strings.Cut(path, "?")
			key := shape(method, strings.TrimSuffix(strings.Replace(path, "/details", "/detail", 1), "/"), action)
			if beside(r.Name, key) {
				continue
			}
			if other := deciding[key]; other != "" {
				t.Errorf("both %s and %s decide about %s", other, r.Name, key)
			}
			deciding[key] = r.Name
		}
	}
	for _, r := range removedRules() {
		name := "os_compute_api:" + r.name
		if r.check != "" {
			rules[name] = r.check
		}
		for _, key := range r.operations {
			if other := deciding[key]; other != "" || c.byShape(key) == nil {
				t.Errorf("both %s and %s decide about %s, or there is no such operation", other, name, key)
			}
			deciding[key] = name
		}
	}
	for _, o := range c.Operations { // servers under their other name
		if strings.HasPrefix(o.Path, "/os-volumes_boot") {
			deciding[o.shape()] = deciding[strings.Replace(o.shape(), "/os-volumes_boot", "/servers", 1)]
		}
	}
	policy, err := rules.Compile()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range list {
		if slices.Equal(r.Scope, []string{"project"}) {
			policy[r.Name] = api.All(api.InProject, policy[r.Name])
		}
	}
	return policy, deciding
}

// beside reports whether a rule decides about a part of an operation's body, query or answer, and not about the
// operation.
func beside(rule, key string) bool {
	return slices.ContainsFunc([]string{
		"servers:show:", ":create:", ":index:", ":detail:", ":migrate:", ":migrate_live:", ":unlock:", ":rebuild:", ":create_image:",
		"os-extended-server-attributes", "servers:allow_all_filters", "limits:other_project", "network:attach_external_network",
		"compute:servers:resize:cross_cell", "unshelve_to_host", "os-instance-actions:events", "os-volumes-attachments:swap",
		"compute:server:topology:host:",
	}, func(part string) bool { return strings.Contains(rule, part) }) || strings.HasSuffix(rule, "os-flavor-extra-specs:index") && !strings.Contains(key, "os-extra_specs")
}
