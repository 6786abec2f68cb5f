// SPDX-License-Identifier: MPL-2.0

package flavoraccess

import (
	"context"
	"fmt"
	"slices"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/flavors"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/client"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/diagnose"
)

// checked is the first microversion that refuses projects of a public flavor, rather than note what says nothing.
const checked client.Microversion = 7

func grant(ctx context.Context, c *client.Client, m model) error {
	service, _, err := c.Best(ctx, checked)
	if err != nil {
		return err
	}
	err = client.Act(ctx, c, func(ctx context.Context) error {
		opts := flavors.AddAccessOpts{Tenant: m.ProjectID.ValueString()}
		return flavors.AddAccess(ctx, service, m.FlavorID.ValueString(), opts).Err
	}, func(ctx context.Context) (bool, error) { return granted(ctx, service, m) })
	if diagnose.Conflict(err) {
		return &diagnose.Hinted{Err: err, Hint: fmt.Sprintf("If the project has the flavor already, import that by the id %q.", m.name())}
	}
	return err
}

// granted is whether the project may use the flavor by a list of its own. A flavor that is gone, or has become public,
// has no such list.
func granted(ctx context.Context, service *gophercloud.ServiceClient, m model) (bool, error) {
	pages, err := flavors.ListAccesses(service, m.FlavorID.ValueString()).AllPages(ctx)
	if diagnose.NotFound(err) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	all, err := flavors.ExtractAccesses(pages)
	return slices.ContainsFunc(all, func(a flavors.FlavorAccess) bool { return a.TenantID == m.ProjectID.ValueString() }), err
}

// revoke takes the access away; that there is none is no error.
func revoke(ctx context.Context, c *client.Client, m model) error {
	service, _, err := c.Best(ctx, checked)
	if err != nil {
		return err
	}
	return diagnose.Forgiven(client.Act(ctx, c, func(ctx context.Context) error {
		opts := flavors.RemoveAccessOpts{Tenant: m.ProjectID.ValueString()}
		return flavors.RemoveAccess(ctx, service, m.FlavorID.ValueString(), opts).Err
	}, nil))
}
