// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// Moved moves a state of terraform-provider-openstack, its JSON, to the resource type to, reads the resource, and
// demands that this configuration plans no change of it. It returns the state: a `moved` block as Terraform does it,
// without the other provider.
func (target *Target) Moved(t *testing.T, source, state, to string, config map[string]tftypes.Value) map[string]tftypes.Value {
	t.Helper()
	server := target.Protocol(t)
	schemas, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	schema := schemas.ResourceSchemas[to]
	moved, err := server.MoveResourceState(t.Context(), &tfprotov6.MoveResourceStateRequest{
		SourceProviderAddress: "registry.example/terraform-provider-openstack/openstack",
		SourceTypeName:        source, SourceState: &tfprotov6.RawState{JSON: []byte(state)}, TargetTypeName: to,
	})
	fine(t, err, moved.Diagnostics)
	read, err := server.ReadResource(t.Context(), &tfprotov6.ReadResourceRequest{
		TypeName: to, CurrentState: moved.TargetState, Private: moved.TargetPrivate, CurrentIdentity: moved.TargetIdentity,
	})
	fine(t, err, read.Diagnostics)
	prior := Values(t, schema, read.NewState)
	planned := plan(t, server, to, schema, prior, config, read.Private)
	fine(t, nil, planned.Diagnostics)
	for name, v := range Values(t, schema, planned.PlannedState) {
		if !v.Equal(prior[name]) {
			t.Errorf("after the move %s is %s, but is planned to be %s", name, prior[name], v)
		}
	}
	if len(planned.RequiresReplace) > 0 {
		t.Errorf("after the move it is to be replaced because of %v", planned.RequiresReplace)
	}
	return prior
}

// ByIdentity imports a resource by its identity, of which what is not given is null, and reads it.
func (target *Target) ByIdentity(t *testing.T, kind string, identity map[string]string) map[string]tftypes.Value {
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
	types, ok := identities.IdentitySchemas[kind].ValueType().(tftypes.Object)
	if !ok {
		t.Fatalf("%s has no identity", kind)
	}
	parts := map[string]tftypes.Value{}
	for name, of := range types.AttributeTypes {
		parts[name] = tftypes.NewValue(of, nil)
		if text, ok := identity[name]; ok {
			parts[name] = tftypes.NewValue(of, text)
		}
	}
	whole, err := tfprotov6.NewDynamicValue(types, tftypes.NewValue(types, parts))
	if err != nil {
		t.Fatal(err)
	}
	imported, err := server.ImportResourceState(t.Context(), &tfprotov6.ImportResourceStateRequest{
		TypeName: kind, Identity: &tfprotov6.ResourceIdentityData{IdentityData: &whole},
	})
	fine(t, err, imported.Diagnostics)
	one := imported.ImportedResources[0]
	read, err := server.ReadResource(t.Context(), &tfprotov6.ReadResourceRequest{
		TypeName: kind, CurrentState: one.State, Private: one.Private, CurrentIdentity: one.Identity,
	})
	fine(t, err, read.Diagnostics)
	values := Values(t, schemas.ResourceSchemas[kind], read.NewState)
	for name, text := range identity {
		if got := As[string](t, values[name]); got != text {
			t.Errorf("%s of the imported %s is %q, not %q", name, kind, got, text)
		}
	}
	return values
}

// Interrupted creates a resource for a Terraform that has given up by then, and demands that this fails and leaves
// nothing in the state.
func (target *Target) Interrupted(t *testing.T, kind string, config map[string]tftypes.Value) {
	t.Helper()
	server := target.Protocol(t)
	schemas, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	schema := schemas.ResourceSchemas[kind]
	none := tftypes.NewValue(schema.ValueType(), nil)
	prior, err := tfprotov6.NewDynamicValue(schema.ValueType(), none)
	if err != nil {
		t.Fatal(err)
	}
	planned, err := server.PlanResourceChange(t.Context(), &tfprotov6.PlanResourceChangeRequest{
		TypeName: kind, PriorState: &prior, Config: Fill(t, schema, config), ProposedNewState: Fill(t, schema, config),
	})
	fine(t, err, planned.Diagnostics)
	ended, end := context.WithCancel(t.Context())
	end()
	made, err := server.ApplyResourceChange(ended, &tfprotov6.ApplyResourceChangeRequest{
		TypeName: kind, PriorState: &prior, Config: Fill(t, schema, config), PlannedState: planned.PlannedState, PlannedPrivate: planned.PlannedPrivate,
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(made.Diagnostics) != 1 || !strings.Contains(made.Diagnostics[0].Detail, "nterrupted") {
		t.Errorf("an interruption is told by %v", made.Diagnostics)
	}
	left, err := made.NewState.Unmarshal(schema.ValueType())
	if err != nil || !left.IsNull() {
		t.Errorf("after an interruption there is %s in the state: %v", left, err)
	}
}

// Replaces demands that a resource in this state is replaced when its configuration has another value of one of its
// attributes: each is tried alone, against the configuration that has what the state has.
func (target *Target) Replaces(t *testing.T, kind string, state, others map[string]tftypes.Value) {
	t.Helper()
	server := target.Protocol(t)
	schemas, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	schema := schemas.ResourceSchemas[kind]
	for name, other := range others {
		config := map[string]tftypes.Value{}
		for _, attribute := range schema.Block.Attributes {
			if v, ok := state[attribute.Name]; ok && (attribute.Optional || attribute.Required) {
				config[attribute.Name] = v
			}
		}
		config[name] = other
		planned := plan(t, server, kind, schema, state, config, nil)
		fine(t, nil, planned.Diagnostics)
		at := tftypes.NewAttributePath().WithAttributeName(name)
		if !slices.ContainsFunc(planned.RequiresReplace, at.Equal) {
			t.Errorf("another %s does not replace %s, but only %v does", name, kind, planned.RequiresReplace)
		}
	}
}

// plan plans as Terraform does: what is computed and not configured is proposed to stay.
func plan(t *testing.T, server tfprotov6.ProviderServer, kind string, schema *tfprotov6.Schema, prior, config map[string]tftypes.Value,
	private []byte,
) *tfprotov6.PlanResourceChangeResponse {
	t.Helper()
	proposed := map[string]tftypes.Value{}
	for _, attribute := range schema.Block.Attributes {
		v, given := config[attribute.Name]
		if !given && attribute.Computed {
			v, given = prior[attribute.Name]
		}
		if given {
			proposed[attribute.Name] = v
		}
	}
	planned, err := server.PlanResourceChange(t.Context(), &tfprotov6.PlanResourceChangeRequest{
		TypeName: kind, PriorState: Fill(t, schema, prior), PriorPrivate: private,
		Config: Fill(t, schema, config), ProposedNewState: Fill(t, schema, proposed),
	})
	if err != nil {
		t.Fatal(err)
	}
	return planned
}

// Values are the attributes of an object of the schema.
func Values(t *testing.T, schema *tfprotov6.Schema, object *tfprotov6.DynamicValue) map[string]tftypes.Value {
	t.Helper()
	whole, err := object.Unmarshal(schema.ValueType())
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]tftypes.Value{}
	if err := whole.As(&values); err != nil {
		t.Fatal(err)
	}
	return values
}

// As reads a value of a state as Terraform's protocol has it.
func As[T any](t *testing.T, v tftypes.Value) T {
	t.Helper()
	var as T
	if err := v.As(&as); err != nil {
		t.Fatal(err)
	}
	return as
}

func fine(t *testing.T, err error, diagnostics []*tfprotov6.Diagnostic) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range diagnostics {
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			t.Fatal(d.Summary, d.Detail)
		}
	}
}
