// SPDX-License-Identifier: MPL-2.0

package placement

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// ResourceClass is a kind of resource.
type ResourceClass struct {
	Name  string     `json:"name"`
	Links []api.Link `json:"links"`
}

// className is the body of POST /resource_classes, and up to 1.6 of PUT /resource_classes/{name}.
type className struct {
	Name string `json:"name" need:"1.2-" len:"1-255" pattern:"^CUSTOM_[A-Z0-9_]+$"`
}

func (s *Service) classRoutes() []api.Route {
	const path = "/resource_classes"
	return guarded(
		api.Get(path, "resource_classes", s.listClasses).Only("1.2-"),
		api.Post(path, "", s.createClass).Only("1.2-").Code(http.StatusCreated),
		api.Get(path+"/{name}", "", s.showClass).Only("1.2-"),
		api.Put(path+"/{name}", "", s.renameClass).Only("1.2-1.6"),
		api.Put(path+"/{name}", "", s.putClass).Only("1.7-"),
		api.Delete(path+"/{name}", s.deleteClass).Only("1.2-"),
	)
}

func classPath(name string) string { return "/placement/resource_classes/" + name }

func classView(name string) ResourceClass {
	return ResourceClass{Name: name, Links: []api.Link{{Rel: "self", Href: classPath(name)}}}
}

// classes are the standard ones, then the custom ones and those of compute hosts, in order.
func (s *Service) classes(ctx context.Context) ([]string, error) {
	standard := strings.Fields(standardClasses)
	var custom []string
	list, err := s.all(ctx)
	if err != nil {
		return nil, err
	}
	for _, p := range list {
		for class := range p.Inventories {
			if !slices.Contains(standard, class) {
				custom = append(custom, class)
			}
		}
	}
	err = s.Store.View(ctx, func(tx store.Tx) error {
		made, err := customClasses.All(tx)
		for _, class := range made {
			custom = append(custom, class.Name)
		}
		return err
	})
	slices.Sort(custom)
	return append(standard, slices.Compact(custom)...), err
}

func (s *Service) knowsClass(ctx context.Context, name string) (bool, error) {
	if slices.Contains(strings.Fields(standardClasses), name) {
		return true, nil
	}
	all, err := s.classes(ctx)
	return slices.Contains(all, name), err
}

func (s *Service) listClasses(c *api.Call) ([]ResourceClass, error) {
	names, err := s.classes(c.Context())
	views := make([]ResourceClass, len(names))
	for i, name := range names {
		views[i] = classView(name)
	}
	s.modified(c)
	return views, err
}

func (s *Service) showClass(c *api.Call) (ResourceClass, error) {
	known, err := s.knowsClass(c.Context(), c.Var("name"))
	if err == nil && !known {
		err = api.NotFound("No such resource class %s.", c.Var("name"))
	}
	s.modified(c)
	return classView(c.Var("name")), err
}

func (s *Service) createClass(c *api.Call, in *className) (api.None, error) {
	known, err := s.knowsClass(c.Context(), in.Name)
	if err != nil {
		return api.None{}, err
	}
	if known {
		return api.None{}, api.Conflict("Conflicting resource class already exists: %s", in.Name)
	}
	_, err = s.ensure(c, &customClasses, in.Name)
	c.Header().Set("Location", c.Base()+classPath(in.Name))
	return api.None{}, err
}

// renameClass is PUT up to 1.6.
func (s *Service) renameClass(c *api.Call, in *className) (ResourceClass, error) {
	if known, err := s.knowsClass(c.Context(), in.Name); err != nil || known {
		if err == nil {
			err = api.Conflict("Resource class already exists: %s", in.Name)
		}
		return ResourceClass{}, err
	}
	if err := s.removeClass(c, "Cannot update standard resource class %s"); err != nil {
		return ResourceClass{}, err
	}
	_, err := s.ensure(c, &customClasses, in.Name)
	return classView(in.Name), err
}

// putClass is PUT since 1.7.
func (s *Service) putClass(c *api.Call, _ *api.None) (api.None, error) {
	name := c.Var("name")
	if !isCustom(name) {
		return api.None{}, api.BadRequest("JSON does not validate: '%s' does not match '^CUSTOM_[A-Z0-9_]+$'", name)
	}
	status, err := s.ensure(c, &customClasses, name)
	c.SetStatus(status)
	c.Header().Set("Location", c.Base()+classPath(name))
	return api.None{}, err
}

func (s *Service) deleteClass(c *api.Call) error {
	return s.removeClass(c, "Error in delete resource class: Cannot delete standard resource class %s.")
}

// removeClass deletes the custom class of the path that no provider has.
func (s *Service) removeClass(c *api.Call, standard string) error {
	name := c.Var("name")
	if slices.Contains(strings.Fields(standardClasses), name) {
		return api.BadRequest(standard, name)
	}
	list, err := s.all(c.Context())
	if err != nil {
		return err
	}
	for _, p := range list {
		if _, has := p.Inventories[name]; has {
			return api.Conflict("Error in delete resource class: Cannot delete resource class %s. Class is in use in inventory.", name)
		}
	}
	err = s.Store.Update(c.Context(), func(tx store.Tx) error { return customClasses.Delete(tx, name) })
	if errors.Is(err, store.ErrNotFound) {
		return api.NotFound("No such resource class %s.", name)
	}
	return err
}
