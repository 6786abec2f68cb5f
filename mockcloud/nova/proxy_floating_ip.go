// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"cmp"
	"net/http"
	"net/url"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

// defaultFloatingPool is the network that a floating IP comes from whose request names none (Nova:
// [neutron] default_floating_pool): the external network that every cloud here begins with.
const defaultFloatingPool = "public"

// neutronFloatingIP is what Nova reads of a floating IP.
type neutronFloatingIP struct {
	ID        string  `json:"id"`
	Address   string  `json:"floating_ip_address"`
	FixedIP   *string `json:"fixed_ip_address"`
	NetworkID string  `json:"floating_network_id"`
	ProjectID string  `json:"project_id"`
	PortID    *string `json:"port_id"`
	Port      *struct {
		DeviceID string `json:"device_id"`
	} `json:"port_details"`
}

// instance is the id of the server that the floating IP leads to, or "".
func (f neutronFloatingIP) instance() string {
	if f.Port == nil {
		return ""
	}
	return f.Port.DeviceID
}

var neutronFloatingIPs = networkKind[neutronFloatingIP]{"floatingip", "floatingips", "/floatingips"}

// floatingIP is a floating IP as Nova shows it.
type floatingIP struct {
	ID         string  `json:"id"`
	IP         string  `json:"ip"`
	FixedIP    *string `json:"fixed_ip"`
	InstanceID *string `json:"instance_id"`
	Pool       string  `json:"pool"`
}

// floatingPool is an external network.
type floatingPool struct {
	Name string `json:"name"`
}

// floatingIPCreate is the body of POST /os-floating-ips, which may be null.
type floatingIPCreate struct {
	Pool api.Opt[string] `json:"pool" null:"ok"`
}

func (s *Service) floatingIPRoutes() []api.Route {
	const path = "/os-floating-ips"
	return []api.Route{
		api.Get("/os-floating-ip-pools", "floating_ip_pools", s.listFloatingPools).Only(proxied).Policy(rule("os-floating-ip-pools")),
		api.Get(path, "floating_ips", s.listFloatingIPs).Only(proxied).Policy(rule("os-floating-ips:list")),
		api.Post(path, "", s.createFloatingIP).Answer("floating_ip").Only(proxied).Loose("-2.35").Policy(rule("os-floating-ips:create")),
		api.Get(path+"/{id}", "floating_ip", s.showFloatingIP).Only(proxied).Policy(rule("os-floating-ips:show")),
		api.Delete(path+"/{id}", s.deleteFloatingIP).Only(proxied).Code(http.StatusAccepted).Policy(rule("os-floating-ips:delete")),
	}
}

func (s *Service) listFloatingPools(c *api.Call) ([]floatingPool, error) {
	external, err := neutronNetworks.list(s.neutron(c), where("router:external", "True"))
	if err != nil {
		return nil, inNovasWords(err)
	}
	pools := make([]floatingPool, len(external))
	for i, n := range external {
		pools[i].Name = n.label()
	}
	return pools, nil
}

func (s *Service) listFloatingIPs(c *api.Call) ([]floatingIP, error) {
	n := s.neutron(c)
	found, err := neutronFloatingIPs.list(n, where("project_id", c.ProjectID()))
	if err != nil {
		return nil, inNovasWords(err)
	}
	views := make([]floatingIP, len(found))
	for i, f := range found {
		if views[i], err = f.view(n); err != nil {
			return nil, err
		}
	}
	return views, nil
}

func (f neutronFloatingIP) view(n neutron) (floatingIP, error) {
	network, err := neutronNetworks.show(n, f.NetworkID)
	if err != nil {
		return floatingIP{}, inNovasWords(err)
	}
	return floatingIP{ID: f.ID, IP: f.Address, FixedIP: f.FixedIP, InstanceID: nullable(f.instance()), Pool: network.label()}, nil
}

// floatingIP is the one of that id.
func (s *Service) floatingIP(c *api.Call, id string) (neutronFloatingIP, error) {
	f, err := neutronFloatingIPs.show(s.neutron(c), id)
	return f, inNovasWords(err, networkWords{
		status: http.StatusNotFound, code: http.StatusNotFound, message: "Floating IP not found for ID " + id,
	})
}

func (s *Service) showFloatingIP(c *api.Call) (floatingIP, error) {
	f, err := s.floatingIP(c, c.Var("id"))
	if err != nil {
		return floatingIP{}, err
	}
	return f.view(s.neutron(c))
}

func (s *Service) createFloatingIP(c *api.Call, in *api.Opt[floatingIPCreate]) (floatingIP, error) {
	n, name := s.neutron(c), in.Value.Pool.Value
	pool, err := floatingPoolOf(n, cmp.Or(name, defaultFloatingPool))
	if err != nil {
		return floatingIP{}, err
	}
	noMore, overQuota := "No more floating IPs available.", "IP allocation over quota."
	if name != "" {
		noMore, overQuota = "No more floating IPs in pool "+name+".", "IP allocation over quota in pool "+name+"."
	}
	made, err := neutronFloatingIPs.create(n, object{"floating_network_id": pool.ID})
	if err != nil {
		return floatingIP{}, inNovasWords(
			err,
			networkWords{kind: "IpAddressGenerationFailure", code: http.StatusNotFound, message: noMore},
			networkWords{kind: "OverQuota", code: http.StatusForbidden, message: overQuota},
			networkWords{status: http.StatusBadRequest, code: http.StatusBadRequest},
		)
	}
	return made.view(n)
}

// floatingPoolOf is the external network of that id or name.
func floatingPoolOf(n neutron, nameOrID string) (neutronNetwork, error) {
	filter := "name"
	if isUUID(nameOrID) {
		filter = "id"
	}
	found, err := neutronNetworks.list(n, url.Values{"router:external": {"True"}, filter: {nameOrID}})
	switch {
	case err != nil:
		return neutronNetwork{}, inNovasWords(err)
	case len(found) == 0:
		return neutronNetwork{}, api.NotFound("Floating IP pool not found.")
	case len(found) > 1:
		return neutronNetwork{}, api.BadRequest("Multiple floating IP pools matches found for name '%s'", nameOrID)
	}
	return found[0], nil
}

func (s *Service) deleteFloatingIP(c *api.Call) error {
	f, err := s.floatingIP(c, c.Var("id"))
	if err != nil {
		return err
	}
	if err := neutronFloatingIPs.delete(s.neutron(c), f.ID); err != nil {
		return inNovasWords(err, networkWords{
			status: http.StatusNotFound, code: http.StatusNotFound, message: "Floating IP not found for address " + f.Address + ".",
		})
	}
	return s.forgetAddress(c, f.Address)
}
