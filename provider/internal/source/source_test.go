// SPDX-License-Identifier: MPL-2.0

package source_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/fields"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/source"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/value"
)

func TestFilters(t *testing.T) {
	t.Parallel()
	row := fields.Row{
		"name": types.StringValue("web-1"), "ram": types.Int64Value(512), "public": types.BoolValue(true),
		"tags": value.SetOf([]string{"a", "b"}), "hosts": value.ListOf([]string{"h"}),
		"metadata": value.MapOf(map[string]string{"k": "v", "l": "w"}), "nothing": types.StringNull(),
	}
	for name, c := range map[string]struct {
		filter source.Filter
		given  attr.Value
		keeps  bool
	}{
		"equal":             {source.Equal("name", ""), types.StringValue("web-1"), true},
		"not equal":         {source.Equal("name", ""), types.StringValue("web"), false},
		"null":              {source.Equal("nothing", ""), types.StringValue("x"), false},
		"flag":              {source.Is("public", ""), types.BoolValue(false), false},
		"at least":          {source.AtLeast("ram", ""), types.Int64Value(512), true},
		"less":              {source.AtLeast("ram", ""), types.Int64Value(513), false},
		"matches a part":    {source.Matches("name", ""), types.StringValue(`b-\d`), true},
		"matches nothing":   {source.Matches("name", ""), types.StringValue("^b"), false},
		"matches no null":   {source.Matches("nothing", ""), types.StringValue("x"), false},
		"an invalid regexp": {source.Matches("name", ""), types.StringValue("("), false},
		"holds":             {source.Holds("tags", ""), value.SetOf([]string{"b"}), true},
		"holds not all":     {source.Holds("tags", ""), value.SetOf([]string{"b", "c"}), false},
		"contains":          {source.Contains("hosts", ""), types.StringValue("h"), true},
		"contains not":      {source.Contains("hosts", ""), types.StringValue("i"), false},
		"pairs":             {source.Pairs("metadata", ""), value.MapOf(map[string]string{"k": "v"}), true},
		"another value":     {source.Pairs("metadata", ""), value.MapOf(map[string]string{"k": "w"}), false},
		"another key":       {source.Pairs("metadata", ""), value.MapOf(map[string]string{"m": "v"}), false},
	} {
		if got := c.filter.Keep(c.given, row); got != c.keeps {
			t.Errorf("%s: keeps %v", name, got)
		}
	}
}

func TestSort(t *testing.T) {
	t.Parallel()
	row := func(name string, size int64) fields.Row {
		return fields.Row{"name": types.StringValue(name), "size": types.Int64Value(size)}
	}
	rows := []fields.Row{row("b", 10), row("a", 10), row("c", 9)}
	source.Sort(rows, "size", "name")
	var order string
	for _, r := range rows {
		order += r.Text("name")
	}
	if order != "cab" {
		t.Error(order)
	}
}
