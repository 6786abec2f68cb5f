// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"strings"
)

// feed is an Atom feed of versions, as API v2 had its version documents besides.
type feed struct {
	Title   atomText      `json:"title"`
	Updated string        `json:"updated"`
	ID      string        `json:"id"`
	Links   []VersionLink `json:"links"`
	Author  atomAuthor    `json:"author"`
	Entries []atomEntry   `json:"entries"`
}

type atomText struct {
	Type string `json:"type"`
	Text string `json:"text"`
}

type atomAuthor struct {
	Name string `json:"name"`
	URI  string `json:"uri"`
}

type atomEntry struct {
	ID      string        `json:"id"`
	Title   atomText      `json:"title"`
	Updated string        `json:"updated"`
	Links   []VersionLink `json:"links"`
	Content atomText      `json:"content"`
}

func versionFeed(answer any) any {
	version := answer.(Version)
	return feedOf("About This Version", version.Links[0].Href, version)
}

func versionsFeed(answer any) any {
	all := answer.(versionList).Versions
	first := strings.TrimSuffix(all[0].Links[0].Href, "/")
	return feedOf("Available API Versions", first[:strings.LastIndexByte(first, '/')+1], all...)
}

func feedOf(title, id string, versions ...Version) feed {
	made := feed{
		Title: plain(title), ID: id, Links: []VersionLink{{Rel: "self", Href: id}},
		Author: atomAuthor{Name: "OpenStack", URI: "https://www.openstack.org/"},
	}
	for _, v := range versions {
		made.Updated = max(made.Updated, v.Updated)
		made.Entries = append(made.Entries, atomEntry{
			ID: v.Links[0].Href, Title: plain("Version " + v.ID), Updated: v.Updated, Links: v.Links,
			Content: plain("Version " + v.ID + " " + v.Status + " (" + v.Updated + ")"),
		})
	}
	return made
}

func plain(text string) atomText { return atomText{Type: "text", Text: text} }
