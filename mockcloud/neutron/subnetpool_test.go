// SPDX-License-Identifier: MPL-2.0

package neutron_test

import "testing"

// Subnets get what is free of a pool, smallest block first, within its bounds and its quota.
func TestSubnetPools(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	pool := c.made(t, "demo", "/v2.0/subnetpools", `{"subnetpool": {"name": "p", "prefixes": ["10.9.0.0/22", "10.9.1.0/24"], "default_prefixlen": 26}}`)
	n, other := c.id(t, "demo", "network", `"name": "n"`), c.id(t, "demo", "network", `"name": "o"`)
	subnet := func(network, fields string) string {
		return `{"subnet": {"network_id": "` + network + `", "ip_version": 4, "subnetpool_id": "` + pool + `"` + fields + `}}`
	}
	const subnets = "/v2.0/subnets"
	at := "/v2.0/subnetpools/" + pool
	c.hold(t, []exchange{
		{"shown", "demo", "GET " + at, "", 200, `"prefixes":["10.9.0.0/22"]`},
		{"bounds", "demo", "GET " + at, "", 200, `"min_prefixlen":8`},
		{"somebody else's", "other", "GET " + at, "", 404, "SubnetPoolNotFound"},
		{"by default", "demo", "POST " + subnets, subnet(n, ``), 201, `"cidr":"10.9.0.0/26"`},
		{"of a length", "demo", "POST " + subnets, subnet(n, `, "prefixlen": 24`), 201, `"cidr":"10.9.1.0/24"`},
		{"the smallest block", "demo", "POST " + subnets, subnet(n, `, "prefixlen": 27`), 201, `"cidr":"10.9.0.64/27"`},
		{"a given one", "demo", "POST " + subnets, subnet(other, `, "cidr": "10.9.3.0/25"`), 201, `"gateway_ip":"10.9.3.1"`},
		{"taken", "demo", "POST " + subnets, subnet(other, `, "cidr": "10.9.1.128/25"`), 409, "SubnetAllocationError"},
		{"not the pool's", "demo", "POST " + subnets, subnet(other, `, "cidr": "10.10.0.0/24"`), 409, "SubnetAllocationError"},
		{"too much", "demo", "POST " + subnets, subnet(other, `, "prefixlen": 22`), 409, "Insufficient prefix space to allocate subnet size /22"},
		{"too long", "demo", "PUT " + at, `{"subnetpool": {"max_prefixlen": 28}}`, 200, `"max_prefixlen":28`},
		{"too long", "demo", "POST " + subnets, subnet(other, `, "prefixlen": 29`), 400, "MaxPrefixSubnetAllocationError"},
		{"too short", "demo", "POST " + subnets, subnet(other, `, "prefixlen": 7`), 400, "MinPrefixSubnetAllocationError"},
		{"both", "demo", "POST " + subnets, subnet(other, `, "prefixlen": 26, "cidr": "10.9.2.0/26"`), 400, "must not be supplied together"},
		{
			"beside the pool", "demo", "POST " + subnets,
			`{"subnet": {"network_id": "` + n + `", "ip_version": 4, "cidr": "10.77.0.0/24"}}`, 400, "NetworkSubnetPoolAffinityError",
		},
		{"quota", "demo", "PUT " + at, `{"subnetpool": {"default_quota": 512}}`, 200, `"default_quota":512`},
		{"quota", "demo", "POST " + subnets, subnet(other, `, "prefixlen": 26`), 409, "SubnetPoolQuotaExceeded"},
		{"shrunk", "demo", "PUT " + at, `{"subnetpool": {"prefixes": ["10.9.0.0/24"]}}`, 400, "IllegalSubnetPoolPrefixUpdate"},
		{"grown", "demo", "PUT " + at, `{"subnetpool": {"prefixes": ["10.9.0.0/21"]}}`, 200, `"prefixes":["10.9.0.0/21"]`},
		{"one more", "demo", "PUT " + at + "/add_prefixes", `{"prefixes": ["10.9.8.0/21"]}`, 200, `{"prefixes":["10.9.0.0/20"]}`},
		{"one less", "demo", "PUT " + at + "/remove_prefixes", `{"prefixes": ["10.9.12.0/22"]}`, 200, `{"prefixes":["10.9.0.0/21","10.9.8.0/22"]}`},
		{"one less, in use", "demo", "PUT " + at + "/remove_prefixes", `{"prefixes": ["10.9.0.0/24"]}`, 400, "in use by a subnet"},
		{"in use", "demo", "DELETE " + at, "", 409, "Subnet pool has existing allocations"},
		{"no prefixes", "demo", "POST /v2.0/subnetpools", `{"subnetpool": {"name": "p"}}`, 400, "prefixes"},
		{"mixed", "demo", "POST /v2.0/subnetpools", `{"subnetpool": {"name": "p", "prefixes": ["10.0.0.0/8", "fd00::/8"]}}`, 400, "PrefixVersionMismatch"},
		{"bounds", "demo", "POST /v2.0/subnetpools", `{"subnetpool": {"name": "p", "prefixes": ["10.0.0.0/8"], "min_prefixlen": 33}}`, 400, "IllegalSubnetPoolPrefixBounds"},
		{"shared by a user", "demo", "POST /v2.0/subnetpools", `{"subnetpool": {"name": "p", "prefixes": ["10.0.0.0/8"], "shared": true}}`, 403, "PolicyNotAuthorized"},
	})
}

// A pool in a scope gives it to its networks; the addresses of a scope's pools are told apart.
func TestAddressScopes(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	scope := c.made(t, "demo", "/v2.0/address-scopes", `{"address_scope": {"name": "s", "ip_version": 4}}`)
	pool := c.made(t, "demo", "/v2.0/subnetpools", `{"subnetpool": {"name": "p", "prefixes": ["10.9.0.0/16"], "address_scope_id": "`+scope+`"}}`)
	n := c.id(t, "demo", "network", `"name": "n"`)
	c.id(t, "demo", "subnet", `"network_id": "`+n+`", "ip_version": 4, "prefixlen": 24, "subnetpool_id": "`+pool+`"`)
	c.hold(t, []exchange{
		{"of the network", "demo", "GET /v2.0/networks/" + n, "", 200, `"ipv4_address_scope":"` + scope + `"`},
		{
			"conflict", "demo", "POST /v2.0/subnetpools",
			`{"subnetpool": {"name": "q", "prefixes": ["10.9.7.0/24"], "address_scope_id": "` + scope + `"}}`, 400, "AddressScopePrefixConflict",
		},
		{
			"of the other version", "demo", "POST /v2.0/subnetpools",
			`{"subnetpool": {"name": "q", "prefixes": ["fd00::/48"], "address_scope_id": "` + scope + `"}}`, 400, "ip_version is not 4",
		},
		{"somebody else's", "other", "GET /v2.0/address-scopes/" + scope, "", 404, "AddressScopeNotFound"},
		{"in use", "demo", "DELETE /v2.0/address-scopes/" + scope, "", 409, "AddressScopeInUse"},
		{"shared by a user", "demo", "PUT /v2.0/address-scopes/" + scope, `{"address_scope": {"shared": true}}`, 403, "PolicyNotAuthorized"},
		{"shared", "admin", "PUT /v2.0/address-scopes/" + scope, `{"address_scope": {"shared": true}}`, 200, `"shared":true`},
		{"for ever", "admin", "PUT /v2.0/address-scopes/" + scope, `{"address_scope": {"shared": false}}`, 400, "AddressScopeUpdateError"},
	})
}
