// SPDX-License-Identifier: MPL-2.0

// Package pair is how resources are imported and identified that are known by two attributes: what is attached to a
// server, put into an aggregate, or granted to a project.
package pair

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
)

// Key is the two attributes that a resource is known by.
type Key struct {
	First, Second string // the attributes
	What, Form    string // how an error calls it ("An interface"), and its import id ("SERVER_ID/PORT_ID")
	// Valid is whether these can be the two; nil takes what is not empty and holds no further slash.
	Valid func(first, second string) bool
}

// Import takes the import id or the identity.
func (k Key) Import(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	if k.ImportIdentity(ctx, req, resp) {
		return
	}
	first, second, ok := strings.Cut(req.ID, "/")
	if !ok || !k.valid(first, second) {
		resp.Diagnostics.AddError("Invalid Import Id", fmt.Sprintf("%s is imported by %s, not %q.", k.What, k.Form, req.ID))
		return
	}
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root(k.First), first)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root(k.Second), second)...)
}

// ImportIdentity takes the identity, and is false if the import has an id in place of one.
func (k Key) ImportIdentity(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) bool {
	if req.ID != "" {
		return false
	}
	for _, name := range []string{k.First, k.Second} {
		resource.ImportStatePassthroughWithIdentity(ctx, path.Root(name), path.Root(name), req, resp)
	}
	return true
}

func (k Key) valid(first, second string) bool {
	if k.Valid != nil {
		return k.Valid(first, second)
	}
	return first != "" && second != "" && !strings.Contains(second, "/")
}

// Identify writes the identity where the caller keeps one.
func (k Key) Identify(ctx context.Context, identity *tfsdk.ResourceIdentity, first, second attr.Value) diag.Diagnostics {
	if identity == nil {
		return nil
	}
	diags := identity.SetAttribute(ctx, path.Root(k.First), first)
	diags.Append(identity.SetAttribute(ctx, path.Root(k.Second), second)...)
	return diags
}
