// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"net/http"
	"strings"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

// Version is an entry of the version documents.
type Version struct {
	ID         string        `json:"id"`
	Status     string        `json:"status"`
	Version    string        `json:"version"`
	MinVersion string        `json:"min_version"`
	Updated    string        `json:"updated"`
	Links      []VersionLink `json:"links"`
	MediaTypes []MediaType   `json:"media-types,omitempty"`
}

// VersionLink is a link of a version document.
type VersionLink struct {
	Rel  string `json:"rel"`
	Type string `json:"type,omitempty"`
	Href string `json:"href"`
}

// MediaType is a media type of a version document.
type MediaType struct {
	Base string `json:"base"`
	Type string `json:"type"`
}

type versionList struct {
	Versions []Version `json:"versions"`
}

// versionRoutes are the documents at the service's root: what versions there are.
func (s *Service) versionRoutes() []api.Route {
	list := func(c *api.Call) (versionList, error) {
		all := versionList{}
		for _, v := range s.versions() {
			v.Links = []VersionLink{{Rel: "self", Href: c.Bookmark("/" + v.path + "/")}}
			all.Versions = append(all.Versions, v.Version)
		}
		return all, nil
	}
	return []api.Route{
		api.Get("", "", list).Public().Atom(versionsFeed),
		api.Get("/", "", list).Public().Atom(versionsFeed),
	}
}

// versionChoice is a version as it is offered to who asked for none.
type versionChoice struct {
	ID         string        `json:"id"`
	Status     string        `json:"status"`
	Links      []VersionLink `json:"links"`
	MediaTypes []MediaType   `json:"media-types"`
}

// versionChoices answers what is asked outside of every version: by which version it could be had.
func (s *Service) versionChoices() *api.Route {
	route := api.Get("", "choices", func(c *api.Call) (choices []versionChoice, err error) {
		path, _, _ := strings.Cut(c.Below(), "?")
		for _, v := range s.versions() {
			choices = append(choices, versionChoice{
				ID: v.ID, Status: v.Status, MediaTypes: v.mediaTypes(),
				Links: []VersionLink{{Rel: "self", Href: c.Bookmark("/" + v.path + strings.TrimSuffix(path, "/"))}},
			})
		}
		return choices, nil
	}).Public().Code(http.StatusMultipleChoices)
	return &route
}

// versionDocument is the document of one version, at its mount.
func (s *Service) versionDocument() []api.Route {
	show := func(c *api.Call) (Version, error) {
		for _, v := range s.versions() {
			if v.legacy == c.Legacy() {
				return v.document(c), nil
			}
		}
		return Version{}, api.NotFound("The resource could not be found.")
	}
	named := func(c *api.Call) (Version, error) {
		for _, v := range s.versions() {
			if v.ID == c.Var("id") {
				return v.document(c), nil
			}
		}
		return Version{}, api.NotFound("The resource could not be found.")
	}
	documents := []api.Route{api.Get("", "version", show).Atom(versionFeed), api.Get("/", "version", show).Atom(versionFeed)}
	if !s.Release.before(ussuri) { // whose api-paste.ini asks for no token here
		for i := range documents {
			documents[i] = documents[i].Public()
		}
	}
	return append(documents, api.Get("/versions/{id}", "version", named))
}

// served is a version as it is served: with the path below the service and without links.
type served struct {
	Version
	path   string
	legacy bool
	media  string
	xml    bool // besides
}

func (s *Service) versions() []served {
	legacy := served{
		Version: Version{ID: "v2.0", Status: "DEPRECATED", Updated: "2025-07-04T12:00:00Z"},
		path:    "v2", legacy: true, media: "application/vnd.openstack.compute+json;version=2", xml: s.Release.xml() != nil,
	}
	if s.Release.before(flamingo) {
		legacy.Status, legacy.Updated = "SUPPORTED", "2011-01-21T11:33:21Z"
	}
	spoken := s.Release.microversions()
	current := served{
		Version: Version{
			ID: "v2.1", Status: "CURRENT", Version: spoken.Text(spoken.Max), MinVersion: spoken.Text(spoken.Min),
			Updated: "2013-07-23T11:33:21Z",
		},
		path: "v2.1", media: "application/vnd.openstack.compute+json;version=2.1",
	}
	return []served{legacy, current}
}

func (v *served) document(c *api.Call) Version {
	whole := v.Version
	self := c.Bookmark("/" + v.path + "/")
	if v.legacy && c.Legacy() {
		self = c.URL("/") // the mount by which it was asked: v1.1 is v2.0
	}
	whole.Links = []VersionLink{
		{Rel: "self", Href: self},
		{Rel: "describedby", Type: "text/html", Href: "http://docs.openstack.org/"},
	}
	whole.MediaTypes = v.mediaTypes()
	return whole
}

func (v *served) mediaTypes() []MediaType {
	types := []MediaType{{Base: "application/json", Type: v.media}}
	if v.xml {
		types = append(types, MediaType{Base: "application/xml", Type: strings.Replace(v.media, "+json", "+xml", 1)})
	}
	return types
}
