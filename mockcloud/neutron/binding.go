// SPDX-License-Identifier: MPL-2.0

package neutron

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// Binding is how a port is bound to a host. The one in force is in the port's own attributes; a port may
// have others, inactive ones, on hosts that its server is about to move to (binding-extended).
type Binding struct {
	Host     string `json:"host"`
	VNICType string `json:"vnic_type"`
	Profile  object `json:"profile"`
}

// bindingView is a binding as an answer shows it.
type bindingView struct {
	Binding
	VIFType    string `json:"vif_type"`
	VIFDetails object `json:"vif_details"`
	Status     string `json:"status"` // ACTIVE or INACTIVE
}

type bindingFields struct {
	Host     api.Opt[string]         `json:"host"      len:"1-255"`
	VNICType api.Opt[string]         `json:"vnic_type" oneof:"normal direct macvtap direct-physical baremetal virtio-forwarder smart-nic accelerator-direct accelerator-direct-physical remote-managed"`
	Profile  api.Opt[map[string]any] `json:"profile"   null:"ok"`
}

// The statuses of a binding.
const (
	bindingActive   = "ACTIVE"
	bindingInactive = "INACTIVE"
)

func (b Binding) view(status string) bindingView {
	if b.Profile == nil {
		b.Profile = object{}
	}
	kind, details := vif(b.Host)
	return bindingView{Binding: b, VIFType: kind, VIFDetails: details, Status: status}
}

// vif is what follows for a port's interface from the host that it is bound to; "" is none.
func vif(host string) (kind string, details object) {
	if host == "" {
		return "unbound", object{}
	}
	return "ovs", object{
		"port_filter": true, "connectivity": "l2", "ovs_hybrid_plug": false, "datapath_type": "system", "bridge_name": "br-int",
		"bound_drivers": object{"0": "openvswitch"},
	}
}

// active is the port's binding in force.
func (p *Port) active() Binding {
	return Binding{Host: p.HostID, VNICType: p.VNICType, Profile: p.Profile}
}

// inactive is the place of the port's inactive binding on that host, or -1.
func (p *Port) inactive(host string) int {
	return slices.IndexFunc(p.Bindings, func(b Binding) bool { return b.Host == host })
}

func (s *Service) bindingRoutes() []api.Route {
	const all, one = "/ports/{id}/bindings", "/ports/{id}/bindings/{host}"
	return []api.Route{
		api.Get(all, "bindings", s.listBindings).Policy("get_port_binding"),
		api.Get(one, "binding", s.showBinding).Policy("get_port_binding"),
		api.Post(all, "binding", s.createBinding).Code(http.StatusCreated).Policy("create_port_binding"),
		api.Put(one, "binding", s.updateBinding).Policy("update_port_binding"),
		api.Put(one+"/activate", "", s.activateBinding).Policy("activate_port_binding"),
		api.Delete(one, s.deleteBinding).Policy("delete_port_binding"),
	}
}

// boundPort is the port of a request about bindings: a server's.
func (o *op) boundPort(c *api.Call) (*Port, error) {
	p, err := portTable.Get(o.tx, c.Var("id"))
	switch {
	case errors.Is(err, store.ErrNotFound):
		return nil, PortNotFound.of(c.Var("id"))
	case err != nil:
		return nil, err
	case !strings.HasPrefix(p.DeviceOwner, "compute:"):
		return nil, badRequest.of("port", "Invalid port "+p.ID+". Operation only valid on compute and shared filesystem ports")
	}
	return p, nil
}

func (s *Service) listBindings(c *api.Call) (list []bindingView, err error) {
	err = s.read(c, func(o *op) error {
		p, err := o.boundPort(c)
		if err != nil {
			return err
		}
		list = []bindingView{p.active().view(bindingActive)}
		for _, b := range p.Bindings {
			list = append(list, b.view(bindingInactive))
		}
		return nil
	})
	return list, err
}

