// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"cmp"
	"strconv"
	"strings"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// Cell is a cell as Nova shows it: a neighbour, or ("self") the one that is asked.
type Cell struct {
	Name     string  `json:"name"`
	Type     string  `json:"type"`     // "child", "parent"
	Username *string `json:"username"` // of its message queue
	RPCHost  *string `json:"rpc_host"`
	RPCPort  *int    `json:"rpc_port"`
}

// cellDetail is a neighbour in detail.
type cellDetail struct {
	Cell
	Capabilities map[string][]string `json:"capabilities"`
}

// cellInfo is what the cell that is asked says of itself.
type cellInfo struct {
	Cell
	Capabilities map[string]string `json:"capabilities"` // "kvm;qemu"
}

// cellCapacities is how much room a cell has; nothing of one that takes no servers.
type cellCapacities struct {
	Capacities struct {
		RAM  *cellRoom `json:"ram_free,omitempty"`
		Disk *cellRoom `json:"disk_free,omitempty"`
	} `json:"capacities"`
}

type cellRoom struct {
	TotalMiB int            `json:"total_mb"`
	Fits     map[string]int `json:"units_by_mb"` // how many more servers, by the MiB that each takes
}

// cellFields is what is said of a neighbour. What logs into its message queue is checked, and kept by nobody.
type cellFields struct {
	Type        string               `json:"type"             oneof:"parent child"`
	Username    api.Opt[string]      `json:"username"         len:"0-255" pattern:"^[a-zA-Z0-9-_]*$"`
	Password    string               `json:"password"         len:"0-255"`
	RPCHost     api.Opt[string]      `json:"rpc_host"         len:"0-255" pattern:"^[a-zA-Z0-9-_.:]*$"`
	RPCPort     api.Opt[api.Natural] `json:"rpc_port"         range:"0-65535"`
	VirtualHost string               `json:"rpc_virtual_host" len:"0-255" pattern:"^[a-zA-Z0-9-_.:]*$"`
}

// CellCreate is the body of POST /os-cells.
type CellCreate struct {
	Name cellName `json:"name" need:"2.1-" len:"1-255"`
	cellFields
}

// CellUpdate is the body of PUT /os-cells/{id}.
type CellUpdate struct {
	Name *cellName `json:"name" len:"1-255"`
	cellFields
}

// cellSync is the body of POST /os-cells/sync_instances: which servers to sync.
type cellSync struct {
	ProjectID    string      `json:"project_id"    len:"1-255" pattern:"^[a-zA-Z0-9-]*$"`
	Deleted      api.Boolean `json:"deleted"`
	UpdatedSince string      `json:"updated_since" format:"date-time"`
}

type cellQuery struct {
	Limit  api.Opt[api.Natural] `json:"limit"  range:"0-"`
	Offset api.Opt[api.Natural] `json:"offset" range:"0-"`
}

// cellName is a name without what paths of cells are made of.
type cellName string

const noCellName = "An invalid 'name' value was provided. The name must be: printable characters except !, ., @"

// Parse implements api.Parser.
func (n *cellName) Parse(v any) error {
	return n.read(v, (*name).Parse, ". Can not start or end with whitespace.")
}

// ParseLoosely implements api.LooseParser: the legacy API strips the space around a name.
func (n *cellName) ParseLoosely(v any) error {
	return n.read(v, (*name).ParseLoosely, ", with at least one non space character")
}

// read reads a name as parse does; demand ends what is said of one that is none.
func (n *cellName) read(v any, parse func(*name, any) error, demand string) error {
	var text name
	if err := parse(&text, v); err != nil && api.AsFault(err) == nil {
		return err
	} else if err != nil || strings.ContainsAny(string(text), "!.@") {
		return api.BadRequest("%s%s", noCellName, demand)
	}
	*n = cellName(text)
	return nil
}

// cellRoutes are as they were in Stein, the last release that had them.
func (s *Service) cellRoutes() []api.Route {
	const path = "/os-cells"
	ask := api.QueryOf[cellQuery]()
	return []api.Route{
		api.Get(path, "cells", s.listCells).AskedBy(ask).Loose("2.1-").Policy(rule("os-cells")),
		api.Post(path, "cell", s.createCell).Policy(rule("os-cells:create")),
		api.Get(path+"/detail", "cells", s.listCellsInDetail).AskedBy(ask).Loose("2.1-").Policy(rule("os-cells")),
		api.Get(path+"/info", "cell", s.showOwnCell).Policy(rule("os-cells")),
		api.Get(path+"/capacities", "cell", s.showCapacities).Policy(rule("os-cells")),
		api.Post(path+"/sync_instances", "", s.syncCells).Policy(rule("os-cells:sync_instances")),
		api.Get(path+"/{id}", "cell", s.showCell).Policy(rule("os-cells")),
		api.Put(path+"/{id}", "cell", s.updateCell).Policy(rule("os-cells:update")),
		api.Delete(path+"/{id}", s.deleteCell).Code(200).Policy(rule("os-cells:delete")),
		api.Get(path+"/{id}/capacities", "cell", s.showCapacities).Policy(rule("os-cells")),
	}
}

