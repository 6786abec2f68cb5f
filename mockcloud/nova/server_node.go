// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"context"
	"errors"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// ServerNode is a bare metal node of a server, as Nova's own bare metal driver had them before Ironic.
type ServerNode struct {
	Number       int64           `json:"id"`
	ID           string          `json:"uuid"`
	InstanceID   *string         `json:"instance_uuid"` // that runs on it
	TaskState    *string         `json:"task_state"`
	CPUs         int             `json:"cpus"`
	MemoryMiB    int             `json:"memory_mb"`
	DiskGiB      int             `json:"local_gb"`
	ServiceHost  *string         `json:"service_host"`
	Address      *string         `json:"pm_address"`
	User         *string         `json:"pm_user"`
	TerminalPort *int            `json:"terminal_port"`
	PXEConfig    *string         `json:"pxe_config_path"` // of a deployment, which there is none of here
	UpdatedAt    api.Micros      `json:"updated_at"`
	Interfaces   []NodeInterface `json:"interfaces"`
}

// NodeInterface is a NIC of a node.
type NodeInterface struct {
	Number     int64   `json:"id"`
	MAC        string  `json:"address"`
	DatapathID *string `json:"datapath_id"`
	PortNumber *int    `json:"port_no"`
}

// nodeCreate is the body of an added node.
type nodeCreate struct {
	ServiceHost  string               `json:"service_host"     len:"0-255"`
	CPUs         api.Natural          `json:"cpus"             range:"0-2147483647"`
	MemoryMiB    api.Natural          `json:"memory_mb"        range:"0-2147483647"`
	DiskGiB      api.Natural          `json:"local_gb"         range:"0-2147483647"`
	Address      string               `json:"pm_address"       len:"0-255"`
	User         string               `json:"pm_user"          len:"0-255"`
	Password     string               `json:"pm_password"      len:"0-255"`
	MAC          string               `json:"prov_mac_address"`
	TerminalPort api.Opt[api.Natural] `json:"terminal_port"    null:"ok" range:"0-65535"`
}

// nodePort is the body of add_interface and, by either id or address, remove_interface.
type nodePort struct {
	Number     api.Opt[api.Natural] `json:"id"`
	MAC        string               `json:"address"`
	DatapathID api.Opt[string]      `json:"datapath_id" null:"ok"`
	PortNumber api.Opt[api.Natural] `json:"port_no"     null:"ok" range:"0-2147483647"`
}

// nodeAnswer is add_interface's.
type nodeAnswer struct {
	Interface NodeInterface `json:"interface"`
}

func (s *Service) serverNodeRoutes() []api.Route {
	const path = "/servers/{id}/os-baremetal-nodes"
	routes := []api.Route{
		api.Get(path, "nodes", s.listServerNodes),
		api.Post(path, "node", s.addServerNode),
		api.Get(path+"/{node}", "node", s.showServerNode),
		api.Delete(path+"/{node}", s.deleteServerNode),
		api.Action(path+"/action", "add_interface", s.addNodeInterface),
		api.Action(path+"/action", "remove_interface", s.removeNodeInterface),
	}
	for i := range routes {
		routes[i] = routes[i].Code(http.StatusAccepted) // all of them, says the reference
	}
	return routes
}

func (n *nodeRecord) nodeView() ServerNode {
	view := ServerNode{
		Number: n.Number, ID: n.ID, InstanceID: nullable(n.InstanceID), CPUs: n.CPUs, MemoryMiB: n.MemoryMiB, DiskGiB: n.DiskGiB,
		ServiceHost: nullable(n.ServiceHost), Address: nullable(n.Address), User: nullable(n.User), TerminalPort: n.TerminalPort,
		UpdatedAt: api.Micros{Time: n.UpdatedAt}, Interfaces: []NodeInterface{},
	}
	if n.InstanceID != "" {
		view.TaskState = nullable(n.State)
	}
	for _, i := range n.Interfaces {
		view.Interfaces = append(view.Interfaces, NodeInterface(i))
	}
	return view
}

