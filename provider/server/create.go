// SPDX-License-Identifier: MPL-2.0

package server

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"google.golang.org/grpc"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/client"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/diagnose"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/value"
)

// Create asks for a server, waits until it is built and ready, and brings it to the state in which it is to be kept. A
// server that goes to ERROR stays in the state, tainted, so that its fault can be looked into and it can be destroyed;
// so does one whose creation is interrupted.
func (r *server) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var config, plan model
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if r.Cloud(&resp.Diagnostics) == nil || resp.Diagnostics.HasError() {
		return
	}
	basis := plan
	plan.reveal(config)
	limit, diags := plan.Timeouts.Create(ctx, patience)
	resp.Diagnostics.Append(diags...)
	waiting, cancel := context.WithTimeout(ctx, limit)
	defer cancel()

	name := plan.Name.ValueString()
	id, err := r.request(waiting, plan, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	if err != nil {
		resp.Diagnostics.Append(diagnose.Failure("Create", "Server", name, err))
		return
	}
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), id)...)
	resp.Diagnostics.Append(identify(ctx, resp.Identity, id)...)

	made, err := r.build(waiting, plan, id)
	after := context.WithoutCancel(ctx)
	switch {
	case deserted(ctx): // as late as possible
		resp.Diagnostics.Append(diagnose.Failure("Create", "Server", name, r.discard(after, id)))
		return
	case ctx.Err() != nil:
		err = fmt.Errorf("interrupted; server %s is in the state, tainted, and goes on by itself", id)
	case err == nil:
		r.settle(after, &resp.State, req.Plan, basis, made, &resp.Diagnostics)
		return
	}
	if made != nil {
		r.set(after, &resp.State, basis, made, &resp.Diagnostics)
	}
	resp.Diagnostics.Append(diagnose.Failure("Create", "Server", name, err))
}

// build waits until the new server is as it is to be. The server as last seen comes with any error.
func (r *server) build(ctx context.Context, plan model, id string) (*nova.Server, error) {
	made, err := r.settled(ctx, id)
	if err != nil {
		return made, err
	}
	if err := r.ready(ctx, plan, id); err != nil {
		return made, err
	}
	state := plan
	state.take(made, plan.FlavorID.ValueString(), nil)
	state.Rescue = types.ObjectNull(rescueTypes())
	touched := value.Known(plan.WaitFor)
	for _, c := range finishing {
		if !c.changed(plan, state) {
			continue
		}
		touched = true
		u := &update{server: r, plan: plan, state: state, kept: true, status: made.Status}
		if err := u.make(ctx, c); err != nil {
			return made, err
		}
	}
	if locks(plan, state) {
		touched = true
		if err := applyLock(ctx, r, plan, state); err != nil {
			return made, err
		}
	}
	if !touched {
		return made, nil
	}
	return r.Servers().Get(ctx, id)
}

// deserted is whether Terraform is gone, so that nobody will hear of what is made. An interruption by Terraform ends
// ctx as well, but leaves the connection that the request came by.
func deserted(ctx context.Context) bool {
	stream, ok := grpc.ServerTransportStreamFromContext(ctx).(interface{ Context() context.Context })
	return ok && stream.Context().Err() != nil
}

// discard deletes a server of which nobody will hear.
func (r *server) discard(ctx context.Context, id string) error {
	if err := r.Servers().Delete(ctx, id); err != nil && !diagnose.NotFound(err) {
		return fmt.Errorf("Terraform is gone, and server %s could not be deleted again: %w", id, err) //nolint:staticcheck // a name
	}
	return errors.New("Terraform is gone, so the server was deleted again") //nolint:staticcheck // a name
}

// request asks for the server of the plan, at the oldest microversion that has all of it, and returns its id.
func (r *server) request(ctx context.Context, plan model, diags *diag.Diagnostics) (string, error) {
	c := r.Cloud(diags)
	body := nova.ServerCreate{
		Mark: rand.Text(),
		Name: plan.Name.ValueString(), ImageRef: plan.ImageID.ValueString(), FlavorRef: plan.FlavorID.ValueString(),
		KeyName: plan.KeyName.ValueString(), UserData: plan.encodedUserData(), Personality: plan.files(ctx, diags),
		TrustedCerts: value.Strings(ctx, plan.TrustedImageCertificates, diags), AdminPass: plan.AdminPassWO.ValueString(),
		Metadata: value.Map(ctx, plan.Metadata, diags), Description: plan.Description.ValueStringPointer(), Hostname: plan.Hostname.ValueString(),
		AccessIPv4: plan.AccessIPv4.ValueString(), AccessIPv6: plan.AccessIPv6.ValueString(), DiskConfig: plan.DiskConfig.ValueString(),
		SecurityGroups: plan.groupRequest(ctx, diags),
	}
	if value.Known(plan.ConfigDrive) {
		body.ConfigDrive = plan.ConfigDrive.ValueBoolPointer()
	}
	body.Tags = value.Strings(ctx, plan.Tags, diags)
	slices.Sort(body.Tags)
	plan.requestPlace(ctx, &body, diags)
	plan.requestDisks(ctx, &body, diags)

	// Before 2.19 Nova wrote the name into the description, which nobody asked for.
	_, at, err := c.Best(ctx, nova.WithDescription)
	if err != nil {
		return "", err
	}
	for _, f := range features() {
		if f.used(plan) {
			at = max(at, f.since(plan))
		}
	}
	if at, err = plan.sharing(ctx, c, at); err != nil {
		return "", err
	}
	if body.Networks, at, err = plan.networkRequest(ctx, c, at, diags); err != nil || diags.HasError() {
		return "", err
	}
	// This call is not broken off: only its answer says which server it made.
	return r.Servers().Create(client.Whole(ctx), at, body)
}
