// SPDX-License-Identifier: MPL-2.0

package keystone

import (
	"net/http"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

type versionView struct {
	ID         string              `json:"id"`
	Status     string              `json:"status"`
	Updated    string              `json:"updated"`
	Links      []api.Link          `json:"links"`
	MediaTypes []map[string]string `json:"media-types"`
}

// version is the Identity API 3.14, the newest.
func version(c *api.Call) versionView {
	return versionView{
		ID: "v3.14", Status: "stable", Updated: "2020-04-07T00:00:00Z",
		Links:      []api.Link{{Rel: "self", Href: c.Bookmark("/v3/")}},
		MediaTypes: []map[string]string{{"base": "application/json", "type": "application/vnd.openstack.identity-v3+json"}},
	}
}

func (k *Keystone) versionRoutes() []api.Route {
	all := func(c *api.Call) (map[string][]versionView, error) {
		return map[string][]versionView{"values": {version(c)}}, nil
	}
	this := func(c *api.Call) (versionView, error) { return version(c), nil }
	return []api.Route{
		api.Get("", "versions", all).Code(http.StatusMultipleChoices).Public(),
		api.Get("/", "versions", all).Code(http.StatusMultipleChoices).Public(),
		api.Get("/v3", "version", this).Public(),
		api.Get("/v3/", "version", this).Public(),
	}
}
