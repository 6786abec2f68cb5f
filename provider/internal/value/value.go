// SPDX-License-Identifier: MPL-2.0

// Package value converts between Terraform's values, which may be null or unknown, and Go's.
package value

import (
	"context"
	"math"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
)

// Known is whether v is neither null nor unknown.
func Known(v attr.Value) bool { return !v.IsNull() && !v.IsUnknown() }

// Settled is whether nothing about v is unknown, nor about the elements of a map.
func Settled(v attr.Value) bool {
	if all, ok := v.(basetypes.MapValue); ok {
		for _, element := range all.Elements() {
			if element.IsUnknown() {
				return false
			}
		}
	}
	return !v.IsUnknown()
}

// Text is null for "", as Nova writes "nothing" both ways.
func Text(text string) types.String {
	if text == "" {
		return types.StringNull()
	}
	return types.StringValue(text)
}

// Time is null for the zero time, else RFC 3339 in UTC.
func Time(at time.Time) types.String {
	if at.IsZero() {
		return types.StringNull()
	}
	return types.StringValue(at.UTC().Format(time.RFC3339))
}

// Int is v as a Go int, which has 64 bits wherever a provider runs; null and unknown are 0.
func Int(v types.Int64) int {
	return int(min(max(v.ValueInt64(), math.MinInt), math.MaxInt))
}

// IntOf is a pointer to v, or nil for null and unknown.
func IntOf(v types.Int64) *int {
	if !Known(v) {
		return nil
	}
	n := Int(v)
	return &n
}

// Strings are the elements of a set or list of strings; nil for null and unknown.
func Strings(ctx context.Context, v interface {
	attr.Value
	ElementsAs(ctx context.Context, target any, allowUnhandled bool) diag.Diagnostics
}, diags *diag.Diagnostics,
) []string {
	if !Known(v) {
		return nil
	}
	var all []string
	diags.Append(v.ElementsAs(ctx, &all, false)...)
	return all
}

// Map is a map of strings; nil for null and unknown.
func Map(ctx context.Context, v types.Map, diags *diag.Diagnostics) map[string]string {
	if !Known(v) {
		return nil
	}
	all := map[string]string{}
	diags.Append(v.ElementsAs(ctx, &all, false)...)
	return all
}

// MapOf is null for nil.
func MapOf(all map[string]string) types.Map {
	if all == nil {
		return types.MapNull(types.StringType)
	}
	elements := make(map[string]attr.Value, len(all))
	for key, text := range all {
		elements[key] = types.StringValue(text)
	}
	return types.MapValueMust(types.StringType, elements)
}

// SetOf is null for nil. It takes each text once, as Terraform demands of sets.
func SetOf(all []string) types.Set {
	if all == nil {
		return types.SetNull(types.StringType)
	}
	seen := map[string]bool{}
	elements := []attr.Value{}
	for _, text := range all {
		if !seen[text] {
			seen[text] = true
			elements = append(elements, types.StringValue(text))
		}
	}
	return types.SetValueMust(types.StringType, elements)
}

// ListOf is null for nil.
func ListOf(all []string) types.List {
	if all == nil {
		return types.ListNull(types.StringType)
	}
	elements := make([]attr.Value, 0, len(all))
	for _, text := range all {
		elements = append(elements, types.StringValue(text))
	}
	return types.ListValueMust(types.StringType, elements)
}

// Has is whether a set or list of strings holds text.
func Has(v interface{ Elements() []attr.Value }, text string) bool {
	for _, element := range v.Elements() {
		if s, ok := element.(basetypes.StringValue); ok && s.ValueString() == text {
			return true
		}
	}
	return false
}
