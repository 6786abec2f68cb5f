// SPDX-License-Identifier: MPL-2.0

package mockcloud

import (
	"context"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/neutron"
)

// seed gives a fresh cloud what people expect of one: flavors, networks, an image.
func (c *Cloud) seed(ctx context.Context) error {
	if c.options.Bare {
		return nil
	}
	if err := c.Nova.SeedFlavors(ctx); err != nil {
		return err
	}
	admin, err := c.Keystone.ProjectID(ctx, "admin")
	if err != nil {
		return err
	}
	demo, err := c.Keystone.ProjectID(ctx, "demo")
	if err != nil {
		return err
	}
	if err := c.Neutron.Seed(ctx, neutron.SeedOptions{AdminProjectID: admin, DemoProjectID: demo}); err != nil {
		return err
	}
	return nil
}
