// SPDX-License-Identifier: MPL-2.0

// Package securitygroup is nova_security_group and nova_security_group_rule.
package securitygroup

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/client"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/diagnose"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/network"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/session"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/wait"
)

// patience is how long to wait for a group that is in use, unless `timeouts` says otherwise.
const patience = 5 * time.Minute

// defaultName is the group that every project has from the start.
const defaultName = "default"

// pauses are those between looks at whether it is still in use.
var pauses = wait.Backoff{First: 200 * time.Millisecond, Factor: 1.6, Max: 5 * time.Second, Jitter: 0.2}

// NewResource returns nova_security_group.
func NewResource() resource.Resource { return &securityGroup{} }

var (
	_ resource.ResourceWithConfigure      = (*securityGroup)(nil)
	_ resource.ResourceWithIdentity       = (*securityGroup)(nil)
	_ resource.ResourceWithImportState    = (*securityGroup)(nil)
	_ resource.ResourceWithModifyPlan     = (*securityGroup)(nil)
	_ resource.ResourceWithMoveState      = (*securityGroup)(nil)
	_ resource.ResourceWithValidateConfig = (*securityGroup)(nil)
)

type securityGroup struct{ session.Resource }

func (r *securityGroup) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = "nova_security_group"
}

func (r *securityGroup) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = resourceSchema(ctx)
}

func (r *securityGroup) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{Attributes: map[string]identityschema.Attribute{
		"id": identityschema.StringAttribute{RequiredForImport: true, Description: "The security group's id."},
	}}
}

// Create makes the group and gives it its rules. A group that did not get them stays in the state, tainted.
func (r *securityGroup) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	c := r.Cloud(&resp.Diagnostics)
	if c == nil || resp.Diagnostics.HasError() {
		return
	}
	name := plan.Name.ValueString()
	// The calls are not broken off, so that what they made is known and can be removed.
	whole := client.Whole(ctx)
	groups, err := network.GroupsOf(whole, c)
	var made *network.Group
	if err == nil {
		made, err = create(whole, c, groups, plan)
	}
	if err != nil {
		resp.Diagnostics.Append(diagnose.Failure("Create", "Security Group", name, err))
		return
	}
	plan.ID = types.StringValue(made.ID)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), plan.ID)...)
	resp.Diagnostics.Append(identify(ctx, resp.Identity, plan.ID)...)

	begun := plan
	begun.Rules, begun.Tags = types.SetNull(nestedRule().Type()), types.SetNull(types.StringType)
	begun.DeleteDefaultRules = types.BoolValue(false)
	change(whole, c, groups, plan, begun, "Create", &resp.Diagnostics)
	set(whole, groups, &resp.State, plan, &resp.Diagnostics)
	if ctx.Err() != nil { // as late as possible: who is gone now will not get the answer
		forget, err := diagnose.Interrupted(ctx, groups.Delete(whole, made.ID))
		if forget {
			resp.State.RemoveResource(ctx)
		}
		resp.Diagnostics.Append(diagnose.Failure("Create", "Security Group", name, err))
	}
}

func create(ctx context.Context, c *client.Client, groups network.Groups, plan model) (*network.Group, error) {
	wanted := network.Group{
		Name: plan.Name.ValueString(), Description: plan.Description.ValueString(), Stateful: plan.Stateful.ValueBoolPointer(),
	}
	if plan.Stateful.IsUnknown() {
		wanted.Stateful = nil
	}
	return client.OnceAmong(ctx, c, func(ctx context.Context) (*network.Group, error) {
		return groups.Create(ctx, wanted)
	}, func(ctx context.Context) ([]network.Group, error) {
		return groups.List(ctx, wanted.Name)
	}, func(g *network.Group) string { return g.ID })
}

// change runs the changes that the plan has, up to the first that fails.
func change(ctx context.Context, c *client.Client, groups network.Groups, plan, state model, verb string, diags *diag.Diagnostics) {
	for _, change := range changes {
		if !change.changed(plan, state) {
			continue
		}
		if err := change.apply(ctx, c, groups, plan, state); err != nil {
			diags.Append(diagnose.Failure(verb+" "+change.name+" of", "Security Group", plan.Name.ValueString(), err))
			return
		}
	}
}

