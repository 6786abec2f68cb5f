// SPDX-License-Identifier: MPL-2.0

package neutron

import (
	"context"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// Topology is what a data plane must know of the networks, all of one moment.
type Topology struct {
	Networks []*Network
	Subnets  []*Subnet
	Ports    []*Port
	Groups   []*SecurityGroup
	Rules    []*SecurityGroupRule
	Routers  []*Router
	Floating []*FloatingIP
	Trunks   []*Trunk
}

// Topology tells of every project's networks.
func (s *Service) Topology(ctx context.Context) (*Topology, error) {
	t := new(Topology)
	err := s.store.View(ctx, func(tx store.Tx) error {
		for _, read := range []func() error{
			func() (err error) { t.Networks, err = networkTable.All(tx); return },
			func() (err error) { t.Subnets, err = subnetTable.All(tx); return },
			func() (err error) { t.Ports, err = portTable.All(tx); return },
			func() (err error) { t.Groups, err = groupTable.All(tx); return },
			func() (err error) { t.Rules, err = ruleTable.All(tx); return },
			func() (err error) { t.Routers, err = routerTable.All(tx); return },
			func() (err error) { t.Floating, err = floatingTable.All(tx); return },
			func() (err error) { t.Trunks, err = trunkTable.All(tx); return },
		} {
			if err := read(); err != nil {
				return err
			}
		}
		return nil
	})
	return t, err
}
