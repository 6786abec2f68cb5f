// SPDX-License-Identifier: MPL-2.0

package flavor

import (
	"context"
	"net/http"
	"net/url"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/flavors"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/client"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/value"
)

// changes are what Nova can change about a flavor.
var changes = []struct {
	name    string
	changed func(plan, state model) bool
	apply   func(ctx context.Context, c *client.Client, plan, state model) error
}{
	{"description", func(p, s model) bool { return !p.Description.Equal(s.Description) }, describe},
	{"extra specs", func(p, s model) bool { return !p.ExtraSpecs.Equal(s.ExtraSpecs) }, respecify},
}

// describe sets the description, or removes it: null is a value there, which gophercloud cannot send.
func describe(ctx context.Context, c *client.Client, plan, state model) error {
	service, err := c.At(ctx, withDescription)
	if err != nil {
		return err
	}
	body := map[string]any{"flavor": map[string]any{"description": plan.Description.ValueStringPointer()}}
	_, err = service.Put(ctx, service.ServiceURL("flavors", url.PathEscape(state.ID.ValueString())), body, nil,
		&gophercloud.RequestOpts{OkCodes: []int{http.StatusOK}})
	return err
}

// respecify sets the extra specs of the plan and then removes those that only the state has. Keys of others stay as they
// are.
func respecify(ctx context.Context, c *client.Client, plan, state model) error {
	var diags diag.Diagnostics
	wanted, had := value.Map(ctx, plan.ExtraSpecs, &diags), value.Map(ctx, state.ExtraSpecs, &diags)
	if err := addSpecs(ctx, c, state.ID.ValueString(), wanted); err != nil {
		return err
	}
	service, err := c.At(ctx, 1)
	if err != nil {
		return err
	}
	for key := range had {
		if _, ok := wanted[key]; ok {
			continue
		}
		address := service.ServiceURL("flavors", url.PathEscape(state.ID.ValueString()), "os-extra_specs", url.PathEscape(key))
		if err := nova.Remove(ctx, service, address); err != nil {
			return err
		}
	}
	return nil
}

// addSpecs has Nova check names and values where it can.
func addSpecs(ctx context.Context, c *client.Client, id string, specs map[string]string) error {
	if len(specs) == 0 {
		return nil
	}
	service, _, err := c.Best(ctx, withSpecRules)
	if err != nil {
		return err
	}
	return client.Act(ctx, c, func(ctx context.Context) error {
		return flavors.CreateExtraSpecs(ctx, service, id, flavors.ExtraSpecsOpts(specs)).Err
	}, nil)
}
