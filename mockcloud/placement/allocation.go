// SPDX-License-Identifier: MPL-2.0

package placement

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strconv"

	"github.com/google/uuid"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// ConsumerAllocations is what a consumer has.
type ConsumerAllocations struct {
	Allocations map[string]providerShare `json:"allocations"`
	ProjectID   api.Opt[string]          `json:"project_id,omitempty"          nova:"1.12-"`
	UserID      api.Opt[string]          `json:"user_id,omitempty"             nova:"1.12-"`
	Generation  api.Opt[int]             `json:"consumer_generation,omitempty" nova:"1.28-"`
	Type        api.Opt[string]          `json:"consumer_type,omitempty"       nova:"1.38-"`
}

// providerShare is what a consumer has of a provider.
type providerShare struct {
	Generation int            `json:"generation"`
	Resources  map[string]int `json:"resources"`
}

// ProviderAllocations is what consumers have of a provider.
type ProviderAllocations struct {
	Allocations map[string]consumerShare `json:"allocations"`
	Generation  int                      `json:"resource_provider_generation"`
}

type consumerShare struct {
	Resources  map[string]int `json:"resources"`
	Generation int            `json:"consumer_generation" nova:"1.28-"`
}

// AllocationsUpdate is the body of PUT /allocations/{consumer}.
type AllocationsUpdate struct {
	Listed      []listedAllocation         `json:"allocations"         nova:"-1.11" need:"-1.11" len:"1-"`
	Allocations map[string]givenAllocation `json:"allocations"         nova:"1.12-" need:"1.12-"`
	ProjectID   string                     `json:"project_id"          nova:"1.8-"  need:"1.8-"  len:"1-255"`
	UserID      string                     `json:"user_id"             nova:"1.8-"  need:"1.8-"  len:"1-255"`
	Generation  api.Opt[int]               `json:"consumer_generation" nova:"1.28-" need:"1.28-" null:"ok"`
	Mappings    map[string][]string        `json:"mappings"            nova:"1.34-"`
	Type        string                     `json:"consumer_type"       nova:"1.38-" need:"1.38-" len:"1-255" pattern:"^[A-Z0-9_]+$"`
}

type listedAllocation struct {
	Provider struct {
		UUID string `json:"uuid" need:"1.0-" format:"uuid"`
	} `json:"resource_provider" need:"1.0-"`
	Resources map[string]int `json:"resources" need:"1.0-" len:"1-" range:"1-"`
}

type givenAllocation struct {
	Generation *int           `json:"generation"`
	Resources  map[string]int `json:"resources" need:"1.0-" len:"1-" range:"1-"`
}

func (s *Service) allocationRoutes() []api.Route {
	return guarded(
		api.Get("/allocations/{consumer}", "", s.showAllocations),
		api.Put("/allocations/{consumer}", "", s.setAllocations).Code(http.StatusNoContent),
		api.Delete("/allocations/{consumer}", s.deleteAllocations),
		api.Post("/allocations", "", s.setManyAllocations).Code(http.StatusNoContent).Only("1.13-"),
		api.Get("/resource_providers/{uuid}/allocations", "", s.providerAllocations),
	)
}

// consumers are all: Nova's and the others.
func (s *Service) consumers(ctx context.Context) ([]*Consumer, error) {
	all, err := s.Nova.Consumers(ctx)
	if err != nil {
		return nil, err
	}
	err = s.Store.View(ctx, func(tx store.Tx) error {
		others, err := consumers.All(tx)
		all = append(all, others...)
		return err
	})
	return all, err
}

// consumer is one of them; nil if there is none.
func (s *Service) consumer(ctx context.Context, id string) (user *Consumer, err error) {
	if user, err = s.Nova.Consumer(ctx, id); err != nil || user != nil {
		return user, err
	}
	err = s.Store.View(ctx, func(tx store.Tx) error {
		user, err = consumers.Get(tx, id)
		return err
	})
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	return user, err
}

func (s *Service) showAllocations(c *api.Call) (ConsumerAllocations, error) {
	view := ConsumerAllocations{Allocations: map[string]providerShare{}}
	user, err := s.consumer(c.Context(), c.Var("consumer"))
	s.modified(c)
	if err != nil || user == nil { // whoever has nothing is no error
		return view, err
	}
	list, err := s.all(c.Context())
	if err != nil {
		return view, err
	}
	for id, resources := range user.Allocations {
		share := providerShare{Resources: resources}
		if p, err := among(list, id); err == nil {
			share.Generation = p.Generation
		}
		view.Allocations[id] = share
	}
	view.ProjectID, view.UserID = api.Some(user.ProjectID), api.Some(user.UserID)
	view.Generation, view.Type = api.Some(user.Generation), api.Some(user.Type)
	return view, nil
}

func (s *Service) providerAllocations(c *api.Call) (ProviderAllocations, error) {
	ctx := c.Context()
	p, err := s.find(ctx, c.Var("uuid"))
	if err != nil {
		return ProviderAllocations{}, err
	}
	var users []*Consumer
	if p.OfNova {
		users, err = s.Nova.ProviderConsumers(ctx, p)
	} else {
		err = s.Store.View(ctx, func(tx store.Tx) error {
			users, err = consumers.All(tx)
			return err
		})
	}
	view := ProviderAllocations{Allocations: map[string]consumerShare{}, Generation: p.Generation}
	for _, user := range users {
		if resources := user.Allocations[p.ID]; len(resources) > 0 {
			view.Allocations[user.ID] = consumerShare{Resources: resources, Generation: user.Generation}
		}
	}
	s.modified(c)
	return view, err
}

