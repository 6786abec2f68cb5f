// SPDX-License-Identifier: MPL-2.0

// Package settings reads the configurations of actions by the names of their attributes: there is one model for all of
// them, as no action has a state to keep.
package settings

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/action/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/value"
)

// Settings are the attributes of an action's configuration.
type Settings struct{ all map[string]attr.Value }

// Read reads a configuration.
func Read(ctx context.Context, from tfsdk.Config, diags *diag.Diagnostics) Settings {
	var object types.Object
	diags.Append(from.Get(ctx, &object)...)
	return Settings{object.Attributes()}
}

// Has is whether the attribute is set, to a value that is known.
func (s Settings) Has(name string) bool { return s.all[name] != nil && value.Known(s.all[name]) }

// Left is whether the attribute is known not to be set.
func (s Settings) Left(name string) bool { return s.all[name] == nil || s.all[name].IsNull() }

// Text is the attribute's text, "" if it is not set.
func (s Settings) Text(name string) string {
	text, _ := s.all[name].(types.String)
	return text.ValueString()
}

// Flag is the attribute's flag, false if it is not set.
func (s Settings) Flag(name string) bool {
	flag, _ := s.all[name].(types.Bool)
	return flag.ValueBool()
}

// FlagOr is the attribute's flag, or what it is if it is not set.
func (s Settings) FlagOr(name string, otherwise bool) bool {
	if !s.Has(name) {
		return otherwise
	}
	return s.Flag(name)
}

// Number is the attribute's number, 0 if it is not set.
func (s Settings) Number(name string) int64 {
	number, _ := s.all[name].(types.Int64)
	return number.ValueInt64()
}

// Map is the attribute's map of texts, nil if it is not set.
func (s Settings) Map(ctx context.Context, name string, diags *diag.Diagnostics) map[string]string {
	all, _ := s.all[name].(types.Map)
	return value.Map(ctx, all, diags)
}

// Duration is the attribute's text as a duration, 0 if it is not set; the schema validated it.
func (s Settings) Duration(name string) time.Duration {
	d, _ := time.ParseDuration(s.Text(name))
	return d
}

// Timeout is how long the action may take.
func (s Settings) Timeout(ctx context.Context, otherwise time.Duration, diags *diag.Diagnostics) time.Duration {
	limits, ok := s.all["timeouts"].(timeouts.Value)
	if !ok {
		return otherwise
	}
	limit, found := limits.Invoke(ctx, otherwise)
	diags.Append(found...)
	return limit
}

// Timeouts is the attribute that Timeout reads.
func Timeouts(ctx context.Context, description string) schema.Attribute {
	attribute := timeouts.AttributesWithOpts(ctx, timeouts.Opts{InvokeDescription: description})
	if nested, ok := attribute.(schema.SingleNestedAttribute); ok { // the module leaves it undescribed
		nested.MarkdownDescription = "How long the action may take."
		return nested
	}
	return attribute
}

// IsDuration is a validator of what Duration reads.
func IsDuration() validator.String { return isDuration{} }

type isDuration struct{}

func (isDuration) Description(context.Context) string {
	return "has to be a duration above 0, 90s or 1h30m for example"
}
func (v isDuration) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v isDuration) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if !value.Known(req.ConfigValue) {
		return
	}
	if d, err := time.ParseDuration(req.ConfigValue.ValueString()); err != nil || d <= 0 {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid Duration", fmt.Sprintf("%s %s; this is %q.", req.Path, v.Description(ctx), req.ConfigValue.ValueString()))
	}
}
