// SPDX-License-Identifier: MPL-2.0

package source

import (
	"context"
	"fmt"
	"regexp"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/fields"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/value"
)

// attributes are those of a schema with these filters and fields. A filter of a field's name shows what was found as well.
func attributes(filters map[string]Filter, shown fields.Table) map[string]schema.Attribute {
	all := shown.Data()
	for name, f := range filters {
		_, computed := shown[name]
		all[name] = f.attribute(computed)
	}
	return all
}

func (f Filter) attribute(computed bool) schema.Attribute {
	optional := !f.Required
	computed = computed && optional
	switch f.Of {
	case fields.Number:
		return schema.Int64Attribute{
			Required: f.Required, Optional: optional, Computed: computed, MarkdownDescription: f.Description,
			Validators: []validator.Int64{int64validator.AtLeast(0)},
		}
	case fields.Flag:
		return schema.BoolAttribute{
			Required: f.Required, Optional: optional, Computed: computed, MarkdownDescription: f.Description,
		}
	case fields.Texts:
		return schema.MapAttribute{
			Required: f.Required, Optional: optional, Computed: computed, MarkdownDescription: f.Description, ElementType: types.StringType,
		}
	case fields.Set:
		return schema.SetAttribute{
			Required: f.Required, Optional: optional, Computed: computed, MarkdownDescription: f.Description, ElementType: types.StringType,
		}
	}
	return schema.StringAttribute{
		Required: f.Required, Optional: optional, Computed: computed, MarkdownDescription: f.Description,
		Validators: f.validators(),
	}
}

func (f Filter) validators() []validator.String {
	all := []validator.String{stringvalidator.LengthAtLeast(1)}
	if f.OneOf != nil {
		all = append(all, stringvalidator.OneOf(f.OneOf...))
	}
	if f.Pattern || f.Of == fields.Time {
		all = append(all, text{f})
	}
	return all
}

// text validates a filter's text when the configuration is checked.
type text struct{ Filter }

func (t text) Description(context.Context) string {
	if t.Pattern {
		return "has to be a regular expression"
	}
	return "has to be a time in RFC 3339"
}

func (t text) MarkdownDescription(ctx context.Context) string { return t.Description(ctx) }

func (t text) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if value.Known(req.ConfigValue) {
		t.check(req.Path, req.ConfigValue, &resp.Diagnostics)
	}
}

// check refuses what the filter cannot be.
func (f Filter) check(at path.Path, given attr.Value, diags *diag.Diagnostics) {
	asText, _ := given.(types.String)
	switch {
	case f.Pattern:
		if _, err := regexp.Compile(asText.ValueString()); err != nil {
			diags.AddAttributeError(at, "Invalid Regular Expression", fmt.Sprintf("%s has to be a regular expression: %s.", at, err))
		}
	case f.Of == fields.Time:
		if _, err := time.Parse(time.RFC3339, asText.ValueString()); err != nil {
			diags.AddAttributeError(at, "Invalid Time",
				fmt.Sprintf("%s has to be a time in RFC 3339, 2026-01-31T12:00:00Z for example: %s.", at, err))
		}
	}
}