// serverOfNodes is the server of the path. A deleted one still has its nodes, which somebody has to take away.
func (s *Service) serverOfNodes(c *api.Call) (*compute.Instance, error) {
	return s.findServer(c, c.Var("id"), "os-baremetal-nodes", true)
}

func (s *Service) listServerNodes(c *api.Call) ([]ServerNode, error) {
	inst, err := s.serverOfNodes(c)
	if err != nil {
		return nil, err
	}
	views := []ServerNode{}
	err = s.Store.View(c.Context(), func(tx store.Tx) error {
		own, err := nodesOf(tx, inst.ID)
		for _, n := range own {
			views = append(views, n.nodeView())
		}
		return err
	})
	return views, err
}

// nodeStates are those of a server that a node can be added to: ACTIVE, PAUSED, SHUTOFF, VERIFY_RESIZE, SOFT_DELETED.
var nodeStates = []compute.VMState{compute.Active, compute.Paused, compute.Stopped, compute.Resized, compute.SoftDeleted}

func (s *Service) addServerNode(c *api.Call, in *nodeCreate) (ServerNode, error) {
	inst, err := s.server(c, c.Var("id"), "os-baremetal-nodes")
	switch {
	case err != nil:
		return ServerNode{}, err
	case inst.Locked:
		return ServerNode{}, refused(&compute.InstanceIsLocked{InstanceID: inst.ID})
	case !slices.Contains(nodeStates, inst.VMState):
		return ServerNode{}, refused(&compute.InstanceInvalidState{
			InstanceID: inst.ID, Action: "os-baremetal-nodes", Attr: "vm_state", State: string(inst.VMState),
		})
	}
	node, err := in.record()
	if err != nil {
		return ServerNode{}, err
	}
	node.ServerID = inst.ID
	err = s.Store.Update(c.Context(), func(tx store.Tx) error { return addNode(tx, node) })
	if errors.Is(err, store.ErrExists) {
		return ServerNode{}, interfaceExists(in.MAC)
	}
	return node.nodeView(), err
}

// record is the node that the body tells of, new and available.
func (in *nodeCreate) record() (*nodeRecord, error) {
	node := &nodeRecord{
		ID: uuid.NewString(), State: "available", CPUs: int(in.CPUs), MemoryMiB: int(in.MemoryMiB), DiskGiB: int(in.DiskGiB),
		ServiceHost: in.ServiceHost, Address: in.Address, User: in.User, TerminalPort: numberOf(in.TerminalPort),
	}
	if in.MAC != "" {
		mac, err := nodeMAC(in.MAC)
		if err != nil {
			return nil, err
		}
		node.Interfaces = []nodeInterface{{MAC: mac}}
	}
	return node, nil
}

// numberOf is a number that may have been left out.
func numberOf(n api.Opt[api.Natural]) *int {
	if n.Pointer() == nil {
		return nil
	}
	return pointer(int(n.Value))
}

var macs = regexp.MustCompile(`^[0-9a-f]{2}(:[0-9a-f]{2}){5}$`)

func nodeMAC(address string) (string, error) {
	mac := strings.ToLower(address)
	if !macs.MatchString(mac) {
		return "", api.BadRequest("Must specify address in the form of xx:xx:xx:xx:xx:xx")
	}
	return mac, nil
}

func interfaceExists(mac string) error {
	return api.Conflict("Baremetal interface %s already in use", mac)
}

func (s *Service) showServerNode(c *api.Call) (view ServerNode, err error) {
	err = s.withServerNode(c, s.Store.View, func(_ store.Tx, n *nodeRecord) error {
		view = n.nodeView()
		return nil
	})
	return view, err
}

func (s *Service) deleteServerNode(c *api.Call) error {
	return s.withServerNode(c, s.Store.Update, func(tx store.Tx, n *nodeRecord) error { return nodeTable.Delete(tx, n.ID) })
}

