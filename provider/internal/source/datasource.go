// SPDX-License-Identifier: MPL-2.0

package source

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/datasourcevalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/fields"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/session"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/value"
)

// One is the data source for the thing that fits.
func One(n Noun) datasource.DataSource { return &one{noun: n} }

// All is the data source for all things that fit.
func All(n Noun) datasource.DataSource { return &all{noun: n} }

var (
	_ datasource.DataSourceWithConfigure        = (*one)(nil)
	_ datasource.DataSourceWithConfigValidators = (*one)(nil)
	_ datasource.DataSourceWithConfigure        = (*all)(nil)
)

type one struct {
	session.DataSource
	noun Noun
}

func (d *one) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = "nova_" + d.noun.Singular
}

func (d *one) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: d.noun.About,
		Attributes:          attributes(d.noun.single(), d.noun.Shown.With(d.noun.Detail)),
	}
}

// ConfigValidators: something has to be looked for, and a key says it all.
func (d *one) ConfigValidators(context.Context) []datasource.ConfigValidator {
	var searches []path.Expression
	for name, f := range d.noun.single() {
		if !f.Scope {
			searches = append(searches, path.MatchRoot(name))
		}
	}
	slices.SortFunc(searches, func(a, b path.Expression) int { return strings.Compare(a.String(), b.String()) })
	validators := []datasource.ConfigValidator{datasourcevalidator.AtLeastOneOf(searches...)}
	key := path.MatchRoot(d.noun.key())
	for _, search := range searches {
		if _, ok := d.noun.Filters[d.noun.key()]; ok && !search.Equal(key) {
			validators = append(validators, datasourcevalidator.Conflicting(key, search))
		}
	}
	return validators
}

func (d *one) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	c := d.Cloud(&resp.Diagnostics)
	if c == nil {
		return
	}
	filters := d.noun.single()
	q := asked(ctx, c, req.Config, filters, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	if row := d.noun.find(ctx, c, q, &resp.Diagnostics); row != nil {
		resp.Diagnostics.Append(set(ctx, &resp.State, q, row)...)
	}
}

type all struct {
	session.DataSource
	noun Noun
}

func (d *all) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = "nova_" + d.noun.Plural
}

// results are what the plural data source shows: the rows under the noun's plural, and their keys.
func (d *all) results() fields.Table {
	return fields.Table{
		d.noun.Plural:      {Of: fields.Rows, Fields: d.noun.Shown, Description: fmt.Sprintf("What was found, sorted by %s.", d.noun.sorted())},
		d.noun.key() + "s": {Of: fields.List, Description: fmt.Sprintf("The `%s` of each, in the same order.", d.noun.key())},
	}
}

func (d *all) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{MarkdownDescription: d.noun.AboutPlural, Attributes: attributes(d.noun.Filters, d.results())}
}

func (d *all) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	c := d.Cloud(&resp.Diagnostics)
	if c == nil {
		return
	}
	q := asked(ctx, c, req.Config, d.noun.Filters, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	rows, err := d.noun.all(ctx, c, q)
	if d.noun.failed(q, err, false, &resp.Diagnostics) {
		return
	}
	resp.Diagnostics.Append(set(ctx, &resp.State, q, fields.Row{
		d.noun.Plural: d.noun.Shown.List(rows), d.noun.key() + "s": value.ListOf(d.noun.distinct(rows)),
	})...)
}
