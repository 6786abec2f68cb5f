// SPDX-License-Identifier: MPL-2.0

package keystone

import (
	"cmp"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

// links are the links of an object.
type links struct {
	Self string `json:"self"`
}

func self(c *api.Call, path string) links { return links{Self: c.URL(path)} }

// attributes are what a list can be filtered by: the text of an attribute of a row.
type attributes[T any] map[string]func(*T) string

// flags are the attributes whose value is a boolean. As a filter, such a name without a value means
// true.
var flags = []string{"enabled", "is_domain", "unrestricted"}

// keep returns the rows that match all filters of the query: attribute=value, or attribute__op=value
// with the ops of comparisons. Other parameters are no filters.
func (a attributes[T]) keep(c *api.Call, rows []*T) []*T {
	for key, values := range c.Request.URL.Query() {
		name, op, _ := strings.Cut(key, "__")
		text, compare := a[name], comparisons[op]
		if text == nil || compare == nil {
			continue
		}
		wanted := values[len(values)-1]
		if slices.Contains(flags, name) {
			wanted = strconv.FormatBool(!slices.Contains([]string{"0", "false", "no", "off"}, strings.ToLower(wanted)))
		}
		rows = slices.DeleteFunc(rows, func(row *T) bool { return !compare(text(row), wanted) })
	}
	return rows
}

var comparisons = map[string]func(text, wanted string) bool{
	"":           func(text, wanted string) bool { return text == wanted },
	"contains":   strings.Contains,
	"startswith": strings.HasPrefix,
	"endswith":   strings.HasSuffix,
	"iexact":     strings.EqualFold,
	"icontains": func(text, wanted string) bool {
		return strings.Contains(strings.ToLower(text), strings.ToLower(wanted))
	},
	"istartswith": func(text, wanted string) bool {
		return strings.HasPrefix(strings.ToLower(text), strings.ToLower(wanted))
	},
	"iendswith": func(text, wanted string) bool {
		return strings.HasSuffix(strings.ToLower(text), strings.ToLower(wanted))
	},
}

// listing is the answer of a list: {name: items, "links": {...}}. limit and marker page it; the
// marker is an id.
func listing[T, V any](c *api.Call, name string, rows []*T, id func(*T) string, view func(*api.Call, *T) V) (map[string]any, error) {
	query := c.Request.URL.Query()
	if marker := query.Get("marker"); marker != "" {
		at := slices.IndexFunc(rows, func(row *T) bool { return id(row) == marker })
		if at < 0 {
			return nil, api.BadRequest("Marker could not be found: %s.", marker)
		}
		rows = rows[at+1:]
	}
	var next any
	if text := query.Get("limit"); text != "" {
		limit, err := strconv.ParseUint(text, 10, 31)
		if err != nil {
			return nil, api.BadRequest("Invalid input for field/attribute limit. Value: %s. '%s' is not of type 'integer'", text, text)
		}
		if limit > 0 && uint64(len(rows)) > limit {
			rows = rows[:limit]
			query.Set("marker", id(rows[limit-1]))
			next = here(c, query)
		}
	}
	items := make([]V, len(rows))
	for i, row := range rows {
		items[i] = view(c, row)
	}
	return map[string]any{
		name:    items,
		"links": map[string]any{"self": here(c, c.Request.URL.Query()), "previous": nil, "next": next},
	}, nil
}

// here is the URL of this request, with that query.
func here(c *api.Call, query url.Values) string {
	address := c.Base() + c.Request.URL.EscapedPath()
	if len(query) == 0 {
		return address
	}
	return address + "?" + query.Encode()
}

// extras are the attributes of a request that its type does not know, without those that are ours to
// say: Keystone keeps the others and returns them.
func extras(old, sent map[string]any) map[string]any {
	all := maps.Clone(old)
	if all == nil {
		all = map[string]any{}
	}
	for key, value := range sent {
		if !slices.Contains(ours, key) {
			all[key] = value
		}
	}
	return all
}

// ours are the attributes that clients send back from an answer and cannot change.
var ours = []string{"id", "links", "domain_id", "is_domain", "password_expires_at", "federated", "region"}

// changed puts a value that was sent in place of the old one; null is the zero value.
func changed[T any](old *T, sent api.Opt[T]) {
	if sent.Set {
		*old = sent.Value
	}
}

// orTrue is the value of a boolean that is true unless said.
func orTrue(sent api.Opt[bool]) bool { return !sent.Set || sent.Value }

// orNull is null for an id that is not there.
func orNull(id string) api.Opt[string] { return api.Opt[string]{Value: id, Set: id != ""} }

// domainAsked is the domain that a list is about: that of the query, else, for who acts on a domain,
// their own.
func domainAsked(c *api.Call) string {
	if c.Identity.Admin() || c.Identity.System {
		return c.Request.URL.Query().Get("domain_id")
	}
	return cmp.Or(c.Request.URL.Query().Get("domain_id"), c.Identity.DomainID)
}

// merged are options after a change: null takes one away.
func merged(old, sent map[string]any) map[string]any {
	all := maps.Clone(old)
	if all == nil {
		all = map[string]any{}
	}
	for key, value := range sent {
		if value == nil {
			delete(all, key)
		} else {
			all[key] = value
		}
	}
	return all
}

// mutable refuses to change or delete what has the option immutable, unless the change takes it away.
func mutable(kind, id string, options, sent map[string]any) error {
	locked, _ := options["immutable"].(bool)
	value, given := sent["immutable"]
	if stays, _ := value.(bool); !locked || given && !stays {
		return nil
	}
	return api.Forbidden("Unable to change immutable %s resource: `%s`. Set resource option \"immutable\" to false first.", kind, id)
}

func flag(b bool) string { return strconv.FormatBool(b) }