// withServerNode does something to the server's node of the path, by its number or its UUID.
func (s *Service) withServerNode(
	c *api.Call, in func(context.Context, func(store.Tx) error) error, do func(store.Tx, *nodeRecord) error,
) error {
	inst, err := s.serverOfNodes(c)
	if err != nil {
		return err
	}
	return in(c.Context(), func(tx store.Tx) error {
		own, err := nodesOf(tx, inst.ID)
		for _, n := range own {
			if c.Var("node") == n.ID || c.Var("node") == strconv.FormatInt(n.Number, 10) {
				return do(tx, n)
			}
		}
		if err != nil {
			return err
		}
		return api.NotFound("Node %s could not be found.", c.Var("node"))
	})
}

// changeServerNodes lets change look for what to change in the server's nodes: it returns the one that changed, which
// is kept.
func (s *Service) changeServerNodes(c *api.Call, change func(store.Tx, []*nodeRecord) (*nodeRecord, error)) error {
	inst, err := s.serverOfNodes(c)
	if err != nil {
		return err
	}
	return s.Store.Update(c.Context(), func(tx store.Tx) error {
		own, err := nodesOf(tx, inst.ID)
		if err == nil && len(own) == 0 {
			err = api.NotFound("Instance %s has no bare metal node.", inst.ID)
		}
		if err != nil {
			return err
		}
		changed, err := change(tx, own)
		if err != nil {
			return err
		}
		changed.UpdatedAt = s.Clock.Now()
		return nodeTable.Put(tx, changed)
	})
}

// addNodeInterface gives the interface to the server's first node: the reference has no way to name another.
func (s *Service) addNodeInterface(c *api.Call, in *nodePort) (nodeAnswer, error) {
	mac, err := nodeMAC(in.MAC)
	if err != nil {
		return nodeAnswer{}, err
	}
	var added nodeInterface
	err = s.changeServerNodes(c, func(tx store.Tx, own []*nodeRecord) (_ *nodeRecord, err error) {
		added, err = own[0].plug(tx, mac, in)
		return own[0], err
	})
	if errors.Is(err, store.ErrExists) {
		return nodeAnswer{}, interfaceExists(mac)
	}
	return nodeAnswer{NodeInterface(added)}, err
}

// removeNodeInterface takes the interface of whichever of the server's nodes has it.
func (s *Service) removeNodeInterface(c *api.Call, in *nodePort) (api.None, error) {
	named, err := in.named()
	if err != nil {
		return api.None{}, err
	}
	return api.None{}, s.changeServerNodes(c, func(_ store.Tx, own []*nodeRecord) (*nodeRecord, error) {
		for _, n := range own {
			if at := slices.IndexFunc(n.Interfaces, named); at >= 0 {
				n.Interfaces = slices.Delete(n.Interfaces, at, at+1)
				return n, nil
			}
		}
		return nil, noInterface()
	})
}

func noInterface() error { return api.NotFound("The interface could not be found.") }

// named tells which interface the body means.
func (in *nodePort) named() (func(nodeInterface) bool, error) {
	if !in.Number.Set && in.MAC == "" {
		return nil, api.BadRequest("Must specify id or address")
	}
	return func(i nodeInterface) bool {
		return (!in.Number.Set || i.Number == int64(in.Number.Value)) && (in.MAC == "" || strings.EqualFold(i.MAC, in.MAC))
	}, nil
}

// plug gives the node another interface.
func (n *nodeRecord) plug(tx store.Tx, mac string, in *nodePort) (nodeInterface, error) {
	if slices.ContainsFunc(n.Interfaces, func(i nodeInterface) bool { return i.MAC == mac }) {
		return nodeInterface{}, store.ErrExists // as the table says of other nodes'
	}
	_, last, err := lastNodeNumbers(tx)
	added := nodeInterface{Number: last + 1, MAC: mac, DatapathID: in.DatapathID.Pointer(), PortNumber: numberOf(in.PortNumber)}
	n.Interfaces = append(n.Interfaces, added)
	return added, err
}
