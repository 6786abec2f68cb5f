// SPDX-License-Identifier: MPL-2.0

package neutron

import (
	"slices"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

type subPortsBody struct {
	SubPorts []SubPort `json:"sub_ports" need:"2.0-"`
}

// subPortRoutes are the operations on the sub-ports of a trunk. Those that change them answer with the
// trunk, bare.
func (s *Service) subPortRoutes() []api.Route {
	edit := func(verb string, do func(*op, *Trunk, []SubPort) error) api.Route {
		return api.Put("/trunks/{id}/"+verb, "", func(c *api.Call, in *subPortsBody) (view object, err error) {
			err = s.change(c, func(o *op) error {
				t, err := o.trunks.find(o, c.Var("id"))
				if err != nil {
					return err
				}
				if err := o.authorize(verb, t.ProjectID); err != nil {
					return err
				}
				if !t.AdminStateUp {
					return trunkDisabled.of(t.ID)
				}
				if err := do(o, t, in.SubPorts); err != nil {
					return err
				}
				view, err = o.trunks.view(o, t)
				return err
			})
			return view, err
		})
	}
	return []api.Route{
		edit("add_subports", addSubPorts), edit("remove_subports", removeSubPorts),
		api.Get("/trunks/{id}/get_subports", "", func(c *api.Call) (out subPortsBody, err error) {
			err = s.read(c, func(o *op) error {
				t, err := o.trunks.find(o, c.Var("id"))
				if err == nil {
					out.SubPorts = t.SubPorts
				}
				return err
			})
			return out, err
		}),
	}
}

func addSubPorts(o *op, t *Trunk, more []SubPort) error {
	parent, err := portTable.Get(o.tx, t.PortID)
	if err != nil {
		return err
	}
	if err := t.carry(o, parent, more); err != nil {
		return err
	}
	o.trunks.touch(o, t)
	return o.wire(t, parent)
}

func removeSubPorts(o *op, t *Trunk, gone []SubPort) error {
	for _, sub := range gone {
		at := slices.IndexFunc(t.SubPorts, func(has SubPort) bool { return has.PortID == sub.PortID })
		if at < 0 {
			return subPortNotFound.of(sub.PortID, t.ID)
		}
		t.SubPorts = slices.Delete(t.SubPorts, at, at+1)
		if err := o.wireSubPort(sub.PortID, ""); err != nil {
			return err
		}
	}
	o.trunks.touch(o, t)
	return trunkTable.Put(o.tx, t)
}
