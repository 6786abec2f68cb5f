// SPDX-License-Identifier: MPL-2.0

package placement

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// ResourceProvider is a provider as the API shows it.
type ResourceProvider struct {
	UUID       string     `json:"uuid"`
	Name       string     `json:"name"`
	Generation int        `json:"generation"`
	Links      []api.Link `json:"links"`
	Parent     *string    `json:"parent_provider_uuid" nova:"1.14-"`
	Root       string     `json:"root_provider_uuid"   nova:"1.14-"`
}

// ProviderCreate is the body of POST /resource_providers.
type ProviderCreate struct {
	Name   string          `json:"name"                 need:"1.0-"  len:"0-200"`
	UUID   string          `json:"uuid"                 format:"uuid"`
	Parent api.Opt[string] `json:"parent_provider_uuid" nova:"1.14-" null:"ok" format:"uuid"`
}

// ProviderUpdate is the body of PUT /resource_providers/{uuid}.
type ProviderUpdate struct {
	Name   string          `json:"name"                 need:"1.0-"  len:"0-200"`
	Parent api.Opt[string] `json:"parent_provider_uuid" nova:"1.14-" null:"ok" format:"uuid"`
}

type providerQuery struct {
	Name      api.Opt[string] `json:"name"`
	UUID      string          `json:"uuid"      format:"uuid"`
	MemberOf  []string        `json:"member_of" nova:"1.3-"`
	Resources string          `json:"resources" nova:"1.4-"`
	InTree    string          `json:"in_tree"   nova:"1.14-" format:"uuid"`
	Required  []string        `json:"required"  nova:"1.18-"`
}

func (s *Service) providerRoutes() []api.Route {
	const path = "/resource_providers"
	return guarded(
		api.Get(path, "resource_providers", s.listProviders).AskedBy(api.QueryOf[providerQuery]()),
		api.Post(path, "", s.createProvider).Codes(api.Since[int]{{From: 0, Value: http.StatusCreated}, {From: answersProvider, Value: http.StatusOK}}),
		api.Get(path+"/{uuid}", "", s.showProvider),
		api.Put(path+"/{uuid}", "", s.updateProvider),
		api.Delete(path+"/{uuid}", s.deleteProvider),
	)
}

// linked are what a provider has links to, each since its version.
var linked = []struct {
	since api.Version
	rel   string
}{{0, "inventories"}, {0, "usages"}, {1, "aggregates"}, {6, "traits"}, {11, "allocations"}}

func providerView(c *api.Call, list []*Provider, p *Provider) ResourceProvider {
	at := "/placement/resource_providers/" + p.ID
	view := ResourceProvider{
		UUID: p.ID, Name: p.Name, Generation: p.Generation, Links: []api.Link{{Rel: "self", Href: at}}, Root: rootOf(list, p),
	}
	for _, link := range linked {
		if c.Since(link.since) {
			view.Links = append(view.Links, api.Link{Rel: link.rel, Href: at + "/" + link.rel})
		}
	}
	if p.ParentID != "" {
		view.Parent = &p.ParentID
	}
	return view
}

func (s *Service) listProviders(c *api.Call) ([]ResourceProvider, error) {
	q := api.Query[providerQuery](c)
	wanted, err := s.wanted(c, q.Resources, q.Required, q.MemberOf, q.InTree)
	if err != nil {
		return nil, err
	}
	list, err := s.all(c.Context())
	views := []ResourceProvider{}
	for _, p := range list {
		if (!q.Name.Set || q.Name.Value == p.Name) && (q.UUID == "" || q.UUID == p.ID) && wanted.fits(list, p) {
			views = append(views, providerView(c, list, p))
		}
	}
	s.modified(c)
	return views, err
}

func (s *Service) showProvider(c *api.Call) (ResourceProvider, error) {
	list, err := s.all(c.Context())
	if err != nil {
		return ResourceProvider{}, err
	}
	p, err := among(list, c.Var("uuid"))
	if err != nil {
		return ResourceProvider{}, err
	}
	s.modified(c)
	return providerView(c, list, p), nil
}

