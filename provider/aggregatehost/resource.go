// SPDX-License-Identifier: MPL-2.0

// Package aggregatehost is nova_aggregate_host: one host of an aggregate, whose other hosts are left alone.
package aggregatehost

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/client"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/diagnose"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/pair"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/session"
)

// key is what the resource is known by.
var key = pair.Key{First: "aggregate_id", Second: "host"}

// NewResource returns nova_aggregate_host.
func NewResource() resource.Resource { return &membership{} }

var (
	_ resource.ResourceWithConfigure   = (*membership)(nil)
	_ resource.ResourceWithIdentity    = (*membership)(nil)
	_ resource.ResourceWithImportState = (*membership)(nil)
)

type membership struct{ session.Resource }

type model struct {
	ID          types.String `tfsdk:"id"`
	AggregateID types.String `tfsdk:"aggregate_id"`
	Host        types.String `tfsdk:"host"`
}

func (m *model) name() string { return m.AggregateID.ValueString() + "/" + m.Host.ValueString() }

// identify writes the identity where the caller keeps one.
func (m *model) identify(ctx context.Context, identity *tfsdk.ResourceIdentity) diag.Diagnostics {
	return key.Identify(ctx, identity, m.AggregateID, m.Host)
}

func (r *membership) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = "nova_aggregate_host"
}

func (r *membership) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	replace := []planmodifier.String{stringplanmodifier.RequiresReplace()}
	resp.Schema = schema.Schema{
		MarkdownDescription: "One compute host of a host aggregate. Its other hosts are left alone; use either this or `hosts` of `nova_aggregate`. " +
			"Nova does not change the availability zone of a host with servers, be it by putting it in or by taking it out.",
		Attributes: map[string]schema.Attribute{
			"id": schema.StringAttribute{
				Computed: true, MarkdownDescription: "`AGGREGATE_ID/HOST`.",
				PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
			},
			"aggregate_id": schema.StringAttribute{
				Required: true, MarkdownDescription: "The id of the aggregate: a number. A change takes the host out of the one and puts it into the other.",
				Validators:    []validator.String{stringvalidator.RegexMatches(regexp.MustCompile(`^[0-9]{1,10}$`), "has to be a number")},
				PlanModifiers: replace,
			},
			"host": schema.StringAttribute{
				Required: true, MarkdownDescription: "The name of the compute host. A change puts another host in its place.",
				Validators: []validator.String{
					stringvalidator.LengthBetween(1, 255), stringvalidator.RegexMatches(nova.HostRule, nova.HostHolds),
				},
				PlanModifiers: replace,
			},
		},
	}
}

func (r *membership) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{Attributes: map[string]identityschema.Attribute{
		"aggregate_id": identityschema.StringAttribute{RequiredForImport: true, Description: "The aggregate's id."},
		"host":         identityschema.StringAttribute{RequiredForImport: true, Description: "The host's name."},
	}}
}

func (r *membership) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	c := r.Cloud(&resp.Diagnostics)
	if c == nil || resp.Diagnostics.HasError() {
		return
	}
	// The call is not broken off: a host that was put in is in the state.
	err := nova.Aggregates{Client: c}.AddHost(client.Whole(ctx), plan.AggregateID.ValueString(), plan.Host.ValueString())
	if diagnose.Conflict(err) {
		err = &diagnose.Hinted{Err: err, Hint: fmt.Sprintf("If the host is in the aggregate already, import that by the id %q.", plan.name())}
	}
	if err != nil {
		resp.Diagnostics.Append(diagnose.Failure("Create", "Aggregate Host", plan.name(), err))
		return
	}
	plan.ID = types.StringValue(plan.name())
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	resp.Diagnostics.Append(plan.identify(ctx, resp.Identity)...)
}

func (r *membership) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	c := r.Cloud(&resp.Diagnostics)
	if c == nil || resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(state.identify(ctx, resp.Identity)...) // the framework asks for it also when it is gone
	found, err := nova.Aggregates{Client: c}.Get(ctx, state.AggregateID.ValueString())
	switch {
	case diagnose.NotFound(err) || err == nil && !slices.Contains(found.Hosts, state.Host.ValueString()):
		resp.State.RemoveResource(ctx)
	case err != nil:
		resp.Diagnostics.Append(diagnose.Failure("Read", "Aggregate Host", state.name(), err))
	default:
		state.ID = types.StringValue(state.name())
		resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
	}
}

// Update has nothing to do: both attributes replace.
func (r *membership) Update(context.Context, resource.UpdateRequest, *resource.UpdateResponse) {}

func (r *membership) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	c := r.Cloud(&resp.Diagnostics)
	if c == nil || resp.Diagnostics.HasError() {
		return
	}
	err := nova.Aggregates{Client: c}.RemoveHost(ctx, state.AggregateID.ValueString(), state.Host.ValueString())
	if err != nil {
		resp.Diagnostics.Append(diagnose.Failure("Delete", "Aggregate Host", state.name(), err))
	}
}

// ImportState takes AGGREGATE/HOST, with the id or the name of the aggregate. A host's name holds no slash.
func (r *membership) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	if key.ImportIdentity(ctx, req, resp) {
		return
	}
	at := strings.LastIndex(req.ID, "/")
	if at < 1 || at == len(req.ID)-1 {
		resp.Diagnostics.AddError("Invalid Import Id", fmt.Sprintf("A host of an aggregate is imported by AGGREGATE/HOST, not %q.", req.ID))
		return
	}
	c := r.Cloud(&resp.Diagnostics)
	if c == nil {
		return
	}
	found, err := nova.Aggregates{Client: c}.Find(ctx, req.ID[:at])
	switch {
	case err != nil:
		resp.Diagnostics.Append(diagnose.Failure("Import", "Aggregate Host", req.ID, err))
	case found == nil:
		resp.Diagnostics.Append(diagnose.Missing("Aggregate", fmt.Sprintf("the id or name %q", req.ID[:at])))
	default:
		resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("aggregate_id"), strconv.Itoa(found.ID))...)
		resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("host"), req.ID[at+1:])...)
	}
}
