// SPDX-License-Identifier: MPL-2.0

package server

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/diagnose"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
)

// ImportState takes the server's id, or its name if no other server has that.
func (r *server) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	if id, err := uuid.Parse(req.ID); err == nil {
		req.ID = id.String() // as Nova spells it, or the state would be of another server
	} else if req.ID != "" {
		if r.Cloud(&resp.Diagnostics) == nil {
			return
		}
		found := named(ctx, r.Servers(), req.ID, &resp.Diagnostics)
		if found == nil {
			return
		}
		req.ID = found.ID
	}
	resource.ImportStatePassthroughWithIdentity(ctx, path.Root("id"), path.Root("id"), req, resp)
	resp.Diagnostics.Append(resp.Private.SetKey(ctx, importedKey, []byte("true"))...)
}

// named is the one server of the name, or nil after an error in diags.
func named(ctx context.Context, servers nova.Servers, name string, diags *diag.Diagnostics) *nova.Server {
	all, err := servers.Named(ctx, name)
	switch {
	case err != nil:
		diags.Append(diagnose.Failure("Find", "Server", name, err))
	case len(all) == 0:
		diags.Append(diagnose.Missing("Server", fmt.Sprintf("the name %q", name)))
	case len(all) > 1:
		var ids []string
		for _, s := range all {
			ids = append(ids, s.ID)
		}
		diags.AddError("Several Servers", fmt.Sprintf("%d servers have the name %q: %s. Use an id.", len(all), name, strings.Join(ids, ", ")))
	default:
		return all[0]
	}
	return nil
}
