// SPDX-License-Identifier: MPL-2.0

package fields

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/value"
)

// Row is an object, by the names of a table's fields.
type Row map[string]attr.Value

// Text is the text of a field; "" if it is null or no text.
func (r Row) Text(name string) string {
	text, _ := r[name].(types.String)
	return text.ValueString()
}

// Flag is a flag; false if it is null or no flag.
func (r Row) Flag(name string) bool {
	flag, _ := r[name].(types.Bool)
	return flag.ValueBool()
}

// JSON is an object as a service wrote it. Its numbers are of json.Number, which loses no digit.
type JSON map[string]any

// UnmarshalJSON reads an object.
func (j *JSON) UnmarshalJSON(text []byte) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var object map[string]any
	if err := decoder.Decode(&object); err != nil {
		return err
	}
	*j = object
	return nil
}

// at is what is at a path of names with dots between them.
func (j JSON) at(path string) any {
	object := map[string]any(j)
	for {
		if here, ok := object[path]; ok {
			return here
		}
		name, rest, more := strings.Cut(path, ".")
		inner, ok := object[name].(map[string]any)
		if !more || !ok {
			return nil
		}
		object, path = inner, rest
	}
}

// Row reads the table's fields from what a service wrote. A field that is not there is null: the service is
// too old or too new for it, or does not show it to everyone.
func (t Table) Row(object JSON) (Row, error) {
	row := Row{}
	for name, f := range t {
		from := f.From
		if from == "" {
			from = name
		}
		v, err := f.Read(object.at(from))
		if err != nil {
			return nil, fmt.Errorf("the answer's %s is of an unexpected kind: %w", from, err)
		}
		row[name] = v
	}
	return row, nil
}

// Null is the field's null.
func (f Field) Null() attr.Value {
	switch of := f.Type().(type) {
	case types.ObjectType:
		return types.ObjectNull(of.AttrTypes)
	case types.ListType:
		return types.ListNull(of.ElemType)
	case types.SetType:
		return types.SetNull(of.ElemType)
	case types.MapType:
		return types.MapNull(of.ElemType)
	}
	switch f.Of {
	case Number:
		return types.Int64Null()
	case Decimal:
		return types.Float64Null()
	case Flag:
		return types.BoolNull()
	}
	return types.StringNull()
}

// Read is what a service wrote, as a value of the field.
func (f Field) Read(from any) (attr.Value, error) {
	if from == nil {
		return f.Null(), nil
	}
	switch f.Of {
	case Number:
		return number(from)
	case Decimal:
		return decimal(from)
	case Flag:
		return flag(from)
	case Time:
		return moment(from)
	case Texts, List, Set:
		return f.texts(from)
	case Object:
		return f.object(from)
	case Rows:
		return f.rows(from)
	}
	text, err := plain(from)
	return value.Text(text), err
}

// plain is a text, or what the text of a number or a truth is.
func plain(from any) (string, error) {
	switch v := from.(type) {
	case string:
		return v, nil
	case json.Number:
		return v.String(), nil
	case bool:
		return strconv.FormatBool(v), nil
	case nil:
		return "", nil
	}
	return "", fmt.Errorf("%T in place of a text", from)
}

// number takes "" for 0, as Nova wrote the swap of flavors before 2.75, and the fractions that some drivers report of what
// has none.
func number(from any) (attr.Value, error) {
	text, err := plain(from)
	if err != nil || text == "" {
		return types.Int64Value(0), err
	}
	if whole, err := strconv.ParseInt(text, 10, 64); err == nil {
		return types.Int64Value(whole), nil
	}
	rough, err := strconv.ParseFloat(text, 64)
	return types.Int64Value(int64(rough)), err
}

func decimal(from any) (attr.Value, error) {
	text, err := plain(from)
	if err != nil {
		return nil, err
	}
	n, err := strconv.ParseFloat(text, 64)
	return types.Float64Value(n), err
}

// flag takes "True" and "", too, as Nova writes the config drive of servers.
func flag(from any) (attr.Value, error) {
	text, err := plain(from)
	if err != nil || text == "" {
		return types.BoolValue(false), err
	}
	yes, err := strconv.ParseBool(text)
	return types.BoolValue(yes), err
}

// moment adds the zone that Nova leaves out of most times. What it does not know is left as it is.
func moment(from any) (attr.Value, error) {
	text, err := plain(from)
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05.999999", "2006-01-02 15:04:05.999999"} {
		if at, wrong := time.Parse(layout, text); wrong == nil {
			return value.Time(at), nil
		}
	}
	return value.Text(text), err
}

func (f Field) texts(from any) (attr.Value, error) {
	switch all := from.(type) {
	case map[string]any:
		texts := map[string]string{}
		for key, inner := range all {
			text, err := plain(inner)
			if err != nil {
				return nil, err
			}
			texts[key] = text
		}
		if f.Of == Texts {
			return value.MapOf(texts), nil
		}
	case []any:
		texts := []string{}
		for _, inner := range all {
			text, err := plain(inner)
			if err != nil {
				return nil, err
			}
			texts = append(texts, text)
		}
		switch f.Of {
		case List:
			return value.ListOf(texts), nil
		case Set:
			return value.SetOf(texts), nil
		}
	}
	return nil, fmt.Errorf("%T", from)
}

// object takes JSON in a text, too, as Nova wrote cpu_info before 2.28.
func (f Field) object(from any) (attr.Value, error) {
	switch v := from.(type) {
	case map[string]any:
		row, err := f.Fields.Row(v)
		if err != nil {
			return nil, err
		}
		return f.Fields.Object(row), nil
	case string:
		var inner JSON
		if err := json.Unmarshal([]byte(v), &inner); err != nil || inner == nil {
			return f.Null(), nil //nolint:nilerr // some drivers write anything there, or nothing
		}
		return f.object(map[string]any(inner))
	}
	return nil, fmt.Errorf("%T in place of an object", from)
}

func (f Field) rows(from any) (attr.Value, error) {
	rows, err := f.Fields.Rows(from)
	if err != nil {
		return nil, err
	}
	return f.Fields.List(rows), nil
}

// Rows reads rows from a list of objects; nil is none.
func (t Table) Rows(from any) ([]Row, error) {
	all, ok := from.([]any)
	if from != nil && !ok {
		return nil, fmt.Errorf("%T in place of a list", from)
	}
	objects := make([]JSON, 0, len(all))
	for _, inner := range all {
		object, ok := inner.(map[string]any)
		if !ok {
			return nil, fmt.Errorf("%T in place of an object", inner)
		}
		objects = append(objects, object)
	}
	return t.Read(objects)
}

// Object is a row as a value: the table's fields of it, and null for what it lacks.
func (t Table) Object(row Row) types.Object {
	values := map[string]attr.Value{}
	for name, f := range t {
		if values[name] = row[name]; values[name] == nil {
			values[name] = f.Null()
		}
	}
	return types.ObjectValueMust(t.Types(), values)
}

// List is rows as a value.
func (t Table) List(rows []Row) types.List {
	elements := make([]attr.Value, 0, len(rows))
	for _, row := range rows {
		elements = append(elements, t.Object(row))
	}
	return types.ListValueMust(types.ObjectType{AttrTypes: t.Types()}, elements)
}

// Read reads rows from what a service wrote.
func (t Table) Read(objects []JSON) ([]Row, error) {
	rows := make([]Row, 0, len(objects))
	for _, object := range objects {
		row, err := t.Row(object)
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}
