// SPDX-License-Identifier: MPL-2.0

package nova_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/cloudtest"
)

// had are requests of an administrator for what was removed since, in an order that works: SERVER is a server's id, and
// ADDRESS its fixed address. The release is the first that no longer has them.
var had = []struct {
	until, method, path string
	body                any
}{
	{"pike", http.MethodGet, "/os-certificates/root", nil},
	{"pike", http.MethodPost, "/os-certificates", object{}},
	{"pike", http.MethodGet, "/os-cloudpipe", nil},
	{"rocky", http.MethodGet, "/os-fixed-ips/ADDRESS", nil},
	{"rocky", http.MethodPost, "/os-fixed-ips/ADDRESS/action", object{"reserve": nil}},
	{"rocky", http.MethodPost, "/os-fixed-ips/ADDRESS/action", object{"unreserve": nil}},
	{"rocky", http.MethodPut, "/os-floating-ip-dns/example.org", object{"domain_entry": object{"scope": "public", "project": "any"}}},
	{"rocky", http.MethodGet, "/os-floating-ip-dns", nil},
	{"rocky", http.MethodDelete, "/os-floating-ip-dns/example.org", nil},
	{"rocky", http.MethodGet, "/os-floating-ips-bulk", nil},
	{"rocky", http.MethodGet, "/os-fping", nil},
	{"rocky", http.MethodGet, "/os-fping/SERVER", nil},
	{"rocky", http.MethodGet, "/servers/SERVER/os-virtual-interfaces", nil},
	{"train", http.MethodGet, "/os-cells", nil},
	{"train", http.MethodGet, "/os-cells/capacities", nil},
	{"train", http.MethodPost, "/os-cells", object{"cell": object{"name": "another", "type": "child"}}},
	{"train", http.MethodDelete, "/os-cells/another", nil},
	{"ussuri", http.MethodPost, "/os-networks", object{"network": object{"label": "old", "cidr": "10.9.0.0/24"}}},
	{"ussuri", http.MethodPost, "/os-tenant-networks", object{"network": object{"label": "older", "cidr": "10.10.0.0/24"}}},
	{"ussuri", http.MethodPost, "/os-security-group-default-rules", object{"security_group_default_rule": object{
		"ip_protocol": "tcp", "from_port": "22", "to_port": "22", "cidr": "10.0.0.0/8",
	}}},
	{"ussuri", http.MethodGet, "/os-security-group-default-rules", nil},
	{"ussuri", http.MethodPost, "/servers/SERVER/consoles", object{}},
	{"ussuri", http.MethodGet, "/servers/SERVER/consoles", nil},
	{"wallaby", http.MethodGet, "/os-agents", nil},
	{"wallaby", http.MethodPost, "/servers/SERVER/action", object{"resetNetwork": nil}},
}

// What a release still had works there over what the cloud has, and is gone with the next one.
func TestWhatReleasesHad(t *testing.T) {
	t.Parallel()
	for release, of := range releaseFacts {
		t.Run(of.name, func(t *testing.T) {
			t.Parallel()
			cloud := start(t, cloudtest.Release(of.name))
			server, address := cloud.oldServer(t)
			for _, ask := range had {
				path := strings.NewReplacer("SERVER", server, "ADDRESS", address).Replace(ask.path)
				got := cloud.admin.old(t, "2.1", ask.method, "/v2.1"+path, ask.body)
				if release >= order(ask.until) {
					same(t, ask.method+" "+path, got.status, http.StatusGone)
				} else if got.status >= http.StatusMultipleChoices {
					t.Errorf("%s %s: %d %s", ask.method, path, got.status, got.body)
				}
			}
		})
	}
}

// oldServer makes a server in the words of 2.1, which every release understands.
func (c *cloud) oldServer(t *testing.T) (id, address string) {
	t.Helper()
	made := c.admin.old(t, "2.1", http.MethodPost, "/v2.1/servers", object{"server": object{
		"name": "old", "imageRef": c.image, "flavorRef": c.flavor, "networks": []object{{"uuid": c.network}},
	}})
	id = text(t, made.object(t, http.StatusAccepted), "server", "id")
	for range 2000 {
		server := c.admin.old(t, "2.1", http.MethodGet, "/v2.1/servers/"+id, nil).object(t, http.StatusOK)["server"].(object)
		if server["status"] == "ACTIVE" {
			return id, text(t, server["addresses"].(object)["private"].([]any)[0].(object), "addr")
		}
		pause()
	}
	t.Fatalf("server %s does not become active", id)
	return "", ""
}
