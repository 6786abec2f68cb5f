// SPDX-License-Identifier: MPL-2.0

// Package listing streams what `terraform query` asks for: no more pages of the cloud's list are read than the
// query takes results.
package listing

import (
	"context"
	"iter"
	"regexp"

	"github.com/gophercloud/gophercloud/v2/pagination"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/diagnose"
)

// Results are the results of the list of noun ("Servers"): one for each of all, up to the request's limit. fill
// sets the name to show, the identity and, if the request asks for it, the resource. A failure to go on listing is
// the last result.
func Results[T any](
	ctx context.Context, req list.ListRequest, noun string, all iter.Seq2[T, error], fill func(context.Context, T, *list.ListResult),
) iter.Seq[list.ListResult] {
	return func(push func(list.ListResult) bool) {
		listed := int64(0)
		for item, err := range all {
			if err != nil {
				push(list.ListResult{Diagnostics: diag.Diagnostics{diagnose.Failure("List", noun, "", err)}})
				return
			}
			result := req.NewListResult(ctx)
			fill(ctx, item, &result)
			listed++
			if !push(result) || req.Limit > 0 && listed >= req.Limit {
				return
			}
		}
	}
}

// Paged is what is on the pages of a list of gophercloud, each page read when the one before it is used up.
func Paged[T any](ctx context.Context, pager pagination.Pager, extract func(pagination.Page) ([]T, error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		err := pager.EachPage(ctx, func(_ context.Context, page pagination.Page) (bool, error) {
			items, err := extract(page)
			if err != nil {
				return false, err
			}
			for _, item := range items {
				if !yield(item, nil) {
					return false, nil
				}
			}
			return true, nil
		})
		if err != nil {
			var none T
			yield(none, err)
		}
	}
}

// Whole is a list that comes in one piece, read when the first of it is asked for.
func Whole[T any](read func() ([]T, error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		all, err := read()
		for _, item := range all {
			if !yield(item, nil) {
				return
			}
		}
		if err != nil {
			var none T
			yield(none, err)
		}
	}
}

// Filter is what of all passes keep.
func Filter[T any](all iter.Seq2[T, error], keep func(T) bool) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for item, err := range all {
			if (err != nil || keep(item)) && !yield(item, err) {
				return
			}
		}
	}
}

// Blank reads the result's resource into target, a pointer to the resource's model: as an import begins, with
// nothing but the attribute at, and with nulls of the right types for the rest.
func Blank(ctx context.Context, result *list.ListResult, at path.Path, value types.String, target any) {
	result.Diagnostics.Append(result.Resource.SetAttribute(ctx, at, value)...)
	result.Diagnostics.Append(result.Resource.Get(ctx, target)...)
}

// AsState lets write fill in the result's resource as it would a state.
func AsState(result *list.ListResult, write func(*tfsdk.State)) {
	state := tfsdk.State{Raw: result.Resource.Raw, Schema: result.Resource.Schema}
	write(&state)
	result.Resource.Raw = state.Raw
}

// NameRegex is the filter by a regular expression on names that all lists have; see Matcher.
func NameRegex() schema.StringAttribute {
	return schema.StringAttribute{
		Optional: true, MarkdownDescription: "A regular expression that the name has to match, anywhere unless it has `^` and `$`.",
		Validators: []validator.String{stringvalidator.LengthAtLeast(1), expression{}},
	}
}

// Matcher is whether a name matches what NameRegex took; all do where that is null.
func Matcher(pattern types.String) func(name string) bool {
	if pattern.IsNull() {
		return func(string) bool { return true }
	}
	compiled, err := regexp.Compile(pattern.ValueString())
	return func(name string) bool { return err == nil && compiled.MatchString(name) }
}

// expression validates regular expressions of Go's kind.
type expression struct{}

func (expression) Description(context.Context) string { return "has to be a regular expression" }

// MarkdownDescription is Description.
func (e expression) MarkdownDescription(ctx context.Context) string { return e.Description(ctx) }

// ValidateString compiles the expression.
func (expression) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if _, err := regexp.Compile(req.ConfigValue.ValueString()); err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid Regular Expression", err.Error())
	}
}
