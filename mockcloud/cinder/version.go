// SPDX-License-Identifier: MPL-2.0

package cinder

import (
	"net/http"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

type versionEntry struct {
	ID         string     `json:"id"`
	Status     string     `json:"status"`
	Version    string     `json:"version"`
	MinVersion string     `json:"min_version"`
	Updated    string     `json:"updated"`
	Links      []api.Link `json:"links"`
	MediaTypes []any      `json:"media-types"`
}

func listVersions(c *api.Call) ([]versionEntry, error) {
	return []versionEntry{{
		ID: "v3.0", Status: "CURRENT", Version: "3.71", MinVersion: "3.0", Updated: "2023-08-31T00:00:00Z",
		Links: []api.Link{
			{Href: "https://docs.openstack.org/", Rel: "describedby"},
			{Href: c.Bookmark("/v3/"), Rel: "self"},
		},
		MediaTypes: []any{map[string]string{"base": "application/json", "type": "application/vnd.openstack.volume+json;version=3"}},
	}}, nil
}

func versionRoutes() []api.Route {
	return []api.Route{
		api.Get("", "versions", listVersions).Code(http.StatusMultipleChoices).Public(),
		api.Get("/", "versions", listVersions).Code(http.StatusMultipleChoices).Public(),
		api.Get("/v3", "versions", listVersions).Public(),
		api.Get("/v3/", "versions", listVersions).Public(),
	}
}
