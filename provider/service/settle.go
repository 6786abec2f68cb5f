// SPDX-License-Identifier: MPL-2.0

package service

import (
	"context"
	"fmt"
	"net/http"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/diagnose"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
)

// set makes the service of the plan what the plan wants, and returns it as it is then; nil after an error in diags.
func (r *service) set(ctx context.Context, verb string, plan model, diags *diag.Diagnostics) *nova.Service {
	c := r.Cloud(diags)
	if c == nil {
		return nil
	}
	all := nova.Services{Client: c}
	found, err := all.On(ctx, plan.Host.ValueString(), plan.Binary.ValueString())
	switch {
	case err != nil:
	case found == nil:
		diags.AddError("No Such Service", fmt.Sprintf("Nova knows no %s on host %q. Services register themselves when they are started.",
			plan.Binary.ValueString(), plan.Host.ValueString()))
		return nil
	default:
		found, err = settle(ctx, all, found, plan)
	}
	if err != nil {
		diags.Append(diagnose.Failure(verb, "Service", plan.name(), stuck(err)))
		return nil
	}
	return found
}

// settle changes a service to what is wanted of it. Nova refuses (400) a change that changes nothing, which is what a
// request becomes that is repeated because its answer got lost: what counts is how the service is in the end.
func settle(ctx context.Context, all nova.Services, found *nova.Service, wanted model) (*nova.Service, error) {
	change, needed := wanted.change(found)
	if !needed {
		return found, nil
	}
	failed := all.Change(ctx, found, change)
	now, err := all.On(context.WithoutCancel(ctx), found.Host, found.Binary)
	if err != nil || now == nil {
		if failed == nil && err == nil {
			err = fmt.Errorf("the service is gone")
		}
		if failed != nil {
			err = failed
		}
		return nil, err
	}
	if _, left := wanted.change(now); left && failed != nil {
		return nil, failed
	}
	return now, nil
}

// stuck adds to Nova's refusal to say that a host is up what to do about it.
func stuck(err error) error {
	if diagnose.Status(err) != http.StatusBadRequest {
		return err
	}
	return &diagnose.Hinted{Err: err, Hint: "A host from which servers were evacuated has to be started once, so that it removes what it has of " +
		`them, before it can be up again. If it never will be, on_destroy = "delete" removes its service.`}
}
