// SPDX-License-Identifier: MPL-2.0

package nova_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

// form is a kind of request body: what it must have, and what it may have at some microversion.
type form struct {
	operation string
	wrapped   string // the key of the inner object, "" for none
	least     object
	may       object
	beside    object // beside the inner object
}

// Whatever Nova's schema refuses is refused: each field missing, too new, too old, of every wrong type
// and size, and keys that nobody knows.
func TestSchemas(t *testing.T) {
	t.Parallel()
	contract := readContract(t)
	cloud := start(t)
	id := cloud.admin.boot(t, "target", nil)
	uuid, long := cloud.network, strings.Repeat("x", 256)
	for _, f := range []form{
		{"POST /servers", "server", object{"name": "n", "flavorRef": "42"}, object{
			"imageRef": cloud.image, "adminPass": "p", "metadata": object{"k": "v"},
			"networks":    []any{object{"uuid": uuid, "fixed_ip": "10.1.0.9", "port": uuid, "tag": "t"}},
			"personality": []any{object{"path": "p", "contents": "YQ=="}}, "availability_zone": "nova", "config_drive": true,
			"key_name": "k", "min_count": 1, "max_count": 1, "return_reservation_id": true, "security_groups": []any{object{"name": "g"}},
			"user_data": "YQ==", "accessIPv4": "192.0.2.1", "accessIPv6": "2001:db8::1", "OS-DCF:diskConfig": "AUTO",
			"block_device_mapping":    []any{object{"volume_id": uuid, "device_name": "vda", "volume_size": 1, "delete_on_termination": true}},
			"block_device_mapping_v2": []any{object{"uuid": uuid, "source_type": "image", "boot_index": 0, "volume_type": "v", "tag": "t"}},
			"description":             "d", "tags": []any{"t"}, "trusted_image_certificates": []any{"c"}, "host": "h",
			"hypervisor_hostname": "h", "hostname": "host",
		}, nil},
		{"POST /servers", "os:scheduler_hints", object{}, object{
			"group": uuid, "different_host": []any{uuid}, "same_host": []any{uuid}, "different_cell": []any{"c"}, "target_cell": "c",
			"build_near_host_ip": "192.0.2.1", "cidr": "/24", "query": "q",
		}, object{"server": object{"name": "n", "flavorRef": "1", "networks": "none"}}},
		{"PUT /servers/{id}", "server", object{}, object{
			"name": "n", "accessIPv4": "192.0.2.1", "accessIPv6": "2001:db8::1", "OS-DCF:diskConfig": "AUTO", "description": "d",
			"hostname": "host", "pinned_availability_zone": "nova",
		}, nil},
		{"POST /os-keypairs", "keypair", object{"name": "n", "public_key": publicKey}, object{"type": "ssh", "user_id": "u"}, nil},
		{"POST /flavors", "flavor", object{"name": "n", "ram": 1, "vcpus": 1, "disk": 1}, object{
			"id": "i", "OS-FLV-EXT-DATA:ephemeral": 1, "swap": 1, "rxtx_factor": 1.5, "os-flavor-access:is_public": true, "description": "d",
		}, nil},
		{"PUT /flavors/{id}", "flavor", object{"description": "d"}, object{}, nil},
		{"POST /flavors/{id}/action addTenantAccess", "addTenantAccess", object{"tenant": "t"}, object{}, nil},
		{"POST /flavors/{id}/action removeTenantAccess", "removeTenantAccess", object{"tenant": "t"}, object{}, nil},
		{"POST /flavors/{flavor_id}/os-extra_specs", "extra_specs", object{"a": "b"}, object{}, nil},
		{"PUT /flavors/{flavor_id}/os-extra_specs/{id}", "", object{"a": "b"}, object{}, nil},
		{"POST /servers/{server_id}/metadata", "metadata", object{"a": "b"}, object{}, nil},
		{"PUT /servers/{server_id}/metadata", "metadata", object{"a": "b"}, object{}, nil},
		{"PUT /servers/{server_id}/metadata/{id}", "meta", object{"a": "b"}, object{}, nil},
		{"PUT /servers/{server_id}/tags", "", object{"tags": []any{"t"}}, object{}, nil},
		{"POST /servers/{server_id}/os-volume_attachments", "volumeAttachment", object{"volumeId": uuid}, object{
			"device": "/dev/vdb", "tag": "t", "delete_on_termination": true,
		}, nil},
		{"PUT /servers/{server_id}/os-volume_attachments/{id}", "volumeAttachment", object{"volumeId": uuid}, object{
			"id": uuid, "serverId": uuid, "device": "/dev/vdb", "tag": "t", "delete_on_termination": true,
		}, nil},
		{"POST /servers/{server_id}/shares", "share", object{"share_id": uuid}, object{"tag": "t"}, nil},
		{"POST /servers/{server_id}/os-interface", "interfaceAttachment", object{}, object{
			"net_id": uuid, "port_id": uuid, "fixed_ips": []any{object{"ip_address": "10.1.0.9"}}, "tag": "t",
		}, nil},
		{"POST /os-floating-ips", "", object{}, object{"pool": "p"}, nil},
		{"POST /os-security-groups", "security_group", object{"name": "n", "description": "d"}, object{}, nil},
		{"PUT /os-security-groups/{id}", "security_group", object{"name": "n", "description": "d"}, object{}, nil},
		{"POST /os-security-group-rules", "security_group_rule", object{"parent_group_id": uuid}, object{"group_id": uuid}, nil},
		{"POST /servers/{id}/action addSecurityGroup", "addSecurityGroup", object{"name": "n"}, object{}, nil},
		{"POST /servers/{id}/action removeSecurityGroup", "removeSecurityGroup", object{"name": "n"}, object{}, nil},
		{"POST /servers/{id}/action addFixedIp", "addFixedIp", object{"networkId": uuid}, object{}, nil},
		{"POST /servers/{id}/action removeFixedIp", "removeFixedIp", object{"address": "10.1.0.9"}, object{}, nil},
		{"POST /servers/{id}/action addFloatingIp", "addFloatingIp", object{"address": "192.0.2.1"}, object{"fixed_address": "10.1.0.9"}, nil},
		{"POST /servers/{id}/action removeFloatingIp", "removeFloatingIp", object{"address": "192.0.2.1"}, object{}, nil},
		{"POST /servers/{id}/action reboot", "reboot", object{"type": "SOFT"}, object{}, nil},
		{"POST /servers/{id}/action lock", "lock", object{}, object{"locked_reason": "r"}, nil},
		{"POST /servers/{id}/action os-getConsoleOutput", "os-getConsoleOutput", object{}, object{"length": 1}, nil},
	} {
		t.Run(f.operation, func(t *testing.T) {
			t.Parallel()
			o := contract.operations[f.operation]
			path := "/flavors/1/os-extra_specs/a"
			if strings.HasPrefix(o.Path, "/servers") {
				path = "/servers/" + id + "/metadata/a"
			}
			path = filledPath(o.Path, path)
			refused := 0
			for _, v := range boundaries(o) {
				for _, body := range f.wrong(long) {
					raw, err := json.Marshal(body)
					if err != nil {
						t.Fatal(err)
					}
					if contract.valid(o.Request, v, raw) == nil {
						continue
					}
					refused++
					got := cloud.admin.nova(t, v, o.Method, path, raw)
					if got.status != http.StatusBadRequest {
						t.Errorf("2.%d %s %s: %d %s", v, f.operation, raw, got.status, got.body)
					}
				}
			}
			if refused == 0 {
				t.Error("nothing was refused")
			}
		})
	}
}

