// SPDX-License-Identifier: MPL-2.0

package mockcloud

import (
	"context"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/glance"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/neutron"
)

// GuestImage is the name of the image that a fresh cloud has. Simulated servers boot nothing from it;
// for real ones it is the guest of package guest.
const GuestImage = "mockcloud-guest"

// seed gives a fresh cloud what people expect of one: flavors, networks, an image; and each its bare metal nodes.
func (c *Cloud) seed(ctx context.Context) error {
	if err := c.Nova.RecordBareMetal(ctx); err != nil {
		return err
	}
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
	if err := c.Neutron.Seed(ctx, neutron.SeedOptions{AdminProjectID: admin, DemoProjectID: demo, PublicCIDR: c.options.FloatingRange}); err != nil {
		return err
	}
	if c.options.NoImage {
		return nil
	}
	return c.Glance.Seed(ctx, glance.SeedOptions{AdminProjectID: admin, Image: glance.Registration{Name: GuestImage}})
}
