// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/cloudtest"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver/sim"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/fault"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/pace"
)

// CloudWithHosts returns a cloud of so many hosts, compute-1 and so on, that takes its time: pace is by operation. It
// needs no terraform.
func CloudWithHosts(t *testing.T, hosts int, slow map[string]time.Duration) *Mock {
	t.Helper()
	if named() {
		t.Skip("the cloud under test has hosts and a pace of its own")
	}
	cloud := cloudtest.Start(t, cloudtest.With(func(o *mockcloud.Options) {
		o.Pace, o.Clock = pace.Pace{By: slow}, clock.Wall()
		for n := range hosts {
			machines, err := sim.New(sim.Options{Clock: o.Clock})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = machines.Close() })
			o.Hosts = append(o.Hosts, mockcloud.SimulatedHost("compute-"+string(rune('1'+n)), machines))
		}
	}))
	return &Mock{Target: connect(t, environment(cloud, "admin")), cloud: cloud}
}

// Lose breaks the connection of the next request for an operation of Nova ("POST /servers/{id}/action reboot"), after
// its work is done, or before it is begun.
func (m *Mock) Lose(t *testing.T, operation string, after bool) {
	t.Helper()
	_, err := m.cloud.Faults().Add(fault.Rule{
		Service: "compute", Operation: operation, Times: 1, Effects: []fault.Effect{{Cut: true, After: after}},
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Refuse has Nova answer all requests for an operation ("GET /os-migrations") with a status.
func (m *Mock) Refuse(t *testing.T, operation string, status int) {
	t.Helper()
	_, err := m.cloud.Faults().Add(fault.Rule{Service: "compute", Operation: operation, Effects: []fault.Effect{{Status: status}}})
	if err != nil {
		t.Fatal(err)
	}
}

// Invoked is what became of an action: its progress, and what it said as errors and warnings ("Summary: detail").
type Invoked struct {
	Progress         []string
	Errors, Warnings []string
}

// Told is whether any line of the progress has this in it.
func (i Invoked) Told(text string) bool {
	return strings.Contains(strings.Join(i.Progress, "\n"), text)
}

// Failed is the first error, "" if there is none.
func (i Invoked) Failed() string {
	if len(i.Errors) == 0 {
		return ""
	}
	return i.Errors[0]
}

func (i *Invoked) add(diagnostics []*tfprotov6.Diagnostic) {
	for _, d := range diagnostics {
		text := d.Summary + ": " + d.Detail
		if d.Attribute != nil {
			text = d.Attribute.String() + ": " + text
		}
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			i.Errors = append(i.Errors, text)
		} else {
			i.Warnings = append(i.Warnings, text)
		}
	}
}

// Invoke runs an action as Terraform does: it validates and plans, and invokes it if neither is an error. told, if not
// nil, is called with each line of progress as it comes.
func (target *Target) Invoke(ctx context.Context, t *testing.T, kind string, config map[string]tftypes.Value, told func(string)) Invoked {
	t.Helper()
	server := target.Protocol(t)
	actions, ok := server.(tfprotov6.ActionServer)
	if !ok {
		t.Fatal("the provider serves no actions")
	}
	schemas, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	schema := schemas.ActionSchemas[kind]
	if schema == nil {
		t.Fatalf("there is no action %s", kind)
	}
	var result Invoked
	filled := Fill(t, schema.Schema, config)
	validated, err := actions.ValidateActionConfig(ctx, &tfprotov6.ValidateActionConfigRequest{ActionType: kind, Config: filled})
	if err != nil {
		t.Fatal(err)
	}
	if result.add(validated.Diagnostics); len(result.Errors) > 0 {
		return result
	}
	planned, err := actions.PlanAction(ctx, &tfprotov6.PlanActionRequest{ActionType: kind, Config: filled})
	if err != nil {
		t.Fatal(err)
	}
	if result.add(planned.Diagnostics); len(result.Errors) > 0 {
		return result
	}
	stream, err := actions.InvokeAction(ctx, &tfprotov6.InvokeActionRequest{ActionType: kind, Config: filled})
	if err != nil {
		t.Fatal(err)
	}
	for event := range stream.Events {
		switch of := event.Type.(type) {
		case tfprotov6.ProgressInvokeActionEventType:
			result.Progress = append(result.Progress, of.Message)
			if told != nil {
				told(of.Message)
			}
		case tfprotov6.CompletedInvokeActionEventType:
			result.add(of.Diagnostics)
		}
	}
	return result
}

// Limited is the cloud with a provider whose protocol uses no microversion above this one.
func (target *Target) Limited(microversion string) *Target {
	limited := *target
	limited.ceiling = microversion
	return &limited
}

// Hurried is the cloud with a provider whose protocol waits a hundred times shorter than it should.
func (target *Target) Hurried() *Target {
	hurried := *target
	hurried.hurry = 100
	return &hurried
}
