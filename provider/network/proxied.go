// SPDX-License-Identifier: MPL-2.0

package network

import (
	"context"
	"net/url"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/client"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/fields"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
)

// proxied are the networks as Nova's own API has them up to 2.35.
func proxied(ctx context.Context, c *client.Client) ([]fields.Row, error) {
	service, err := c.At(ctx, 1)
	if err != nil {
		return nil, err
	}
	all, err := nova.Collection(ctx, service, service.ServiceURL("os-tenant-networks"), "networks", nil)
	if err != nil {
		return nil, err
	}
	rows := make([]fields.Row, 0, len(all))
	for _, one := range all {
		row, err := proxiedRow(one)
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}

func proxiedByID(ctx context.Context, c *client.Client, id string) (fields.Row, error) {
	service, err := c.At(ctx, 1)
	if err != nil {
		return nil, err
	}
	one, err := nova.Object(ctx, service, service.ServiceURL("os-tenant-networks", url.PathEscape(id)), "network", nil)
	if err != nil {
		return nil, err
	}
	return proxiedRow(one)
}

// proxiedRow reads a network in Nova's words. It has a CIDR, too, which is always the word None.
func proxiedRow(one fields.JSON) (fields.Row, error) {
	return shown.Row(fields.JSON{"id": one["id"], "name": one["label"]})
}
