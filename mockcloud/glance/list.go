// SPDX-License-Identifier: MPL-2.0

package glance

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

const (
	defaultLimit = 25
	maxLimit     = 1000
)

// filter is what a list keeps.
type filter func(*Image) bool

// query is what the parameters of a list ask for.
type query struct {
	keep         []filter
	visibility   string
	memberStatus string
	limit        int
	marker       string
	sort         []sorting
}

type sorting struct {
	key  string
	less func(a, b *Image) int
	up   bool
}

// sortKeys are the attributes by which lists are sorted.
var sortKeys = map[string]func(a, b *Image) int{
	"id":               func(a, b *Image) int { return cmp.Compare(a.ID, b.ID) },
	"name":             func(a, b *Image) int { return cmp.Compare(deref(a.Name), deref(b.Name)) },
	"status":           func(a, b *Image) int { return cmp.Compare(a.Status, b.Status) },
	"disk_format":      func(a, b *Image) int { return cmp.Compare(deref(a.DiskFormat), deref(b.DiskFormat)) },
	"container_format": func(a, b *Image) int { return cmp.Compare(deref(a.ContainerFormat), deref(b.ContainerFormat)) },
	"size":             func(a, b *Image) int { return cmp.Compare(deref(a.Size), deref(b.Size)) },
	"created_at": func(a, b *Image) int {
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt.Time), cmp.Compare(a.Number, b.Number))
	},
	"updated_at": func(a, b *Image) int { return a.UpdatedAt.Compare(b.UpdatedAt.Time) },
}

func deref[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}

// texts are the attributes that are compared as texts; those with in take "in:a,b" too.
var texts = map[string]struct {
	of func(*Image) string
	in bool
}{
	"id":               {func(i *Image) string { return i.ID }, true},
	"name":             {func(i *Image) string { return deref(i.Name) }, true},
	"status":           {func(i *Image) string { return i.Status }, true},
	"disk_format":      {func(i *Image) string { return deref(i.DiskFormat) }, true},
	"container_format": {func(i *Image) string { return deref(i.ContainerFormat) }, true},
	"owner":            {func(i *Image) string { return i.Owner }, false},
	"checksum":         {func(i *Image) string { return deref(i.Checksum) }, false},
	"os_hash_algo":     {func(i *Image) string { return deref(i.HashAlgo) }, false},
	"os_hash_value":    {func(i *Image) string { return deref(i.HashValue) }, false},
}

// numbers are the attributes that are compared as numbers.
var numbers = map[string]func(i *Image, n int64) bool{
	"min_disk": func(i *Image, n int64) bool { return int64(i.MinDisk) == n },
	"min_ram":  func(i *Image, n int64) bool { return int64(i.MinRAM) == n },
	"size_min": func(i *Image, n int64) bool { return i.Size != nil && *i.Size >= n },
	"size_max": func(i *Image, n int64) bool { return i.Size != nil && *i.Size <= n },
	"size":     func(i *Image, n int64) bool { return i.Size != nil && *i.Size == n },
}

func parseQuery(values url.Values) (*query, error) {
	q := &query{limit: defaultLimit, memberStatus: "accepted"}
	hidden := false
	for key, given := range values {
		value := given[len(given)-1]
		var err error
		switch key {
		case "limit":
			q.limit, err = strconv.Atoi(value)
			if err != nil || q.limit < 0 {
				return nil, api.BadRequest("limit param must be an integer that is not negative")
			}
			q.limit = min(q.limit, maxLimit)
		case "marker":
			q.marker = value
		case "sort", "sort_key", "sort_dir":
		case "visibility":
			err = oneOf(key, value, Public, Private, Shared, Community, "all")
			q.visibility = value
		case "member_status":
			err = oneOf(key, value, "pending", "accepted", "rejected", "all")
			q.memberStatus = value
		case "os_hidden":
			hidden, err = boolean(key, value)
		default:
			err = q.add(key, given)
		}
		if err != nil {
			return nil, err
		}
	}
	q.keep = append(q.keep, func(i *Image) bool { return i.Hidden == hidden })
	return q, q.parseSort(values)
}

