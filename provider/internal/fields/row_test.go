// SPDX-License-Identifier: MPL-2.0

package fields_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/fields"
)

// read is the one field that is read as a kind from what a service wrote.
func read(t *testing.T, f fields.Field, written string) (string, error) {
	t.Helper()
	var object fields.JSON
	if err := json.Unmarshal([]byte(`{"f": `+written+`}`), &object); err != nil {
		t.Fatal(err)
	}
	row, err := fields.Table{"f": f}.Row(object)
	if err != nil {
		return "", err
	}
	if got, want := row["f"].Type(t.Context()), f.Type(); !got.Equal(want) {
		t.Errorf("%s is read as %s, not %s", written, got, want)
	}
	return row["f"].String(), nil
}

// TestRead: Nova writes the same thing in many ways.
func TestRead(t *testing.T) {
	t.Parallel()
	pair := fields.Table{"a": {Of: fields.Number}, "b": {From: "deep.b"}}
	for _, c := range []struct {
		of            fields.Field
		written, want string
	}{
		{fields.Field{}, `"x"`, `"x"`},
		{fields.Field{}, `""`, `<null>`},
		{fields.Field{}, `17`, `"17"`},
		{fields.Field{Of: fields.Number}, `9007199254740993`, `9007199254740993`}, // 2^53+1: no detour by float
		{fields.Field{Of: fields.Number}, `"512"`, `512`},
		{fields.Field{Of: fields.Number}, `""`, `0`},
		{fields.Field{Of: fields.Number}, `3.9`, `3`},
		{fields.Field{Of: fields.Decimal}, `1.5`, `1.500000`},
		{fields.Field{Of: fields.Flag}, `"True"`, `true`},
		{fields.Field{Of: fields.Flag}, `""`, `false`},
		{fields.Field{Of: fields.Time}, `"2018-04-25T01:26:36.036697"`, `"2018-04-25T01:26:36Z"`},
		{fields.Field{Of: fields.Time}, `"2018-04-25T01:26:36+02:00"`, `"2018-04-24T23:26:36Z"`},
		{fields.Field{Of: fields.Time}, `"soon"`, `"soon"`},
		{fields.Field{Of: fields.Texts}, `{"k": "v", "n": 1}`, `{"k":"v","n":"1"}`},
		{fields.Field{Of: fields.List}, `["b", "a"]`, `["b","a"]`},
		{fields.Field{Of: fields.Set}, `["b", "b"]`, `["b"]`},
		{fields.Field{Of: fields.Object, Fields: pair}, `{"a": 1, "deep": {"b": "x"}}`, `{"a":1,"b":"x"}`},
		{fields.Field{Of: fields.Object, Fields: pair}, `"{\"a\": 1}"`, `{"a":1,"b":<null>}`},
		{fields.Field{Of: fields.Object, Fields: pair}, `"no JSON"`, `<null>`},
		{fields.Field{Of: fields.Rows, Fields: pair}, `[{"a": 2}]`, `[{"a":2,"b":<null>}]`},
	} {
		if got, err := read(t, c.of, c.written); err != nil || got != c.want {
			t.Errorf("kind %d reads %s as %s, not %s: %v", c.of.Of, c.written, got, c.want, err)
		}
	}
}

// TestReadNothing: what is not told is null, of whatever kind.
func TestReadNothing(t *testing.T) {
	t.Parallel()
	for of := fields.Text; of <= fields.Set; of++ {
		if got, err := read(t, fields.Field{Of: of, Fields: fields.Table{"a": {}}}, "null"); err != nil || got != "<null>" {
			t.Errorf("kind %d: %s, %v", of, got, err)
		}
	}
}

// TestReadWrong: an answer of another shape is an error that names the field, and no panic.
func TestReadWrong(t *testing.T) {
	t.Parallel()
	for of, written := range map[fields.Kind]string{
		fields.Text: `{}`, fields.Number: `"x"`, fields.Decimal: `[]`, fields.Flag: `"maybe"`, fields.Texts: `[]`, fields.List: `{}`,
		fields.Set: `[[]]`, fields.Object: `1`, fields.Rows: `[1]`, fields.Time: `{}`,
	} {
		if got, err := read(t, fields.Field{Of: of}, written); err == nil || !strings.Contains(err.Error(), "the answer's f ") {
			t.Errorf("kind %d takes %s as %s: %v", of, written, got, err)
		}
	}
}

// TestTypes: values of a table fit the schemas that it makes.
func TestTypes(t *testing.T) {
	t.Parallel()
	table := fields.Table{}
	for of := fields.Text; of <= fields.Set; of++ {
		table[string(rune('a'+of))] = fields.Field{Of: of, Fields: fields.Table{"inner": {Of: fields.Decimal}}}
	}
	data, resource := table.Data(), table.Resource()
	for name, of := range table.Types() {
		if got := data[name].GetType(); !got.Equal(of) {
			t.Errorf("%s of the data source is %s, not %s", name, got, of)
		}
		if got := resource[name].GetType(); !got.Equal(of) {
			t.Errorf("%s of the resource is %s, not %s", name, got, of)
		}
	}
	if got := table.With(fields.Table{"a": {Of: fields.Number}}).Types()["a"]; got != types.Int64Type {
		t.Errorf("the later field does not win: %s", got)
	}
}

// TestObject: a row may have more than a table, or less.
func TestObject(t *testing.T) {
	t.Parallel()
	table := fields.Table{"a": {}, "b": {Of: fields.Set}}
	if got := table.Object(fields.Row{"a": types.StringValue("x"), "c": types.BoolValue(true)}).String(); got != `{"a":"x","b":<null>}` {
		t.Error(got)
	}
}
