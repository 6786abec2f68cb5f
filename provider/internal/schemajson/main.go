// SPDX-License-Identifier: MPL-2.0

// Schemajson writes the provider's schemas to standard output, in the form of
// `terraform providers schema -json`, for tfplugindocs. It asks the provider itself, so that the
// documentation does not depend on what the terraform at hand knows of the protocol.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"os"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider"
)

func main() {
	document, err := describe(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(document); err != nil {
		log.Fatal(err)
	}
}

type object = map[string]any

// describe is the whole document.
func describe(ctx context.Context) (object, error) {
	server, err := providerserver.NewProtocol6WithError(provider.New("dev", os.Getenv)())()
	if err != nil {
		return nil, err
	}
	schemas, err := server.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		return nil, err
	}
	identities, err := server.GetResourceIdentitySchemas(ctx, &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err != nil {
		return nil, err
	}
	for _, d := range append(schemas.Diagnostics, identities.Diagnostics...) {
		return nil, fmt.Errorf("%s: %s", d.Summary, d.Detail)
	}
	described := object{
		"provider":                   schema(schemas.Provider),
		"resource_schemas":           each(schemas.ResourceSchemas, schema),
		"data_source_schemas":        each(schemas.DataSourceSchemas, schema),
		"ephemeral_resource_schemas": each(schemas.EphemeralResourceSchemas, schema),
		"resource_identity_schemas":  each(identities.IdentitySchemas, identity),
		"list_resource_schemas":      each(schemas.ListResourceSchemas, schema),
		"action_schemas":             each(schemas.ActionSchemas, action),
		"functions":                  each(schemas.Functions, signature),
	}
	return object{"format_version": "1.0", "provider_schemas": object{"nova": described}}, nil
}

func each[T any](all map[string]*T, describe func(*T) object) object {
	described := object{}
	for name, one := range all {
		described[name] = describe(one)
	}
	return described
}

func schema(s *tfprotov6.Schema) object {
	return object{"version": s.Version, "block": block(s.Block)}
}

func action(a *tfprotov6.ActionSchema) object { return schema(a.Schema) }

// signature is a function's, in the form of the CLI's metadata.
func signature(f *tfprotov6.Function) object {
	described := object{"description": f.Description, "summary": f.Summary, "return_type": f.Return.Type}
	if f.DeprecationMessage != "" {
		described["deprecation_message"] = f.DeprecationMessage
	}
	var parameters []object
	for _, p := range f.Parameters {
		parameters = append(parameters, parameter(p))
	}
	if parameters != nil {
		described["parameters"] = parameters
	}
	if f.VariadicParameter != nil {
		described["variadic_parameter"] = parameter(f.VariadicParameter)
	}
	return described
}

func parameter(p *tfprotov6.FunctionParameter) object {
	return object{"name": p.Name, "description": p.Description, "type": p.Type, "is_nullable": p.AllowNullValue}
}

func block(b *tfprotov6.SchemaBlock) object {
	described := object{"attributes": attributes(b.Attributes), "description": b.Description, "description_kind": kind(b.DescriptionKind)}
	nested := object{}
	for _, n := range b.BlockTypes {
		nested[n.TypeName] = object{
			"nesting_mode": nesting(n.Nesting.String()), "block": block(n.Block), "min_items": n.MinItems, "max_items": n.MaxItems,
		}
	}
	if len(nested) > 0 {
		described["block_types"] = nested
	}
	return described
}

func attributes(all []*tfprotov6.SchemaAttribute) object {
	described := object{}
	for _, a := range all {
		one := object{"description": a.Description, "description_kind": kind(a.DescriptionKind)}
		for name, is := range map[string]bool{
			"required": a.Required, "optional": a.Optional, "computed": a.Computed,
			"sensitive": a.Sensitive, "deprecated": a.Deprecated, "write_only": a.WriteOnly,
		} {
			if is {
				one[name] = true
			}
		}
		if a.NestedType != nil {
			one["nested_type"] = object{
				"attributes": attributes(a.NestedType.Attributes), "nesting_mode": nesting(a.NestedType.Nesting.String()),
			}
		} else {
			one["type"] = a.Type
		}
		described[a.Name] = one
	}
	return described
}

func identity(s *tfprotov6.ResourceIdentitySchema) object {
	described := object{}
	for _, a := range s.IdentityAttributes {
		one := object{"type": a.Type, "description": a.Description}
		if a.RequiredForImport {
			one["required_for_import"] = true
		}
		if a.OptionalForImport {
			one["optional_for_import"] = true
		}
		described[a.Name] = one
	}
	return object{"version": s.Version, "attributes": described}
}

func kind(k tfprotov6.StringKind) string {
	if k == tfprotov6.StringKindMarkdown {
		return "markdown"
	}
	return "plain"
}

// nesting is the CLI's word for the protocol's.
func nesting(mode string) string {
	return map[string]string{"SINGLE": "single", "LIST": "list", "SET": "set", "MAP": "map", "GROUP": "group"}[mode]
}
