// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"errors"
	"net/http"
	"net/netip"
	"slices"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
)

// InterfaceAttachment is an interface of a server: its port.
type InterfaceAttachment struct {
	NetworkID string    `json:"net_id"`
	PortID    string    `json:"port_id"`
	MAC       string    `json:"mac_addr"`
	PortState string    `json:"port_state"`
	FixedIPs  []fixedIP `json:"fixed_ips"`
	Tag       *string   `json:"tag" nova:"2.70-"`
}

// interfaceAttach is the body of POST os-interface. Empty, it asks for the project's only network.
type interfaceAttach struct {
	Attachment interfaceRequest `json:"interfaceAttachment"`
}

type interfaceRequest struct {
	NetworkID string             `json:"net_id"  format:"uuid"`
	PortID    string             `json:"port_id" format:"uuid"`
	FixedIPs  []interfaceAddress `json:"fixed_ips" len:"1-1"`
	Tag       string             `json:"tag" nova:"2.49-" len:"1-60" pattern:"^[^,/]*$"`
}

type interfaceAddress struct {
	IPAddress netip.Addr `json:"ip_address" need:"2.1-" format:"ip"`
}

func (s *Service) interfaceRoutes() []api.Route {
	const path = "/servers/{id}/os-interface"
	ask := api.QueryOf[noQuery]()
	return []api.Route{
		api.Get(path, "interfaceAttachments", s.listInterfaces).AskedBy(ask).Loose("-2.101"),
		api.Get(path+"/{port}", "interfaceAttachment", s.showInterface).AskedBy(ask).Loose("-2.101"),
		api.Post(path, "", s.attachInterface).Answer("interfaceAttachment"),
		api.Delete(path+"/{port}", s.detachInterface).Code(http.StatusAccepted),
	}
}

func interfaceView(inst *compute.Instance, p neutronPort) InterfaceAttachment {
	view := InterfaceAttachment{NetworkID: p.NetworkID, PortID: p.ID, MAC: p.MACAddress, PortState: p.Status, FixedIPs: p.FixedIPs}
	if at := slices.IndexFunc(inst.VIFs, func(v compute.VIF) bool { return v.PortID == p.ID }); at >= 0 {
		view.Tag = nullable(inst.VIFs[at].Tag)
	}
	return view
}

func (s *Service) listInterfaces(c *api.Call) ([]InterfaceAttachment, error) {
	inst, err := s.server(c, c.Var("id"), "os-attach-interfaces:list")
	if err != nil {
		return nil, err
	}
	ports, err := s.portsOf(c, inst)
	if err != nil {
		return nil, err
	}
	views := make([]InterfaceAttachment, len(ports))
	for i, p := range ports {
		views[i] = interfaceView(inst, p)
	}
	return views, nil
}

func (s *Service) showInterface(c *api.Call) (InterfaceAttachment, error) {
	return s.interfaceOf(c, c.Var("port"))
}

// interfaceOf is the server's interface of that port.
func (s *Service) interfaceOf(c *api.Call, port string) (InterfaceAttachment, error) {
	inst, err := s.server(c, c.Var("id"), "os-attach-interfaces:show")
	if err != nil {
		return InterfaceAttachment{}, err
	}
	p, err := neutronPorts.show(s.neutron(c), port)
	if err != nil {
		return InterfaceAttachment{}, inNovasWords(err, networkWords{
			status: http.StatusNotFound, code: http.StatusNotFound, message: "Port id " + port + " could not be found.",
		})
	}
	if p.DeviceID != inst.ID {
		return InterfaceAttachment{}, api.NotFound("Instance %s does not have a port with id %s", inst.ID, port)
	}
	return interfaceView(inst, p), nil
}

func (s *Service) attachInterface(c *api.Call, in *interfaceAttach) (InterfaceAttachment, error) {
	none, ask := InterfaceAttachment{}, in.Attachment
	inst, err := s.server(c, c.Var("id"), "os-attach-interfaces:create")
	if err != nil {
		return none, err
	}
	want := compute.RequestedNetwork{NetworkID: ask.NetworkID, PortID: ask.PortID, Tag: ask.Tag}
	if len(ask.FixedIPs) > 0 {
		want.FixedIP = ask.FixedIPs[0].IPAddress.String()
	}
	switch {
	case want.NetworkID != "" && want.PortID != "":
		return none, api.BadRequest("Must not input both network_id and port_id")
	case want.FixedIP != "" && want.NetworkID == "":
		return none, api.BadRequest("Must input network_id when request IP address")
	}
	vif, err := s.Compute.AttachInterface(c.Context(), caller(c), inst.ID, want)
	var failed *compute.InterfaceAttachFailed
	switch {
	case errors.As(err, &failed):
		return none, api.NewFault(http.StatusInternalServerError, "%s", failed)
	case err != nil:
		return none, refused(err)
	}
	return s.interfaceOf(c, vif.PortID)
}

func (s *Service) detachInterface(c *api.Call) error {
	inst, err := s.server(c, c.Var("id"), "os-attach-interfaces:delete")
	if err != nil {
		return err
	}
	return refused(s.Compute.DetachInterface(c.Context(), caller(c), inst.ID, c.Var("port")))
}
