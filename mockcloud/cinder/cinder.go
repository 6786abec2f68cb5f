// SPDX-License-Identifier: MPL-2.0

// Package cinder is the place of the block storage service: its version documents answer, so that the
// catalogue's URLs do, and there are no volumes. Every other path is 404.
package cinder

import (
	"log/slog"
	"net/http"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

// Options are what a block storage service is made of.
type Options struct {
	Auth api.Authenticator
	Log  *slog.Logger // nil: no log
}

type versionEntry struct {
	ID         string     `json:"id"`
	Status     string     `json:"status"`
	Version    string     `json:"version"`
	MinVersion string     `json:"min_version"`
	Updated    string     `json:"updated"`
	Links      []api.Link `json:"links"`
	MediaTypes []any      `json:"media-types"`
}

// The microversions of the API that is not served yet begin and end where Cinder's begin.
func listVersions(c *api.Call) ([]versionEntry, error) {
	return []versionEntry{{
		ID: "v3.0", Status: "CURRENT", Version: "3.0", MinVersion: "3.0", Updated: "2016-02-08T12:20:21Z",
		Links:      []api.Link{{Href: c.Bookmark("/v3/"), Rel: "self"}},
		MediaTypes: []any{map[string]string{"base": "application/json", "type": "application/vnd.openstack.volume+json;version=3"}},
	}}, nil
}

// New is the handler of everything below /volume.
func New(o Options) http.Handler {
	return (&api.Service{
		Type: "block-storage", Prefix: "/volume", Fault: api.NovaFault, Auth: o.Auth, Log: o.Log,
		Root: []api.Route{
			api.Get("", "versions", listVersions).Code(http.StatusMultipleChoices).Public(),
			api.Get("/", "versions", listVersions).Code(http.StatusMultipleChoices).Public(),
			api.Get("/v3", "versions", listVersions).Public(),
			api.Get("/v3/", "versions", listVersions).Public(),
		},
	}).Handler()
}