// filledPath is the contract's path with the variables of a real one.
func filledPath(path, with string) string {
	from, to := strings.Split(path, "/"), strings.Split(with, "/")
	for i, part := range from {
		if strings.HasPrefix(part, "{") {
			from[i] = to[i]
		}
	}
	return strings.Join(from, "/")
}

// boundaries are the versions at which an operation's schema begins.
func boundaries(o *operation) []api.Version {
	var all []api.Version
	for _, r := range o.Request {
		if v := max(minor(r.Min, 1), minor(o.Min, 1)); !slices.Contains(all, v) {
			all = append(all, v)
		}
	}
	return all
}

// wrong are bodies that are wrong, most of them, in one thing each.
func (f *form) wrong(long string) []any {
	bodies := []any{nil, object{}, []any{}, "text", object{"wrong": object{}}}
	wrap := func(inner any) any {
		if f.wrapped == "" {
			return inner
		}
		whole := object{f.wrapped: inner}
		maps.Copy(whole, f.beside)
		return whole
	}
	for _, value := range values(long) {
		bodies = append(bodies, wrap(value))
	}
	if f.wrapped != "" {
		bodies = append(bodies, object{f.wrapped: f.least, "additional": 1})
	}
	with := func(key string, value any) any {
		changed := maps.Clone(f.least)
		changed[key] = value
		return wrap(changed)
	}
	bodies = append(bodies, with("additional", "1"))
	all := maps.Clone(f.least)
	maps.Copy(all, f.may)
	for _, key := range slices.Sorted(maps.Keys(all)) {
		less := maps.Clone(f.least)
		delete(less, key)
		bodies = append(bodies, wrap(less), with(key, all[key]))
		for _, value := range values(long) {
			bodies = append(bodies, with(key, value))
		}
		for _, inner := range within(all[key], long) {
			bodies = append(bodies, with(key, inner))
		}
	}
	return bodies
}

