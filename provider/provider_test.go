// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/acctest"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/novatest"
)

// configure configures a provider whose block has these values; the rest is null.
func configure(t *testing.T, server tfprotov6.ProviderServer, values map[string]tftypes.Value) []*tfprotov6.Diagnostic {
	t.Helper()
	block, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	response, err := server.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{
		TerraformVersion: "1.11.4", Config: acctest.Fill(t, block.Provider, values),
	})
	if err != nil {
		t.Fatal(err)
	}
	return response.Diagnostics
}

func text(s string) tftypes.Value { return tftypes.NewValue(tftypes.String, s) }

func TestConfigureSendsUserAgentAndPassword(t *testing.T) {
	t.Parallel()
	cloud := novatest.Start(t)
	var agent string
	cloud.Intercept(func(_ http.ResponseWriter, r *http.Request) bool {
		agent = r.Header.Get("User-Agent")
		return false
	})
	if diags := configure(t, serve(t, cloud.Env), nil); len(diags) > 0 {
		t.Fatal(diags[0].Summary, diags[0].Detail)
	}
	if !strings.HasPrefix(agent, "Terraform/1.11.4 terraform-provider-nova/test gophercloud/") {
		t.Errorf("user agent %q", agent)
	}
}

// TestMistakesPointAtTheirAttribute: what is wrong in the provider block is said where it stands.
func TestMistakesPointAtTheirAttribute(t *testing.T) {
	t.Parallel()
	for attribute, values := range map[string]map[string]tftypes.Value{
		"auth_url":         nil,
		"password":         {"auth_url": text("http://127.0.0.1:1/v3")},
		"user_domain_name": {"auth_url": text("http://127.0.0.1:1/v3"), "user_name": text("u"), "password": text("hunter2")},
		"cacert": {
			"auth_url": text("http://127.0.0.1:1/v3"), "token": text("hunter2"), "cacert": text("/nowhere"),
		},
	} {
		diags := configure(t, serve(t, none), values)
		if len(diags) != 1 || diags[0].Attribute == nil || diags[0].Attribute.String() != `AttributeName("`+attribute+`")` {
			t.Errorf("%s: %+v", attribute, diags)
			continue
		}
		if strings.Contains(diags[0].Summary+diags[0].Detail, "hunter2") {
			t.Errorf("%s: the diagnostic tells the secret", attribute)
		}
	}
}

func TestRefusalNamesSourcesAndRequest(t *testing.T) {
	t.Parallel()
	cloud := novatest.Start(t)
	cloud.Intercept(func(w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("X-Openstack-Request-Id", "req-1")
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = w.Write([]byte(`{"error": {"code": 401, "message": "The request you have made requires authentication."}}`))
		return true
	})
	diags := configure(t, serve(t, cloud.Env), map[string]tftypes.Value{"password": text("hunter2")})
	if len(diags) != 1 {
		t.Fatal(diags)
	}
	for _, part := range []string{
		"requires authentication", "HTTP status: 401 Unauthorized", "Request id: req-1",
		"password from the provider block", "user_name from the environment",
	} {
		if !strings.Contains(diags[0].Detail, part) {
			t.Errorf("no %q in: %s", part, diags[0].Detail)
		}
	}
	if strings.Contains(diags[0].Detail, "hunter2") {
		t.Error("the diagnostic tells the password")
	}
}

// TestUnknownSettings: a provider whose settings come from another resource plans, and says what it
// waits for when it has to ask a cloud.
func TestUnknownSettings(t *testing.T) {
	t.Parallel()
	server := serve(t, none)
	unknown := tftypes.NewValue(tftypes.String, tftypes.UnknownValue)
	if diags := configure(t, server, map[string]tftypes.Value{"auth_url": unknown, "password": unknown}); len(diags) > 0 {
		t.Fatal(diags[0].Summary)
	}
	all := schemas(t)
	keypair := all.ResourceSchemas["nova_keypair"]
	config := acctest.Fill(t, keypair, map[string]tftypes.Value{"name": text("n"), "public_key": text("k")})
	null, err := tfprotov6.NewDynamicValue(keypair.ValueType(), tftypes.NewValue(keypair.ValueType(), nil))
	if err != nil {
		t.Fatal(err)
	}
	planned, err := server.PlanResourceChange(t.Context(), &tfprotov6.PlanResourceChangeRequest{
		TypeName: "nova_keypair", PriorState: &null, ProposedNewState: config, Config: config,
	})
	if err != nil || len(planned.Diagnostics) > 0 {
		t.Fatal(err, planned.Diagnostics)
	}
	read, err := server.ReadDataSource(t.Context(), &tfprotov6.ReadDataSourceRequest{
		TypeName: "nova_availability_zones", Config: acctest.Fill(t, all.DataSourceSchemas["nova_availability_zones"], nil),
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(read.Diagnostics) != 1 || !strings.Contains(read.Diagnostics[0].Detail, "auth_url, password") {
		t.Errorf("%+v", read.Diagnostics)
	}
}

// TestImportByIdentity asks the provider itself, as identities take a newer terraform than there may be.
func TestImportByIdentity(t *testing.T) {
	t.Parallel()
	cloud := novatest.Start(t)
	server := serve(t, cloud.Env)
	if diags := configure(t, server, nil); len(diags) > 0 {
		t.Fatal(diags[0].Summary)
	}
	for resource, attributes := range map[string]map[string]string{
		"nova_flavor":  {"id": "1"},
		"nova_keypair": {"name": "admin", "user_id": "me"},
		"nova_server":  {"id": "2ce4c5b3-2866-4972-93ce-77a2ea46a7f9"},
	} {
		kind := identities(t)[resource].ValueType()
		values := map[string]tftypes.Value{}
		for name, value := range attributes {
			values[name] = text(value)
		}
		identity, err := tfprotov6.NewDynamicValue(kind, tftypes.NewValue(kind, values))
		if err != nil {
			t.Fatal(err)
		}
		response, err := server.ImportResourceState(t.Context(), &tfprotov6.ImportResourceStateRequest{
			TypeName: resource, Identity: &tfprotov6.ResourceIdentityData{IdentityData: &identity},
		})
		if err != nil || len(response.Diagnostics) > 0 || len(response.ImportedResources) != 1 {
			t.Errorf("%s: %v, %+v", resource, err, response)
			continue
		}
		state, err := response.ImportedResources[0].State.Unmarshal(schemas(t).ResourceSchemas[resource].ValueType())
		if err != nil {
			t.Fatal(err)
		}
		var fields map[string]tftypes.Value
		if err := state.As(&fields); err != nil {
			t.Fatal(err)
		}
		for name, value := range attributes {
			if !fields[name].Equal(text(value)) {
				t.Errorf("%s: %s is %s, not %q", resource, name, fields[name], value)
			}
		}
	}
}
