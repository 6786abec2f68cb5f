// SPDX-License-Identifier: MPL-2.0

package neutron

import (
	"context"
	"errors"
	"net/netip"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// SeedOptions say whose the networks of a fresh cloud are.
type SeedOptions struct {
	AdminProjectID string // has the external network "public"
	DemoProjectID  string // has the network "private" and the router between them
	// PublicCIDR and PrivateCIDR are 198.51.100.0/24 and 10.0.0.0/24 where they are zero.
	PublicCIDR, PrivateCIDR netip.Prefix
}

// seeded marks that a cloud has had its networks, so that what an administrator deletes stays deleted.
type seeded struct {
	ID string `json:"id"`
}

var seededTable = &store.Table[seeded]{Name: "neutron.seeded", Key: func(s *seeded) string { return s.ID }}

// Seed gives a fresh cloud what DevStack gives: an external network, one with a router for the demo
// project, and address space for the networks of projects that ask for a topology. What a cloud had before
// is left as it is.
func (s *Service) Seed(ctx context.Context, options SeedOptions) error {
	if !options.PublicCIDR.IsValid() {
		options.PublicCIDR = netip.MustParsePrefix("198.51.100.0/24")
	}
	if !options.PrivateCIDR.IsValid() {
		options.PrivateCIDR = netip.MustParsePrefix("10.0.0.0/24")
	}
	for what, seed := range map[string]func(*op, SeedOptions) error{"networks": (*op).seedNetworks, "subnetpools": (*op).seedPool} {
		admin := Caller{ProjectID: options.AdminProjectID, Admin: true}
		err := s.updateAs(ctx, admin.identity(), func(o *op) error {
			if _, err := seededTable.Get(o.tx, what); !errors.Is(err, store.ErrNotFound) {
				return err
			}
			if err := seed(o, options); err != nil {
				return err
			}
			return seededTable.Put(o.tx, &seeded{what})
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (o *op) seedNetworks(options SeedOptions) error {
	public, err := o.seedNetwork("public", "public-subnet", options.PublicCIDR, true)
	if err != nil {
		return err
	}
	o.identity = Caller{ProjectID: options.DemoProjectID}.identity()
	private, err := o.seedNetwork("private", "private-subnet", options.PrivateCIDR, false)
	if err != nil {
		return err
	}
	router, err := o.routers.make(o, &routerFields{
		Name: api.Some("router1"), Gateway: api.Some(gatewayFields{NetworkID: public.NetworkID}),
	})
	if err != nil {
		return err
	}
	_, err = addInterface(o, router, &interfaceRequest{SubnetID: private.ID})
	return err
}

// seedPool makes the default pool, unless somebody has made one.
func (o *op) seedPool(SeedOptions) error {
	if has, err := o.defaultPool(4, ""); err != nil || has != nil {
		return err
	}
	_, err := o.pools.make(o, &subnetPoolFields{
		Name: api.Some("shared-default-subnetpool-v4"), Prefixes: api.Some([]netip.Prefix{netip.MustParsePrefix("10.1.0.0/16")}),
		DefaultPrefixLen: api.Some(api.Integer(26)), Shared: api.Some(api.Boolean(true)), IsDefault: api.Some(api.Boolean(true)),
	})
	return err
}

func (o *op) seedNetwork(name, subnet string, cidr netip.Prefix, external bool) (*Subnet, error) {
	fields := &networkFields{Name: api.Some(name)}
	if external {
		fields.External, fields.IsDefault = api.Some(api.Boolean(true)), api.Some(api.Boolean(true))
	}
	n, err := o.networks.make(o, fields)
	if err != nil {
		return nil, err
	}
	version := api.Integer(4)
	if cidr.Addr().Is6() {
		version = 6
	}
	return o.subnets.make(o, &subnetFields{
		Name: api.Some(subnet), NetworkID: api.Some(n.ID), CIDR: api.Some(cidr), IPVersion: api.Some(version),
		EnableDHCP: api.Some(api.Boolean(!external)),
	})
}
