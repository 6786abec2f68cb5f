// SPDX-License-Identifier: MPL-2.0

package api

import (
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"github.com/gorilla/mux"
)

// Link is a reference in an answer.
type Link struct {
	Href string `json:"href"`
	Rel  string `json:"rel"`
}

// Page is a list answer: the items under the route's name and, when the page is full, a link to the
// next one under name_links.
type Page[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"-"`
}

func (p Page[T]) wrap(name string) []member {
	members := []member{{name, p.Items}}
	if p.Next != "" {
		members = append(members, member{name + "_links", []Link{{Href: p.Next, Rel: "next"}}})
	}
	return members
}

// Paging are the parameters of a paged list; embed it in a query type.
type Paging struct {
	Limit  Opt[Natural] `json:"limit"`
	Marker string       `json:"marker"`
}

// Paged cuts the page that the query asks for out of all, at most most items long (Nova's max_limit);
// key is the marker that a client would send for an item. A marker that no item has is a 400, and the
// only error. As Nova does, it links to the page after a full one without a look at whether there is any.
func Paged[T any](c *Call, all []T, q Paging, most int, key func(T) string) (Page[T], error) {
	start := 0
	if q.Marker != "" {
		start = -1
		for i, item := range all {
			if key(item) == q.Marker {
				start = i + 1
				break
			}
		}
		if start < 0 {
			return Page[T]{}, BadRequest("marker [%s] not found", q.Marker)
		}
	}
	limit := most
	if q.Limit.Set {
		limit = min(limit, int(q.Limit.Value))
	}
	rest := all[start:]
	page := Page[T]{Items: rest[:min(limit, len(rest))]}
	if n := len(page.Items); n > 0 && n == limit {
		page.Next = c.nextPage(key(page.Items[n-1]))
	}
	return page, nil
}

// nextPage is this request again, from that marker on.
func (c *Call) nextPage(marker string) string {
	query := c.Request.URL.Query()
	query.Set("marker", marker)
	path := c.Request.URL.EscapedPath()
	if c.service.cutsSuffixes(c.mount) {
		_, path = cutSuffix(path)
	}
	return c.Base() + path + "?" + query.Encode()
}

// Base is the cloud's URL as this client sees it, without a slash at the end: from X-Forwarded-* where
// a proxy on this machine or network set them, else from the request's Host.
func (c *Call) Base() string {
	if c.base == "" {
		c.base = Base(c.Request)
	}
	return c.base
}

// Base is the URL of the cloud as the client that sent r sees it; see Call.Base.
func Base(r *http.Request) string {
	scheme, host, prefix := "http", r.Host, ""
	if r.TLS != nil {
		scheme = "https"
	}
	if proto := firstOf(r.Header.Get("X-Forwarded-Proto")); proto == "http" || proto == "https" {
		scheme = proto
	}
	if forwarded := firstOf(r.Header.Get("X-Forwarded-Host")); validHost(forwarded) {
		host = forwarded
		if port := firstOf(r.Header.Get("X-Forwarded-Port")); validPort(port) && !hasPort(host) && !(scheme == "http" && port == "80") && !(scheme == "https" && port == "443") {
			host += ":" + port
		}
	}
	if forwarded := firstOf(r.Header.Get("X-Forwarded-Prefix")); strings.HasPrefix(forwarded, "/") {
		prefix = strings.TrimRight((&url.URL{Path: forwarded}).EscapedPath(), "/")
	}
	return scheme + "://" + host + prefix
}

func firstOf(list string) string {
	first, _, _ := strings.Cut(list, ",")
	return strings.TrimSpace(first)
}

func validHost(host string) bool {
	return host != "" && !strings.ContainsAny(host, "/\\?#@ <>\"'")
}

func validPort(port string) bool {
	n, err := strconv.ParseUint(port, 10, 16)
	return err == nil && n > 0
}

func hasPort(host string) bool {
	_, err := netip.ParseAddrPort(host)
	return err == nil || strings.Contains(host[strings.LastIndex(host, "]")+1:], ":")
}

// URL is the absolute URL of a path below the service's mount that the request came through:
// URL("/servers/" + id).
func (c *Call) URL(path string) string {
	return c.Base() + c.service.Prefix + c.mount.Path + path
}

// InProject is a path below the mount with the project before it, if the request's path names that: links are as the
// requests that ask for them.
func (c *Call) InProject(path string) string { return mux.Vars(c.Request)[projectVar] + path }

// Bookmark is the absolute URL of a path below the service itself, without a version.
func (c *Call) Bookmark(path string) string { return c.Base() + c.service.Prefix + path }

// Links are the two links that Nova's objects have.
func (c *Call) Links(path string) []Link {
	return []Link{{Href: c.URL(path), Rel: "self"}, {Href: c.Bookmark(path), Rel: "bookmark"}}
}
