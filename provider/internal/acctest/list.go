// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"maps"
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// Query is a list block of `terraform query`.
type Query struct {
	Type            string
	Config          map[string]tftypes.Value
	Limit           int64
	IncludeResource bool
}

// Listed is a result of a query.
type Listed struct {
	Name               string
	Identity, Resource map[string]tftypes.Value // Resource is nil unless it was asked for
	raw, id            *tfprotov6.DynamicValue  // resource and identity as they came
}

// List runs a query over the provider's protocol: what it listed, and the first error among the diagnostics, nil if
// there is none.
func (target *Target) List(t *testing.T, query Query) ([]Listed, *tfprotov6.Diagnostic) {
	t.Helper()
	server := target.Protocol(t)
	lists, ok := server.(tfprotov6.ListResourceServer)
	if !ok {
		t.Fatal("the provider serves no lists")
	}
	schemas, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	identities, err := server.GetResourceIdentitySchemas(t.Context(), &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err != nil {
		t.Fatal(err)
	}
	config := Fill(t, schemas.ListResourceSchemas[query.Type], query.Config)
	checked, err := lists.ValidateListResourceConfig(t.Context(), &tfprotov6.ValidateListResourceConfigRequest{TypeName: query.Type, Config: config})
	if err != nil {
		t.Fatal(err)
	}
	if d := failed(checked.Diagnostics); d != nil {
		return nil, d
	}
	stream, err := lists.ListResource(t.Context(), &tfprotov6.ListResourceRequest{
		TypeName: query.Type, Config: config, IncludeResource: query.IncludeResource, Limit: query.Limit,
	})
	if err != nil {
		t.Fatal(err)
	}
	var all []Listed
	for result := range stream.Results {
		if d := failed(result.Diagnostics); d != nil {
			return all, d
		}
		listed := Listed{Name: result.DisplayName, raw: result.Resource, id: result.Identity.IdentityData}
		listed.Identity = object(t, result.Identity.IdentityData, identities.IdentitySchemas[query.Type].ValueType())
		if result.Resource != nil {
			listed.Resource = object(t, result.Resource, schemas.ResourceSchemas[query.Type].ValueType())
		}
		all = append(all, listed)
	}
	return all, nil
}

func failed(diagnostics []*tfprotov6.Diagnostic) *tfprotov6.Diagnostic {
	for _, d := range diagnostics {
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			return d
		}
	}
	return nil
}

func object(t *testing.T, from *tfprotov6.DynamicValue, kind tftypes.Type) map[string]tftypes.Value {
	t.Helper()
	value, err := from.Unmarshal(kind)
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]tftypes.Value
	if err := value.As(&all); err != nil {
		t.Fatal(err)
	}
	return all
}

// Names are the names that were listed, sorted.
func Names(all []Listed) []string {
	var names []string
	for _, one := range all {
		names = append(names, one.Name)
	}
	return slices.Sorted(slices.Values(names))
}

// Refreshed fails the test unless a refresh of each resource that was listed makes the same of it and finds the same
// identity, so that an import of what was listed plans clean.
func (target *Target) Refreshed(t *testing.T, kind string, all []Listed) {
	t.Helper()
	server := target.Protocol(t)
	schemas, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	identities, err := server.GetResourceIdentitySchemas(t.Context(), &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err != nil {
		t.Fatal(err)
	}
	schema, identity := schemas.ResourceSchemas[kind].ValueType(), identities.IdentitySchemas[kind].ValueType()
	for _, one := range all {
		read, err := server.ReadResource(t.Context(), &tfprotov6.ReadResourceRequest{
			TypeName: kind, CurrentState: one.raw, CurrentIdentity: &tfprotov6.ResourceIdentityData{IdentityData: one.id},
		})
		if err != nil {
			t.Fatal(err)
		}
		if d := failed(read.Diagnostics); d != nil {
			t.Fatal(d.Summary, d.Detail)
		}
		if now := object(t, read.NewState, schema); !maps.EqualFunc(now, one.Resource, tftypes.Value.Equal) {
			t.Errorf("listed as %v, refreshed as %v", one.Resource, now)
		}
		if now := object(t, read.NewIdentity.IdentityData, identity); !maps.EqualFunc(now, one.Identity, tftypes.Value.Equal) {
			t.Errorf("identified as %v, and as %v after a refresh", one.Identity, now)
		}
	}
}
