// SPDX-License-Identifier: MPL-2.0

// Package keypair is nova_keypair: the public keys that Nova puts into servers.
package keypair

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/keypairs"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/client"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/diagnose"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/moved"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/session"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/value"
)

// The microversions of what a keypair may have.
const (
	withType   client.Microversion = 2  // the type is shown and can be chosen
	withUserID client.Microversion = 10 // other users' keypairs
	withSigns  client.Microversion = 92 // @ and . in names; from here on Nova makes no keys
)

// NewResource returns nova_keypair.
func NewResource() resource.Resource { return &keypair{} }

var (
	_ resource.ResourceWithConfigure   = (*keypair)(nil)
	_ resource.ResourceWithIdentity    = (*keypair)(nil)
	_ resource.ResourceWithImportState = (*keypair)(nil)
	_ resource.ResourceWithModifyPlan  = (*keypair)(nil)
	_ resource.ResourceWithMoveState   = (*keypair)(nil)
)

type keypair struct{ session.Resource }

func (r *keypair) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = "nova_keypair"
}

func (r *keypair) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = resourceSchema()
}

func (r *keypair) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{Attributes: map[string]identityschema.Attribute{
		"name": identityschema.StringAttribute{RequiredForImport: true, Description: "The keypair's name."},
		"user_id": identityschema.StringAttribute{
			OptionalForImport: true, Description: "The id of the user who owns it, if that is not the provider's user.",
		},
	}}
}

// ModifyPlan refuses what the cloud is too old for.
func (r *keypair) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	var config model
	if req.Plan.Raw.IsNull() || !r.Known() {
		return
	}
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	c := r.Cloud(&resp.Diagnostics)
	if c == nil {
		return
	}
	for _, f := range features {
		if !f.used(config) {
			continue
		}
		if err := c.Check(ctx, f.since); err != nil {
			resp.Diagnostics.Append(diagnose.TooOld(path.Root(f.name), err))
		}
	}
	if config.hasSigns() && !config.given() {
		resp.Diagnostics.AddAttributeError(path.Root("public_key"), "Missing Public Key", fmt.Sprintf(
			"A name with @ or . needs microversion %s, and from there on Nova makes no keys: give a public_key.", withSigns))
	}
	if key := config.key(); key != "" && !config.Type.IsUnknown() {
		if err := checkKey(config.Type.ValueString(), key); err != nil {
			resp.Diagnostics.AddAttributeError(path.Root(config.keyAttribute()), "Invalid Public Key", err.Error())
		}
	}
	if !config.given() && req.State.Raw.IsNull() {
		resp.Diagnostics.AddAttributeWarning(path.Root("private_key"), "Private Key in the State", fmt.Sprintf(
			"Nova makes the key of keypair %q, and its private half goes to the state in the clear. The ephemeral nova_keypair makes one "+
				"that does not, for public_key_wo.", config.Name.ValueString()))
	}
}

func (r *keypair) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("public_key_wo"), &plan.PublicKeyWO)...) // no plan has it
	c := r.Cloud(&resp.Diagnostics)
	if c == nil || resp.Diagnostics.HasError() {
		return
	}
	name := plan.Name.ValueString()
	// The call is not broken off, so that what it made is known and can be removed.
	whole := context.WithoutCancel(ctx)
	made, err := create(client.Whole(ctx), c, plan)
	plan.PublicKeyWO = types.StringNull()
	forget := err != nil
	if err == nil && ctx.Err() != nil {
		forget, err = diagnose.Interrupted(ctx, remove(whole, c, plan))
	}
	if err != nil {
		resp.Diagnostics.Append(diagnose.Failure("Create", "Keypair", name, conflict(err, plan)))
	}
	if forget {
		return
	}
	// Shown once and never again, so it goes to state before anything else can fail.
	plan.PrivateKey = value.Text(made.PrivateKey)
	plan.take(made)
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	resp.Diagnostics.Append(plan.identify(ctx, resp.Identity)...)
}

func (r *keypair) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	c := r.Cloud(&resp.Diagnostics)
	if c == nil || resp.Diagnostics.HasError() {
		return
	}
	found, err := read(ctx, c, state.Name.ValueString(), state.UserID.ValueString())
	if diagnose.NotFound(err) {
		resp.Diagnostics.Append(state.identify(ctx, resp.Identity)...) // the framework asks for it still
		resp.State.RemoveResource(ctx)
		return
	}
	if err != nil {
		resp.Diagnostics.Append(diagnose.Failure("Read", "Keypair", state.Name.ValueString(), err))
		return
	}
	state.take(found)
	resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
	resp.Diagnostics.Append(state.identify(ctx, resp.Identity)...)
}

// Update has nothing to do: Nova changes nothing about a keypair, so each attribute replaces, but for white
// space around the key.
func (r *keypair) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	resp.Diagnostics.Append(plan.identify(ctx, resp.Identity)...)
}

func (r *keypair) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	c := r.Cloud(&resp.Diagnostics)
	if c == nil || resp.Diagnostics.HasError() {
		return
	}
	if err := remove(ctx, c, state); err != nil {
		resp.Diagnostics.Append(diagnose.Failure("Delete", "Keypair", state.Name.ValueString(), err))
	}
}