// set writes the state: basis, with what is true of the group.
func set(ctx context.Context, groups network.Groups, state *tfsdk.State, basis model, diags *diag.Diagnostics) {
	found, err := groups.Get(ctx, basis.ID.ValueString())
	if err != nil {
		diags.Append(diagnose.Failure("Read", "Security Group", basis.Name.ValueString(), err))
		return
	}
	basis.take(ctx, found, diags)
	diags.Append(state.Set(ctx, basis)...)
}

func (r *securityGroup) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	c := r.Cloud(&resp.Diagnostics)
	if c == nil || resp.Diagnostics.HasError() {
		return
	}
	var found *network.Group
	groups, err := network.GroupsOf(ctx, c)
	if err == nil {
		found, err = groups.Get(ctx, state.ID.ValueString())
	}
	resp.Diagnostics.Append(identify(ctx, resp.Identity, state.ID)...) // the framework asks for it of what is gone, too
	switch {
	case diagnose.NotFound(err):
		resp.State.RemoveResource(ctx)
	case err != nil:
		resp.Diagnostics.Append(diagnose.Failure("Read", "Security Group", state.ID.ValueString(), err))
	default:
		state.take(ctx, found, &resp.Diagnostics)
		resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
	}
}

// Update runs the changes that the plan has. After a failure, too, the state gets what is true of the group.
func (r *securityGroup) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, state model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	c := r.Cloud(&resp.Diagnostics)
	if c == nil || resp.Diagnostics.HasError() {
		return
	}
	groups, err := network.GroupsOf(ctx, c)
	if err != nil {
		resp.Diagnostics.Append(diagnose.Failure("Change", "Security Group", state.Name.ValueString(), err))
		return
	}
	change(ctx, c, groups, plan, state, "Change", &resp.Diagnostics)
	set(context.WithoutCancel(ctx), groups, &resp.State, plan, &resp.Diagnostics)
	resp.Diagnostics.Append(identify(ctx, resp.Identity, state.ID)...)
}

func (r *securityGroup) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	c := r.Cloud(&resp.Diagnostics)
	if c == nil || resp.Diagnostics.HasError() {
		return
	}
	if state.Name.ValueString() == defaultName {
		resp.Diagnostics.AddWarning("Default Security Group Stays", "A project cannot be without its default group. It is not managed any more, "+
			"and its rules stay as they are.")
		return
	}
	limit, diags := state.Timeouts.Delete(ctx, patience)
	resp.Diagnostics.Append(diags...)
	waiting, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	groups, err := network.GroupsOf(ctx, c)
	if err == nil {
		err = remove(waiting, c.Clock(), groups, state.ID.ValueString())
	}
	if err != nil {
		resp.Diagnostics.Append(diagnose.Failure("Delete", "Security Group", state.Name.ValueString(), err))
	}
}

// ImportState takes the group's id, or its name if no other group has that.
func (r *securityGroup) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	if _, err := uuid.Parse(req.ID); err == nil || req.ID == "" {
		resource.ImportStatePassthroughWithIdentity(ctx, path.Root("id"), path.Root("id"), req, resp)
		return
	}
	c := r.Cloud(&resp.Diagnostics)
	if c == nil {
		return
	}
	id, err := named(ctx, c, req.ID)
	if err != nil {
		resp.Diagnostics.Append(diagnose.Failure("Import", "Security Group", req.ID, err))
		return
	}
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), id)...)
}

// named is the id of the one group with that name.
func named(ctx context.Context, c *client.Client, name string) (string, error) {
	groups, err := network.GroupsOf(ctx, c)
	if err != nil {
		return "", err
	}
	found, err := groups.List(ctx, name)
	switch {
	case err != nil:
		return "", err
	case len(found) == 0:
		return "", fmt.Errorf("there is no security group with that name, or it is not visible to this user and project")
	case len(found) > 1:
		var ids []string
		for _, g := range found {
			ids = append(ids, g.ID)
		}
		return "", fmt.Errorf("%d security groups have that name: give the id of one of them, %s", len(found), strings.Join(ids, ", "))
	}
	return found[0].ID, nil
}
