// SPDX-License-Identifier: MPL-2.0

package neutron

import (
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

type versionEntry struct {
	ID     string     `json:"id"`
	Status string     `json:"status"`
	Links  []api.Link `json:"links"`
}

func listVersions(c *api.Call) ([]versionEntry, error) {
	return []versionEntry{{ID: "v2.0", Status: "CURRENT", Links: []api.Link{{Href: c.Bookmark("/v2.0/"), Rel: "self"}}}}, nil
}

type resource struct {
	Name       string     `json:"name"`
	Collection string     `json:"collection"`
	Links      []api.Link `json:"links"`
}

// listResources is the document of v2.0: its core collections and the extensions list.
func listResources(c *api.Call) ([]resource, error) {
	var all []resource
	for _, r := range [][2]string{{"network", "networks"}, {"subnet", "subnets"}, {"port", "ports"}, {"subnetpool", "subnetpools"}, {"extension", "extensions"}} {
		all = append(all, resource{Name: r[0], Collection: r[1], Links: []api.Link{{Href: c.URL("/" + r[1]), Rel: "self"}}})
	}
	return all, nil
}