func (s *Service) showBinding(c *api.Call) (view bindingView, err error) {
	err = s.read(c, func(o *op) error {
		p, err := o.boundPort(c)
		if err != nil {
			return err
		}
		host := c.Var("host")
		at := p.inactive(host)
		switch {
		case host == p.HostID:
			view = p.active().view(bindingActive)
		case at >= 0:
			view = p.Bindings[at].view(bindingInactive)
		default:
			return bindingNotFound.of(p.ID, host)
		}
		return nil
	})
	return view, err
}

// changeBindings changes the bindings of a port, and keeps it.
func (s *Service) changeBindings(c *api.Call, change func(*op, *Port) error) error {
	return s.change(c, func(o *op) error {
		p, err := o.boundPort(c)
		if err != nil {
			return err
		}
		if err := change(o, p); err != nil {
			return err
		}
		o.ports.touch(o, p)
		return o.keep(p)
	})
}

func (s *Service) createBinding(c *api.Call, in *bindingFields) (view bindingView, err error) {
	if in.Host.Value == "" {
		return view, httpBadRequest.of("Failed to parse request. Required attribute 'host' not specified")
	}
	err = s.changeBindings(c, func(_ *op, p *Port) error {
		if in.Host.Value == p.HostID || p.inactive(in.Host.Value) >= 0 {
			return bindingExists.of(p.ID, in.Host.Value)
		}
		b := Binding{Host: in.Host.Value, VNICType: orElse(in.VNICType, "normal"), Profile: in.Profile.Value}
		p.Bindings = append(p.Bindings, b)
		view = b.view(bindingInactive)
		return nil
	})
	return view, err
}

func (s *Service) updateBinding(c *api.Call, in *bindingFields) (view bindingView, err error) {
	host := c.Var("host")
	err = s.changeBindings(c, func(_ *op, p *Port) error {
		at, b, status := p.inactive(host), p.active(), bindingActive
		if host != p.HostID {
			if at < 0 {
				return bindingNotFound.of(p.ID, host)
			}
			b, status = p.Bindings[at], bindingInactive
		}
		b.Host, b.VNICType = orElse(in.Host, b.Host), orElse(in.VNICType, b.VNICType)
		if in.Profile.Set {
			b.Profile = in.Profile.Value
		}
		if b.Host != host && (b.Host == p.HostID || p.inactive(b.Host) >= 0) {
			return bindingExists.of(p.ID, b.Host)
		}
		view = b.view(status)
		if status == bindingActive {
			p.follow(b)
			return nil
		}
		p.Bindings[at] = b
		return nil
	})
	return view, err
}

// follow puts a binding in force.
func (p *Port) follow(b Binding) {
	p.HostID, p.VNICType, p.Profile = b.Host, b.VNICType, b.Profile
	p.bind()
}

// activateBinding puts an inactive binding in force; the one that was is inactive then.
func (s *Service) activateBinding(c *api.Call, _ *api.None) (view bindingView, err error) {
	host := c.Var("host")
	err = s.changeBindings(c, func(_ *op, p *Port) error {
		at := p.inactive(host)
		switch {
		case host == p.HostID:
			return bindingIsActive.of(p.ID, host)
		case at < 0:
			return bindingNotFound.of(p.ID, host)
		}
		before, b := p.active(), p.Bindings[at]
		p.Bindings = slices.Delete(p.Bindings, at, at+1)
		if before.Host != "" {
			p.Bindings = append(p.Bindings, before)
		}
		p.follow(b)
		view = b.view(bindingActive)
		return nil
	})
	return view, err
}

// deleteBinding of one that is not there is no error, as in Neutron. Without the active one the port is
// unbound.
func (s *Service) deleteBinding(c *api.Call) error {
	host := c.Var("host")
	return s.changeBindings(c, func(_ *op, p *Port) error {
		if host == p.HostID {
			p.follow(Binding{VNICType: p.VNICType})
		}
		p.Bindings = slices.DeleteFunc(p.Bindings, func(b Binding) bool { return b.Host == host })
		return nil
	})
}
