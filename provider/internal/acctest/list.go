// SPDX-License-Identifier: MPL-2.0

package acctest

import (
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
	Raw                *tfprotov6.DynamicValue  // the resource as it came
}

// List runs a query over the provider's protocol: what it listed, and the first error among the diagnostics, nil if
// there is none.
func (target *Target) List(t *testing.T, query Query) ([]Listed, *tfprotov6.Diagnostic) {
	t.Helper()
	server := target.Protocol(t)
	lists, ok := server.(tfprotov6.ProviderServerWithListResource)
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
		listed := Listed{Name: result.DisplayName, Raw: result.Resource}
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

// Read is what a refresh makes of a resource that was listed: it has to be the same, or an import of what was listed
// would not plan clean.
func (target *Target) Read(t *testing.T, kind string, listed Listed) map[string]tftypes.Value {
	t.Helper()
	server := target.Protocol(t)
	schemas, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	read, err := server.ReadResource(t.Context(), &tfprotov6.ReadResourceRequest{TypeName: kind, CurrentState: listed.Raw})
	if err != nil {
		t.Fatal(err)
	}
	if d := failed(read.Diagnostics); d != nil {
		t.Fatal(d.Summary, d.Detail)
	}
	return object(t, read.NewState, schemas.ResourceSchemas[kind].ValueType())
}