func cellView(c *compute.Cell) Cell {
	return Cell{Name: c.Name, Type: c.Type, Username: nullable(c.Username), RPCHost: nullable(c.RPCHost), RPCPort: c.RPCPort}
}

// cells are the neighbours that the query asks for.
func (s *Service) cells(c *api.Call) ([]*compute.Cell, error) {
	q := api.Query[cellQuery](c)
	all, err := s.Compute.Cells(c.Context())
	return limited(all, q.Limit, q.Offset), err
}

func (s *Service) listCells(c *api.Call) ([]Cell, error) {
	all, err := s.cells(c)
	views := []Cell{}
	for _, cell := range all {
		views = append(views, cellView(cell))
	}
	return views, err
}

func (s *Service) listCellsInDetail(c *api.Call) ([]cellDetail, error) {
	all, err := s.cells(c)
	if err != nil {
		return nil, err
	}
	views := []cellDetail{}
	for _, cell := range all {
		view := cellDetail{Cell: cellView(cell)}
		if view.Capabilities, err = s.Compute.CellCapabilities(c.Context(), cell); err != nil {
			return nil, err
		}
		views = append(views, view)
	}
	return views, nil
}

func (s *Service) showOwnCell(c *api.Call) (cellInfo, error) {
	capabilities, err := s.Compute.CellCapabilities(c.Context(), nil)
	view := cellInfo{Cell: Cell{Name: compute.OwnCell, Type: "self", RPCPort: pointer(0)}, Capabilities: map[string]string{}}
	for key, values := range capabilities {
		view.Capabilities[key] = strings.Join(values, ";")
	}
	return view, err
}

func (s *Service) showCell(c *api.Call) (Cell, error) {
	cell, err := s.Compute.Cell(c.Context(), c.Var("id"))
	if err != nil {
		return Cell{}, refused(err)
	}
	return cellView(cell), nil
}

func (s *Service) createCell(c *api.Call, in *CellCreate) (Cell, error) {
	made, err := s.Compute.CreateCell(c.Context(), compute.Cell{
		Name: string(in.Name), Type: cmp.Or(in.Type, compute.ChildCell), Username: in.Username.Value, RPCHost: in.RPCHost.Value,
		RPCPort: in.port(),
	})
	if err != nil {
		return Cell{}, refused(err)
	}
	return cellView(made), nil
}

// port is the port that is given, or nil.
func (f *cellFields) port() *int {
	if !f.RPCPort.Set {
		return nil
	}
	return pointer(int(f.RPCPort.Value))
}

func (s *Service) updateCell(c *api.Call, in *CellUpdate) (Cell, error) {
	cell, err := s.Compute.UpdateCell(c.Context(), c.Var("id"), compute.CellChange{
		Name: (*string)(in.Name), Type: nullable(in.Type), Username: in.Username.Pointer(), RPCHost: in.RPCHost.Pointer(),
		RPCPort: in.port(),
	})
	if err != nil {
		return Cell{}, refused(err)
	}
	return cellView(cell), nil
}

func (s *Service) deleteCell(c *api.Call) error {
	return refused(s.Compute.DeleteCell(c.Context(), c.Var("id")))
}

// showCapacities is of the cell of the path, or of all.
func (s *Service) showCapacities(c *api.Call) (view cellCapacities, err error) {
	var flavors []compute.Flavor
	err = s.Store.View(c.Context(), func(tx store.Tx) error {
		flavors = nil
		all, err := flavorTable.All(tx)
		for _, f := range all {
			flavors = append(flavors, f.Flavor)
		}
		return err
	})
	if err != nil {
		return view, err
	}
	room, err := s.Compute.CellCapacities(c.Context(), c.Var("id"), flavors)
	if err != nil || room == nil {
		return view, refused(err)
	}
	view.Capacities.RAM, view.Capacities.Disk = roomView(room.RAM), roomView(room.Disk)
	return view, nil
}

func roomView(r compute.CellRoom) *cellRoom {
	view := &cellRoom{TotalMiB: r.TotalMiB, Fits: map[string]int{}}
	for size, n := range r.Fits {
		view.Fits[strconv.Itoa(size)] = n
	}
	return view
}

func (s *Service) syncCells(c *api.Call, in *cellSync) (api.None, error) {
	filter := compute.Filter{ProjectID: in.ProjectID}
	if in.Deleted {
		filter.Deleted = compute.AllRows
	}
	if in.UpdatedSince != "" {
		since, err := api.ParseTime(in.UpdatedSince)
		if err != nil {
			return api.None{}, err
		}
		filter.ChangedSince = since
	}
	return api.None{}, s.Compute.SyncCells(c.Context(), filter)
}

// takeCells takes the hints about cells, of callers whose hints policy lets count: Nova passes over others'.
func takeCells(c *api.Call, hints map[string][]string, to *compute.CreateRequest) {
	if target := hints["target_cell"]; len(target) > 0 && c.Allowed(rule("cells_scheduler_filter:TargetCellFilter"), c.Own()) {
		to.TargetCell = target[0]
	}
	if c.Allowed(rule("cells_scheduler_filter:DifferentCellFilter"), c.Own()) {
		to.DifferentCells = hints["different_cell"]
	}
}
