// SPDX-License-Identifier: MPL-2.0

package conformance

import (
	"encoding/json"
	"net/http"
	"slices"
	"testing"
)

// filter is a parameter of the lists of servers: a value that the scene's server has, and one that it has not. "" is
// where no value says so.
type filter struct{ name, has, hasNot string }

// listFilters are the parameters of the lists as of 2.66.
func listFilters() []filter {
	return []filter{
		{"access_ip_v4", "1.2.3.4", "4.3.2.1"},
		{"access_ip_v6", "80fe::", "90fe::"},
		{"all_tenants", "1", ""},
		{"auto_disk_config", "1", "0"},
		{"availability_zone", "nova", "elsewhere"},
		{"changes-before", "2099-01-01T00:00:00Z", "2012-01-01T00:00:00Z"},
		{"changes-since", "2012-01-01T00:00:00Z", "2099-01-01T00:00:00Z"},
		{"config_drive", "True", "nothing"},
		{"created_at", "20", "1999"},
		{"deleted", "False", "True"},
		{"description", "filtered", ""},
		{"flavor", "$flavor", "$bigger"},
		{"host", "$where", "nowhere"},
		{"hostname", "walk", "nothing"},
		{"image", "$image", "8c19174f-4220-44f0-824a-cd1eeef10287"},
		{"ip", "$address", "192.0.2.1"},
		{"ip6", "", "2001:db8::1"},
		{"kernel_id", "", "nothing"},
		{"key_name", "$keypair", "nothing"},
		{"launch_index", "0", "7"},
		{"launched_at", "20", "1999"},
		{"limit", "1", ""},
		{"locked_by", "owner", "admin"},
		{"name", "walk-$n", "nothing"},
		{"node", "$where", "nowhere"},
		{"not-tags", "blue", "red"},
		{"not-tags-any", "blue,green", "red,blue"},
		{"power_state", "1", "4"},
		{"progress", "0", "77"},
		{"project_id", "$project", "$spare&all_tenants=1"},
		{"ramdisk_id", "", "nothing"},
		{"reservation_id", "$reservation", "r-00000000"},
		{"root_device_name", "/dev/vda", "/dev/nothing"},
		{"soft_deleted", "False", ""},
		{"sort_dir", "asc", ""},
		{"sort_key", "created_at", ""},
		{"status", "ACTIVE", "ERROR"},
		{"tags", "red", "red,blue"},
		{"tags-any", "red,blue", "blue,green"},
		{"task_state", "", "rebuilding"},
		{"terminated_at", "", "1999"},
		{"user_id", "$user", "nobody"},
		{"uuid", "$server", "$mate"},
		{"vm_state", "active", "error"},
	}
}

// serverFilters asks for a server by all that it has, and by what it has not; and has it sorted by every key of the contract.
func serverFilters(t testing.TB, newest int, only ...string) []scene {
	t.Helper()
	rows := acts(
		boot(object{
			"name": "walk-$n", "accessIPv4": "1.2.3.4", "accessIPv6": "80fe::", "availability_zone": "nova", "config_drive": true,
			"key_name": "$keypair", "OS-DCF:diskConfig": "AUTO",
		}),
		step{op: "PUT /servers/{id}", of: "$server", by: 19, body: object{"server": object{"description": "filtered"}}},
		step{op: "PUT /servers/{server_id}/tags", of: "$server", by: 26, body: object{"tags": []string{"red"}}},
		do("lock", nil, ""),
		step{
			op: "GET /servers/{id}", of: "$server", by: 3,
			save: "where=server.OS-EXT-SRV-ATTR:host reservation=server.OS-EXT-SRV-ATTR:reservation_id address=server.addresses.private.0.addr",
		},
	)
	for _, heading := range []string{"List Servers", "List Servers Detailed"} {
		list := does(heading, "").at(newest)
		for _, f := range listFilters() {
			if len(only) > 0 && !slices.Contains(only, f.name) {
				continue
			}
			if f.has != "" {
				rows = append(rows, list.asking("uuid=$server&"+f.name+"="+f.has).finds())
			}
			if f.hasNot != "" {
				rows = append(rows, list.asking("uuid=$server&"+f.name+"="+f.hasNot).misses())
			}
		}
		rows = append(rows, list.asking("marker=$server&name=walk-$n").misses())
		for _, key := range sortKeys(t, newest) {
			rows = append(rows, list.asking("sort_key="+key+"&sort_dir=desc&name=walk-$n").finds())
		}
	}
	return []scene{{"filters", rows}}
}

// sortKeys are the keys by which the contract lets servers be sorted at a minor version.
func sortKeys(t testing.TB, at int) []string {
	t.Helper()
	var c struct {
		Operations []struct {
			Method, Path string
			Query        []struct{ Min, Max, Schema string }
		}
		Schemas map[string]json.RawMessage
	}
	readFacts(t, "contract.json", &c)
	for _, o := range c.Operations {
		if o.Method != http.MethodGet || o.Path != "/servers/detail" {
			continue
		}
		for _, q := range o.Query {
			if minor(q.Min, 0) > at || minor(q.Max, 1<<30) < at {
				continue
			}
			var schema struct {
				Properties map[string]struct {
					Items struct{ Enum []string }
				}
			}
			if err := json.Unmarshal(c.Schemas[q.Schema], &schema); err != nil {
				t.Fatal(err)
			}
			return schema.Properties["sort_key"].Items.Enum
		}
	}
	t.Fatal("the contract has no keys to sort by")
	return nil
}
