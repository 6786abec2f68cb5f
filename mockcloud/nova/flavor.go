// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// flavorRecord is a flavor as it is kept.
type flavorRecord struct {
	compute.Flavor
	Projects           []string // who may use it, when it is not public
	CreatedAt, Updated time.Time
}

var flavorTable = store.Table[flavorRecord]{
	Name: "nova_flavors",
	Key:  func(f *flavorRecord) string { return f.ID },
	Indexes: []store.Index[flavorRecord]{
		{Name: "name", Unique: true, Of: func(f *flavorRecord) []string { return []string{f.Name} }},
	},
}

// SeedFlavors puts DevStack's flavors into a cloud that has none.
func (s *Service) SeedFlavors(ctx context.Context) error {
	return s.Store.Update(ctx, func(tx store.Tx) error {
		known, err := flavorTable.All(tx)
		if err != nil || len(known) > 0 {
			return err
		}
		for i, f := range []compute.Flavor{
			{ID: "1", Name: "m1.tiny", MemoryMiB: 512, VCPUs: 1, RootGiB: 1},
			{ID: "2", Name: "m1.small", MemoryMiB: 2048, VCPUs: 1, RootGiB: 20},
			{ID: "3", Name: "m1.medium", MemoryMiB: 4096, VCPUs: 2, RootGiB: 40},
			{ID: "4", Name: "m1.large", MemoryMiB: 8192, VCPUs: 4, RootGiB: 80},
			{ID: "5", Name: "m1.xlarge", MemoryMiB: 16384, VCPUs: 8, RootGiB: 160},
			{ID: "42", Name: "m1.nano", MemoryMiB: 128, VCPUs: 1, RootGiB: 1},
			{ID: "84", Name: "m1.micro", MemoryMiB: 192, VCPUs: 1, RootGiB: 1},
		} {
			f.Public, f.RXTXFactor, f.Number = true, 1, int64(i)+1
			if err := flavorTable.Insert(tx, &flavorRecord{Flavor: f, CreatedAt: s.Clock.Now()}); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *Service) flavorRoutes() []api.Route {
	return []api.Route{
		api.Get("/flavors", "flavors", s.listFlavors).AskedBy(api.QueryOf[flavorQuery]()).Loose("-2.74"),
		api.Get("/flavors/detail", "flavors", s.listFlavorsInDetail).AskedBy(api.QueryOf[flavorQuery]()).Loose("-2.74"),
		api.Get("/flavors/{id}", "flavor", s.showFlavor).AskedBy(api.QueryOf[noQuery]()).Loose("-2.101"),
		api.Post("/flavors", "flavor", s.createFlavor).Policy(rule("os-flavor-manage:create")),
		api.Put("/flavors/{id}", "flavor", s.updateFlavor).Only("2.55-").Policy(rule("os-flavor-manage:update")),
		api.Delete("/flavors/{id}", s.deleteFlavor).Code(202).Policy(rule("os-flavor-manage:delete")),
	}
}

func flavorNotFound(id string) error { return api.NotFound("Flavor %s could not be found.", id) }

// findFlavor returns the flavor if the caller may use it.
func findFlavor(tx store.Tx, c *api.Call, id string) (*flavorRecord, error) {
	f, err := flavorTable.Get(tx, id)
	if errors.Is(err, store.ErrNotFound) || err == nil && !f.usable(c.Identity) {
		return nil, flavorNotFound(id)
	}
	return f, err
}

// usable reports whether the identity may see and use the flavor.
func (f *flavorRecord) usable(id *api.Identity) bool {
	return f.Public || id.Admin() || slices.Contains(f.Projects, id.ProjectID)
}

func (s *Service) flavor(c *api.Call, id string) (f *flavorRecord, err error) {
	err = s.Store.View(c.Context(), func(tx store.Tx) error {
		f, err = findFlavor(tx, c, id)
		return err
	})
	return f, err
}

// changeFlavor is read, change, write in one transaction.
func (s *Service) changeFlavor(c *api.Call, id string, change func(*flavorRecord) error) (f *flavorRecord, err error) {
	err = s.Store.Update(c.Context(), func(tx store.Tx) error {
		if f, err = findFlavor(tx, c, id); err != nil {
			return err
		}
		if err := change(f); err != nil {
			return err
		}
		f.Updated = s.Clock.Now()
		return flavorTable.Put(tx, f)
	})
	return f, err
}

func (s *Service) showFlavor(c *api.Call) (Flavor, error) {
	f, err := s.flavor(c, c.Var("id"))
	if err != nil {
		return Flavor{}, err
	}
	return f.view(c), nil
}

func (s *Service) createFlavor(c *api.Call, in *FlavorCreate) (Flavor, error) {
	f := &flavorRecord{
		CreatedAt: s.Clock.Now(),
		Flavor: compute.Flavor{
			ID: string(in.ID.Value), Name: string(in.Name), Description: in.Description.Pointer(),
			VCPUs: int(in.VCPUs), MemoryMiB: int(in.RAM), RootGiB: int(in.Disk), EphemeralGiB: int(in.Ephemeral),
			SwapMiB: int(in.Swap), RXTXFactor: 1, Public: !in.Public.Set || bool(in.Public.Value),
		},
	}
	if in.RXTXFactor.Set {
		f.RXTXFactor = float64(in.RXTXFactor.Value)
	}
	if f.ID == "" {
		f.ID = uuid.NewString()
	}
	err := s.Store.Update(c.Context(), func(tx store.Tx) error {
		if _, err := flavorTable.Get(tx, f.ID); err == nil {
			return api.Conflict("Flavor with ID %s already exists.", f.ID)
		}
		all, err := flavorTable.All(tx)
		if err != nil {
			return err
		}
		for _, other := range all {
			f.Number = max(f.Number, other.Number)
		}
		f.Number++
		if err := flavorTable.Insert(tx, f); errors.Is(err, store.ErrExists) {
			return api.Conflict("Flavor with name %s already exists.", f.Name)
		} else if err != nil {
			return err
		}
		return nil
	})
	return f.view(c), err
}

func (s *Service) updateFlavor(c *api.Call, in *FlavorUpdate) (Flavor, error) {
	f, err := s.changeFlavor(c, c.Var("id"), func(f *flavorRecord) error {
		f.Description = in.Description.Pointer()
		return nil
	})
	if err != nil {
		return Flavor{}, err
	}
	return f.view(c), nil
}

func (s *Service) deleteFlavor(c *api.Call) error {
	return s.Store.Update(c.Context(), func(tx store.Tx) error {
		err := flavorTable.Delete(tx, c.Var("id"))
		if errors.Is(err, store.ErrNotFound) {
			return flavorNotFound(c.Var("id"))
		}
		return err
	})
}

func (s *Service) listFlavors(c *api.Call) (api.Page[FlavorSummary], error) {
	page, err := s.flavors(c)
	if err != nil {
		return api.Page[FlavorSummary]{}, err
	}
	brief := api.Page[FlavorSummary]{Next: page.Next, Items: []FlavorSummary{}}
	for _, f := range page.Items {
		brief.Items = append(brief.Items, FlavorSummary{ID: f.ID, Name: f.Name, Description: f.Description, Links: c.Links(c.InProject("/flavors/" + f.ID))})
	}
	return brief, nil
}

func (s *Service) listFlavorsInDetail(c *api.Call) (api.Page[Flavor], error) {
	page, err := s.flavors(c)
	if err != nil {
		return api.Page[Flavor]{}, err
	}
	whole := api.Page[Flavor]{Next: page.Next, Items: []Flavor{}}
	for _, f := range page.Items {
		whole.Items = append(whole.Items, f.view(c))
	}
	return whole, nil
}

// flavors is the page of flavors that the query asks for.
func (s *Service) flavors(c *api.Call) (page api.Page[*flavorRecord], err error) {
	q := api.Query[flavorQuery](c)
	keep, err := q.filter(c.Identity)
	if err != nil {
		return page, err
	}
	all, err := s.allFlavors(c)
	if err != nil {
		return page, err
	}
	all = slices.DeleteFunc(all, func(f *flavorRecord) bool { return !keep(f) })
	compare := flavorSorts[cmp.Or(q.SortKey, q.OldSortKey, "flavorid")]
	slices.SortStableFunc(all, func(a, b *flavorRecord) int {
		order := cmp.Or(compare(a, b), cmp.Compare(a.Number, b.Number))
		if q.SortDir == "desc" {
			return -order
		}
		return order
	})
	return api.Paged(c, all, q.Paging, maxLimit, func(f *flavorRecord) string { return f.ID })
}

func (s *Service) allFlavors(c *api.Call) (all []*flavorRecord, err error) {
	err = s.Store.View(c.Context(), func(tx store.Tx) error {
		all, err = flavorTable.All(tx)
		return err
	})
	return all, err
}
