// SPDX-License-Identifier: MPL-2.0

package cinder

import (
	"context"
	"errors"
	"net/http"

	"github.com/google/uuid"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// DefaultType is the name of the type that a fresh cloud has. It can be renamed, and never deleted.
const DefaultType = "__DEFAULT__"

// defaultChoice is the type of a project's volumes that ask for none; that of "" is the cloud's.
type defaultChoice struct{ ProjectID, TypeID string }

var defaultTable = &store.Table[defaultChoice]{
	Name: "cinder.default_types",
	Key:  func(d *defaultChoice) string { return "project/" + d.ProjectID },
}

// seed makes the default type of a fresh cloud.
func (s *Service) seed(ctx context.Context) error {
	return s.change(ctx, nil, func(o *op) error {
		_, err := defaultTable.Get(o.tx, "project/")
		if !errors.Is(err, store.ErrNotFound) {
			return err
		}
		description := "Default Volume Type"
		t := &Type{ID: uuid.NewString(), Name: DefaultType, Description: &description, Public: true, ExtraSpecs: map[string]string{}, CreatedAt: o.now}
		return errors.Join(typeTable.Insert(o.tx, t), defaultTable.Insert(o.tx, &defaultChoice{TypeID: t.ID}))
	})
}

// defaultType is the type of the project's volumes that ask for none.
func (o *op) defaultType(project string) (*Type, error) {
	chosen, err := defaultTable.Get(o.tx, "project/"+project)
	if errors.Is(err, store.ErrNotFound) {
		chosen, err = defaultTable.Get(o.tx, "project/")
	}
	if err != nil {
		return nil, err
	}
	return typeTable.Get(o.tx, chosen.TypeID)
}

// isDefault reports whether the type is the cloud's default or a project's.
func (o *op) isDefault(t *Type) (bool, error) {
	all, err := defaultTable.All(o.tx)
	for _, d := range all {
		if d.TypeID == t.ID {
			return true, nil
		}
	}
	return false, err
}

type defaultTypeBody struct {
	Type string `json:"volume_type" need:"3.0-" len:"1-255"`
}

type defaultTypeView struct {
	ProjectID string `json:"project_id"`
	TypeID    string `json:"volume_type_id"`
}

func (s *Service) defaultTypeRoutes() []api.Route {
	return []api.Route{
		api.Get("/default-types", "default_types", s.listDefaultTypes).Only("3.62-").Policy("volume_extension:default_get_all"),
		api.Get("/default-types/{project}", "default_type", s.showDefaultType).Only("3.62-").Policy("volume_extension:default_get"),
		api.Put("/default-types/{project}", "default_type", s.setDefaultType).Only("3.62-").Policy("volume_extension:default_set_or_update"),
		api.Delete("/default-types/{project}", s.unsetDefaultType).Only("3.62-").Policy("volume_extension:default_unset"),
	}
}

func (s *Service) checkProject(ctx context.Context, id string) error {
	if s.projectExists == nil {
		return nil
	}
	exists, err := s.projectExists(ctx, id)
	if err == nil && !exists {
		err = notFound.of("Project with id " + id + " not found.")
	}
	return err
}

func (s *Service) listDefaultTypes(c *api.Call) ([]defaultTypeView, error) {
	return reading(s, c, func(o *op) ([]defaultTypeView, error) {
		all, err := defaultTable.All(o.tx)
		views := []defaultTypeView{}
		for _, d := range all {
			if d.ProjectID != "" {
				views = append(views, defaultTypeView(*d))
			}
		}
		return views, err
	})
}

func (s *Service) showDefaultType(c *api.Call) (defaultTypeView, error) {
	project := c.Var("project")
	if err := s.checkProject(c.Context(), project); err != nil {
		return defaultTypeView{}, err
	}
	return reading(s, c, func(o *op) (defaultTypeView, error) {
		d, err := defaultTable.Get(o.tx, "project/"+project)
		if errors.Is(err, store.ErrNotFound) {
			return defaultTypeView{}, projectDefaultAbsent.of(project)
		}
		if err != nil {
			return defaultTypeView{}, err
		}
		return defaultTypeView(*d), nil
	})
}

func (s *Service) setDefaultType(c *api.Call, in *defaultTypeBody) (defaultTypeView, error) {
	project := c.Var("project")
	if err := s.checkProject(c.Context(), project); err != nil {
		return defaultTypeView{}, err
	}
	return changing(s, c, func(o *op) (defaultTypeView, error) {
		t, err := o.typeNamed(in.Type)
		if fault := api.AsFault(err); fault != nil {
			return defaultTypeView{}, api.NewFault(http.StatusBadRequest, "%s", fault.Message)
		}
		if err != nil {
			return defaultTypeView{}, err
		}
		d := &defaultChoice{ProjectID: project, TypeID: t.ID}
		return defaultTypeView(*d), defaultTable.Put(o.tx, d)
	})
}

func (s *Service) unsetDefaultType(c *api.Call) error {
	return s.change(c.Context(), c.Identity, func(o *op) error {
		if err := defaultTable.Delete(o.tx, "project/"+c.Var("project")); !errors.Is(err, store.ErrNotFound) {
			return err
		}
		return nil
	})
}