// values are one of every kind.
func values(long string) []any {
	return []any{
		nil, true, 0, -1, 1, 1.5, 1 << 40, "", " ", " x", "x ", "x\ny", "a,b", "a/b", "a:b", "ü", "-1", "0", "true", "TRUE", "maybe", long,
		strings.Repeat("y", 61), []any{}, []any{1}, []any{"x", "x"}, []any{object{}}, object{}, object{"x": 1}, object{"x": "y"},
	}
}

// within are the values with each part of theirs replaced by every kind of value.
func within(value any, long string) []any {
	var all []any
	switch value := value.(type) {
	case object:
		for key := range value {
			for _, part := range slices.Concat(values(long), within(value[key], long)) {
				changed := maps.Clone(value)
				changed[key] = part
				all = append(all, changed)
			}
		}
		all = append(all, object{"additional": 1}, object{long: "x"}, object{"": "x"}, object{"ü": "x"})
	case []any:
		for _, part := range slices.Concat(values(long), within(value[0], long)) {
			all = append(all, []any{part})
		}
	}
	return all
}

// What is wrong is said in Nova's words.
func TestRefusalsOfBodies(t *testing.T) {
	t.Parallel()
	cloud := start(t)
	server := func(change object) object {
		body := object{"name": "n", "flavorRef": "42", "imageRef": cloud.image}
		maps.Copy(body, change)
		return object{"server": body}
	}
	const field = "Invalid input for field/attribute "
	badName := "An invalid 'name' value was provided. The name must be: printable characters. Can not start or end with whitespace."
	for _, c := range []struct {
		v       api.Version
		path    string
		body    any
		message string
	}{
		{1, "/servers", "{", "Malformed request body"},
		{1, "/servers", object{}, "'server' is a required property"},
		{1, "/servers", object{"server": object{"flavorRef": "1"}}, field + "server. Value: {'flavorRef': '1'}. 'name' is a required property"},
		{1, "/servers", object{"server": object{}, "x": 1}, field + "server. Value: {}. 'name' is a required property"},
		{1, "/servers", server(object{"name": ""}), field + "name. Value: . '' is too short"},
		{1, "/servers", server(object{"name": " x"}), badName},
		{1, "/servers", server(object{"name": 5}), field + "name. Value: 5. 5 is not of type 'string'"},
		{1, "/servers", server(object{"name": strings.Repeat("x", 256)}), field + "name. Value: xxx…"},
		{1, "/servers", server(object{"min_count": 0}), field + "min_count. Value: 0. 0 is less than the minimum of 1"},
		{1, "/servers", server(object{"min_count": "-1"}), field + "min_count. Value: -1. '-1' does not match '^[0-9]*$'"},
		{1, "/servers", server(object{"min_count": 2, "max_count": 1}), "min_count must be <= max_count"},
		{1, "/servers", server(object{"accessIPv4": "x"}), field + "accessIPv4. Value: x. 'x' is not a 'ipv4'"},
		{1, "/servers", server(object{"OS-DCF:diskConfig": "x"}), field + "OS-DCF:diskConfig. Value: x. 'x' is not one of ['AUTO', 'MANUAL']"},
		{1, "/servers", server(object{"config_drive": "x"}), field + "config_drive. Value: x. 'x' is not one of [True, 'True', …"},
		{1, "/servers", server(object{"user_data": "x"}), field + "user_data. Value: x. 'x' is not a 'base64'"},
		{1, "/servers", server(object{"imageRef": "x"}), field + "imageRef. Value: x. 'x' is not valid under any of the given schemas"},
		{1, "/servers", server(object{"networks": []any{object{}}}), "Bad network format: missing 'uuid'"},
		{1, "/servers", server(object{"networks": []any{object{"uuid": "x"}}}), "Bad networks format: network uuid is not in proper format (x)"},
		{1, "/servers", server(object{"description": "x"}), field + "server. Value: {…"},
		{37, "/servers", server(object{"networks": "all"}), field + "networks. Value: all. 'all' is not valid under any of the given schemas"},
		{37, "/servers", server(nil), field + "server. Value: {…"},
		{52, "/servers", server(object{"networks": "none", "tags": []any{"a,b"}}), field + "0. Value: a,b. 'a,b' does not match '^[^,/]*$'"},
		{52, "/servers", server(object{"networks": "none", "tags": make([]string, 51)}), field + "tags. Value: ['', …"},
		{
			90, "/servers", server(object{"networks": "none", "hostname": "x.y"}),
			field + "hostname. Value: x.y. 'x.y' does not match '^[a-zA-Z0-9]+[a-zA-Z0-9-]*[a-zA-Z0-9]+$'",
		},
		{
			1, "/servers", object{"server": object{"name": "n", "flavorRef": "1"}, "os:scheduler_hints": object{"group": "x"}},
			field + "group. Value: x. 'x' is not valid under any of the given schemas",
		},
		{1, "/os-keypairs", object{"keypair": object{"name": "a@b"}}, field + "name. Value: a@b. 'a@b' does not match '^[_\\\\- a-zA-Z0-9]+$'"},
		{1, "/os-keypairs", object{"keypair": object{"name": "k", "public_key": "x"}}, "Keypair data is invalid: failed to generate fingerprint"},
		{1, "/os-keypairs", object{"keypair": object{"name": "k", "type": "ssh"}}, field + "keypair. Value: {'name': 'k', 'type': 'ssh'}. " +
			"Additional properties are not allowed ('type' was unexpected)"},
		{2, "/os-keypairs", object{"keypair": object{"name": "k", "type": "dsa"}}, field + "type. Value: dsa. 'dsa' is not one of ['ssh', 'x509']"},
		{92, "/os-keypairs", object{"keypair": object{"name": "k"}}, field + "keypair. Value: {'name': 'k'}. 'public_key' is a required property"},
		{1, "/flavors", object{"flavor": object{"name": "f", "ram": 0, "vcpus": 1, "disk": 1}}, field + "ram. Value: 0. 0 is less than the minimum of 1"},
		{
			1, "/flavors", object{"flavor": object{"name": "f", "ram": 1 << 31, "vcpus": 1, "disk": 1}},
			field + "ram. Value: 2147483648. 2147483648 is greater than the maximum of 2147483647",
		},
		{
			1, "/flavors/1/action", object{"addTenantAccess": object{"tenant": "nobody"}},
			"Project ID nobody is not a valid project.",
		},
		{1, "/flavors/1/action", object{"other": nil}, "There is no such action: other"},
		{1, "/flavors/1/action", object{}, "Malformed request body"},
		{
			1, "/flavors/1/os-extra_specs", object{"extra_specs": object{"a": true}},
			field + "a. Value: True. True is not of type 'string', 'number'",
		},
		{86, "/flavors/1/os-extra_specs", object{"extra_specs": object{"hw:numa_nodes": "x"}}, "Validation failed; …"},
	} {
		got := cloud.admin.nova(t, c.v, http.MethodPost, c.path, c.body)
		got.refused(t, http.StatusBadRequest, c.message)
	}
}
