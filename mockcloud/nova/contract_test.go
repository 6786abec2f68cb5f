// SPDX-License-Identifier: MPL-2.0

package nova_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/dlclark/regexp2"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

// facts is where the facts about the real Nova are, which are no part of this repository.
const facts = "../../../shared/nova/"

// contract is what Nova says of its operations, as data.
type contract struct {
	operations map[string]*operation // by operation.key
	schemas    map[string]*jsonschema.Schema
}

type operation struct {
	Method, Path, Action string
	Min                  string `json:"min_version"`
	Max                  string `json:"max_version"`
	Success              []ranged
	Errors               []ranged
	Request, Response    []ranged
	Query                []ranged
	Removed              bool `json:"removed_in_latest"`
}

// ranged is a schema, a status or statuses that hold from Min to Max.
type ranged struct {
	Min, Max, Schema string
	Code             int
	Codes            []int
}

// minor is the minor of "2.N", or fallback for "".
func minor(version string, fallback int) api.Version {
	_, digits, _ := strings.Cut(version, ".")
	if n, err := strconv.Atoi(digits); err == nil {
		return api.Version(n)
	}
	return api.Version(fallback)
}

// at is the entry in force at a version.
func at(all []ranged, v api.Version) (ranged, bool) {
	for _, r := range all {
		if minor(r.Min, 0) <= v && v <= minor(r.Max, 1<<30) {
			return r, true
		}
	}
	return ranged{}, false
}

func (o *operation) has(v api.Version) bool { return minor(o.Min, 1) <= v && v <= minor(o.Max, 1<<30) }

func (o *operation) key() string { return strings.TrimSpace(o.Method + " " + o.Path + " " + o.Action) }

// success is the status of success at a version.
func (o *operation) success(v api.Version) int {
	if r, ok := at(o.Success, v); ok {
		return r.Code
	}
	return http.StatusOK
}

// ecma is a regular expression of JSON Schema's dialect.
type ecma struct{ *regexp2.Regexp }

func (e ecma) MatchString(s string) bool {
	ok, err := e.Regexp.MatchString(s)
	return err == nil && ok
}

func readFacts(t *testing.T, name string, into any) {
	t.Helper()
	raw, err := os.ReadFile(facts + name)
	if errors.Is(err, os.ErrNotExist) {
		t.Skip("the facts about Nova are not here")
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, into); err != nil {
		t.Fatal(err)
	}
}

func readContract(t *testing.T) *contract {
	t.Helper()
	var raw struct {
		Operations []*operation
		Schemas    map[string]json.RawMessage
	}
	readFacts(t, "contract.json", &raw)
	c := &contract{operations: map[string]*operation{}, schemas: map[string]*jsonschema.Schema{}}
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft2020) // as Nova's validator
	compiler.AssertFormat()
	compiler.RegisterFormat(&jsonschema.Format{Name: "date-time", Validate: func(v any) error {
		if text, ok := v.(string); ok {
			_, err := api.ParseTime(text)
			return err
		}
		return nil
	}})
	compiler.RegisterFormat(&jsonschema.Format{Name: "cidr", Validate: func(v any) error {
		if text, ok := v.(string); ok {
			_, err := netip.ParsePrefix(text)
			return err
		}
		return nil
	}})
	compiler.UseRegexpEngine(func(text string) (jsonschema.Regexp, error) {
		compiled, err := regexp2.Compile(strings.ReplaceAll(text, `\Z`, `\z`), regexp2.None)
		return ecma{compiled}, err
	})
	for id, schema := range raw.Schemas {
		document, err := jsonschema.UnmarshalJSON(bytes.NewReader(schema))
		if err != nil {
			t.Fatal(err)
		}
		if err := compiler.AddResource("mem:///"+id, document); err != nil {
			t.Fatal(err)
		}
	}
	for _, o := range raw.Operations {
		c.operations[o.key()] = o
		for _, list := range [][]ranged{o.Request, o.Response} {
			for _, r := range list {
				if r.Schema == "" || c.schemas[r.Schema] != nil {
					continue
				}
				schema, err := compiler.Compile("mem:///" + r.Schema)
				if err != nil {
					t.Fatalf("%s: %v", o.key(), err)
				}
				c.schemas[r.Schema] = schema
			}
		}
	}
	return c
}

// valid says what is wrong with a body by the schema in force at a version; nil where there is none.
func (c *contract) valid(all []ranged, v api.Version, body []byte) error {
	r, there := at(all, v)
	if !there || r.Schema == "" {
		return nil
	}
	var value any
	if len(bytes.TrimSpace(body)) > 0 {
		var err error
		if value, err = jsonschema.UnmarshalJSON(bytes.NewReader(body)); err != nil {
			return fmt.Errorf("no JSON: %w", err)
		}
	}
	return c.schemas[r.Schema].Validate(value)
}

// check holds an answer to the operation against the contract: status, body, headers.
func (c *contract) check(t *testing.T, o *operation, v api.Version, got *answer) {
	t.Helper()
	if want := o.success(v); got.status != want {
		t.Errorf("2.%d %s: %d, want %d: %s", v, o.key(), got.status, want, got.body)
		return
	}
	if err := c.valid(o.Response, v, got.body); err != nil {
		t.Errorf("2.%d %s: %v: %s", v, o.key(), err, got.body)
	}
	same(t, "OpenStack-API-Version", got.header.Get("OpenStack-API-Version"), fmt.Sprintf("compute 2.%d", v))
	same(t, "X-OpenStack-Nova-API-Version", got.header.Get("X-OpenStack-Nova-API-Version"), fmt.Sprintf("2.%d", v))
	if !strings.HasPrefix(got.header.Get("X-OpenStack-Request-ID"), "req-") {
		t.Errorf("2.%d %s: no request id", v, o.key())
	}
}
