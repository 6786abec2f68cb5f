// SPDX-License-Identifier: MPL-2.0

package neutron_test

import "testing"

// A network that is shared with one project is there for that one, and for no other.
func TestNetworkSharedWithOne(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	n := c.id(t, "demo", "network", `"name": "lent"`)
	c.id(t, "demo", "subnet", `"network_id": "`+n+`", "ip_version": 4, "cidr": "10.5.0.0/24"`)
	const policies = "/v2.0/rbac-policies"
	policy := func(target, action string) string {
		return `{"rbac_policy": {"object_type": "network", "object_id": "` + n + `", "target_tenant": "` + target + `", "action": "` + action + `"}}`
	}
	c.hold(t, []exchange{
		{"not there before", "other", "GET /v2.0/networks/" + n, "", 404, "NetworkNotFound"},
		{"for everybody", "demo", "POST " + policies, policy("*", "access_as_shared"), 403, "PolicyNotAuthorized"},
		{"by a stranger", "other", "POST " + policies, policy(otherProject, "access_as_shared"), 404, "NetworkNotFound"},
		{"no such action", "demo", "POST " + policies, policy(otherProject, "access_as_friend"), 400, "Invalid action 'access_as_friend'"},
		{
			"no such type", "demo", "POST " + policies,
			`{"rbac_policy": {"object_type": "router", "object_id": "` + n + `", "target_tenant": "x", "action": "access_as_shared"}}`, 400, "valid RBAC object type",
		},
	})
	id := c.made(t, "demo", policies, policy(otherProject, "access_as_shared"))
	c.hold(t, []exchange{
		{"twice", "demo", "POST " + policies, policy(otherProject, "access_as_shared"), 409, "DuplicateRbacPolicy"},
		{"shown", "demo", "GET " + policies + "/" + id, "", 200, `"target_tenant":"` + otherProject + `"`},
		{"hidden", "other", "GET " + policies + "/" + id, "", 404, "RbacPolicyNotFound"},
		{"there now", "other", "GET /v2.0/networks/" + n, "", 200, `"shared":true`},
		{"its owner's", "demo", "GET /v2.0/networks/" + n, "", 200, `"shared":false`},
		{"no manager of it", "other", "DELETE /v2.0/networks/" + n, "", 403, "PolicyNotAuthorized"},
	})
	if subnets := c.list(t, "other", "subnets?network_id="+n); len(subnets) != 1 {
		t.Errorf("%d subnets, want 1", len(subnets))
	}
	found, err := c.Networks(t.Context(), otherCaller)
	if err != nil || len(found) != 1 || found[0].ID != n {
		t.Errorf("networks for servers: %v, %v", found, err)
	}
	port := c.id(t, "other", "port", `"network_id": "`+n+`"`)
	c.hold(t, []exchange{
		{"in use", "demo", "DELETE " + policies + "/" + id, "", 409, "RbacPolicyInUse"},
		{"retargeted in use", "demo", "PUT " + policies + "/" + id, `{"rbac_policy": {"target_tenant": "` + adminProject + `"}}`, 409, "RbacPolicyInUse"},
		{"still there", "other", "GET /v2.0/networks/" + n, "", 200, `"shared":true`},
		{"for everybody, by an administrator", "admin", "POST " + policies, policy("*", "access_as_shared"), 201, `"target_tenant":"*"`},
		{"one of two", "demo", "DELETE " + policies + "/" + id, "", 204, ""},
		{"everybody's is the attribute", "demo", "GET /v2.0/networks/" + n, "", 200, `"shared":true`},
		{"in use", "admin", "PUT /v2.0/networks/" + n, `{"network": {"shared": false}}`, 409, "InvalidSharedSetting"},
		{"the port goes", "other", "DELETE /v2.0/ports/" + port, "", 204, ""},
		{"no longer shared", "admin", "PUT /v2.0/networks/" + n, `{"network": {"shared": false}}`, 200, `"shared":false`},
		{"nor there", "other", "GET /v2.0/networks/" + n, "", 404, "NetworkNotFound"},
	})
	if left := c.list(t, "admin", "rbac-policies?object_id="+n); len(left) != 0 {
		t.Errorf("policies are left: %v", left)
	}
}

// An external network of one project's: nobody else has gateways there.
func TestNetworkExternalForOne(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	n := c.id(t, "admin", "network", `"name": "uplink"`)
	c.id(t, "admin", "subnet", `"network_id": "`+n+`", "ip_version": 4, "cidr": "192.0.2.0/24"`)
	id := c.made(t, "admin", "/v2.0/rbac-policies",
		`{"rbac_policy": {"object_type": "network", "object_id": "`+n+`", "target_tenant": "`+demoProject+`", "action": "access_as_external"}}`)
	gateway := `{"router": {"name": "r", "external_gateway_info": {"network_id": "` + n + `"}}}`
	c.hold(t, []exchange{
		{"external", "demo", "GET /v2.0/networks/" + n, "", 200, `"router:external":true`},
		{"not shared", "demo", "GET /v2.0/networks/" + n, "", 200, `"shared":false`},
		{"nobody else's", "other", "POST /v2.0/routers", gateway, 404, "NetworkNotFound"},
		{"no ports there", "demo", "POST /v2.0/ports", `{"port": {"network_id": "` + n + `"}}`, 403, "PolicyNotAuthorized"},
	})
	router := c.made(t, "demo", "/v2.0/routers", gateway)
	c.hold(t, []exchange{
		{"in use", "admin", "DELETE /v2.0/rbac-policies/" + id, "", 409, "There are routers attached"},
		{"the router goes", "demo", "DELETE /v2.0/routers/" + router, "", 204, ""},
		{"free", "admin", "DELETE /v2.0/rbac-policies/" + id, "", 204, ""},
		{"no longer external", "admin", "GET /v2.0/networks/" + n, "", 200, `"router:external":false`},
	})
	public := c.list(t, "demo", "networks?router:external=true")[0]["id"].(string)
	everybody := c.list(t, "admin", "rbac-policies?object_id="+public)
	if len(everybody) != 1 || everybody[0]["action"] != "access_as_external" || everybody[0]["target_tenant"] != "*" {
		t.Fatalf("policies of the public network: %v", everybody)
	}
	c.hold(t, []exchange{{
		"the default one", "admin", "DELETE /v2.0/rbac-policies/" + everybody[0]["id"].(string), "", 409, "Default external networks must be shared",
	}})
}
