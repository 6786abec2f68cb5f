// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"errors"
	"net/http"
	"slices"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// CloudpipeCreate is the body of POST /os-cloudpipe: whose VPN server; the caller's project unless it says.
type CloudpipeCreate struct {
	ProjectID string `json:"project_id" len:"1-255" pattern:"^[a-zA-Z0-9-]*$"`
}

type cloudpipeCreated struct {
	InstanceID string `json:"instance_id"`
}

// Cloudpipe is a project's VPN server as Nova lists it. What is about its network is missing while it has none.
type Cloudpipe struct {
	ProjectID  string           `json:"project_id"`
	InstanceID string           `json:"instance_id"`
	CreatedAt  api.Time         `json:"created_at"`
	InternalIP string           `json:"internal_ip,omitempty"`
	PublicIP   api.Opt[*string] `json:"public_ip,omitempty"`
	PublicPort api.Opt[*int]    `json:"public_port,omitempty"`
	State      string           `json:"state,omitempty"` // "running", "down", "invalid"
}

// vpnEndpoint is where users of a VPN reach it: the body of PUT /os-cloudpipe/configure-project.
type vpnEndpoint struct {
	IP   string      `json:"vpn_ip"   need:"2.1-" format:"ip"`
	Port api.Natural `json:"vpn_port" need:"2.1-" range:"0-65535"`
}

// vpnNetwork is where the VPN of a network is reached, of networks that Nova did not make: the record of one that it
// made says so itself.
type vpnNetwork struct {
	NetworkID, IP string
	Port          int
}

var vpnNetworks = store.Table[vpnNetwork]{
	Name: "nova_vpn_networks",
	Key:  func(n *vpnNetwork) string { return n.NetworkID },
}

// cloudpipeRoutes are as they were in Ocata, the last release that had them.
func (s *Service) cloudpipeRoutes() []api.Route {
	const path = "/os-cloudpipe"
	configure := func(by func(string, string, func(*api.Call, *vpnEndpoint) (api.None, error)) api.Route) api.Route {
		return by(path+"/{id}", "configure_project", s.configureProject).Code(http.StatusAccepted).Policy(rule("os-cloudpipe"))
	}
	routes := []api.Route{
		api.Get(path, "cloudpipes", s.listCloudpipes).Policy(rule("os-cloudpipe")),
		api.Post(path, "cloudpipe", s.createCloudpipe).Answer("").Policy(rule("os-cloudpipe")),
		configure(api.Put[vpnEndpoint, api.None]),
	}
	// The reference of Kilo has it as a POST, too.
	return append(routes, s.Release.until(kilo, []api.Route{configure(api.Post[vpnEndpoint, api.None])})...)
}

// vpnUser is who runs the projects' VPN servers, by which they are known: no user of Keystone's has this id.
const vpnUser = "project-vpn"

// vpnServers are the VPN servers of a project, "" for all: the oldest first.
func (s *Service) vpnServers(c *api.Call, projectID string) ([]*compute.Instance, error) {
	all, err := s.Compute.List(c.Context(), compute.Filter{ProjectID: projectID})
	all = slices.DeleteFunc(all, func(inst *compute.Instance) bool {
		return inst.UserID != vpnUser || inst.VMState == compute.SoftDeleted || inst.TaskState == compute.Deleting || inst.TaskState == compute.SoftDeleting
	})
	slices.Reverse(all)
	return all, err
}

func (s *Service) listCloudpipes(c *api.Call) ([]Cloudpipe, error) {
	servers, err := s.vpnServers(c, "")
	if err != nil {
		return nil, err
	}
	views, errs := make([]Cloudpipe, len(servers)), make([]error, len(servers))
	forEachPinged(servers, func(i int, inst *compute.Instance) { views[i], errs[i] = s.cloudpipe(c, inst) })
	return views, errors.Join(errs...)
}

func (s *Service) cloudpipe(c *api.Call, inst *compute.Instance) (Cloudpipe, error) {
	view := Cloudpipe{ProjectID: inst.ProjectID, InstanceID: inst.ID, CreatedAt: api.Time{Time: inst.CreatedAt}}
	if len(inst.VIFs) == 0 {
		return view, nil
	}
	port := inst.VIFs[0]
	for _, address := range port.Addresses {
		if address.Type == compute.FixedAddress && address.IP.Is4() && view.InternalIP == "" {
			view.InternalIP = address.IP.String()
		}
	}
	ip, number, err := s.vpnEndpoint(c, port.NetworkID)
	if err != nil {
		return view, err
	}
	view.PublicIP, view.PublicPort = api.Some(ip), api.Some(number)
	if ip == nil || number == nil {
		view.State = "invalid"
		return view, nil
	}
	// Nova knocked at the public address, behind which something outside of the cloud led to the server. Whether that
	// would answer is known here.
	answers, err := s.Compute.Ping(c.Context(), inst, []string{port.PortID})
	view.State = onOff(answers, "running", "down")
	return view, err
}

// vpnEndpoint is where the VPN of a network is reached; nil is not said.
func (s *Service) vpnEndpoint(c *api.Call, networkID string) (ip *string, port *int, err error) {
	err = s.Store.View(c.Context(), func(tx store.Tx) error {
		made, err := networkTable.Get(tx, networkID)
		if err == nil {
			ip, port = made.VPNPublic, made.VPNPort
		}
		if !errors.Is(err, store.ErrNotFound) {
			return err
		}
		said, err := vpnNetworks.Get(tx, networkID)
		if err == nil {
			ip, port = &said.IP, &said.Port
		}
		if errors.Is(err, store.ErrNotFound) {
			return nil
		}
		return err
	})
	return ip, port, err
}

// configureProject says of each network of the caller's project where its VPN is reached.
func (s *Service) configureProject(c *api.Call, in *vpnEndpoint) (api.None, error) {
	if c.Var("id") != "configure-project" {
		return api.None{}, api.BadRequest("Unknown action %s", c.Var("id"))
	}
	networks, err := s.projectNetworks(c, c.ProjectID())
	if err != nil {
		return api.None{}, err
	}
	return api.None{}, s.Store.Update(c.Context(), func(tx store.Tx) error {
		for _, id := range networks {
			if err := s.setEndpoint(tx, vpnNetwork{NetworkID: id, IP: canonical(in.IP), Port: int(in.Port)}); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *Service) setEndpoint(tx store.Tx, said vpnNetwork) error {
	made, err := networkTable.Get(tx, said.NetworkID)
	if errors.Is(err, store.ErrNotFound) {
		return vpnNetworks.Put(tx, &said)
	}
	if err != nil {
		return err
	}
	made.VPNPublic, made.VPNPort, made.UpdatedAt = &said.IP, &said.Port, s.Clock.Now()
	return networkTable.Put(tx, made)
}

// projectNetworks are the ids of the project's own networks that servers can be on.
func (s *Service) projectNetworks(c *api.Call, projectID string) ([]string, error) {
	filters := where("project_id", projectID)
	filters.Set("router:external", "false")
	networks, err := neutronNetworks.list(s.neutron(c), filters)
	if err != nil {
		return nil, inNovasWords(err)
	}
	subnets, err := neutronSubnets.list(s.neutron(c), nil)
	if err != nil {
		return nil, inNovasWords(err)
	}
	var ids []string
	for _, n := range networks {
		if slices.ContainsFunc(subnets, func(sub neutronSubnet) bool { return sub.NetworkID == n.ID }) {
			ids = append(ids, n.ID)
		}
	}
	return ids, nil
}
