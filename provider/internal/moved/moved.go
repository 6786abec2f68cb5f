// SPDX-License-Identifier: MPL-2.0

// Package moved takes over, by `moved` blocks, what terraform-provider-openstack manages.
package moved

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/value"
)

// Attributes are the attributes of a resource in its provider's state, as JSON. What is missing, or of another type
// than is asked for, is null: any version of the other provider's schema is taken.
type Attributes map[string]any

// From moves the state of the resource type source of terraform-provider-openstack: take sets the target's state from
// it. What take leaves null the refresh after the move fills in, as after an import.
func From(source string, take func(ctx context.Context, from Attributes, resp *resource.MoveStateResponse)) []resource.StateMover {
	return []resource.StateMover{{StateMover: func(ctx context.Context, req resource.MoveStateRequest, resp *resource.MoveStateResponse) {
		if req.SourceTypeName != source || !strings.HasSuffix(req.SourceProviderAddress, "/openstack") || req.SourceRawState == nil {
			return // another mover's, or nobody's
		}
		from := Attributes{}
		decoder := json.NewDecoder(bytes.NewReader(req.SourceRawState.JSON))
		decoder.UseNumber()
		if err := decoder.Decode(&from); err != nil {
			resp.Diagnostics.AddError("Unreadable State", fmt.Sprintf("The state of %s cannot be moved: %s.", source, err))
			return
		}
		take(ctx, from, resp)
	}}}
}

// Text is a text; null for "", as the other provider writes "nothing" both ways.
func (a Attributes) Text(name string) types.String {
	text, _ := a[name].(string)
	return value.Text(text)
}

// Number is a whole number.
func (a Attributes) Number(name string) types.Int64 {
	number, _ := a[name].(json.Number)
	if n, err := number.Int64(); err == nil {
		return types.Int64Value(n)
	}
	return types.Int64Null()
}

// Fraction is a number with a fraction.
func (a Attributes) Fraction(name string) types.Float64 {
	number, _ := a[name].(json.Number)
	if n, err := number.Float64(); err == nil {
		return types.Float64Value(n)
	}
	return types.Float64Null()
}

// Flag is true or false.
func (a Attributes) Flag(name string) types.Bool {
	if flag, ok := a[name].(bool); ok {
		return types.BoolValue(flag)
	}
	return types.BoolNull()
}

// Texts are the elements of a list or set of texts; nil if it is null.
func (a Attributes) Texts(name string) []string {
	list, ok := a[name].([]any)
	if !ok {
		return nil
	}
	texts := []string{}
	for _, element := range list {
		if text, ok := element.(string); ok {
			texts = append(texts, text)
		}
	}
	return texts
}

// Map is a map of texts; nil if it is null or empty.
func (a Attributes) Map(name string) map[string]string {
	var texts map[string]string
	all, _ := a[name].(map[string]any)
	for key, element := range all {
		if text, ok := element.(string); ok {
			if texts == nil {
				texts = map[string]string{}
			}
			texts[key] = text
		}
	}
	return texts
}

// Blocks are nested blocks.
func (a Attributes) Blocks(name string) []Attributes {
	list, _ := a[name].([]any)
	var blocks []Attributes
	for _, element := range list {
		if block, ok := element.(map[string]any); ok {
			blocks = append(blocks, block)
		}
	}
	return blocks
}
