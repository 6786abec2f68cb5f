// SPDX-License-Identifier: MPL-2.0

package neutron_test

import "testing"

// Administrators see what works for networks on which host.
func TestAgents(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	one := c.list(t, "admin", "agents?host=one")[0]["id"].(string)
	c.hold(t, []exchange{
		{"on hosts of servers", "admin", "GET /v2.0/agents?agent_type=Open+vSwitch+agent&fields=host&fields=alive&sort_key=host", "", 200, `{"agents":[{"alive":true,"host":"one"},{"alive":false,"host":"two"}]}`},
		{"elsewhere", "admin", "GET /v2.0/agents?host=control&fields=binary", "", 200, `{"agents":[{"binary":"neutron-dhcp-agent"}]}`},
		{"down", "admin", "GET /v2.0/agents?alive=False&fields=host", "", 200, `{"agents":[{"host":"two"}]}`},
		{"a page", "admin", "GET /v2.0/agents?sort_key=host&limit=1&fields=host", "", 200, `{"agents":[{"host":"control"}],"agents_links":[{`},
		{"one", "admin", "GET /v2.0/agents/" + one, "", 200, `"heartbeat_timestamp":"2026-01-02 04:04:05"`},
		{"unknown", "admin", "GET /v2.0/agents/x", "", 404, "Agent x could not be found."},
		{"unknown filter", "admin", "GET /v2.0/agents?x=y", "", 400, "invalid attribute for filtering"},
		{"others see none", "demo", "GET /v2.0/agents", "", 200, `{"agents":[]}`},
		{"an agent is the administrators'", "demo", "GET /v2.0/agents/" + one, "", 403, "PolicyNotAuthorized"},
	})
}