// createProvider answers with the provider since 1.20, with nothing before.
func (s *Service) createProvider(c *api.Call, in *ProviderCreate) (any, error) {
	p := &Provider{Name: in.Name, ParentID: in.Parent.Value, Inventories: map[string]Inventory{}}
	id, err := uuid.Parse(in.UUID)
	if err != nil {
		id = uuid.New()
	}
	p.ID = id.String()
	list, err := s.all(c.Context())
	if err != nil {
		return nil, err
	}
	if err := s.vet(list, p, "create"); err != nil {
		return nil, err
	}
	err = s.Store.Update(c.Context(), func(tx store.Tx) error { return providers.Insert(tx, p) })
	if errors.Is(err, store.ErrExists) {
		return nil, api.Conflict("Conflicting resource provider name: %s already exists.", p.Name).Named(duplicateName)
	}
	if err != nil {
		return nil, err
	}
	c.Header().Set("Location", c.URL("/resource_providers/"+p.ID))
	if !c.Since(answersProvider) {
		return api.None{}, nil
	}
	s.modified(c)
	return providerView(c, append(list, p), p), nil
}

// vet refuses a provider whose name or id another one has, and a parent that is none.
func (s *Service) vet(list []*Provider, p *Provider, verb string) error {
	var duplicates []string
	for _, other := range list {
		if verb == "create" && other.ID == p.ID {
			duplicates = append(duplicates, "uuid: "+p.ID)
		}
		if other.Name == p.Name && (verb == "create" || other.ID != p.ID) {
			duplicates = append(duplicates, "name: "+p.Name)
		}
	}
	if duplicates != nil {
		return api.Conflict("Conflicting resource provider %s already exists.", strings.Join(duplicates, ", ")).Named(duplicateName)
	}
	if p.ParentID == "" {
		return nil
	}
	parent, err := among(list, p.ParentID)
	reason := ""
	switch {
	case p.ParentID == p.ID:
		reason = "parent provider UUID cannot be same as UUID. Please use a unique parent provider UUID."
	case err != nil:
		reason = "parent provider UUID does not exist."
	case verb == "save" && rootOf(list, parent) == p.ID:
		reason = "creating loop in the provider tree is not allowed."
	}
	if reason != "" {
		return api.BadRequest("Unable to %s resource provider \"%s\", %s: Object action %s failed because: %s", verb, p.Name, p.ID, verb, reason)
	}
	return nil
}

func (s *Service) updateProvider(c *api.Call, in *ProviderUpdate) (ResourceProvider, error) {
	list, err := s.all(c.Context())
	if err != nil {
		return ResourceProvider{}, err
	}
	p, err := among(list, c.Var("uuid"))
	if err != nil {
		return ResourceProvider{}, err
	}
	changed := *p
	changed.Name = in.Name
	if in.Parent.Set {
		changed.ParentID = in.Parent.Value
	}
	if err := s.vet(list, &changed, "save"); err != nil {
		return ResourceProvider{}, err
	}
	switch {
	case p.OfNova:
		return ResourceProvider{}, api.Conflict("Resource provider %s is a compute host: Nova names it.", p.ID)
	case changed.ParentID != p.ParentID && p.ParentID != "" && !c.Since(movesProviders):
		return ResourceProvider{}, api.BadRequest("Unable to save resource provider %s: "+
			"Object action update failed because: re-parenting a provider is not currently allowed.", p.ID)
	}
	if p, err = s.change(c, p.ID, nil, func(p *Provider) error {
		p.Name, p.ParentID = changed.Name, changed.ParentID
		return nil
	}); err != nil {
		return ResourceProvider{}, err
	}
	s.modified(c)
	list[slices.IndexFunc(list, func(other *Provider) bool { return other.ID == p.ID })] = p
	return providerView(c, list, p), nil
}

func (s *Service) deleteProvider(c *api.Call) error {
	id := c.Var("uuid")
	list, err := s.all(c.Context())
	if err != nil {
		return err
	}
	p, err := among(list, id)
	if err != nil {
		return err
	}
	if p.OfNova {
		return api.Conflict("Unable to delete resource provider %s: it is a compute host; delete its service.", id).Named(providerInUse)
	}
	return s.Store.Update(c.Context(), func(tx store.Tx) error {
		list, err := stored(tx)
		if err != nil {
			return err
		}
		p, err := among(list, id)
		switch {
		case err != nil:
			return err
		case slices.ContainsFunc(list, func(other *Provider) bool { return other.ParentID == id }):
			return api.Conflict("Unable to delete parent resource provider %s: It has child resource providers.", id).Named(providerIsParent)
		case len(p.Used) > 0:
			return api.Conflict("Unable to delete resource provider %s: Resource provider has allocations.", id).Named(providerInUse)
		}
		return providers.Delete(tx, id)
	})
}
