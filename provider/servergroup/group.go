// SPDX-License-Identifier: MPL-2.0

package servergroup

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servergroups"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/client"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/diagnose"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/value"
)

// create asks at the oldest microversion that has what is asked for.
func create(ctx context.Context, c *client.Client, plan model) (*servergroups.ServerGroup, error) {
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
	opts := servergroups.CreateOpts{Name: plan.Name.ValueString(), Policies: []string{plan.Policy.ValueString()}}
	if v >= withRules {
		opts.Policies, opts.Policy = nil, plan.Policy.ValueString()
		opts.Rules = &servergroups.Rules{MaxServerPerHost: value.Int(plan.MaxServerPerHost)}
	}
	return client.OnceAmong(ctx, c, func(ctx context.Context) (*servergroups.ServerGroup, error) {
		return servergroups.Create(ctx, service, opts).Extract()
	}, func(ctx context.Context) ([]servergroups.ServerGroup, error) {
		return named(ctx, c, opts.Name)
	}, func(g *servergroups.ServerGroup) string { return g.ID })
}

func read(ctx context.Context, c *client.Client, id string) (*servergroups.ServerGroup, error) {
	service, _, err := c.Best(ctx, withRules)
	if err != nil {
		return nil, err
	}
	return servergroups.Get(ctx, service, id).Extract()
}

// named are the project's groups with that name. Their list is paged by offset, without links; a page that holds nothing is
// behind the last.
func named(ctx context.Context, c *client.Client, name string) ([]servergroups.ServerGroup, error) {
	service, _, err := c.Best(ctx, withRules)
	if err != nil {
		return nil, err
	}
	var found []servergroups.ServerGroup
	for offset := 0; ; {
		var body struct {
			Groups []servergroups.ServerGroup `json:"server_groups"`
		}
		query := url.Values{"offset": {strconv.Itoa(offset)}}
		if _, err := service.Get(ctx, service.ServiceURL("os-server-groups")+"?"+query.Encode(), &body, nil); err != nil {
			return nil, err
		}
		if len(body.Groups) == 0 {
			return found, nil
		}
		offset += len(body.Groups)
		for _, g := range body.Groups {
			if g.Name == name {
				found = append(found, g)
			}
		}
	}
}

// identified is the id of the one group with that name.
func identified(ctx context.Context, c *client.Client, name string) (string, error) {
	found, err := named(ctx, c, name)
	switch {
	case err != nil:
		return "", err
	case len(found) == 0:
		return "", errors.New("there is no server group with that name, or it is not of this project")
	case len(found) > 1:
		var ids []string
		for _, g := range found {
			ids = append(ids, g.ID)
		}
		return "", fmt.Errorf("%d server groups have that name: give the id of one of them, %s", len(found), strings.Join(ids, ", "))
	}
	return found[0].ID, nil
}

// remove deletes the group; that it is gone already is no error.
func remove(ctx context.Context, c *client.Client, id string) error {
	service, err := c.At(ctx, 1)
	if err != nil {
		return err
	}
	return diagnose.Forgiven(servergroups.Delete(ctx, service, id).ExtractErr())
}
