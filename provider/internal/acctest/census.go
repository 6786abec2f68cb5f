// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"strings"
	"testing"

	"github.com/gophercloud/gophercloud/v2"
)

// census are the collections of a cloud that resources of the provider are in, by the service's type.
var census = []struct{ kind, service, path, key string }{
	{"servers", "compute", "servers?all_tenants=1", "servers"},
	{"flavors", "compute", "flavors?is_public=none", "flavors"},
	{"keypairs", "compute", "os-keypairs", "keypairs"},
	{"server groups", "compute", "os-server-groups?all_projects=1", "server_groups"},
	{"aggregates", "compute", "os-aggregates", "aggregates"},
	{"security groups", "network", "security-groups", "security_groups"},
	{"security group rules", "network", "security-group-rules", "security_group_rules"},
	{"floating IPs", "network", "floatingips", "floatingips"},
	{"ports", "network", "ports", "ports"},
	{"volumes in use", "volume", "volumes?status=in-use", "volumes"},
	{"volumes", "volume", "volumes", "volumes"},
	{"images", "image", "images", "images"},
}

// Census is how many objects of each kind there are in the cloud.
func (target *Target) Census(t testing.TB) map[string]int {
	t.Helper()
	counts := map[string]int{}
	for _, of := range census {
		service := target.service(t, of.service)
		for next := service.ServiceURL(of.path); next != ""; {
			var page map[string]any
			if _, err := service.Get(t.Context(), next, &page, nil); err != nil {
				t.Fatalf("count the %s: %v", of.kind, err)
			}
			all, _ := page[of.key].([]any)
			counts[of.kind] += len(all)
			next = following(page[of.key+"_links"])
		}
	}
	return counts
}

func following(links any) string {
	all, _ := links.([]any)
	for _, link := range all {
		if fields, _ := link.(map[string]any); fields["rel"] == "next" {
			href, _ := fields["href"].(string)
			return href
		}
	}
	return ""
}

// service is a client of a service by its type.
func (target *Target) service(t testing.TB, kind string) *gophercloud.ServiceClient {
	t.Helper()
	made, err := map[string]func() (*gophercloud.ServiceClient, error){
		"compute": func() (*gophercloud.ServiceClient, error) { return target.Client.At(t.Context(), 1) },
		"network": target.Client.Network, "image": target.Client.Image, "volume": target.Client.Volume,
	}[kind]()
	if err != nil {
		t.Fatal(err)
	}
	made.Endpoint = strings.TrimSuffix(made.Endpoint, "/") + "/"
	return made
}
