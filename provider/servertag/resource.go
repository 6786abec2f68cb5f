// SPDX-License-Identifier: MPL-2.0

// Package servertag is nova_server_tag: one tag of a server.
package servertag

import (
	"context"
	"fmt"
	"regexp"

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
var key = pair.Key{
	First: "server_id", Second: "tag", What: "A tag of a server", Form: "SERVER_ID/TAG",
	Valid: func(server, name string) bool { return nova.UUIDRule.MatchString(server) && tagRule.MatchString(name) },
}

// NewResource returns nova_server_tag.
func NewResource() resource.Resource { return &tag{} }

var (
	_ resource.ResourceWithConfigure   = (*tag)(nil)
	_ resource.ResourceWithIdentity    = (*tag)(nil)
	_ resource.ResourceWithImportState = (*tag)(nil)
	_ resource.ResourceWithModifyPlan  = (*tag)(nil)
)

type tag struct{ session.Resource }

type model struct {
	ID       types.String `tfsdk:"id"`
	ServerID types.String `tfsdk:"server_id"`
	Tag      types.String `tfsdk:"tag"`
}

// tagRule is Nova's own.
var tagRule = regexp.MustCompile(`^[^,/]+$`)

func (r *tag) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = "nova_server_tag"
}

func (r *tag) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	replace := []planmodifier.String{stringplanmodifier.RequiresReplace()}
	resp.Schema = schema.Schema{
		MarkdownDescription: "One tag of a server that is not managed as a whole, or not here. A `nova_server` with `tags` removes all other tags: do not use " +
			"both for one server. A tag that is there already is taken over. Needs microversion 2.26.",
		Attributes: map[string]schema.Attribute{
			"id": schema.StringAttribute{
				Computed: true, MarkdownDescription: "`SERVER_ID/TAG`.",
				PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
			},
			"server_id": schema.StringAttribute{
				Required: true, MarkdownDescription: "The id of the server. A change makes another tag.",
				Validators:    []validator.String{stringvalidator.RegexMatches(nova.UUIDRule, nova.UUIDHolds)},
				PlanModifiers: replace,
			},
			"tag": schema.StringAttribute{
				Required: true, MarkdownDescription: "The tag, without commas and slashes. A change makes another tag.",
				Validators: []validator.String{
					stringvalidator.LengthBetween(1, 60), stringvalidator.RegexMatches(tagRule, "may hold neither a comma nor a slash"),
				},
				PlanModifiers: replace,
			},
		},
	}
}

func (r *tag) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{Attributes: map[string]identityschema.Attribute{
		"server_id": identityschema.StringAttribute{RequiredForImport: true, Description: "The server's id."},
		"tag":       identityschema.StringAttribute{RequiredForImport: true, Description: "The tag."},
	}}
}

// ModifyPlan refuses tags where the cloud is too old for them.
func (r *tag) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() || !r.Known() {
		return
	}
	if err := r.Cloud(&resp.Diagnostics).Check(ctx, nova.WithTags); err != nil {
		resp.Diagnostics.Append(diagnose.TooOld(path.Root("tag"), err))
	}
}

func (r *tag) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if r.Cloud(&resp.Diagnostics) == nil || resp.Diagnostics.HasError() {
		return
	}
	server, name := plan.ServerID.ValueString(), plan.Tag.ValueString()
	whole := context.WithoutCancel(ctx)
	// A PUT that may be done twice: it is repeated until it is answered.
	err := r.Servers().AddTag(client.Whole(ctx), server, name)
	if err == nil {
		if err = r.Servers().HasTag(whole, server, name); err != nil {
			err = fmt.Errorf("added, but not found: %w", err)
		}
	}
	forget := err != nil
	if err == nil && ctx.Err() != nil {
		forget, err = diagnose.Interrupted(ctx, r.Servers().DropTag(whole, server, name))
	}
	if err != nil {
		resp.Diagnostics.Append(diagnose.Failure("Create", "Server Tag", name, err))
	}
	if forget {
		return
	}
	plan.ID = types.StringValue(server + "/" + name)
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	resp.Diagnostics.Append(plan.identify(ctx, resp.Identity)...)
}

func (r *tag) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if r.Cloud(&resp.Diagnostics) == nil || resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(state.identify(ctx, resp.Identity)...)
	server, name := state.ServerID.ValueString(), state.Tag.ValueString()
	err := r.Servers().HasTag(ctx, server, name)
	switch {
	case diagnose.NotFound(err):
		resp.State.RemoveResource(ctx)
	case err != nil:
		resp.Diagnostics.Append(diagnose.Failure("Read", "Server Tag", name, err))
	default:
		state.ID = types.StringValue(server + "/" + name)
		resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
	}
}

// Update has nothing to do: each attribute replaces.
func (r *tag) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	resp.Diagnostics.Append(plan.identify(ctx, resp.Identity)...)
}

func (r *tag) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if r.Cloud(&resp.Diagnostics) == nil || resp.Diagnostics.HasError() {
		return
	}
	if err := diagnose.Forgiven(r.Servers().DropTag(ctx, state.ServerID.ValueString(), state.Tag.ValueString())); err != nil {
		resp.Diagnostics.Append(diagnose.Failure("Delete", "Server Tag", state.Tag.ValueString(), err))
	}
}

// ImportState takes SERVER_ID/TAG, or the identity.
func (r *tag) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	key.Import(ctx, req, resp)
}

// identify writes the identity where the caller keeps one.
func (m *model) identify(ctx context.Context, identity *tfsdk.ResourceIdentity) diag.Diagnostics {
	return key.Identify(ctx, identity, m.ServerID, m.Tag)
}
