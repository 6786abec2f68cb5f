// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"errors"
	"net/http"
	"slices"

	"github.com/google/uuid"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// nodeEnrol is the body of a node that comes into the inventory: as that of an added one, and like Ironic's it may say
// its id.
type nodeEnrol struct {
	nodeCreate
	ID string `json:"uuid" format:"uuid"`
}

// bareMetalChanges are the operations that change the inventory. Each Nova that has them beside microversions refuses them
// in Ironic's favour, though its schemas still tell of a success, which answers null. With Options.BareMetalChanges they do
// what Nova's own bare metal driver did.
func (s *Service) bareMetalChanges(path string) []api.Route {
	const action = "/{id}/action"
	var routes []api.Route
	if s.BareMetalChanges {
		routes = []api.Route{
			api.Post(path, "node", s.enrolNode).Answer(""),
			api.Delete(path+"/{id}", s.deleteNode),
			api.Action(path+action, "add_interface", s.addInventoryInterface),
			api.Action(path+action, "remove_interface", s.removeInventoryInterface),
		}
		for i := range routes {
			routes[i] = routes[i].Code(http.StatusOK).Policy(rule("os-baremetal-nodes"))
		}
	} else {
		routes = []api.Route{
			api.Post(path, "", useIronic("node-create")),
			api.Delete(path+"/{id}", func(c *api.Call) error {
				_, err := useIronic("node-delete")(c, nil)
				return err
			}),
			api.Action(path+action, "add_interface", useIronic("port-create")),
			api.Action(path+action, "remove_interface", useIronic("port-delete")),
		}
	}
	for i := range routes {
		routes[i] = routes[i].Only("-2.35")
	}
	return routes
}

// useIronic refuses what only Ironic itself does.
func useIronic(command string) func(*api.Call, *api.None) (api.None, error) {
	return func(*api.Call, *api.None) (api.None, error) {
		return api.None{}, api.BadRequest("Command not supported. Please use Ironic command %s to perform this action.", command)
	}
}

func (s *Service) enrolNode(c *api.Call, in *nodeEnrol) (api.None, error) {
	node, err := in.record()
	if err != nil {
		return api.None{}, err
	}
	if in.ID != "" {
		node.ID = uuid.MustParse(in.ID).String()
	}
	return api.None{}, s.Store.Update(c.Context(), func(tx store.Tx) error {
		if _, err := nodeTable.Get(tx, node.ID); err == nil {
			return api.Conflict("A node with UUID %s already exists.", node.ID)
		}
		err := addNode(tx, node)
		if errors.Is(err, store.ErrExists) {
			return interfaceExists(in.MAC)
		}
		return err
	})
}

// changeNode changes the node of the path.
func (s *Service) changeNode(c *api.Call, change func(store.Tx, *nodeRecord) error) error {
	return s.Store.Update(c.Context(), func(tx store.Tx) error {
		node, err := nodeTable.Get(tx, c.Var("id"))
		if errors.Is(err, store.ErrNotFound) {
			return api.NotFound("Node %s could not be found.", c.Var("id"))
		}
		if err != nil {
			return err
		}
		node.UpdatedAt = s.Clock.Now()
		return change(tx, node)
	})
}

// deleteNode takes a node out of the inventory, unless something runs on it.
func (s *Service) deleteNode(c *api.Call) error {
	return s.changeNode(c, func(tx store.Tx, n *nodeRecord) error {
		if n.InstanceID != "" {
			return api.Conflict("Node %s is in use by instance %s.", n.ID, n.InstanceID)
		}
		return nodeTable.Delete(tx, n.ID)
	})
}

func (s *Service) addInventoryInterface(c *api.Call, in *nodePort) (api.None, error) {
	mac, err := nodeMAC(in.MAC)
	if err != nil {
		return api.None{}, err
	}
	return api.None{}, s.changeNode(c, func(tx store.Tx, n *nodeRecord) error {
		_, err := n.plug(tx, mac, in)
		if err == nil {
			err = nodeTable.Put(tx, n)
		}
		if errors.Is(err, store.ErrExists) {
			return interfaceExists(mac)
		}
		return err
	})
}

func (s *Service) removeInventoryInterface(c *api.Call, in *nodePort) (api.None, error) {
	named, err := in.named()
	if err != nil {
		return api.None{}, err
	}
	return api.None{}, s.changeNode(c, func(tx store.Tx, n *nodeRecord) error {
		at := slices.IndexFunc(n.Interfaces, named)
		if at < 0 {
			return noInterface()
		}
		n.Interfaces = slices.Delete(n.Interfaces, at, at+1)
		return nodeTable.Put(tx, n)
	})
}
