// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"maps"
	"net/http"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/acctest"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/novatest"
)

// subject is one nova_server, taken through the protocol as Terraform does.
type subject struct {
	t       *testing.T
	server  tfprotov6.ProviderServer
	schema  *tfprotov6.Schema
	state   *tfprotov6.DynamicValue
	private []byte
}

const (
	serverID = "2ce4c5b3-2866-4972-93ce-77a2ea46a7f9"
	imageID  = "70a599e0-31e7-49b7-b260-868f441e862b"
	other    = "8d3a4a3c-6c5b-4b6e-9b6a-0b4c8f6f7d11"
)

// imported is a server after an import.
func imported(t *testing.T, cloud *novatest.Cloud) *subject {
	t.Helper()
	cloud.Put(serverID, novatest.Server{"name": "web-1", "image": map[string]any{"id": imageID}, "OS-EXT-AZ:availability_zone": "east"})
	s := &subject{t: t, server: serve(t, cloud.Env), schema: schemas(t).ResourceSchemas["nova_server"]}
	if diags := configure(t, s.server, nil); len(diags) > 0 {
		t.Fatal(diags[0].Summary)
	}
	made, err := s.server.ImportResourceState(t.Context(), &tfprotov6.ImportResourceStateRequest{TypeName: "nova_server", ID: serverID})
	if err != nil || len(made.Diagnostics) > 0 {
		t.Fatal(err, made.Diagnostics)
	}
	s.state, s.private = made.ImportedResources[0].State, made.ImportedResources[0].Private
	if diags := s.read(); len(diags) > 0 {
		t.Fatal(diags[0].Summary)
	}
	return s
}

func (s *subject) read() []*tfprotov6.Diagnostic {
	s.t.Helper()
	read, err := s.server.ReadResource(s.t.Context(), &tfprotov6.ReadResourceRequest{
		TypeName: "nova_server", CurrentState: s.state, Private: s.private,
	})
	if err != nil {
		s.t.Fatal(err)
	}
	s.state, s.private = read.NewState, read.Private
	return read.Diagnostics
}

func (s *subject) fields() map[string]tftypes.Value {
	s.t.Helper()
	state, err := s.state.Unmarshal(s.schema.ValueType())
	if err != nil {
		s.t.Fatal(err)
	}
	fields := map[string]tftypes.Value{}
	if err := state.As(&fields); err != nil {
		s.t.Fatal(err)
	}
	return fields
}

// plan plans what the state has, with these changes.
func (s *subject) plan(changes map[string]tftypes.Value) (*tfprotov6.DynamicValue, *tfprotov6.PlanResourceChangeResponse) {
	s.t.Helper()
	proposed, given := s.fields(), map[string]tftypes.Value{}
	for _, name := range []string{"name", "image_id", "flavor_id"} {
		given[name] = proposed[name]
	}
	maps.Copy(given, changes)
	maps.Copy(proposed, changes)
	config := acctest.Fill(s.t, s.schema, given)
	planned, err := s.server.PlanResourceChange(s.t.Context(), &tfprotov6.PlanResourceChangeRequest{
		TypeName: "nova_server", PriorState: s.state, PriorPrivate: s.private, Config: config,
		ProposedNewState: acctest.Fill(s.t, s.schema, proposed),
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return config, planned
}

func (s *subject) apply(changes map[string]tftypes.Value) []*tfprotov6.Diagnostic {
	s.t.Helper()
	config, planned := s.plan(changes)
	applied, err := s.server.ApplyResourceChange(s.t.Context(), &tfprotov6.ApplyResourceChangeRequest{
		TypeName: "nova_server", PriorState: s.state, PlannedState: planned.PlannedState, PlannedPrivate: planned.PlannedPrivate, Config: config,
	})
	if err != nil {
		s.t.Fatal(err)
	}
	s.state, s.private = applied.NewState, applied.Private
	return applied.Diagnostics
}

// TestPlansTellTheTruth: a server that is replaced is not said to keep its disks.
func TestPlansTellTheTruth(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		changes  map[string]tftypes.Value
		replaces string
		warns    string
	}{
		"nothing":         {nil, "", ""},
		"name":            {map[string]tftypes.Value{"name": text("web-2")}, "", ""},
		"flavor":          {map[string]tftypes.Value{"flavor_id": text("2")}, "", "Server Will Be Resized"},
		"believed":        {map[string]tftypes.Value{"user_data": text("#!/bin/sh")}, "", "Taken on Trust"},
		"image":           {map[string]tftypes.Value{"image_id": text(other)}, "image_id", "Server Will Be Replaced"},
		"image, flavor":   {map[string]tftypes.Value{"image_id": text(other), "flavor_id": text("2")}, "image_id", "Server Will Be Replaced"},
		"key, flavor":     {map[string]tftypes.Value{"key_name": text("k"), "flavor_id": text("2")}, "key_name", "Server Will Be Replaced"},
		"zone, flavor":    {map[string]tftypes.Value{"availability_zone": text("west"), "flavor_id": text("2")}, "availability_zone", "Server Will Be Replaced"},
		"drive, believed": {map[string]tftypes.Value{"config_drive": tftypes.NewValue(tftypes.Bool, true), "user_data": text("x")}, "config_drive", "Server Will Be Replaced"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, planned := imported(t, novatest.Start(t)).plan(test.changes)
			var replaces, warns []string
			for _, at := range planned.RequiresReplace {
				replaces = append(replaces, strings.TrimSuffix(strings.TrimPrefix(at.String(), `AttributeName("`), `")`))
			}
			for _, d := range planned.Diagnostics {
				warns = append(warns, d.Summary)
			}
			if strings.Join(replaces, ",") != test.replaces || strings.Join(warns, ",") != test.warns {
				t.Errorf("replaces for %v, warns %v", replaces, warns)
			}
		})
	}
}