// add reads the filter of one parameter; a name that no attribute has is a property's.
func (q *query) add(key string, given []string) error {
	value := given[len(given)-1]
	if number, ok := numbers[key]; ok {
		n, err := strconv.ParseInt(value, 10, 64)
		if err != nil || n < 0 {
			return api.BadRequest("invalid filter value for %s: %s", key, value)
		}
		q.keep = append(q.keep, func(i *Image) bool { return number(i, n) })
		return nil
	}
	if t, ok := texts[key]; ok {
		wanted := []string{value}
		if list, isList := strings.CutPrefix(value, "in:"); isList && t.in {
			var err error
			if wanted, err = splitQuoted(list); err != nil {
				return err
			}
		}
		q.keep = append(q.keep, func(i *Image) bool { return slices.Contains(wanted, t.of(i)) })
		return nil
	}
	switch key {
	case "tag":
		q.keep = append(q.keep, func(i *Image) bool {
			return !slices.ContainsFunc(given, func(tag string) bool { return !slices.Contains(i.Tags, tag) })
		})
	case "protected":
		want, err := boolean(key, value)
		if err != nil {
			return err
		}
		q.keep = append(q.keep, func(i *Image) bool { return i.Protected == want })
	case "created_at", "updated_at":
		return q.addTime(key, value)
	case "changes-since", "deleted":
		return api.BadRequest("invalid filter %s", key)
	default:
		q.keep = append(q.keep, func(i *Image) bool { return i.Properties[key] == value })
	}
	return nil
}

// addTime reads "gt:2026-01-02T03:04:05Z"; without an operator it is eq.
func (q *query) addTime(key, value string) error {
	operator, text, ok := strings.Cut(value, ":")
	holds := map[string]func(c int) bool{
		"gt": func(c int) bool { return c > 0 }, "gte": func(c int) bool { return c >= 0 }, "eq": func(c int) bool { return c == 0 },
		"neq": func(c int) bool { return c != 0 }, "lt": func(c int) bool { return c < 0 }, "lte": func(c int) bool { return c <= 0 },
	}[operator]
	if !ok || holds == nil {
		holds, text = func(c int) bool { return c == 0 }, value
	}
	at, err := api.ParseTime(text)
	if err != nil {
		return api.BadRequest("Unable to filter by unknown time: %s", value)
	}
	q.keep = append(q.keep, func(i *Image) bool {
		of := i.CreatedAt
		if key == "updated_at" {
			of = i.UpdatedAt
		}
		return holds(of.Truncate(time.Second).Compare(at.Truncate(time.Second)))
	})
	return nil
}

// splitQuoted reads "a,b" and "\"a,b\",c".
func splitQuoted(list string) ([]string, error) {
	var out []string
	for list != "" {
		var item, rest string
		if strings.HasPrefix(list, `"`) {
			end := strings.Index(list[1:], `"`)
			if end < 0 || len(list) > end+2 && list[end+2] != ',' {
				return nil, api.BadRequest("Invalid filter value %s. The quote is not closed.", list)
			}
			item, rest = list[1:end+1], strings.TrimPrefix(list[end+2:], ",")
		} else {
			item, rest, _ = strings.Cut(list, ",")
		}
		out, list = append(out, item), rest
	}
	return out, nil
}

func boolean(key, value string) (bool, error) {
	var b api.Boolean
	if b.Parse(value) != nil {
		return false, api.BadRequest("Invalid value '%s' for '%s' filter. Valid values are case sensitive 'true' or 'false'.", value, key)
	}
	return bool(b), nil
}

func oneOf(key, value string, valid ...string) error {
	if slices.Contains(valid, value) {
		return nil
	}
	return api.BadRequest("Invalid %s value: %s", key, value)
}

