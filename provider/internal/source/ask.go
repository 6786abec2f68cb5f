// SPDX-License-Identifier: MPL-2.0

// Package source makes data sources out of tables: fields that are shown, filters that say what is looked for, and a function
// that asks the cloud. A Noun is a kind of thing of which a cloud has many, and has two data sources: one for the thing that
// fits, one for all that fit. A Reading is about one thing that is known beforehand.
package source

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/url"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/client"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/diagnose"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/fields"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/value"
)

// asked is what config asks for. Filters that the cloud is too old for are errors.
func asked(ctx context.Context, c *client.Client, config tfsdk.Config, filters map[string]Filter, diags *diag.Diagnostics) Query {
	q := Query{given: map[string]attr.Value{}, Values: url.Values{}}
	var all types.Object
	diags.Append(config.Get(ctx, &all)...)
	for name, f := range filters {
		given := all.Attributes()[name]
		if given == nil || !value.Known(given) {
			continue
		}
		if err := c.Check(ctx, f.Since); err != nil {
			diags.Append(diagnose.TooOld(path.Root(name), err))
		}
		f.check(path.Root(name), given, diags) // again: it may have been unknown when the configuration was checked
		q.given[name] = given
		if f.Query != "" {
			q.Values.Set(f.Query, parameter(given))
		}
	}
	return q
}

// set makes the state of what was asked for and the row; the rest of it is null.
func set(ctx context.Context, state *tfsdk.State, q Query, row fields.Row) (diags diag.Diagnostics) {
	values := map[string]attr.Value{}
	for name, attribute := range state.Schema.GetAttributes() {
		of := attribute.GetType()
		null, err := of.ValueFromTerraform(ctx, tftypes.NewValue(of.TerraformType(ctx), nil))
		if err != nil {
			diags.AddError("Unable to Make a Null", err.Error())
			return diags
		}
		values[name] = null
	}
	maps.Copy(values, row)
	maps.Copy(values, q.given)
	object, diags := types.ObjectValue(state.Schema.Type().(attr.TypeWithAttributeTypes).AttributeTypes(), values)
	if !diags.HasError() {
		diags.Append(state.Set(ctx, object)...)
	}
	return diags
}

// ForAdmins adds to a refusal that the subject is for administrators.
func ForAdmins(err error, subject string) error {
	if diagnose.Status(err) != http.StatusForbidden {
		return err
	}
	return &diagnose.Hinted{Err: err, Hint: fmt.Sprintf("Nova shows %s to administrators only, unless the cloud's policy says otherwise.", subject)}
}