// TestFailedUpdateStillBelieves: what was to be believed of an imported server, and is not in the state
// because the update failed, does not replace the server by the next plan.
func TestFailedUpdateStillBelieves(t *testing.T) {
	t.Parallel()
	cloud := novatest.Start(t)
	s := imported(t, cloud)
	changes := map[string]tftypes.Value{"name": text("web-2"), "user_data": text("#!/bin/sh")}
	cloud.Intercept(func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method != http.MethodPut {
			return false
		}
		w.WriteHeader(http.StatusConflict)
		_, _ = w.Write([]byte(`{"conflictingRequest": {"code": 409, "message": "Instance is locked"}}`))
		return true
	})
	diags := s.apply(changes)
	if len(diags) != 1 || diags[0].Summary != `Unable to Change details of Server "web-1"` || !strings.Contains(diags[0].Detail, "Instance is locked") {
		t.Fatalf("%+v", diags)
	}
	if _, planned := s.plan(changes); len(planned.RequiresReplace) > 0 {
		t.Errorf("the next plan replaces the server for %v", planned.RequiresReplace)
	}
	cloud.Intercept(func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodPut {
			cloud.Put(serverID, novatest.Server{"name": "web-2"})
			w.WriteHeader(http.StatusOK)
		}
		return r.Method == http.MethodPut
	})
	if diags := s.apply(changes); len(diags) > 0 {
		t.Fatalf("%+v", diags[0])
	}
	if _, planned := s.plan(map[string]tftypes.Value{"user_data": text("#!/bin/bash")}); len(planned.RequiresReplace) != 1 {
		t.Errorf("a change of what is known replaces for %v", planned.RequiresReplace)
	}
}

