// SPDX-License-Identifier: MPL-2.0

package glance

import (
	"fmt"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

type versionEntry struct {
	ID     string     `json:"id"`
	Status string     `json:"status"`
	Links  []api.Link `json:"links"`
}

// newestVersion is 2.9: what came later (stores, tasks, cache) is not served.
const newestVersion = 9

func listVersions(c *api.Call) ([]versionEntry, error) {
	var all []versionEntry
	for minor := newestVersion; minor >= 0; minor-- {
		status := "SUPPORTED"
		if minor == newestVersion {
			status = "CURRENT"
		}
		if minor == 8 { // needs several stores
			continue
		}
		all = append(all, versionEntry{
			ID: fmt.Sprintf("v2.%d", minor), Status: status, Links: []api.Link{{Rel: "self", Href: c.Bookmark("/v2/")}},
		})
	}
	return all, nil
}
