// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"net/http"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

// neutronNetwork is what Nova reads of a network.
type neutronNetwork struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// label is how Nova calls the network as a pool of floating IPs.
func (n neutronNetwork) label() string {
	if n.Name == "" {
		return n.ID
	}
	return n.Name
}

var neutronNetworks = networkKind[neutronNetwork]{"network", "networks", "/networks"}

// oldNetwork is a network as nova-network had it. Nova fills in what Neutron's networks have in common
// with those: two of its thirty fields.
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
	// What administrators see beside these is as empty.
	Bridge          api.Opt[*string] `json:"bridge,omitempty"`
	BridgeInterface api.Opt[*string] `json:"bridge_interface,omitempty"`
	CreatedAt       api.Opt[*string] `json:"created_at,omitempty"`
	Deleted         api.Opt[*string] `json:"deleted,omitempty"`
	DeletedAt       api.Opt[*string] `json:"deleted_at,omitempty"`
	DHCPServer      api.Opt[*string] `json:"dhcp_server,omitempty"`
	DHCPStart       api.Opt[*string] `json:"dhcp_start,omitempty"`
	EnableDHCP      api.Opt[*string] `json:"enable_dhcp,omitempty"`
	Host            api.Opt[*string] `json:"host,omitempty"`
	Injected        api.Opt[*string] `json:"injected,omitempty"`
	MTU             api.Opt[*string] `json:"mtu,omitempty"`
	MultiHost       api.Opt[*string] `json:"multi_host,omitempty"`
	Priority        api.Opt[*string] `json:"priority,omitempty"`
	ProjectID       api.Opt[*string] `json:"project_id,omitempty"`
	RXTXBase        api.Opt[*string] `json:"rxtx_base,omitempty"`
	ShareAddress    api.Opt[*string] `json:"share_address,omitempty"`
	UpdatedAt       api.Opt[*string] `json:"updated_at,omitempty"`
	VLAN            api.Opt[*string] `json:"vlan,omitempty"`
	VPNPrivate      api.Opt[*string] `json:"vpn_private_address,omitempty"`
	VPNPublic       api.Opt[*string] `json:"vpn_public_address,omitempty"`
	VPNPort         api.Opt[*string] `json:"vpn_public_port,omitempty"`
}

// tenantNetwork is a network as os-tenant-networks tells it. The CIDR is the word None: so it has been
// ever since Neutron was behind it.
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

func listed[T any](s *Service, view func(*api.Call, neutronNetwork) T) func(*api.Call) ([]T, error) {
	return func(c *api.Call) ([]T, error) {
		networks, err := neutronNetworks.list(s.neutron(c), nil)
		if err != nil {
			return nil, inNovasWords(err)
		}
		views := make([]T, len(networks))
		for i, n := range networks {
			views[i] = view(c, n)
		}
		return views, nil
	}
}

func shown[T any](s *Service, view func(*api.Call, neutronNetwork) T) func(*api.Call) (T, error) {
	return func(c *api.Call) (T, error) {
		n, err := neutronNetworks.show(s.neutron(c), c.Var("id"))
		if err != nil {
			var none T
			return none, inNovasWords(err, networkWords{status: http.StatusNotFound, code: http.StatusNotFound, message: "Network not found"})
		}
		return view(c, n), nil
	}
}

func tenantNetworkOf(_ *api.Call, n neutronNetwork) tenantNetwork {
	return tenantNetwork{ID: n.ID, CIDR: "None", Label: n.Name}
}

func oldNetworkOf(c *api.Call, n neutronNetwork) oldNetwork {
	view := oldNetwork{ID: n.ID, Label: n.Name}
	if !c.Identity.Admin() {
		return view
	}
	for _, field := range []*api.Opt[*string]{
		&view.Bridge, &view.BridgeInterface, &view.CreatedAt, &view.Deleted, &view.DeletedAt, &view.DHCPServer, &view.DHCPStart,
		&view.EnableDHCP, &view.Host, &view.Injected, &view.MTU, &view.MultiHost, &view.Priority, &view.ProjectID, &view.RXTXBase,
		&view.ShareAddress, &view.UpdatedAt, &view.VLAN, &view.VPNPrivate, &view.VPNPublic, &view.VPNPort,
	} {
		*field = api.Some[*string](nil)
	}
	return view
}
