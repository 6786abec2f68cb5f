// SPDX-License-Identifier: MPL-2.0

package conformance

import (
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// facts is where the facts about the real Nova are, which are no part of this repository.
const facts = "../../../shared/nova/"

// contract are the operations of Nova, as far as we ask for them; the proxy knows their schemas.
type contract struct {
	Operations []*operation
	byKey      map[string]*operation
}

type operation struct {
	Method, Path, Action       string
	Min                        string `json:"min_version"`
	Max                        string `json:"max_version"`
	Removed                    bool   `json:"removed_in_latest"`
	Success, Request, Response []struct {
		Min, Max, Schema string
		Code             int
	}
}

func readFacts(t testing.TB, name string, into any) {
	t.Helper()
	raw, err := os.ReadFile(facts + name)
	if errors.Is(err, os.ErrNotExist) {
		t.Skip("the facts about Nova are not here")
	}
	if err == nil {
		err = json.Unmarshal(raw, into)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func readContract(t testing.TB) *contract {
	t.Helper()
	c := &contract{byKey: map[string]*operation{}}
	readFacts(t, "contract.json", c)
	for _, o := range c.Operations {
		c.byKey[o.key()] = o
	}
	return c
}

func (c *contract) operation(t testing.TB, key string) *operation {
	t.Helper()
	o := c.byKey[key]
	if o == nil {
		t.Fatalf("the contract has no %s", key)
	}
	return o
}

// byShape finds an operation without its variables' names.
func (c *contract) byShape(key string) *operation {
	for _, o := range c.Operations {
		if o.shape() == key {
			return o
		}
	}
	return nil
}

func (o *operation) key() string { return strings.TrimSpace(o.Method + " " + o.Path + " " + o.Action) }

var variable = regexp.MustCompile(`\{[^}]*\}`)

// shape is the key without the names of its variables, which are everybody's own.
func (o *operation) shape() string { return shape(o.Method, o.Path, o.Action) }

func shape(method, path, action string) string {
	return strings.TrimSpace(method + " /" + variable.ReplaceAllString(strings.TrimPrefix(path, "/"), "{}") + " " + action)
}

// path is the path with values in the place of its variables.
func (o *operation) path(values []string) string {
	return variable.ReplaceAllStringFunc(o.Path, func(name string) string {
		if len(values) == 0 {
			return name
		}
		value := values[0]
		values = values[1:]
		return value
	})
}

// minor is the minor of "2.N", or fallback for "".
func minor(version string, fallback int) int {
	_, digits, _ := strings.Cut(version, ".")
	if n, err := strconv.Atoi(digits); err == nil {
		return n
	}
	return fallback
}

// success is the status of a minor version.
func (o *operation) success(n int) int {
	for _, s := range o.Success {
		if minor(s.Min, 0) <= n && n <= minor(s.Max, 1<<30) {
			return s.Code
		}
	}
	return http.StatusOK
}

func (o *operation) has(n int) bool { return minor(o.Min, 1) <= n && n <= minor(o.Max, 1<<30) }

// turns are the minor versions at which something about the operation begins or ends.
func (o *operation) turns() []int {
	turns := []int{max(1, minor(o.Min, 1)), minor(o.Max, 1<<30)}
	for _, r := range append(append(o.Success, o.Request...), o.Response...) {
		turns = append(turns, max(1, minor(r.Min, 1)))
	}
	return turns
}
