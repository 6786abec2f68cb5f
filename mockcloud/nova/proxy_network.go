// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

// neutronNetwork is what Nova reads of a network.
type neutronNetwork struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	Description string `json:"description"`
	ProjectID   string `json:"project_id"`
	MTU         int    `json:"mtu"`
	Revision    int    `json:"revision_number"`
}

// label is how Nova calls the network as a pool of floating IPs.
func (n neutronNetwork) label() string {
	if n.Name == "" {
		return n.ID
	}
	return n.Name
}

var neutronNetworks = networkKind[neutronNetwork]{"network", "networks", "/networks"}

// oldNetwork is a network as nova-network had it. Of Neutron's networks Nova fills in what they have in common
// with those, two of its thirty fields; of those that were made through Nova, all that there is.
type oldNetwork struct {
	ID        string  `json:"id"`
	Label     string  `json:"label"`
	CIDR      *string `json:"cidr"`
	Netmask   *string `json:"netmask"`
	Gateway   *string `json:"gateway"`
	Broadcast *string `json:"broadcast"`
	DNS1      *string `json:"dns1"`
	DNS2      *string `json:"dns2"`
	CIDRv6    *string `json:"cidr_v6"`
	GatewayV6 *string `json:"gateway_v6"`
	NetmaskV6 *string `json:"netmask_v6"`
	// Administrators see these besides.
	Bridge          api.Opt[*string]    `json:"bridge,omitempty"`
	BridgeInterface api.Opt[*string]    `json:"bridge_interface,omitempty"`
	CreatedAt       api.Opt[api.Micros] `json:"created_at,omitempty"`
	Deleted         api.Opt[*bool]      `json:"deleted,omitempty"`
	DeletedAt       api.Opt[*string]    `json:"deleted_at,omitempty"`
	DHCPServer      api.Opt[*string]    `json:"dhcp_server,omitempty"`
	DHCPStart       api.Opt[*string]    `json:"dhcp_start,omitempty"`
	EnableDHCP      api.Opt[*bool]      `json:"enable_dhcp,omitempty"`
	Host            api.Opt[*string]    `json:"host,omitempty"`
	Injected        api.Opt[*bool]      `json:"injected,omitempty"`
	MTU             api.Opt[*int]       `json:"mtu,omitempty"`
	MultiHost       api.Opt[*bool]      `json:"multi_host,omitempty"`
	Priority        api.Opt[*int]       `json:"priority,omitempty"`
	ProjectID       api.Opt[*string]    `json:"project_id,omitempty"`
	RXTXBase        api.Opt[*int]       `json:"rxtx_base,omitempty"`
	ShareAddress    api.Opt[*bool]      `json:"share_address,omitempty"`
	UpdatedAt       api.Opt[api.Micros] `json:"updated_at,omitempty"`
	VLAN            api.Opt[*int]       `json:"vlan,omitempty"`
	VPNPrivate      api.Opt[*string]    `json:"vpn_private_address,omitempty"`
	VPNPublic       api.Opt[*string]    `json:"vpn_public_address,omitempty"`
	VPNPort         api.Opt[*int]       `json:"vpn_public_port,omitempty"`
}

// tenantNetwork is a network as os-tenant-networks tells it. The CIDR of Neutron's own is the word None: so it has
// been ever since Neutron was behind it.
type tenantNetwork struct {
	ID    string `json:"id"`
	CIDR  string `json:"cidr"`
	Label string `json:"label"`
}

func (s *Service) networkProxyRoutes() []api.Route {
	routes := []api.Route{
		api.Get("/os-networks", "networks", listed(s, oldNetworkOf)).Policy(rule("os-networks:list")),
		api.Get("/os-networks/{id}", "network", shown(s, oldNetworkOf)).Policy(rule("os-networks:show")),
		api.Get("/os-tenant-networks", "networks", listed(s, tenantNetworkOf)).Policy(rule("os-tenant-networks:list")),
		api.Get("/os-tenant-networks/{id}", "network", shown(s, tenantNetworkOf)).Policy(rule("os-tenant-networks:show")),
	}
	for i := range routes {
		routes[i] = routes[i].Only(proxied)
	}
	return routes
}

// proxied are the versions that have the proxies of other services.
const proxied = "-2.35"

// networkView is a network as an API shows it; made is nil of Neutron's own.
type networkView[T any] func(c *api.Call, n neutronNetwork, made *madeNetwork) T

func listed[T any](s *Service, view networkView[T]) func(*api.Call) ([]T, error) {
	return func(c *api.Call) ([]T, error) {
		networks, err := neutronNetworks.list(s.neutron(c), nil)
		if err != nil {
			return nil, inNovasWords(err)
		}
		made, err := s.made(c, networks...)
		if err != nil {
			return nil, err
		}
		views := make([]T, len(networks))
		for i, n := range networks {
			views[i] = view(c, n, made[n.ID])
		}
		return views, nil
	}
}

func shown[T any](s *Service, view networkView[T]) func(*api.Call) (T, error) {
	return func(c *api.Call) (T, error) { return seen(s, c, c.Var("id"), view) }
}

// seen is the network of that id as an API shows it.
func seen[T any](s *Service, c *api.Call, id string, view networkView[T]) (T, error) {
	var none T
	n, err := s.neutronNetwork(c, id)
	if err != nil {
		return none, err
	}
	made, err := s.made(c, n)
	if err != nil {
		return none, err
	}
	return view(c, n, made[n.ID]), nil
}

func tenantNetworkOf(_ *api.Call, n neutronNetwork, made *madeNetwork) tenantNetwork {
	view := tenantNetwork{ID: n.ID, CIDR: "None", Label: n.Name}
	if made == nil {
		return view
	}
	for _, version := range []int{6, 4} {
		if sub, has := made.subnets[version]; has {
			view.CIDR = sub.CIDR.String()
		}
	}
	return view
}

func oldNetworkOf(c *api.Call, n neutronNetwork, made *madeNetwork) oldNetwork {
	view := oldNetwork{ID: n.ID, Label: n.Name}
	if made != nil {
		view.showSubnets(made)
	}
	if c.Identity.Admin() {
		view.showRest(n, made)
	}
	return view
}
