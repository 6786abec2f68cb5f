// SPDX-License-Identifier: MPL-2.0

package neutron

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// Options are what a network service is made of.
type Options struct {
	Store store.Store
	Clock clock.Clock
	Auth  api.Authenticator
	Log   *slog.Logger // nil: no log
	// Changed, unless nil, is called after a change by the API of a server's ports or floating IPs: Nova's
	// network-changed event. It outlives the request's context.
	Changed func(ctx context.Context, deviceID string)
	// Altered, unless nil, is called after each change of the records, by the API or in Go: the data plane
	// follows Topology. It outlives the request's context.
	Altered func(ctx context.Context)
	// Hosts, unless nil, tells the machines of the cloud: the agents are theirs.
	Hosts func(context.Context) ([]Host, error)
	// DefaultRules, unless nil, tells what a project's default security group begins with besides Neutron's own rules,
	// in the transaction that makes the group.
	DefaultRules func(store.Tx) ([]DefaultRule, error)
	// MTU of networks that name none; 0 is 1500.
	MTU int
}

// Service is the network service.
type Service struct {
	store  store.Store
	clock  clock.Clock
	log    *slog.Logger
	policy api.Policy
	mtu    int
	http   http.Handler

	changed func(ctx context.Context, deviceID string)
	altered func(ctx context.Context)
	hosts   func(context.Context) ([]Host, error)

	defaultRules func(store.Tx) ([]DefaultRule, error)

	networks *collection[Network, networkFields]
	subnets  *collection[Subnet, subnetFields]
	ports    *collection[Port, portFields]
	groups   *collection[SecurityGroup, groupFields]
	rules    *collection[SecurityGroupRule, ruleFields]
	routers  *collection[Router, routerFields]
	floating *collection[FloatingIP, floatingFields]
	rbac     *collection[RBACPolicy, rbacFields]
	pools    *collection[SubnetPool, subnetPoolFields]
	scopes   *collection[AddressScope, scopeFields]
	trunks   *collection[Trunk, trunkFields]
}

// New is a network service on a store; call Seed once the projects are known.
func New(o Options) (*Service, error) {
	if o.Store == nil || o.Clock == nil || o.Auth == nil {
		return nil, errors.New("neutron: Options need a Store, a Clock and an Auth")
	}
	s := &Service{
		store: o.Store, clock: o.Clock, log: o.Log, policy: policy(), mtu: o.MTU, changed: o.Changed, altered: o.Altered, hosts: o.Hosts,
		defaultRules: o.DefaultRules,
		networks:     networkCollection(), subnets: subnetCollection(), ports: portCollection(),
		groups: groupCollection(), rules: ruleCollection(), routers: routerCollection(), floating: floatingCollection(),
		rbac: rbacCollection(), pools: poolCollection(), scopes: scopeCollection(), trunks: trunkCollection(),
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if s.mtu == 0 {
		s.mtu = 1500
	}
	s.http = (&api.Service{
		Type: "network", Prefix: "/network", Mounts: []api.Mount{{Path: "/v2.0"}},
		Root: []api.Route{
			api.Get("", "versions", listVersions).Public(),
			api.Get("/", "versions", listVersions).Public(),
		},
		Routes: slices.Concat(
			[]api.Route{api.Get("", "resources", listResources), api.Get("/", "resources", listResources)},
			s.networks.routes(s), s.subnets.routes(s), s.ports.routes(s), s.bindingRoutes(), s.groups.routes(s), s.rules.routes(s),
			s.routers.routes(s), s.interfaceRoutes(), s.extraRouteRoutes(), s.floating.routes(s), s.rbac.routes(s), s.pools.routes(s), s.prefixRoutes(), s.scopes.routes(s), s.trunks.routes(s), s.subPortRoutes(),
			s.autoRoutes(), s.quotaRoutes(), s.infoRoutes(), s.agentRoutes(), s.availabilityRoutes(),
		),
		Fault: neutronFault, Policy: s.policy, Auth: o.Auth, Log: s.log,
	}).Handler()
	return s, nil
}

// Handler serves everything below /network.
func (s *Service) Handler() http.Handler { return s.http }
