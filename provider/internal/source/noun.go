// SPDX-License-Identifier: MPL-2.0

package source

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/client"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/diagnose"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/fields"
)

// Noun is a kind of thing of which a cloud has many.
type Noun struct {
	Singular, Plural   string // as types have it: "server_group", "server_groups"
	Label, Labels      string // as people do: "Server Group", "Server Groups"
	About, AboutPlural string // what the data sources are
	// Of is what a 404 is about, if not the noun: "Server" for its actions.
	Of string
	// Admin is of what Nova shows to administrators only.
	Admin bool

	// Shown are the fields; Key is the one that tells rows apart, "id" if it is not set. Detail are fields that only the
	// singular data source has, as each row would take a call of its own.
	Shown, Detail fields.Table
	Key           string
	Filters       map[string]Filter

	// Order are the fields that rows are sorted by, before the key. Newest is the field by which most_recent chooses, ""
	// where there is no such choice. First is whether one of several is the first rather than an error.
	Order  []string
	Newest string
	First  bool

	// List asks the cloud. It may leave filters to the table. Get, if there is one, reads the row with the key that is given, or nil;
	// Complete, if there is one, adds to the row that was found.
	List     func(ctx context.Context, c *client.Client, q Query) ([]fields.Row, error)
	Get      func(ctx context.Context, c *client.Client, q Query) (fields.Row, error)
	Complete func(ctx context.Context, c *client.Client, row fields.Row) error
}

// mostRecent is the filter that chooses among several.
const mostRecent = "most_recent"

func (n *Noun) key() string { return cmp.Or(n.Key, "id") }

// single are the filters of the singular data source.
func (n *Noun) single() map[string]Filter {
	filters := maps.Clone(n.Filters)
	if n.Newest != "" {
		filters[mostRecent] = Filter{
			Of: fields.Flag, Scope: true,
			Description: "Take the one that was created last if several fit. Otherwise that is an error.",
		}
	}
	return filters
}

// find is the one row that fits, or nil after an error in diags.
func (n *Noun) find(ctx context.Context, c *client.Client, q Query, diags *diag.Diagnostics) fields.Row {
	rows, err := n.candidates(ctx, c, q)
	if err == nil && len(rows) > 1 && !n.First && !q.Flag(mostRecent) {
		diags.AddError("Several "+n.Labels, fmt.Sprintf("%d %s have %s: %s.\n\nAsk for more%s.",
			len(rows), strings.ToLower(n.Labels), q, n.keys(rows), n.choices()))
		return nil
	}
	if err == nil && len(rows) > 0 && n.Complete != nil {
		err = n.Complete(ctx, c, rows[0])
	}
	if n.failed(q, err, len(rows) == 0, diags) {
		return nil
	}
	return rows[0]
}

// candidates are the rows that fit, the best first.
func (n *Noun) candidates(ctx context.Context, c *client.Client, q Query) ([]fields.Row, error) {
	if n.Get == nil || !q.Has(n.key()) {
		return n.all(ctx, c, q)
	}
	row, err := n.Get(ctx, c, q)
	if err != nil || row == nil {
		return nil, err
	}
	return []fields.Row{row}, nil
}

// all are the rows that fit, sorted.
func (n *Noun) all(ctx context.Context, c *client.Client, q Query) ([]fields.Row, error) {
	rows, err := n.List(ctx, c, q)
	if err != nil {
		return nil, err
	}
	rows = slices.DeleteFunc(rows, func(row fields.Row) bool { return !q.keeps(n.Filters, row) })
	slices.SortFunc(rows, func(a, b fields.Row) int {
		if newest := compare(b[n.Newest], a[n.Newest]); q.Flag(mostRecent) && newest != 0 {
			return newest
		}
		return order(a, b, n.order())
	})
	return rows, nil
}

func (n *Noun) order() []string { return append(slices.Clone(n.Order), n.key()) }

// failed is whether there is no answer, which it says in diags.
func (n *Noun) failed(q Query, err error, none bool, diags *diag.Diagnostics) bool {
	switch {
	case diagnose.NotFound(err) || err == nil && none:
		diags.Append(diagnose.Missing(cmp.Or(n.Of, n.Label), q.String()))
	case err != nil && n.Admin:
		diags.Append(diagnose.Failure("Find", n.Labels, "", ForAdmins(err, strings.ToLower(n.Labels))))
	case err != nil:
		diags.Append(diagnose.Failure("Find", n.Labels, "", err))
	default:
		return false
	}
	return true
}

// keys names the first rows for people.
func (n *Noun) keys(rows []fields.Row) string {
	const most = 10
	var names []string
	for _, row := range rows[:min(len(rows), most)] {
		names = append(names, row.Text(n.key()))
	}
	if len(rows) > most {
		names = append(names, "...")
	}
	return strings.Join(names, ", ")
}

func (n *Noun) choices() string {
	if n.Newest != "" {
		return ", or set most_recent"
	}
	return ""
}

// sorted names the fields of the order.
func (n *Noun) sorted() string {
	var names []string
	for _, name := range n.order() {
		names = append(names, "`"+name+"`")
	}
	return strings.Join(names, ", then ")
}

// distinct are the keys of rows, each once, in their order.
func (n *Noun) distinct(rows []fields.Row) []string {
	keys := []string{}
	seen := map[string]bool{}
	for _, row := range rows {
		if key := row.Text(n.key()); !seen[key] {
			seen[key] = true
			keys = append(keys, key)
		}
	}
	return keys
}

// Sort sorts rows by these fields.
func Sort(rows []fields.Row, by ...string) {
	slices.SortFunc(rows, func(a, b fields.Row) int { return order(a, b, by) })
}

func order(a, b fields.Row, by []string) int {
	for _, name := range by {
		if c := compare(a[name], b[name]); c != 0 {
			return c
		}
	}
	return 0
}

// compare orders texts and numbers; null comes first.
func compare(a, b attr.Value) int {
	switch a := a.(type) {
	case types.String:
		if b, ok := b.(types.String); ok {
			return cmp.Compare(a.ValueString(), b.ValueString())
		}
	case types.Int64:
		if b, ok := b.(types.Int64); ok {
			return cmp.Compare(a.ValueInt64(), b.ValueInt64())
		}
	}
	return 0
}