func (q *query) parseSort(values url.Values) error {
	keys, dirs := values["sort_key"], values["sort_dir"]
	if sort := values.Get("sort"); sort != "" {
		if len(keys)+len(dirs) > 0 {
			return api.BadRequest("Old and new sorting syntax cannot be combined")
		}
		for part := range strings.SplitSeq(sort, ",") {
			key, dir, _ := strings.Cut(strings.TrimSpace(part), ":")
			keys, dirs = append(keys, key), append(dirs, cmp.Or(dir, "desc"))
		}
	}
	if len(dirs) > 1 && len(dirs) != len(keys) {
		return api.BadRequest("Number of sort dirs does not match the number of sort keys")
	}
	if len(keys) == 0 {
		keys = []string{"created_at"}
	}
	for n, key := range append(keys, "id") {
		dir := "desc"
		if n < len(dirs) {
			dir = dirs[n]
		} else if len(dirs) > 0 {
			dir = dirs[len(dirs)-1]
		}
		less := sortKeys[key]
		if less == nil || dir != "asc" && dir != "desc" {
			return api.BadRequest("Invalid sort key or direction: %s:%s", key, dir)
		}
		q.sort = append(q.sort, sorting{key, less, dir == "asc"})
	}
	return nil
}

// lists reports whether a list shows the image to the caller. Community images and those that the
// caller is a member of must be asked for, unless accepted.
func (q *query) lists(o *op, i *Image) (bool, error) {
	if q.visibility != "" && q.visibility != "all" && i.Visibility != q.visibility {
		return false, nil
	}
	for _, keep := range q.keep {
		if !keep(i) {
			return false, nil
		}
	}
	switch {
	case o.owns(i), i.Visibility == Public:
		return true, nil
	case i.Visibility == Community:
		return q.visibility != "", nil
	case i.Visibility != Shared:
		return false, nil
	}
	m, err := o.member(i.ID, o.identity.ProjectID)
	if err != nil || m == nil {
		return false, err
	}
	return q.memberStatus == "all" || m.Status == q.memberStatus, nil
}

func (s *Service) listImages(c *api.Call) (object, error) {
	q, err := parseQuery(c.Request.URL.Query())
	if err != nil {
		return nil, err
	}
	found, err := s.listed(c.Context(), c.Identity, q)
	if err != nil {
		return nil, err
	}
	return q.page(c, found), nil
}

// listed are the images that the query asks for, those after its marker, in its order.
func (s *Service) listed(ctx context.Context, identity *api.Identity, q *query) ([]*Image, error) {
	var found []*Image
	err := s.read(ctx, identity, func(o *op) error {
		all, err := imageTable.All(o.tx)
		if err != nil {
			return err
		}
		for _, i := range all {
			listed, err := q.lists(o, i)
			if err != nil {
				return err
			}
			if listed || i.ID == q.marker {
				found = append(found, i)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return q.after(found)
}

// after sorts the images and leaves those after the marker.
func (q *query) after(found []*Image) ([]*Image, error) {
	slices.SortFunc(found, func(a, b *Image) int {
		for _, by := range q.sort {
			if n := by.less(a, b); n != 0 {
				if !by.up {
					n = -n
				}
				return n
			}
		}
		return 0
	})
	if q.marker == "" {
		return found, nil
	}
	at := slices.IndexFunc(found, func(i *Image) bool { return i.ID == q.marker })
	if at < 0 {
		return nil, api.BadRequest("Invalid marker. Image %s could not be found.", q.marker)
	}
	return found[at+1:], nil
}

func (q *query) page(c *api.Call, found []*Image) object {
	params := c.Request.URL.Query()
	params.Del("marker")
	answer := object{"schema": "/v2/schemas/images", "first": "/v2/images" + prefixed(params)}
	views := []object{}
	for _, i := range found[:min(q.limit, len(found))] {
		views = append(views, i.view())
	}
	if len(found) > q.limit && q.limit > 0 {
		params.Set("marker", fmt.Sprint(views[len(views)-1]["id"]))
		answer["next"] = "/v2/images" + prefixed(params)
	}
	answer["images"] = views
	return answer
}

func prefixed(params url.Values) string {
	if len(params) == 0 {
		return ""
	}
	return "?" + params.Encode()
}
