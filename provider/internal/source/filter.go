// SPDX-License-Identifier: MPL-2.0

package source

import (
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/client"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/fields"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/value"
)

// Filter is an attribute that says what is looked for.
type Filter struct {
	Of          fields.Kind
	Description string
	Required    bool
	// Scope is of a filter that says where to look rather than what for: it is no search by itself, and goes with an id.
	Scope bool
	// Since is the microversion that the filter takes; 0 for none above 2.1.
	Since client.Microversion
	// Query is the parameter by which the service filters itself; "" if it cannot.
	Query string
	// Keep is whether a row passes; nil if the service's filter is exact.
	Keep func(given attr.Value, row fields.Row) bool
	// OneOf are the texts that are taken; nil for any. Pattern is of regular expressions.
	OneOf   []string
	Pattern bool
}

// Equal is a filter for a field that is exactly what is given.
func Equal(field, description string) Filter {
	return Filter{Of: fields.Text, Description: description, Keep: func(given attr.Value, row fields.Row) bool {
		return row[field] != nil && row[field].Equal(given)
	}}
}

// Is is a filter for a flag.
func Is(field, description string) Filter {
	f := Equal(field, description)
	f.Of = fields.Flag
	return f
}

// AtLeast is a filter for a number that is not less than what is given.
func AtLeast(field, description string) Filter {
	return Filter{Of: fields.Number, Description: description, Keep: func(given attr.Value, row fields.Row) bool {
		least, _ := given.(types.Int64)
		n, _ := row[field].(types.Int64)
		return n.ValueInt64() >= least.ValueInt64()
	}}
}

// Matches is a filter for a text that a regular expression fits, anywhere in it.
func Matches(field, description string) Filter {
	return Filter{Of: fields.Text, Pattern: true, Description: description, Keep: func(given attr.Value, row fields.Row) bool {
		text, _ := given.(types.String)
		pattern, err := regexp.Compile(text.ValueString())
		return err == nil && pattern.MatchString(row.Text(field)) // check refuses the invalid ones
	}}
}

// Holds is a filter for a set or a list that has all that are given.
func Holds(field, description string) Filter {
	return Filter{Of: fields.Set, Description: description, Keep: func(given attr.Value, row fields.Row) bool {
		there := texts(row[field])
		return !slices.ContainsFunc(texts(given), func(text string) bool { return !slices.Contains(there, text) })
	}}
}

// Contains is a filter for a set or a list that has the one that is given.
func Contains(field, description string) Filter {
	return Filter{Of: fields.Text, Description: description, Keep: func(given attr.Value, row fields.Row) bool {
		text, _ := given.(types.String)
		return slices.Contains(texts(row[field]), text.ValueString())
	}}
}

// Pairs is a filter for a map that has all pairs that are given.
func Pairs(field, description string) Filter {
	return Filter{Of: fields.Texts, Description: description, Keep: func(given attr.Value, row fields.Row) bool {
		wanted, _ := given.(types.Map)
		there, _ := row[field].(types.Map)
		for key, text := range wanted.Elements() {
			if got, ok := there.Elements()[key]; !ok || !got.Equal(text) {
				return false
			}
		}
		return true
	}}
}

// By is the filter, sent to the service as well under this name.
func (f Filter) By(query string) Filter {
	f.Query = query
	return f
}

// Needs is the filter, for clouds that offer this microversion.
func (f Filter) Needs(since client.Microversion) Filter {
	f.Since = since
	return f
}

// Among is the filter, which takes these texts alone.
func (f Filter) Among(texts ...string) Filter {
	f.OneOf = texts
	return f
}

// Query are the filters that are set.
type Query struct {
	given map[string]attr.Value
	// Values are those of them that the service filters by itself.
	Values url.Values
}

// Has is whether the filter is set.
func (q Query) Has(name string) bool { return q.given[name] != nil }

// Value is a filter's value, null of the field's kind if it is not set.
func (q Query) Value(name string, of fields.Field) attr.Value {
	if given := q.given[name]; given != nil {
		return given
	}
	return of.Null()
}

// Text is a filter's text, "" if it is not set.
func (q Query) Text(name string) string {
	text, _ := q.given[name].(types.String)
	return text.ValueString()
}

// Flag is a filter's flag, false if it is not set.
func (q Query) Flag(name string) bool {
	flag, _ := q.given[name].(types.Bool)
	return flag.ValueBool()
}

// Texts are a filter's texts, sorted; nil if it is not set.
func (q Query) Texts(name string) []string { return texts(q.given[name]) }

// Number is a filter's number, 0 if it is not set.
func (q Query) Number(name string) int64 {
	n, _ := q.given[name].(types.Int64)
	return n.ValueInt64()
}

// String names the filters for people.
func (q Query) String() string {
	var parts []string
	for name, given := range q.given {
		parts = append(parts, name+" "+given.String())
	}
	slices.Sort(parts)
	return strings.Join(parts, " and ")
}

// keeps is whether a row passes all filters that are set.
func (q Query) keeps(filters map[string]Filter, row fields.Row) bool {
	for name, given := range q.given {
		if keep := filters[name].Keep; keep != nil && !keep(given, row) {
			return false
		}
	}
	return true
}

// parameter is how a value is written in a URL.
func parameter(given attr.Value) string {
	switch v := given.(type) {
	case types.String:
		return v.ValueString()
	case types.Int64:
		return strconv.FormatInt(v.ValueInt64(), 10)
	case types.Bool:
		return strconv.FormatBool(v.ValueBool())
	}
	return strings.Join(texts(given), ",")
}

// texts are the elements of a set or list of texts, sorted.
func texts(v attr.Value) []string {
	all, _ := v.(interface{ Elements() []attr.Value })
	if all == nil {
		return nil
	}
	var found []string
	for _, element := range all.Elements() {
		if text, ok := element.(types.String); ok && value.Known(text) {
			found = append(found, text.ValueString())
		}
	}
	slices.Sort(found)
	return found
}