// asked is the consumer as the body wants it.
func (in *AllocationsUpdate) asked(id string) *Consumer {
	user := &Consumer{ID: id, ProjectID: in.ProjectID, UserID: in.UserID, Type: in.Type, Allocations: map[string]map[string]int{}}
	if user.Type == "" {
		user.Type = "unknown"
	}
	for _, listed := range in.Listed {
		user.Allocations[listed.Provider.UUID] = listed.Resources
	}
	for provider, given := range in.Allocations {
		user.Allocations[provider] = given.Resources
	}
	return user
}

func (s *Service) setAllocations(c *api.Call, in *AllocationsUpdate) (api.None, error) {
	if len(in.Allocations)+len(in.Listed) == 0 && !c.Since(checksConsumers) {
		return api.None{}, api.BadRequest("JSON does not validate: {} does not have enough properties")
	}
	return api.None{}, s.replace(c, map[string]*AllocationsUpdate{c.Var("consumer"): in})
}

func (s *Service) setManyAllocations(c *api.Call, in *map[string]AllocationsUpdate) (api.None, error) {
	all := map[string]*AllocationsUpdate{}
	for id, update := range *in {
		all[id] = &update
	}
	return api.None{}, s.replace(c, all)
}

func (s *Service) deleteAllocations(c *api.Call) error {
	id := c.Var("consumer")
	if err := s.notNovas(c.Context(), id); err != nil {
		return err
	}
	err := s.Store.Update(c.Context(), func(tx store.Tx) error { return consumers.Delete(tx, id) })
	if errors.Is(err, store.ErrNotFound) {
		return api.NotFound("No allocations for consumer '%s'", id)
	}
	return err
}

// notNovas refuses to touch what a server or a migration has: it is what Nova's records say.
func (s *Service) notNovas(ctx context.Context, id string) error {
	user, err := s.Nova.Consumer(ctx, id)
	if err == nil && user != nil {
		err = api.Conflict("Consumer %s is Nova's: delete or move the server.", id).Named(concurrentUpdate)
	}
	return err
}

// replace gives the consumers what they ask for in place of what they have, all or none.
func (s *Service) replace(c *api.Call, updates map[string]*AllocationsUpdate) error {
	hosts, err := s.Nova.Providers(c.Context())
	if err != nil {
		return err
	}
	for id := range updates {
		if uuid.Validate(id) != nil {
			return api.BadRequest("Malformed consumer_uuid: %s", id)
		}
		if err := s.notNovas(c.Context(), id); err != nil {
			return err
		}
	}
	return s.Store.Update(c.Context(), func(tx store.Tx) error {
		for _, id := range slices.Sorted(maps.Keys(updates)) {
			if err := s.replaceOne(tx, c, id, updates[id]); err != nil {
				return err
			}
		}
		return checkRoom(tx, hosts, updates)
	})
}

func (s *Service) replaceOne(tx store.Tx, c *api.Call, id string, in *AllocationsUpdate) error {
	before, err := consumers.Get(tx, id)
	if errors.Is(err, store.ErrNotFound) {
		before, err = &Consumer{}, nil
	}
	if err != nil {
		return err
	}
	generation := (*int)(nil)
	if before.ID != "" {
		generation = &before.Generation
	}
	asked := in.Generation.Pointer()
	if c.Since(checksConsumers) && ((asked == nil) != (generation == nil) || asked != nil && *asked != *generation) {
		return api.Conflict("consumer generation conflict - expected %s but got %s", number(generation), number(asked)).Named(concurrentUpdate)
	}
	user := in.asked(id)
	if len(user.Allocations) == 0 {
		if before.ID == "" {
			return nil
		}
		return consumers.Delete(tx, id)
	}
	user.Generation, user.Updated = before.Generation+1, s.Clock.Now()
	return consumers.Put(tx, user)
}

func number(n *int) string {
	if n == nil {
		return "null"
	}
	return strconv.Itoa(*n)
}

// checkRoom refuses allocations that providers have no room for, and counts the generations of the others up.
func checkRoom(tx store.Tx, hosts []*Provider, updates map[string]*AllocationsUpdate) error {
	list, err := stored(tx)
	if err != nil {
		return err
	}
	touched := map[string]bool{}
	for id, in := range updates {
		for provider, resources := range in.asked(id).Allocations {
			p, err := among(list, provider)
			if err != nil {
				if _, host := among(hosts, provider); host == nil {
					return api.Conflict("Unable to allocate inventory: resource provider %s is a compute host, where only servers have allocations.", provider)
				}
				return api.BadRequest("Allocation for resource provider '%s' that does not exist.", provider)
			}
			if err := p.room(resources); err != nil {
				return err
			}
			touched[provider] = true
		}
	}
	for provider := range touched {
		p, err := among(list, provider)
		if err != nil {
			return err
		}
		p.Generation++
		if err := providers.Put(tx, p); err != nil {
			return err
		}
	}
	return nil
}

// room tells that the provider, with these already counted, has what it has given away.
func (p *Provider) room(resources map[string]int) error {
	for class, amount := range resources {
		i, there := p.Inventories[class]
		var reason string
		switch {
		case !there:
			return api.Conflict("Unable to allocate inventory: Inventory for '%s' on resource provider '%s' invalid.", class, p.ID)
		case !i.unit(amount):
			reason = "violate inventory constraints"
		case p.Used[class] > i.capacity():
			reason = "exceed the capacity"
		default:
			continue
		}
		return api.Conflict("Unable to allocate inventory: Unable to create allocation for '%s' on resource provider '%s'. "+
			"The requested amount would %s.", class, p.ID, reason)
	}
	return nil
}
