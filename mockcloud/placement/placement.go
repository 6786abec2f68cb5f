// SPDX-License-Identifier: MPL-2.0

// Package placement is the place of the placement service: its version document answers, so that the
// catalogue's URL does. Every other path is 404.
package placement

import (
	"log/slog"
	"net/http"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

// Options are what a placement service is made of.
type Options struct {
	Auth api.Authenticator
	Log  *slog.Logger // nil: no log
}

type versionEntry struct {
	ID         string     `json:"id"`
	Status     string     `json:"status"`
	MinVersion string     `json:"min_version"`
	MaxVersion string     `json:"max_version"`
	Links      []api.Link `json:"links"`
}

// The microversions of the API that is not served yet begin and end where Placement's begin.
func listVersions(*api.Call) ([]versionEntry, error) {
	return []versionEntry{{
		ID: "v1.0", Status: "CURRENT", MinVersion: "1.0", MaxVersion: "1.0", Links: []api.Link{{Href: "", Rel: "self"}},
	}}, nil
}

// fault is Placement's error body.
func fault(f *api.Fault) any {
	return map[string]any{"errors": []map[string]any{{"status": f.Code, "title": http.StatusText(f.Code), "detail": f.Message}}}
}

// New is the handler of everything below /placement.
func New(o Options) http.Handler {
	return (&api.Service{
		Type: "placement", Prefix: "/placement", Fault: fault, Auth: o.Auth, Log: o.Log,
		Root: []api.Route{
			api.Get("", "versions", listVersions).Public(),
			api.Get("/", "versions", listVersions).Public(),
		},
	}).Handler()
}
