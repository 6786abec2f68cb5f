// SPDX-License-Identifier: MPL-2.0

package conformance

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/cloudtest"
)

// lawless are the operations that no rule of Nova's decides about, and why; a name that ends in "*" is all that begin
// so.
var lawless = map[string]string{
	"GET /":                       "public",
	"GET /versions/{id}":          "public",
	"GET /flavors":                "everybody's who has a token",
	"GET /flavors/detail":         "as above",
	"GET /flavors/{id}":           "as above",
	"* /images*":                  "Glance decides",
	"POST /os-baremetal-nodes*":   "Nova refuses it, whoever asks",
	"DELETE /os-baremetal-nodes*": "as above",
}

// unsampled are the operations of which Nova's documentation has no exchange with a body, and why.
var unsampled = map[string]string{
	"DELETE *":                                 "neither request nor answer has a body",
	"* /os-volumes_boot*":                      "servers under another name",
	"PUT /servers/{server_id}/tags/{id}":       "neither request nor answer has a body",
	"GET /servers/{server_id}/tags/{id}":       "as above",
	"GET /os-tenant-networks/{id}":             "one of the list",
	"PUT /os-security-groups/{id}":             "its documentation has none",
	"POST /os-baremetal-nodes*":                "Nova refuses it, whoever asks",
	"POST /os-cells*":                          "its documentation has none",
	"PUT /os-cells/{id}":                       "as above",
	"GET /os-cells/detail":                     "as above",
	"GET /os-cells/info":                       "as above",
	"GET /os-cells/capacities":                 "that of one cell is the same",
	"POST /os-fixed-ips/{id}/action unreserve": "its documentation has that of the opposite",
	"POST /servers/{server_id}/consoles":       "neither request nor answer has a body",
	"GET /":                                    "the document of one version, which GET /versions/{id} shows",
}

func listed(names map[string]string, key string) bool {
	for name := range names {
		method, path, _ := strings.Cut(name, " ")
		asked, at, _ := strings.Cut(key, " ")
		prefix, open := strings.CutSuffix(path, "*")
		if (method == "*" || method == asked) && (path == at || open && strings.HasPrefix(at, prefix)) {
			return true
		}
	}
	return false
}

// shape is that of operation.shape.
func (d *described) shape() string {
	action := ""
	if strings.HasSuffix(d.path, "/action") && len(d.requests) > 0 {
		if body, is := d.requests[0].body.(object); is {
			action = slices.Collect(maps.Keys(body))[0]
		}
	}
	return shape(d.method, strings.TrimPrefix(strings.TrimPrefix(d.path, "/v2.1"), "/{tenant_id}"), action)
}

// covers tells that one shape is another, whose literal segments may be values of its variables.
func covers(served, other string) bool {
	segments, values := strings.Split(served, "/"), strings.Split(other, "/")
	return slices.EqualFunc(segments, values, func(segment, value string) bool { return segment == value || segment == "{}" })
}

// No operation without a rule that decides about it, nor without a documented exchange that is replayed; and nothing is
// served that neither Nova has, as far as the contract knows, nor Kilo's reference.
func TestOperationsAreHeld(t *testing.T) {
	t.Parallel()
	contract := readContract(t)
	_, deciding := readPolicy(t, contract)
	sampled := map[string]bool{}
	for _, s := range samples() {
		sampled[s.op] = true
	}
	known := map[string]bool{}
	for _, o := range contract.Operations {
		known[o.shape()] = true
		if free := listed(lawless, o.key()); free == (deciding[o.shape()] != "") {
			t.Errorf("%s: the rule %q decides, listed as decided by none: %v", o.key(), deciding[o.shape()], free)
		}
		if without := listed(unsampled, o.key()); without == sampled[o.key()] {
			t.Errorf("%s: has a sample: %v, listed as having none: %v", o.key(), sampled[o.key()], without)
		}
	}
	documented := readKilo(t, readReference(t, "compute-api-v2.1-kilo.txt"))
	for _, o := range cloudtest.Start(t).Nova.Operations() {
		served := shape(o.Method, o.Path, o.Action)
		if !known[served] && !slices.ContainsFunc(documented, func(d *described) bool { return covers(served, d.shape()) }) {
			t.Errorf("%s %s %s: Nova does not have it", o.Method, o.Path, o.Action)
		}
	}
}