// ImportState takes NAME, or USER_ID/NAME for another user's keypair. A name holds no slash.
func (r *keypair) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	if req.ID == "" { // by identity
		resource.ImportStatePassthroughWithIdentity(ctx, path.Root("name"), path.Root("name"), req, resp)
		resource.ImportStatePassthroughWithIdentity(ctx, path.Root("user_id"), path.Root("user_id"), req, resp)
		return
	}
	user, name, ok := strings.Cut(req.ID, "/")
	if !ok {
		user, name = "", req.ID
	}
	if name == "" {
		resp.Diagnostics.AddError("Invalid Import Id", fmt.Sprintf("A keypair is imported by NAME or USER_ID/NAME, not %q.", req.ID))
		return
	}
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("name"), name)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("user_id"), value.Text(user))...)
}

// MoveState takes over openstack_compute_keypair_v2, with the private key if it has one.
func (r *keypair) MoveState(context.Context) []resource.StateMover {
	return moved.From("openstack_compute_keypair_v2", func(ctx context.Context, from moved.Attributes, resp *resource.MoveStateResponse) {
		for _, name := range []string{"name", "user_id", "public_key", "private_key"} {
			resp.Diagnostics.Append(resp.TargetState.SetAttribute(ctx, path.Root(name), from.Text(name))...)
		}
	})
}

// create asks at the oldest microversion that has what is asked for: Nova makes a key only below 2.92.
func create(ctx context.Context, c *client.Client, plan model) (*keypairs.KeyPair, error) {
	v := client.Microversion(1)
	for _, f := range features {
		if f.used(plan) {
			v = max(v, f.since)
		}
	}
	service, err := c.At(ctx, v)
	if err != nil {
		return nil, err
	}
	opts := keypairs.CreateOpts{
		Name: plan.Name.ValueString(), PublicKey: plan.key(), UserID: plan.UserID.ValueString(),
	}
	if v >= withType {
		opts.Type = plan.Type.ValueString()
	}
	find, err := finder(ctx, c, plan, opts.PublicKey)
	if err != nil {
		return nil, err
	}
	made, err := client.Once(ctx, c, func(ctx context.Context) (*keypairs.KeyPair, error) {
		return keypairs.Create(ctx, service, opts).Extract()
	}, find)
	if err != nil {
		return nil, err
	}
	shown, err := read(ctx, c, made.Name, plan.UserID.ValueString())
	if err != nil {
		return nil, errors.Join(fmt.Errorf("created, but not readable: %w", err), remove(ctx, c, plan))
	}
	shown.PrivateKey = made.PrivateKey
	return shown, nil
}

// finder is how to look for a keypair that was made without an answer: by its name, which is the user's only one, and its
// key. If Nova made the key, its private half is lost with the answer: the keypair, unless it was there before, is removed.
func finder(ctx context.Context, c *client.Client, plan model, key string) (func(context.Context) (*keypairs.KeyPair, error), error) {
	find := func(ctx context.Context) (*keypairs.KeyPair, error) {
		found, err := read(ctx, c, plan.Name.ValueString(), plan.UserID.ValueString())
		if diagnose.NotFound(err) {
			return nil, nil
		}
		return found, err
	}
	if key != "" {
		return func(ctx context.Context) (*keypairs.KeyPair, error) {
			found, err := find(ctx)
			if err != nil || found == nil || !sameKey(found.PublicKey, key) {
				return nil, err
			}
			return found, nil
		}, nil
	}
	before, err := find(ctx)
	return func(ctx context.Context) (*keypairs.KeyPair, error) {
		if before != nil {
			return nil, nil
		}
		return nil, remove(ctx, c, plan)
	}, err
}

func read(ctx context.Context, c *client.Client, name, user string) (*keypairs.KeyPair, error) {
	v := withType
	var query keypairs.GetOptsBuilder
	if user != "" {
		v, query = withUserID, keypairs.GetOpts{UserID: user}
	}
	service, _, err := c.Best(ctx, v)
	if err != nil {
		return nil, err
	}
	return keypairs.Get(ctx, service, name, query).Extract()
}

// remove deletes the keypair; that it is gone already is no error.
func remove(ctx context.Context, c *client.Client, state model) error {
	v := client.Microversion(1)
	var query keypairs.DeleteOptsBuilder
	if user := state.UserID.ValueString(); user != "" && c.Check(ctx, withUserID) == nil {
		v, query = withUserID, keypairs.DeleteOpts{UserID: user}
	}
	service, err := c.At(ctx, v)
	if err != nil {
		return err
	}
	return diagnose.Forgiven(keypairs.Delete(ctx, service, state.Name.ValueString(), query).ExtractErr())
}

// conflict adds to a name that is taken how to take the keypair over.
func conflict(err error, plan model) error {
	if !diagnose.Conflict(err) {
		return err
	}
	return &diagnose.Hinted{Err: err, Hint: fmt.Sprintf("If the keypair is this configuration's own, left behind by an apply "+
		"that was killed, import it by the id %q.", plan.Name.ValueString())}
}
