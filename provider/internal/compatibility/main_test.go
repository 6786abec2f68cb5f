// SPDX-License-Identifier: MPL-2.0

package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

func TestNeeds(t *testing.T) {
	t.Parallel()
	for description, want := range map[string]string{
		"A description. Needs microversion 2.19.":                                  "2.19 Needs microversion 2.19.",
		"A host name. Needs microversion 2.90, or 2.94 with dots in it. It is so.": "2.90 Needs microversion 2.90, or 2.94 with dots in it.",
		"Version 2.19 of something else.":                                          "",
		"Since microversion 2.1.":                                                  "",
		"One thing needs microversion 2.3; another, microversion 2.2.":             "2.3 One thing needs microversion 2.3, 2.2 another, microversion 2.2.",
	} {
		var got []string
		for _, n := range needs("page", "at", description) {
			got = append(got, fmt.Sprintf("2.%d %s", n.minor, n.sentence))
		}
		if strings.Join(got, ", ") != want {
			t.Errorf("%q: %q, want %q", description, got, want)
		}
	}
}

func TestSince(t *testing.T) {
	t.Parallel()
	for minor, want := range map[int]string{2: "Kilo", 3: "Kilo", 4: "Liberty", 79: "Train", 87: "Ussuri", 96: "2024.1", 104: "after 2026.1"} {
		if got := since(minor); got != want {
			t.Errorf("2.%d: %s, want %s", minor, got, want)
		}
	}
}

func TestTable(t *testing.T) {
	t.Parallel()
	all := &tfprotov6.GetProviderSchemaResponse{ActionSchemas: map[string]*tfprotov6.ActionSchema{"nova_x_y": {Schema: &tfprotov6.Schema{Block: &tfprotov6.SchemaBlock{
		Attributes: []*tfprotov6.SchemaAttribute{{Name: "a", NestedType: &tfprotov6.SchemaObject{
			Attributes: []*tfprotov6.SchemaAttribute{{Name: "b", Description: "`x|y`. Needs microversion 2.42."}},
		}}},
	}}}}}
	var out strings.Builder
	if err := write(&out, everything(all)); err != nil {
		t.Fatal(err)
	}
	const row = "| 2.42 | Ocata | action [`nova_x_y`](../actions/x_y.md) | `a.b` | Needs microversion 2.42. |\n"
	if !strings.HasSuffix(out.String(), row) {
		t.Error(out.String())
	}
}
