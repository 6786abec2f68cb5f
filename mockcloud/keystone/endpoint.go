// SPDX-License-Identifier: MPL-2.0

package keystone

import (
	"cmp"
	"errors"
	"net/http"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

func (k *Keystone) endpointRoutes() []api.Route {
	return []api.Route{
		api.Get("/endpoints", "", k.listEndpoints),
		api.Post("/endpoints", "endpoint", k.createEndpoint).Code(http.StatusCreated),
		api.Get("/endpoints/{endpoint_id}", "endpoint", k.showEndpoint),
		api.Patch("/endpoints/{endpoint_id}", "endpoint", k.updateEndpoint),
		api.Delete("/endpoints/{endpoint_id}", k.deleteEndpoint),
	}
}

var endpointKind = kind[Endpoint]{&endpoints, "endpoint", anyTarget[Endpoint]}

type endpointBody struct {
	Service   api.Opt[string] `json:"service_id"`
	Region    api.Opt[string] `json:"region_id" null:"ok"`
	OldRegion api.Opt[string] `json:"region" null:"ok"`
	Interface api.Opt[string] `json:"interface" oneof:"admin internal public"`
	URL       api.Opt[string] `json:"url" len:"1-" pattern:"^(https?://[^/\\s]|/)\\S*$"`
	Enabled   api.Opt[bool]   `json:"enabled"`
	Extra     map[string]any  `json:"*"`
}

type endpointView struct {
	ID        string          `json:"id"`
	Service   string          `json:"service_id"`
	Interface string          `json:"interface"`
	Region    api.Opt[string] `json:"region"`
	RegionID  api.Opt[string] `json:"region_id"`
	URL       string          `json:"url"`
	Enabled   bool            `json:"enabled"`
	Links     links           `json:"links"`
	Extra     map[string]any  `json:"*"`
}

func viewEndpoint(c *api.Call, e *Endpoint) endpointView {
	return endpointView{
		ID: e.ID, Service: e.ServiceID, Interface: e.Interface, Region: orNull(e.RegionID), RegionID: orNull(e.RegionID),
		URL: absolute(c, e.URL), Enabled: e.Enabled, Links: self(c, "/endpoints/"+e.ID), Extra: e.Extra,
	}
}

var endpointAttributes = attributes[Endpoint]{
	"id":         func(e *Endpoint) string { return e.ID },
	"service_id": func(e *Endpoint) string { return e.ServiceID },
	"region_id":  func(e *Endpoint) string { return e.RegionID },
	"interface":  func(e *Endpoint) string { return e.Interface },
	"enabled":    func(e *Endpoint) string { return flag(e.Enabled) },
	"name":       func(e *Endpoint) string { name, _ := e.Extra["name"].(string); return name }, // clients ask by it
}

func (k *Keystone) listEndpoints(c *api.Call) (map[string]any, error) {
	if err := allow(c, "identity:read_catalog", api.Target{}); err != nil {
		return nil, err
	}
	all, err := endpointKind.all(k, c, "")
	if err != nil {
		return nil, err
	}
	return listing(c, "endpoints", endpointAttributes.keep(c, all), endpoints.Key, viewEndpoint)
}

func (k *Keystone) showEndpoint(c *api.Call) (endpointView, error) {
	e, err := endpointKind.read(k, c, c.Var("endpoint_id"), "identity:read_catalog")
	if err != nil {
		return endpointView{}, err
	}
	return viewEndpoint(c, e), nil
}

// refer checks what an endpoint refers to. A region that only the older attribute names comes into
// being, as in Keystone.
func refer(tx store.Tx, e *Endpoint, in *endpointBody) error {
	if _, err := services.Get(tx, e.ServiceID); err != nil {
		return notValid(err, "service", e.ServiceID)
	}
	if e.RegionID == "" {
		return nil
	}
	_, err := regions.Get(tx, e.RegionID)
	if errors.Is(err, store.ErrNotFound) && in.Region.Value == "" {
		return regions.Insert(tx, &Region{ID: e.RegionID})
	}
	return notValid(err, "region", e.RegionID)
}

// notValid is the 400 for a reference to what does not exist.
func notValid(err error, kind, id string) error {
	if fault := api.AsFault(missing(err, kind, id)); fault != nil {
		return api.BadRequest("%s", fault.Message)
	}
	return err
}

func (k *Keystone) createEndpoint(c *api.Call, in *endpointBody) (endpointView, error) {
	if err := allow(c, "identity:change_catalog", api.Target{}); err != nil {
		return endpointView{}, err
	}
	for name, set := range map[string]bool{"service_id": in.Service.Set, "interface": in.Interface.Set, "url": in.URL.Set} {
		if !set {
			return endpointView{}, required(name, "endpoint")
		}
	}
	e := &Endpoint{
		ID: newID(), ServiceID: in.Service.Value, RegionID: cmp.Or(in.Region.Value, in.OldRegion.Value),
		Interface: in.Interface.Value, URL: in.URL.Value, Enabled: orTrue(in.Enabled), Extra: extras(nil, in.Extra),
	}
	err := k.update(c, func(tx store.Tx) error {
		if err := refer(tx, e, in); err != nil {
			return err
		}
		return endpoints.Insert(tx, e)
	})
	if err != nil {
		return endpointView{}, err
	}
	return viewEndpoint(c, e), nil
}

func (k *Keystone) updateEndpoint(c *api.Call, in *endpointBody) (endpointView, error) {
	e, err := endpointKind.change(k, c, c.Var("endpoint_id"), "identity:change_catalog", func(tx store.Tx, e *Endpoint) error {
		changed(&e.ServiceID, in.Service)
		changed(&e.RegionID, in.OldRegion)
		changed(&e.RegionID, in.Region)
		changed(&e.Interface, in.Interface)
		changed(&e.URL, in.URL)
		changed(&e.Enabled, in.Enabled)
		e.Extra = extras(e.Extra, in.Extra)
		return refer(tx, e, in)
	})
	if err != nil {
		return endpointView{}, err
	}
	return viewEndpoint(c, e), nil
}

func (k *Keystone) deleteEndpoint(c *api.Call) error {
	return endpointKind.delete(k, c, c.Var("endpoint_id"), "identity:change_catalog",
		func(store.Tx, *Endpoint) error { return nil })
}
