// SPDX-License-Identifier: MPL-2.0

package nova_test

import (
	"net/http"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/nova"
)

// The legacy API strips the space around names, which the later one refuses, and passes over what it does not
// know.
func TestLegacyNames(t *testing.T) {
	t.Parallel()
	cloud := start(t)
	flavor := func(name string) object {
		return object{"flavor": object{"name": name, "ram": 64, "vcpus": 1, "disk": 1, "any": "thing"}}
	}
	legacy := cloud.URL + "/compute/v2/" + cloud.admin.project + "/flavors"
	made := cloud.admin.send(t, http.MethodPost, legacy, nil, flavor("  spacious ")).object(t, http.StatusOK)
	same(t, "name", text(t, made, "flavor", "name"), "spacious")
	cloud.admin.send(t, http.MethodPost, legacy, nil, flavor("  ")).refused(t, http.StatusBadRequest,
		"An invalid 'name' value was provided. The name must be: printable characters with at least one non space character")
	cloud.admin.nova(t, nova.Newest, http.MethodPost, "/flavors", flavor(" spacious")).refused(t, http.StatusBadRequest,
		"An invalid 'name' value was provided. The name must be: printable characters. Can not start or end with whitespace.")
	extensions := func(address string) int {
		return len(cloud.demo.send(t, http.MethodGet, address, nil, nil).object(t, http.StatusOK)["extensions"].([]any))
	}
	same(t, "extensions", extensions(cloud.URL+"/compute/v2/extensions"), extensions(cloud.URL+"/compute/v2.1/extensions")+1)
}