// TestChangesRunInOrder: what is harmless before what interrupts the guest, and nothing after a failure.
func TestChangesRunInOrder(t *testing.T) {
	t.Parallel()
	order := []string{"PUT", "POST metadata", "PUT tags", "resize", "confirmResize", "os-stop"}
	for fails := range len(order) + 1 {
		cloud := novatest.Start(t)
		s := imported(t, cloud)
		var ran []string
		cloud.OnAction(func(s novatest.Server, action string) {
			ran = append(ran, action)
			s["status"] = map[string]string{"resize": "VERIFY_RESIZE", "confirmResize": "ACTIVE", "os-stop": "SHUTOFF"}[action]
			s["flavor"] = map[string]any{"id": "2"}
		})
		cloud.Intercept(func(w http.ResponseWriter, r *http.Request) bool {
			if r.Method == http.MethodGet || strings.HasSuffix(r.URL.Path, "/action") && len(ran) != fails {
				return false
			}
			if len(ran) == fails {
				w.WriteHeader(http.StatusForbidden)
				return true
			}
			_, rest, _ := strings.Cut(r.URL.Path, serverID)
			ran = append(ran, strings.TrimSpace(r.Method+" "+strings.Trim(rest, "/")))
			return true
		})
		diags := s.apply(map[string]tftypes.Value{
			"name": text("web-2"), "flavor_id": text("2"), "power_state": text("shutoff"),
			"metadata": tftypes.NewValue(tftypes.Map{ElementType: tftypes.String}, map[string]tftypes.Value{"a": text("b")}),
			"tags":     tftypes.NewValue(tftypes.Set{ElementType: tftypes.String}, []tftypes.Value{text("c")}),
		})
		if got, want := strings.Join(ran, ", "), strings.Join(order[:fails], ", "); got != want || len(diags) > 0 != (fails < len(order)) {
			t.Errorf("ran %s, not %s: %v", got, want, diags)
		}
	}
}

// TestServerInCellThatIsDown: the little that Nova shows of it then is no drift.
func TestServerInCellThatIsDown(t *testing.T) {
	t.Parallel()
	cloud := novatest.Start(t)
	s := imported(t, cloud)
	before := s.fields()
	cloud.Intercept(func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.HasSuffix(r.URL.Path, serverID) {
			return false
		}
		_, _ = w.Write([]byte(`{"server": {"id": "` + serverID + `", "status": "UNKNOWN", "image": {"id": "` + imageID +
			`"}, "flavor": {"vcpus": 1}, "OS-EXT-AZ:availability_zone": "UNKNOWN", "user_id": "UNKNOWN"}}`))
		return true
	})
	diags := s.read()
	if len(diags) != 1 || diags[0].Severity != tfprotov6.DiagnosticSeverityWarning || !strings.Contains(diags[0].Detail, "cell") {
		t.Errorf("%+v", diags)
	}
	for name, was := range before {
		if is := s.fields()[name]; !is.Equal(was) {
			t.Errorf("%s was %s and is %s", name, was, is)
		}
	}
}

// TestUnknownEndpoint: an override that is made of what is not known yet.
func TestUnknownEndpoint(t *testing.T) {
	t.Parallel()
	diags := configure(t, serve(t, none), map[string]tftypes.Value{
		"endpoint_overrides": tftypes.NewValue(tftypes.Map{ElementType: tftypes.String}, map[string]tftypes.Value{
			"compute": tftypes.NewValue(tftypes.String, tftypes.UnknownValue),
		}),
	})
	if len(diags) > 0 {
		t.Errorf("%s: %s", diags[0].Summary, diags[0].Detail)
	}
}

// TestKeyWithEndOfLine: a key from a file is the one that was imported, and no other.
func TestKeyWithEndOfLine(t *testing.T) {
	t.Parallel()
	server, schema := serve(t, none), schemas(t).ResourceSchemas["nova_keypair"]
	state := map[string]tftypes.Value{
		"name": text("n"), "type": text("ssh"), "user_id": text("u"), "public_key": text("ssh-ed25519 AAAA"), "fingerprint": text("f"),
	}
	for key, replaces := range map[string]int{"ssh-ed25519 AAAA\n": 0, "ssh-ed25519 AAAB\n": 1} {
		proposed := maps.Clone(state)
		proposed["public_key"] = text(key)
		planned, err := server.PlanResourceChange(t.Context(), &tfprotov6.PlanResourceChangeRequest{
			TypeName: "nova_keypair", PriorState: acctest.Fill(t, schema, state), ProposedNewState: acctest.Fill(t, schema, proposed),
			Config: acctest.Fill(t, schema, map[string]tftypes.Value{"name": text("n"), "public_key": text(key)}),
		})
		if err != nil || len(planned.Diagnostics) > 0 || len(planned.RequiresReplace) != replaces {
			t.Fatalf("%q: replaces for %v, %+v, %v", key, planned.RequiresReplace, planned.Diagnostics, err)
		}
		result, err := planned.PlannedState.Unmarshal(schema.ValueType())
		if err != nil || replaces == 0 && !result.IsFullyKnown() {
			t.Errorf("%q: %s, %v", key, result, err)
		}
	}
}
