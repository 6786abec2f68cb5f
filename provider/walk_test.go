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

// TestEverythingIsDescribed walks over all attributes of all that is registered.
func TestEverythingIsDescribed(t *testing.T) {
	t.Parallel()
	all := schemas(t)
	walk(t, "provider", all.Provider)
	for name, schema := range all.ResourceSchemas {
		walk(t, name, schema)
	}
	for name, schema := range all.DataSourceSchemas {
		walk(t, "data."+name, schema)
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
	for name := range all.ResourceSchemas {
		noun := strings.TrimPrefix(name, "nova_")
		exists(t, "../examples/resources", name, "resource.tf")
		exists(t, "../examples/resources", name, "import.sh")
		exists(t, "../docs/resources", noun+".md")
		if !regexp.MustCompile(`(?s)func TestAcc.*resource (\\")?"?` + name + `\b`).MatchString(tests) {
			t.Errorf("no acceptance test has a resource %s", name)
		}
		if _, ok := identities(t)[name]; !ok {
			t.Errorf("resource %s has no identity", name)
		}
	}
	for name := range all.DataSourceSchemas {
		exists(t, "../examples/data-sources", name, "data-source.tf")
		exists(t, "../docs/data-sources", strings.TrimPrefix(name, "nova_")+".md")
		if !regexp.MustCompile(`(?s)func TestAcc.*data (\\")?"?` + name + `\b`).MatchString(tests) {
			t.Errorf("no acceptance test has a data source %s", name)
		}
	}
}

// TestNothingIsLeftOver: no example or page of what does not exist.
func TestNothingIsLeftOver(t *testing.T) {
	t.Parallel()
	all := schemas(t)
	known := map[string][]string{
		"../examples/resources":    slices.Collect(maps.Keys(all.ResourceSchemas)),
		"../examples/data-sources": slices.Collect(maps.Keys(all.DataSourceSchemas)),
	}
	for folder, names := range known {
		entries, err := os.ReadDir(folder)
		if err != nil {
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
