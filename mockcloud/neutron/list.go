// SPDX-License-Identifier: MPL-2.0

package neutron

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

// listing is what the query of a list asks for.
type listing struct {
	filters map[string][]string // by attribute: one of the values must match
	tags    map[string][]string // by parameter: tags, tags-any, not-tags, not-tags-any
	fields  []string
	sort    []order
	limit   int // 0: no paging
	marker  string
	reverse bool
}

type order struct {
	key  string
	down bool
}

// parse reads a query; an attribute that the records do not have is a 400.
func (s shape) parse(query url.Values) (*listing, error) {
	l := &listing{filters: map[string][]string{}, tags: map[string][]string{}}
	for key, values := range query {
		switch key {
		case "fields":
			for _, value := range values {
				l.fields = append(l.fields, strings.Split(value, ",")...)
			}
		case "limit":
			n, err := strconv.Atoi(values[0])
			if err != nil || n < 0 {
				return nil, badRequest.of("limit", "Invalid input for limit. Value: "+values[0])
			}
			l.limit = n
		case "marker":
			l.marker = values[0]
		case "page_reverse":
			l.reverse = strings.EqualFold(values[0], "true")
		case "sort_key", "sort_dir":
		case "tags", "tags-any", "not-tags", "not-tags-any":
			l.tags[key] = strings.Split(strings.Join(values, ","), ",")
		default:
			if key == "tenant_id" {
				key = "project_id"
			}
			if _, ok := s.find(key); !ok {
				return nil, httpBadRequest.of(fmt.Sprintf("['%s'] is invalid attribute for filtering", key))
			}
			l.filters[key] = append(l.filters[key], values...)
		}
	}
	return l, l.order(s, query["sort_key"], query["sort_dir"])
}

func (l *listing) order(s shape, keys, dirs []string) error {
	for i, key := range keys {
		if key == "tenant_id" {
			key = "project_id"
		}
		if _, ok := s.find(key); !ok {
			return httpBadRequest.of(fmt.Sprintf("'%s' is an invalid attribute for sort key", key))
		}
		down := i < len(dirs) && dirs[i] == "desc"
		if i < len(dirs) && !down && dirs[i] != "asc" {
			return httpBadRequest.of(fmt.Sprintf("'%s' is not a valid sort direction: asc or desc", dirs[i]))
		}
		l.sort = append(l.sort, order{key, down})
	}
	l.sort = append(l.sort, order{"id", false})
	return nil
}

// keeps reports whether the filters let the object through.
func (l *listing) keeps(o object) bool {
	for key, wanted := range l.filters {
		if value, shown := o[key]; !shown || !matches(value, wanted) {
			return false
		}
	}
	tags, _ := o["tags"].([]string)
	has := func(tag string) bool { return slices.Contains(tags, tag) }
	for key, wanted := range l.tags {
		all, some := !slices.ContainsFunc(wanted, func(t string) bool { return !has(t) }), slices.ContainsFunc(wanted, has)
		if keep := map[string]bool{"tags": all, "tags-any": some, "not-tags": !all, "not-tags-any": !some}[key]; !keep {
			return false
		}
	}
	return true
}

func matches(value any, wanted []string) bool {
	switch value := value.(type) {
	case []FixedIP:
		return matchFixedIPs(value, wanted)
	case []string:
		return slices.ContainsFunc(value, func(s string) bool { return slices.Contains(wanted, s) })
	case bool:
		return slices.ContainsFunc(wanted, func(text string) bool {
			var b api.Boolean
			return b.Parse(text) == nil && bool(b) == value
		})
	}
	return slices.Contains(wanted, text(value))
}

// matchFixedIPs serves fixed_ips=subnet_id=…, fixed_ips=ip_address=… and fixed_ips=ip_address_substr=…:
// values of one kind are alternatives, kinds must all hold.
func matchFixedIPs(ips []FixedIP, wanted []string) bool {
	kinds := map[string]bool{}
	for _, want := range wanted {
		kind, value, _ := strings.Cut(want, "=")
		kinds[kind] = kinds[kind] || slices.ContainsFunc(ips, func(ip FixedIP) bool {
			switch kind {
			case "subnet_id", "subnet":
				return ip.SubnetID == value
			case "ip_address", "ip-address":
				return ip.IPAddress.String() == value
			case "ip_address_substr", "ip-substring":
				return strings.Contains(ip.IPAddress.String(), value)
			}
			return false
		})
	}
	for _, found := range kinds {
		if !found {
			return false
		}
	}
	return true
}

func text(value any) string {
	if value == nil {
		return ""
	}
	return fmt.Sprint(value)
}

// answer are those of the objects that the filters let through, under that name, as the query wants them.
func (l *listing) answer(c *api.Call, name string, all []object) (object, error) {
	items, more, err := l.page(slices.DeleteFunc(all, func(o object) bool { return !l.keeps(o) }))
	if err != nil {
		return nil, err
	}
	answer := object{}
	if links := l.links(c, items, more); links != nil {
		answer[name+"_links"] = links
	}
	for i := range items {
		items[i] = l.only(items[i])
	}
	answer[name] = items
	return answer, nil
}

// page sorts the objects and cuts out the page that the query asks for.
func (l *listing) page(all []object) (items []object, more bool, err error) {
	slices.SortStableFunc(all, l.compare)
	start, end := 0, len(all)
	if l.marker != "" {
		at := slices.IndexFunc(all, func(o object) bool { return o["id"] == l.marker })
		if at < 0 {
			return nil, false, badRequest.of("marker", "marker "+l.marker+" could not be found")
		}
		if l.reverse {
			end = at
		} else {
			start = at + 1
		}
	}
	switch {
	case l.limit == 0 || end-start <= l.limit:
	case l.reverse:
		start, more = end-l.limit, true
	default:
		end, more = start+l.limit, true
	}
	return all[start:end], more, nil
}

func (l *listing) compare(a, b object) int {
	for _, o := range l.sort {
		var c int
		if x, ok := a[o.key].(int); ok {
			y, _ := b[o.key].(int)
			c = cmp.Compare(x, y)
		} else {
			c = cmp.Compare(text(a[o.key]), text(b[o.key]))
		}
		if o.down {
			c = -c
		}
		if c != 0 {
			return c
		}
	}
	return 0
}

// links are the neighbours of a page, when pages were asked for.
func (l *listing) links(c *api.Call, items []object, more bool) []api.Link {
	if l.limit == 0 || len(items) == 0 {
		return nil
	}
	link := func(rel string, at object, reverse bool) api.Link {
		query := c.Request.URL.Query()
		query.Set("marker", text(at["id"]))
		query.Del("page_reverse")
		if reverse {
			query.Set("page_reverse", "True")
		}
		return api.Link{Href: c.Base() + c.Request.URL.EscapedPath() + "?" + query.Encode(), Rel: rel}
	}
	var links []api.Link
	if more || l.reverse {
		links = append(links, link("next", items[len(items)-1], false))
	}
	if l.marker != "" && (!l.reverse || more) {
		links = append(links, link("previous", items[0], true))
	}
	return links
}

// only keeps the attributes that the query asks for.
func (l *listing) only(o object) object {
	if len(l.fields) == 0 {
		return o
	}
	kept := object{}
	for _, name := range l.fields {
		if value, ok := o[name]; ok {
			kept[name] = value
		}
	}
	return kept
}
