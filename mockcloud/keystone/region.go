// SPDX-License-Identifier: MPL-2.0

package keystone

import (
	"cmp"
	"net/http"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

func (k *Keystone) regionRoutes() []api.Route {
	return []api.Route{
		api.Get("/regions", "", k.listRegions),
		api.Post("/regions", "region", k.createRegion).Code(http.StatusCreated),
		api.Put("/regions/{region_id}", "region", k.createRegion).Code(http.StatusCreated),
		api.Get("/regions/{region_id}", "region", k.showRegion),
		api.Patch("/regions/{region_id}", "region", k.updateRegion),
		api.Delete("/regions/{region_id}", k.deleteRegion),
	}
}

var regionKind = kind[Region]{&regions, "region", anyTarget[Region]}

type regionBody struct {
	ID          api.Opt[string] `json:"id" null:"ok" len:"0-255"`
	Description api.Opt[string] `json:"description" null:"ok"`
	Parent      api.Opt[string] `json:"parent_region_id" null:"ok"`
	Extra       map[string]any  `json:"*"`
}

type regionView struct {
	ID          string          `json:"id"`
	Description string          `json:"description"`
	Parent      api.Opt[string] `json:"parent_region_id"`
	Links       links           `json:"links"`
	Extra       map[string]any  `json:"*"`
}

func viewRegion(c *api.Call, r *Region) regionView {
	return regionView{
		ID: r.ID, Description: r.Description, Parent: orNull(r.ParentID), Links: self(c, "/regions/"+r.ID), Extra: r.Extra,
	}
}

var regionAttributes = attributes[Region]{
	"id":               func(r *Region) string { return r.ID },
	"parent_region_id": func(r *Region) string { return r.ParentID },
}

func (k *Keystone) listRegions(c *api.Call) (map[string]any, error) {
	all, err := regionKind.all(k, c, "")
	if err != nil {
		return nil, err
	}
	return listing(c, "regions", regionAttributes.keep(c, all), regions.Key, viewRegion)
}

func (k *Keystone) showRegion(c *api.Call) (regionView, error) {
	r, err := regionKind.read(k, c, c.Var("region_id"), "identity:get_catalog")
	if err != nil {
		return regionView{}, err
	}
	return viewRegion(c, r), nil
}

func (k *Keystone) createRegion(c *api.Call, in *regionBody) (regionView, error) {
	if err := allow(c, "identity:change_catalog", api.Target{}); err != nil {
		return regionView{}, err
	}
	inPath := c.Var("region_id")
	if inPath != "" && in.ID.Value != "" && in.ID.Value != inPath {
		return regionView{}, api.BadRequest("Conflicting region IDs specified: \"%s\" != \"%s\"", inPath, in.ID.Value)
	}
	r := &Region{
		ID: cmp.Or(inPath, in.ID.Value, newID()), Description: in.Description.Value, ParentID: in.Parent.Value,
		Extra: extras(nil, in.Extra),
	}
	err := k.update(c, func(tx store.Tx) error {
		if err := regionExists(tx, r.ParentID); err != nil {
			return err
		}
		return duplicate(regions.Insert(tx, r), "region", r.ID)
	})
	if err != nil {
		return regionView{}, err
	}
	return viewRegion(c, r), nil
}

func regionExists(tx store.Tx, id string) error {
	if id == "" {
		return nil
	}
	_, err := regions.Get(tx, id)
	return missing(err, "region", id)
}

func (k *Keystone) updateRegion(c *api.Call, in *regionBody) (regionView, error) {
	r, err := regionKind.change(k, c, c.Var("region_id"), "identity:change_catalog", func(tx store.Tx, r *Region) error {
		changed(&r.Description, in.Description)
		changed(&r.ParentID, in.Parent)
		r.Extra = extras(r.Extra, in.Extra)
		for above := r.ParentID; above != ""; {
			if above == r.ID {
				return api.BadRequest("Region %s cannot be below itself.", r.ID)
			}
			parent, err := regions.Get(tx, above)
			if err != nil {
				return missing(err, "region", above)
			}
			above = parent.ParentID
		}
		return nil
	})
	if err != nil {
		return regionView{}, err
	}
	return viewRegion(c, r), nil
}

func (k *Keystone) deleteRegion(c *api.Call) error {
	return regionKind.delete(k, c, c.Var("region_id"), "identity:change_catalog", func(tx store.Tx, r *Region) error {
		children, err := regions.By(tx, "parent", r.ID)
		if err != nil {
			return err
		}
		used, err := endpoints.By(tx, "region", r.ID)
		if err != nil {
			return err
		}
		if len(children)+len(used) > 0 {
			return api.Forbidden("Unable to delete region %s because it or its child regions have associated endpoints.", r.ID)
		}
		return nil
	})
}
