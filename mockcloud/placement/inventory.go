// SPDX-License-Identifier: MPL-2.0

package placement

import (
	"cmp"
	"maps"
	"math"
	"net/http"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

// Inventories is what a provider has, by resource class.
type Inventories struct {
	Generation  int                  `json:"resource_provider_generation"`
	Inventories map[string]Inventory `json:"inventories"`
}

// inventoryView is one inventory. Like Placement's own, it does not tell a generation of 0.
type inventoryView struct {
	Inventory
	Generation int `json:"resource_provider_generation,omitempty"`
}

// inventoryValues are the values of an inventory in a request.
type inventoryValues struct {
	Total    int              `json:"total"            need:"1.0-" range:"1-2147483647"`
	Reserved int              `json:"reserved"         range:"0-2147483647"`
	MinUnit  int              `json:"min_unit"         range:"1-2147483647"`
	MaxUnit  int              `json:"max_unit"         range:"1-2147483647"`
	StepSize int              `json:"step_size"        range:"1-2147483647"`
	Ratio    api.Opt[float64] `json:"allocation_ratio"`
}

// InventoryCreate is the body of POST /resource_providers/{uuid}/inventories.
type InventoryCreate struct {
	inventoryValues
	Generation *int   `json:"resource_provider_generation"`
	Class      string `json:"resource_class" need:"1.0-" pattern:"^[A-Z0-9_]+$"`
}

// InventoryUpdate is the body of PUT /resource_providers/{uuid}/inventories/{class}.
type InventoryUpdate struct {
	inventoryValues
	Generation int `json:"resource_provider_generation" need:"1.0-"`
}

// InventoriesUpdate is the body of PUT /resource_providers/{uuid}/inventories.
type InventoriesUpdate struct {
	Generation  int                              `json:"resource_provider_generation" need:"1.0-"`
	Inventories map[string]inventoryValuesInList `json:"inventories"                  need:"1.0-" keys:"^[A-Z0-9_]+$"`
}

// inventoryValuesInList may have the generation once more, which does not matter.
type inventoryValuesInList struct {
	inventoryValues
	Generation *int `json:"resource_provider_generation"`
}

func (s *Service) inventoryRoutes() []api.Route {
	const path = "/resource_providers/{uuid}/inventories"
	return guarded(
		api.Get(path, "", s.listInventories),
		api.Post(path, "", s.createInventory).Code(http.StatusCreated),
		api.Put(path, "", s.setInventories),
		api.Delete(path, s.deleteInventories).Only("1.5-"),
		api.Get(path+"/{class}", "", s.showInventory),
		api.Put(path+"/{class}", "", s.updateInventory),
		api.Delete(path+"/{class}", s.deleteInventory),
	)
}

// inventory is what the values say, with Placement's defaults for the rest.
func (v inventoryValues) inventory() Inventory {
	i := Inventory{
		Total: v.Total, Reserved: v.Reserved, MinUnit: cmp.Or(v.MinUnit, 1), MaxUnit: cmp.Or(v.MaxUnit, math.MaxInt32),
		StepSize: cmp.Or(v.StepSize, 1), Ratio: 1,
	}
	if v.Ratio.Set {
		i.Ratio = v.Ratio.Value
	}
	return i
}

// put sets an inventory of the provider; refused is what is said before the reason why it cannot be.
func (s *Service) put(c *api.Call, p *Provider, class string, i Inventory, refused string) error {
	known, err := s.knowsClass(c.Context(), class)
	switch {
	case err != nil:
		return err
	case !known:
		return api.BadRequest("%s resource provider %s: No such resource class %s.", refused, p.ID, class)
	case i.capacity() < 0, i.capacity() == 0 && !c.Since(reservesAll):
		reason := "greater than or equal to"
		if c.Since(reservesAll) {
			reason = "greater than"
		}
		return api.BadRequest("%s resource provider %s: Invalid inventory for '%s' on resource provider '%s'. The reserved value is %s total.",
			refused, p.ID, class, p.ID, reason)
	}
	p.Inventories[class] = i
	return nil
}

// inUse refuses to take away an inventory that somebody has allocations of.
func inUse(p *Provider, class, format string, code string) error {
	if p.Used[class] == 0 {
		return nil
	}
	return api.Conflict(format, "Inventory for '"+class+"' on resource provider '"+p.ID+"' in use.").Named(code)
}

func (s *Service) listInventories(c *api.Call) (Inventories, error) {
	p, err := s.find(c.Context(), c.Var("uuid"))
	if err != nil {
		return Inventories{}, err
	}
	s.modified(c)
	return Inventories{Generation: p.Generation, Inventories: p.Inventories}, nil
}

func (s *Service) showInventory(c *api.Call) (inventoryView, error) {
	p, err := s.find(c.Context(), c.Var("uuid"))
	if err != nil {
		return inventoryView{}, err
	}
	i, there := p.Inventories[c.Var("class")]
	if !there {
		return inventoryView{}, api.NotFound("No inventory of class %s for %s", c.Var("class"), p.ID)
	}
	s.modified(c)
	return inventoryView{i, p.Generation}, nil
}

func (s *Service) createInventory(c *api.Call, in *InventoryCreate) (inventoryView, error) {
	i := in.inventory()
	p, err := s.change(c, c.Var("uuid"), in.Generation, func(p *Provider) error {
		if _, there := p.Inventories[in.Class]; there {
			return api.Conflict("Update conflict: Inventory of class %s exists already.", in.Class).Named(concurrentUpdate)
		}
		return s.put(c, p, in.Class, i, "Unable to create inventory for")
	})
	if err != nil {
		return inventoryView{}, err
	}
	c.Header().Set("Location", c.URL("/resource_providers/"+p.ID+"/inventories/"+in.Class))
	s.modified(c)
	return inventoryView{i, p.Generation}, nil
}

func (s *Service) updateInventory(c *api.Call, in *InventoryUpdate) (inventoryView, error) {
	class, i := c.Var("class"), in.inventory()
	p, err := s.change(c, c.Var("uuid"), &in.Generation, func(p *Provider) error {
		if _, there := p.Inventories[class]; !there {
			return api.BadRequest("No inventory record with resource class for resource provider %s: No inventory of class %s found.", p.ID, class)
		}
		return s.put(c, p, class, i, "Unable to update inventory for")
	})
	if err != nil {
		return inventoryView{}, err
	}
	s.modified(c)
	return inventoryView{i, p.Generation}, nil
}

func (s *Service) setInventories(c *api.Call, in *InventoriesUpdate) (Inventories, error) {
	p, err := s.change(c, c.Var("uuid"), &in.Generation, func(p *Provider) error {
		for class := range p.Inventories {
			if _, stays := in.Inventories[class]; stays {
				continue
			}
			if err := inUse(p, class, "update conflict: %s", inventoryInUse); err != nil {
				return err
			}
		}
		p.Inventories = map[string]Inventory{}
		for class, values := range in.Inventories {
			if err := s.put(c, p, class, values.inventory(), "Unable to update inventory for"); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return Inventories{}, err
	}
	s.modified(c)
	return Inventories{Generation: p.Generation, Inventories: p.Inventories}, nil
}

func (s *Service) deleteInventories(c *api.Call) error {
	_, err := s.change(c, c.Var("uuid"), nil, func(p *Provider) error {
		for class := range p.Inventories {
			if err := inUse(p, class, "%s", inventoryInUse); err != nil {
				return err
			}
		}
		p.Inventories = map[string]Inventory{}
		return nil
	})
	return err
}

func (s *Service) deleteInventory(c *api.Call) error {
	class := c.Var("class")
	_, err := s.change(c, c.Var("uuid"), nil, func(p *Provider) error {
		if _, there := p.Inventories[class]; !there {
			return api.NotFound("No inventory of class %s found for delete: No inventory of class %s found.", class, class)
		}
		if err := inUse(p, class, "Unable to delete inventory of class "+class+": %s", concurrentUpdate); err != nil {
			return err
		}
		p.Inventories = maps.Clone(p.Inventories)
		delete(p.Inventories, class)
		return nil
	})
	return err
}
