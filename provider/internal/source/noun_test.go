// SPDX-License-Identifier: MPL-2.0

package source

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/client"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/fields"
)

// boats is a noun of which there are so many, the last of them the newest but of the same name as all others.
func boats(count int) Noun {
	return Noun{
		Label: "Boat", Labels: "Boats", Newest: "launched", Order: []string{"name"},
		Filters: map[string]Filter{"name": Equal("name", "")},
		List: func(context.Context, *client.Client, Query) ([]fields.Row, error) {
			var rows []fields.Row
			for i := range count {
				rows = append(rows, fields.Row{
					"id": types.StringValue(fmt.Sprintf("%02d", i)), "name": types.StringValue("b"),
					"launched": types.StringValue(fmt.Sprintf("20%02d", i)),
				})
			}
			return rows, nil
		},
	}
}

func named(name string) Query {
	return Query{given: map[string]attr.Value{"name": types.StringValue(name)}}
}

func TestFindOne(t *testing.T) {
	t.Parallel()
	recent := named("b")
	recent.given[mostRecent] = types.BoolValue(true)
	first := boats(3)
	first.First = true
	for name, c := range map[string]struct {
		noun Noun
		q    Query
		id   string // found
		told string // or else
	}{
		"one":         {boats(1), named("b"), "00", ""},
		"none":        {boats(1), named("c"), "", `No Such Boat: There is no boat with name "c", or`},
		"several":     {boats(3), named("b"), "", `Several Boats: 3 boats have name "b": 00, 01, 02.`},
		"many":        {boats(12), named("b"), "", `08, 09, ....`},
		"most recent": {boats(3), recent, "02", ""},
		"first":       {first, named("b"), "00", ""},
	} {
		var diags diag.Diagnostics
		row := c.noun.find(t.Context(), nil, c.q, &diags)
		if row.Text("id") != c.id {
			t.Errorf("%s: found %q", name, row.Text("id"))
		}
		var told string
		for _, d := range diags {
			told += d.Summary() + ": " + d.Detail()
		}
		if !strings.Contains(told, c.told) || (c.told == "") != (told == "") {
			t.Errorf("%s: %s", name, told)
		}
	}
}

// TestOrder: lists come in the same order, whatever the service's is, and name each key once.
func TestOrder(t *testing.T) {
	t.Parallel()
	n := boats(3)
	list := n.List
	n.List = func(ctx context.Context, c *client.Client, q Query) ([]fields.Row, error) {
		rows, err := list(ctx, c, q)
		return []fields.Row{rows[2], rows[0], rows[1], rows[2]}, err
	}
	rows, err := n.all(t.Context(), nil, Query{})
	if got := strings.Join(n.distinct(rows), " "); err != nil || got != "00 01 02" {
		t.Error(got, err)
	}
}
