// SPDX-License-Identifier: MPL-2.0

package conformance

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/dlclark/regexp2"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

// schemas are those of the contract.
type schemas map[string]*jsonschema.Schema

// ecma is a regular expression of JSON Schema's dialect.
type ecma struct{ *regexp2.Regexp }

func (e ecma) MatchString(s string) bool {
	ok, err := e.Regexp.MatchString(s)
	return err == nil && ok
}

func readSchemas(t *testing.T) schemas {
	t.Helper()
	var raw struct{ Schemas map[string]json.RawMessage }
	readFacts(t, "contract.json", &raw)
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft7)
	compiler.AssertFormat()
	compiler.RegisterFormat(&jsonschema.Format{Name: "date-time", Validate: ofText(func(s string) bool {
		_, err := api.ParseTime(s)
		return err == nil
	})})
	compiler.RegisterFormat(&jsonschema.Format{Name: "name", Validate: ofText(func(s string) bool {
		return s != "" && strings.TrimSpace(s) == s
	})})
	compiler.UseRegexpEngine(func(text string) (jsonschema.Regexp, error) {
		compiled, err := regexp2.Compile(strings.ReplaceAll(text, `\Z`, `\z`), regexp2.None)
		return ecma{compiled}, err
	})
	for id, schema := range raw.Schemas {
		document, err := jsonschema.UnmarshalJSON(bytes.NewReader(schema))
		if err == nil {
			err = compiler.AddResource("mem:///"+id, document)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	all := schemas{}
	for id := range raw.Schemas {
		schema, err := compiler.Compile("mem:///" + id)
		if err != nil {
			t.Fatal(err)
		}
		all[id] = schema
	}
	return all
}

func ofText(ok func(string) bool) func(any) error {
	return func(v any) error {
		if s, is := v.(string); is && !ok(s) {
			return errors.New("not of the format")
		}
		return nil
	}
}

// refuse reports whether the schema that a request has at a minor version refuses the body.
func (s schemas) refuse(o *operation, n int, body []byte) bool {
	for _, r := range o.Request {
		if minor(r.Min, 0) > n || minor(r.Max, 1<<30) < n {
			continue
		}
		value, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
		return err != nil || s[r.Schema].Validate(value) != nil
	}
	return false
}
