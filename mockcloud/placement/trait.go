// SPDX-License-Identifier: MPL-2.0

package placement

import (
	"context"
	"errors"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// Traits is a list of traits.
type Traits struct {
	Traits []string `json:"traits"`
}

// ProviderTraits are those of a provider, with its generation.
type ProviderTraits struct {
	Traits     []string `json:"traits"                       need:"1.6-" itemlen:"1-255"`
	Generation int      `json:"resource_provider_generation" need:"1.6-"`
}

type traitQuery struct {
	Name       string `json:"name"`
	Associated string `json:"associated"`
}

func (s *Service) traitRoutes() []api.Route {
	const of = "/resource_providers/{uuid}/traits"
	return guarded(
		api.Get("/traits", "", s.listTraits).Only("1.6-").AskedBy(api.QueryOf[traitQuery]()),
		api.Get("/traits/{name}", "", s.showTrait).Only("1.6-").Code(http.StatusNoContent),
		api.Put("/traits/{name}", "", s.putTrait).Only("1.6-"),
		api.Delete("/traits/{name}", s.deleteTrait).Only("1.6-"),
		api.Get(of, "", s.listProviderTraits).Only("1.6-"),
		api.Put(of, "", s.setProviderTraits).Only("1.6-"),
		api.Delete(of, s.deleteProviderTraits).Only("1.6-"),
	)
}

// traits are all that there are, in order: the standard ones, those of compute hosts and the custom ones.
func (s *Service) traits(ctx context.Context) ([]string, error) {
	list, err := s.all(ctx)
	if err != nil {
		return nil, err
	}
	names := strings.Fields(standardTraits)
	for _, p := range list {
		names = append(names, p.Traits...)
	}
	err = s.Store.View(ctx, func(tx store.Tx) error {
		custom, err := customTraits.All(tx)
		for _, trait := range custom {
			names = append(names, trait.Name)
		}
		return err
	})
	slices.Sort(names)
	return slices.Compact(names), err
}

func (s *Service) listTraits(c *api.Call) (Traits, error) {
	q := api.Query[traitQuery](c)
	names, err := s.traits(c.Context())
	if err != nil {
		return Traits{}, err
	}
	operator, value, formed := strings.Cut(q.Name, ":")
	switch {
	case q.Name == "":
	case !formed:
		return Traits{}, api.BadRequest("Badly formatted name parameter. Expected name query string parameter in form: "+
			"?name=[in|startswith]:[name1,name2|prefix]. Got: \"%s\"", q.Name)
	case operator == "in":
		wanted := strings.Split(value, ",")
		names = slices.DeleteFunc(names, func(name string) bool { return !slices.Contains(wanted, name) })
	case operator == "startswith":
		names = slices.DeleteFunc(names, func(name string) bool { return !strings.HasPrefix(name, value) })
	}
	if q.Associated != "" {
		wanted := strings.EqualFold(q.Associated, "true")
		if !wanted && !strings.EqualFold(q.Associated, "false") {
			return Traits{}, api.BadRequest(`The query parameter "associated" only accepts "true" or "false"`)
		}
		list, err := s.all(c.Context())
		if err != nil {
			return Traits{}, err
		}
		names = slices.DeleteFunc(names, func(name string) bool {
			return wanted != slices.ContainsFunc(list, func(p *Provider) bool { return slices.Contains(p.Traits, name) })
		})
	}
	s.modified(c)
	return Traits{Traits: names}, nil
}

func noTrait(names ...string) error {
	return api.NotFound("No such trait(s): %s.", strings.Join(names, ", "))
}

func (s *Service) showTrait(c *api.Call) (api.None, error) {
	names, err := s.traits(c.Context())
	if err == nil && !slices.Contains(names, c.Var("name")) {
		err = noTrait(c.Var("name"))
	}
	s.modified(c)
	return api.None{}, err
}

var customName = regexp.MustCompile(`^CUSTOM_[A-Z0-9_]+$`)

// isCustom tells that operators may make a trait or a class of that name.
func isCustom(name string) bool { return len(name) <= 255 && customName.MatchString(name) }

func (s *Service) putTrait(c *api.Call, _ *api.None) (api.None, error) {
	name := c.Var("name")
	if !isCustom(name) {
		return api.None{}, api.BadRequest(`The trait is invalid. A valid trait must be no longer than 255 characters, ` +
			`start with the prefix "CUSTOM_" and use following characters: "A"-"Z", "0"-"9" and "_"`)
	}
	made, err := s.ensure(c, &customTraits, name)
	c.SetStatus(made)
	c.Header().Set("Location", c.URL("/traits/"+name))
	s.modified(c)
	return api.None{}, err
}

// ensure makes a custom name: 201, or 204 when it is there already.
func (s *Service) ensure(c *api.Call, table *store.Table[named], name string) (status int, err error) {
	err = s.Store.Update(c.Context(), func(tx store.Tx) error {
		status = http.StatusCreated
		err := table.Insert(tx, &named{Name: name})
		if errors.Is(err, store.ErrExists) {
			status = http.StatusNoContent
			return nil
		}
		return err
	})
	return status, err
}

func (s *Service) deleteTrait(c *api.Call) error {
	name := c.Var("name")
	list, err := s.all(c.Context())
	switch {
	case err != nil:
		return err
	case slices.Contains(strings.Fields(standardTraits), name):
		return api.BadRequest("Cannot delete standard trait %s.", name)
	case slices.ContainsFunc(list, func(p *Provider) bool { return slices.Contains(p.Traits, name) }):
		return api.Conflict("The trait %s is in use by a resource provider.", name)
	}
	err = s.Store.Update(c.Context(), func(tx store.Tx) error { return customTraits.Delete(tx, name) })
	if errors.Is(err, store.ErrNotFound) {
		return noTrait(name)
	}
	return err
}

func providerTraits(p *Provider) ProviderTraits {
	view := ProviderTraits{Traits: slices.Clone(p.Traits), Generation: p.Generation}
	slices.Sort(view.Traits)
	if view.Traits == nil {
		view.Traits = []string{}
	}
	return view
}

func (s *Service) listProviderTraits(c *api.Call) (ProviderTraits, error) {
	p, err := s.find(c.Context(), c.Var("uuid"))
	if err != nil {
		return ProviderTraits{}, err
	}
	s.modified(c)
	return providerTraits(p), nil
}

func (s *Service) setProviderTraits(c *api.Call, in *ProviderTraits) (ProviderTraits, error) {
	known, err := s.traits(c.Context())
	if err != nil {
		return ProviderTraits{}, err
	}
	unknown := slices.DeleteFunc(slices.Clone(in.Traits), func(name string) bool { return slices.Contains(known, name) })
	if len(unknown) > 0 {
		return ProviderTraits{}, api.BadRequest("No such trait %s", strings.Join(unknown, ", "))
	}
	p, err := s.change(c, c.Var("uuid"), &in.Generation, func(p *Provider) error {
		p.Traits = slices.Compact(slices.Sorted(slices.Values(in.Traits)))
		return nil
	})
	if err != nil {
		return ProviderTraits{}, err
	}
	s.modified(c)
	return providerTraits(p), nil
}

func (s *Service) deleteProviderTraits(c *api.Call) error {
	_, err := s.change(c, c.Var("uuid"), nil, func(p *Provider) error {
		p.Traits = nil
		return nil
	})
	return err
}
