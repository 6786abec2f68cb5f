// SPDX-License-Identifier: MPL-2.0

package cinder

import (
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// maxLimit is Cinder's osapi_max_limit: the longest page.
const maxLimit = 1000

// query is what a list is asked for.
type query struct {
	call          *api.Call
	limit, offset int
	marker        string
	sort          []order
	filters       map[string]string
	allTenants    bool
	count         bool
}

// order is a column to sort by.
type order struct {
	column string
	down   bool
}

// newQuery reads a request's parameters. Those of filters are for all; administrators may filter by any
// column.
func newQuery(c *api.Call, filters []string) (*query, error) {
	given := c.Request.URL.Query()
	q := &query{call: c, limit: maxLimit, filters: map[string]string{}}
	for key := range given {
		q.filters[key] = given.Get(key)
	}
	for _, read := range []func() error{q.readPage, q.readSort, q.readFlags, func() error { return q.keep(filters) }} {
		if err := read(); err != nil {
			return nil, err
		}
	}
	return q, nil
}

// take removes a parameter from the filters.
func (q *query) take(name string) (value string, given bool) {
	value, given = q.filters[name]
	delete(q.filters, name)
	return value, given
}

func (q *query) readPage() error {
	q.marker, _ = q.take("marker")
	if text, given := q.take("limit"); given {
		n, err := strconv.Atoi(text)
		switch {
		case err != nil:
			return badRequest.of("limit param must be an integer")
		case n < 0:
			return badRequest.of("limit param must be positive")
		}
		q.limit = min(n, maxLimit)
	}
	if text, given := q.take("offset"); given {
		n, err := strconv.Atoi(text)
		switch {
		case err != nil:
			return badRequest.of("offset must be an integer.")
		case n < 0:
			return badRequest.of("offset must be >= 0")
		case n > 1<<31-1:
			return badRequest.of("offset must be <= 2147483647")
		}
		q.offset = n
	}
	return nil
}

func (q *query) readSort() error {
	list, sorted := q.take("sort")
	key, keyed := q.take("sort_key")
	dir, directed := q.take("sort_dir")
	if sorted && (keyed || directed) {
		return badRequest.of("The 'sort_key' and 'sort_dir' parameters are deprecated and cannot be used with the 'sort' parameter.")
	}
	if !sorted {
		if !keyed {
			key = "created_at"
		}
		list = strings.TrimSpace(key)
		if directed {
			list += ":" + strings.TrimSpace(dir)
		}
	}
	for item := range strings.SplitSeq(strings.TrimSpace(list), ",") {
		column, direction, _ := strings.Cut(item, ":")
		direction = strings.TrimSpace(direction)
		if !slices.Contains([]string{"", "asc", "desc"}, direction) {
			return invalidInput.of("Unknown sort direction, must be one of: asc, desc")
		}
		q.sort = append(q.sort, order{strings.TrimSpace(column), direction != "asc"})
	}
	return nil
}

func (q *query) readFlags() error {
	for _, f := range []struct {
		name  string
		to    *bool
		since api.Version
	}{{"all_tenants", &q.allTenants, 0}, {"with_count", &q.count, counts}} {
		value, given := q.take(f.name)
		if !given || !q.call.Since(f.since) {
			continue
		}
		var b flag
		if err := b.Parse(value); err != nil {
			return invalidInput.because("Value '%s' for '%s' is not a boolean", value, f.name)
		}
		*f.to = bool(b)
	}
	return nil
}

// keep leaves only the filters that the caller may use: up to 3.30 the others are passed over, then refused.
func (q *query) keep(allowed []string) error {
	if q.call.Identity.Admin() {
		return nil
	}
	var unknown []string
	for _, name := range slices.Sorted(maps.Keys(q.filters)) {
		if !slices.Contains(allowed, name) {
			unknown = append(unknown, name)
			delete(q.filters, name)
		}
	}
	if len(unknown) > 0 && q.call.Since(refusesFilters) {
		return badRequest.because("Invalid filters %s are found in query options.", strings.Join(unknown, ","))
	}
	return nil
}

// drop passes over a filter that came later than the request's version.
func (q *query) drop(since api.Version, names ...string) {
	for _, name := range names {
		if !q.call.Since(since) {
			delete(q.filters, name)
		}
	}
}

// rowsOf are the rows that the query may show at all: the project's own, or everybody's.
func rowsOf[T any](o *op, q *query, table *store.Table[T]) ([]*T, error) {
	if q.allTenants && o.admin() {
		return table.All(o.tx)
	}
	return table.By(o.tx, "project", o.identity.ProjectID)
}

// page is what a list shows.
type page[T any] struct {
	items []*T
	next  string // URL, "" for none
	total int    // of all pages
}

// cut filters, sorts and pages rows.
func cut[T any](q *query, rows []*T, all columns[T], id func(*T) string, missing kind) (*page[T], error) {
	for name, value := range q.filters {
		keep, err := q.match(name, value, all.kindOf(name))
		if err != nil {
			return nil, err
		}
		column := all[strings.TrimSuffix(name, "~")]
		rows = slices.DeleteFunc(rows, func(row *T) bool { return column == nil || !keep(column(row)) })
	}
	if err := all.sort(rows, q.sort, id); err != nil {
		return nil, err
	}
	p := &page[T]{total: len(rows)}
	if q.marker != "" {
		at := slices.IndexFunc(rows, func(row *T) bool { return id(row) == q.marker })
		if at < 0 {
			return nil, missing.of(q.marker)
		}
		rows = rows[at+1:]
	}
	rows = rows[min(q.offset, len(rows)):]
	p.items = rows[:min(q.limit, len(rows))]
	most := len(p.items)
	if q.count && p.total > 0 {
		most = p.total
	}
	if n := len(p.items); n > 0 && q.limit <= most {
		p.next = q.nextPage(id(p.items[n-1]))
	}
	return p, nil
}

// nextPage is this request again, from that marker on.
func (q *query) nextPage(marker string) string {
	params := url.Values{}
	maps.Copy(params, q.call.Request.URL.Query())
	params.Set("marker", marker)
	return q.call.Base() + q.call.Request.URL.EscapedPath() + "?" + params.Encode()
}

// listAnswer is the body of a list.
func listAnswer[T, V any](q *query, name string, p *page[T], items []V) map[string]any {
	answer := map[string]any{name: items}
	if p.next != "" {
		answer[name+"_links"] = []api.Link{{Href: p.next, Rel: "next"}}
	}
	if q.count {
		answer["count"] = p.total
	}
	return answer
}
