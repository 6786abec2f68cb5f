// SPDX-License-Identifier: MPL-2.0

// Package functions is the provider's functions. They compute from their arguments alone: no cloud is asked.
package functions

import (
	"errors"
	"math/big"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
)

// All are the functions of the provider.
func All() []func() function.Function {
	return []func() function.Function{
		newFlavorFits,
		newParseAvailabilityZone,
		newParseID,
		newParseImportID,
		newServerAddress,
		newSSHConfig,
	}
}

// errUnknown says that the result depends on what is known only after apply.
var errUnknown = errors.New("not known before apply")

// plain is what a dynamic value holds.
func plain(v attr.Value) attr.Value {
	for {
		dynamic, ok := v.(basetypes.DynamicValue)
		if !ok || dynamic.IsNull() || dynamic.IsUnknown() {
			return v
		}
		v = dynamic.UnderlyingValue()
	}
}

// members are the attributes of an object, or the elements of a map; nil if v is neither.
func members(v attr.Value) map[string]attr.Value {
	switch v := plain(v).(type) {
	case basetypes.ObjectValue:
		return v.Attributes()
	case basetypes.MapValue:
		return v.Elements()
	}
	return nil
}

// elements are those of a list, set or tuple, and whether v is one.
func elements(v attr.Value) ([]attr.Value, bool) {
	switch v := plain(v).(type) {
	case basetypes.ListValue:
		return v.Elements(), true
	case basetypes.SetValue:
		return v.Elements(), true
	case basetypes.TupleValue:
		return v.Elements(), true
	}
	return nil, false
}

// text is a string; "" if v is null or missing. The error is errUnknown, or about v's being no string.
func text(v attr.Value) (string, error) {
	if v == nil || plain(v).IsNull() {
		return "", nil
	}
	v = plain(v)
	if v.IsUnknown() {
		return "", errUnknown
	}
	if v, ok := v.(interface{ ValueString() string }); ok {
		return v.ValueString(), nil
	}
	return "", errors.New("has to be a string")
}

// number is a number; nil if v is null or missing. Its errors are as those of text.
func number(v attr.Value) (*big.Float, error) {
	if v == nil || plain(v).IsNull() {
		return nil, nil
	}
	v = plain(v)
	if v.IsUnknown() {
		return nil, errUnknown
	}
	switch v := v.(type) {
	case basetypes.NumberValue:
		return v.ValueBigFloat(), nil
	case basetypes.Int64Value:
		return new(big.Float).SetInt64(v.ValueInt64()), nil
	}
	return nil, errors.New("has to be a number")
}

// unknown is whether err says that the result is not known yet.
func unknown(err error) bool { return errors.Is(err, errUnknown) }

// wrong is an error about the argument at position, from 0.
func wrong(position int64, err error) *function.FuncError {
	return function.NewArgumentFuncError(position, err.Error())
}
