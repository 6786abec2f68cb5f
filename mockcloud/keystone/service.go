// SPDX-License-Identifier: MPL-2.0

package keystone

import (
	"net/http"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

func (k *Keystone) serviceRoutes() []api.Route {
	return []api.Route{
		api.Get("/services", "", k.listServices),
		api.Post("/services", "service", k.createService).Code(http.StatusCreated),
		api.Get("/services/{service_id}", "service", k.showService),
		api.Patch("/services/{service_id}", "service", k.updateService),
		api.Delete("/services/{service_id}", k.deleteService),
	}
}

var serviceKind = kind[Service]{&services, "service", anyTarget[Service]}

type serviceBody struct {
	Type        api.Opt[string] `json:"type" len:"1-255"`
	Name        api.Opt[string] `json:"name" null:"ok"`
	Description api.Opt[string] `json:"description" null:"ok"`
	Enabled     api.Opt[bool]   `json:"enabled"`
	Extra       map[string]any  `json:"*"`
}

type serviceView struct {
	ID          string          `json:"id"`
	Type        string          `json:"type"`
	Name        string          `json:"name"`
	Description api.Opt[string] `json:"description,omitempty"`
	Enabled     bool            `json:"enabled"`
	Links       links           `json:"links"`
	Extra       map[string]any  `json:"*"`
}

func viewService(c *api.Call, s *Service) serviceView {
	return serviceView{
		ID: s.ID, Type: s.Type, Name: s.Name, Description: orNull(s.Description), Enabled: s.Enabled,
		Links: self(c, "/services/"+s.ID), Extra: s.Extra,
	}
}

var serviceAttributes = attributes[Service]{
	"id":   func(s *Service) string { return s.ID },
	"type": func(s *Service) string { return s.Type },
	"name": func(s *Service) string { return s.Name },
}

func (k *Keystone) listServices(c *api.Call) (map[string]any, error) {
	if err := allow(c, "identity:read_catalog", api.Target{}); err != nil {
		return nil, err
	}
	all, err := serviceKind.all(k, c, "")
	if err != nil {
		return nil, err
	}
	return listing(c, "services", serviceAttributes.keep(c, all), services.Key, viewService)
}

func (k *Keystone) showService(c *api.Call) (serviceView, error) {
	s, err := serviceKind.read(k, c, c.Var("service_id"), "identity:read_catalog")
	if err != nil {
		return serviceView{}, err
	}
	return viewService(c, s), nil
}

func (k *Keystone) createService(c *api.Call, in *serviceBody) (serviceView, error) {
	if err := allow(c, "identity:change_catalog", api.Target{}); err != nil {
		return serviceView{}, err
	}
	if !in.Type.Set {
		return serviceView{}, required("type", "service")
	}
	s := &Service{
		ID: newID(), Type: in.Type.Value, Name: in.Name.Value, Description: in.Description.Value, Enabled: orTrue(in.Enabled),
		Extra: extras(nil, in.Extra),
	}
	if err := serviceKind.add(k, c, s, s.Name); err != nil {
		return serviceView{}, err
	}
	return viewService(c, s), nil
}

func (k *Keystone) updateService(c *api.Call, in *serviceBody) (serviceView, error) {
	s, err := serviceKind.change(k, c, c.Var("service_id"), "identity:change_catalog", func(_ store.Tx, s *Service) error {
		changed(&s.Type, in.Type)
		changed(&s.Name, in.Name)
		changed(&s.Description, in.Description)
		changed(&s.Enabled, in.Enabled)
		s.Extra = extras(s.Extra, in.Extra)
		return nil
	})
	if err != nil {
		return serviceView{}, err
	}
	return viewService(c, s), nil
}

func (k *Keystone) deleteService(c *api.Call) error {
	return serviceKind.delete(k, c, c.Var("service_id"), "identity:change_catalog", func(tx store.Tx, s *Service) error {
		return remove(tx, &endpoints, "service", s.ID)
	})
}
