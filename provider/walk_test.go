// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider"
)

// none is an environment without variables.
func none(string) string { return "" }

func serve(t *testing.T, lookup func(string) string) tfprotov6.ProviderServer {
	t.Helper()
	server, err := providerserver.NewProtocol6WithError(provider.New("test", lookup)())()
	if err != nil {
		t.Fatal(err)
	}
	return server
}

func schemas(t *testing.T) *tfprotov6.GetProviderSchemaResponse {
	t.Helper()
	response, err := serve(t, none).GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range response.Diagnostics {
		t.Error(d.Summary, d.Detail)
	}
	return response
}

// kind is one of the kinds of things that the provider has: where its examples and pages are, and how a
// configuration spells it.
type kind struct {
	folder  string // of examples/ and docs/
	example string // the name of the example's file
	spelled string // a regular expression of how an acceptance test names it, %s being the name
	schemas map[string]*tfprotov6.Schema
}

func kinds(all *tfprotov6.GetProviderSchemaResponse) []kind {
	actions := map[string]*tfprotov6.Schema{}
	for name, a := range all.ActionSchemas {
		actions[name] = a.Schema
	}
	const block = `(?s)func TestAcc.*%s (\\")?"?%%s\b`
	const direct = `(?s)func TestAcc.*"%s"` // by the provider's protocol, as terraform 1.11 knows neither
	return []kind{
		{"resources", "resource.tf", fmt.Sprintf(block, "resource"), all.ResourceSchemas},
		{"data-sources", "data-source.tf", fmt.Sprintf(block, "data"), all.DataSourceSchemas},
		{"ephemeral-resources", "ephemeral-resource.tf", fmt.Sprintf(block, "ephemeral"), all.EphemeralResourceSchemas},
		{"list-resources", "list-resource.tfquery.hcl", direct, all.ListResourceSchemas},
		{"actions", "action.tf", direct, actions},
	}
}

// TestEverythingIsDescribed walks over all attributes of all that is registered.
func TestEverythingIsDescribed(t *testing.T) {
	t.Parallel()
	all := schemas(t)
	walk(t, "provider", all.Provider)
	for _, k := range kinds(all) {
		for name, schema := range k.schemas {
			walk(t, k.folder+" "+name, schema)
		}
	}
	for name, f := range all.Functions {
		if f.Summary == "" || f.Description == "" {
			t.Errorf("function %s has no summary or no description", name)
		}
		for _, p := range f.Parameters {
			if p.Description == "" {
				t.Errorf("parameter %s of function %s has no description", p.Name, name)
			}
		}
	}
}

func walk(t *testing.T, name string, schema *tfprotov6.Schema) {
	t.Helper()
	if schema.Block.Description == "" {
		t.Errorf("%s has no description", name)
	}
	walkAttributes(t, name, schema.Block.Attributes)
}

func walkAttributes(t *testing.T, name string, attributes []*tfprotov6.SchemaAttribute) {
	t.Helper()
	for _, attribute := range attributes {
		at := name + "." + attribute.Name
		if !strings.HasSuffix(strings.TrimSpace(attribute.Description), ".") && !strings.HasSuffix(attribute.Description, ")") {
			t.Errorf("%s has no description that ends as a sentence: %q", at, attribute.Description)
		}
		if attribute.NestedType != nil {
			walkAttributes(t, at, attribute.NestedType.Attributes)
		}
	}
}

// TestEverythingIsShownAndTested: an example, a page, how to import, and an acceptance test for each.
func TestEverythingIsShownAndTested(t *testing.T) {
	t.Parallel()
	all := schemas(t)
	tests := acceptanceTests(t)
	for _, k := range kinds(all) {
		for name := range k.schemas {
			exists(t, "../examples", k.folder, name, k.example)
			exists(t, "../docs", k.folder, strings.TrimPrefix(name, "nova_")+".md")
			if !regexp.MustCompile(fmt.Sprintf(k.spelled, name)).MatchString(tests) {
				t.Errorf("no acceptance test has %s of %s", name, k.folder)
			}
		}
	}
	known := identities(t)
	for name := range all.ResourceSchemas {
		exists(t, "../examples/resources", name, "import.sh")
		if _, ok := known[name]; !ok {
			t.Errorf("resource %s has no identity", name)
		}
	}
	for name := range all.Functions {
		exists(t, "../examples/functions", name, "function.tf")
		exists(t, "../docs/functions", name+".md")
		if !strings.Contains(tests, "provider::nova::"+name+"(") {
			t.Errorf("no acceptance test calls function %s", name)
		}
	}
}

// TestNothingIsLeftOver: no example or page of what does not exist.
func TestNothingIsLeftOver(t *testing.T) {
	t.Parallel()
	all := schemas(t)
	known := map[string][]string{"functions": slices.Collect(maps.Keys(all.Functions))}
	for _, k := range kinds(all) {
		known[k.folder] = slices.Collect(maps.Keys(k.schemas))
	}
	for folder, names := range known {
		entries, err := os.ReadDir(filepath.Join("../examples", folder))
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		for _, entry := range entries {
			if !slices.Contains(names, entry.Name()) {
				t.Errorf("%s/%s is of nothing that exists", folder, entry.Name())
			}
		}
	}
}

func exists(t *testing.T, parts ...string) {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(parts...))
	if err != nil {
		t.Error(err)
	} else if len(strings.TrimSpace(string(content))) == 0 {
		t.Errorf("%s is empty", filepath.Join(parts...))
	}
}

// acceptanceTests is the text of all acceptance tests.
func acceptanceTests(t *testing.T) string {
	t.Helper()
	files, err := filepath.Glob("*/*acc_test.go")
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintln(&all, string(content))
	}
	return all.String()
}

func identities(t *testing.T) map[string]*tfprotov6.ResourceIdentitySchema {
	t.Helper()
	response, err := serve(t, none).GetResourceIdentitySchemas(context.Background(), &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err != nil {
		t.Fatal(err)
	}
	return response.IdentitySchemas
}
