// SPDX-License-Identifier: MPL-2.0

package cinder

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// typeView is a type as Cinder shows it.
type typeView struct {
	ID          string            `json:"id"`
	Name        string            `json:"name"`
	Public      bool              `json:"is_public"`
	Description *string           `json:"description"`
	ExtraSpecs  map[string]string `json:"extra_specs"`
	QoSSpecsID  api.Opt[*string]  `json:"qos_specs_id,omitempty"`
	Access      api.Opt[bool]     `json:"os-volume-type-access:is_public,omitempty"`
}

// TypeCreate is the body of POST /types.
type TypeCreate struct {
	Name        string                     `json:"name" need:"3.0-" len:"1-255"`
	Description api.Opt[string]            `json:"description" null:"ok" len:"0-255"`
	ExtraSpecs  map[string]api.Opt[string] `json:"extra_specs" keys:"^[a-zA-Z0-9-_:. /]{1,255}$" itemlen:"0-255"`
	Public      api.Opt[flag]              `json:"os-volume-type-access:is_public"`
}

// TypeUpdate is the body of PUT /types/{id}.
type TypeUpdate struct {
	Name        api.Opt[string] `json:"name"        null:"ok" len:"1-255"`
	Description api.Opt[string] `json:"description" null:"ok" len:"0-255"`
	Public      api.Opt[flag]   `json:"is_public"`
}

type projectAccess struct {
	Project string `json:"project" need:"3.0-" len:"1-255"`
}

type typeAccess struct {
	TypeID    string `json:"volume_type_id"`
	ProjectID string `json:"project_id"`
}

func (s *Service) typeRoutes() []api.Route {
	return []api.Route{
		api.Get("/types", "", s.listTypes).Policy("volume_extension:type_get_all"),
		api.Post("/types", "volume_type", s.createType).Policy("volume_extension:type_create"),
		api.Get("/types/{type}", "volume_type", s.showType).Policy("volume_extension:type_get"),
		api.Put("/types/{type}", "volume_type", s.updateType).Policy("volume_extension:type_update"),
		api.Delete("/types/{type}", s.deleteType).Policy("volume_extension:type_delete").Code(http.StatusAccepted),
		api.Get("/types/{type}/os-volume-type-access", "volume_type_access", s.listTypeAccess).
			Policy("volume_extension:volume_type_access:get_all_for_type"),
		api.Action("/types/{type}/action", "addProjectAccess", s.addTypeAccess).
			Policy("volume_extension:volume_type_access:addProjectAccess"),
		api.Action("/types/{type}/action", "removeProjectAccess", s.removeTypeAccess).
			Policy("volume_extension:volume_type_access:removeProjectAccess"),
	}
}

// visibleSpecs are the extra specs that everybody may see; the others are the operator's.
var visibleSpecs = []string{"multiattach", "RESKEY:availability_zones", "replication_enabled"}

func (o *op) specs(t *Type) map[string]string {
	if o.allowed("volume_extension:types_extra_specs:read_sensitive", "") {
		return plain(t.ExtraSpecs)
	}
	seen := map[string]string{}
	for _, name := range visibleSpecs {
		if value, ok := t.ExtraSpecs[name]; ok {
			seen[name] = value
		}
	}
	return seen
}

func (o *op) typeView(t *Type) typeView {
	view := t.brief()
	view.ExtraSpecs = o.specs(t)
	if o.allowed("volume_extension:access_types_qos_specs_id", "") {
		view.QoSSpecsID = api.Some(null(t.QoSID))
	}
	if o.allowed("volume_extension:volume_type_access", o.identity.ProjectID) {
		view.Access = api.Some(t.Public)
	}
	return view
}

// brief is the type as the answer to a change.
func (t *Type) brief() typeView {
	return typeView{ID: t.ID, Name: t.Name, Public: t.Public, Description: t.Description, ExtraSpecs: plain(t.ExtraSpecs)}
}

// typeColumns are what types are filtered and sorted by.
var typeColumns = columns[Type]{
	"id":          func(t *Type) any { return t.ID },
	"name":        func(t *Type) any { return t.Name },
	"description": func(t *Type) any { return text(t.Description) },
	"is_public":   func(t *Type) any { return t.Public },
	"extra_specs": func(t *Type) any { return t.ExtraSpecs },
	"created_at":  func(t *Type) any { return moment(t.CreatedAt) },
}

func (s *Service) listTypes(c *api.Call) (map[string]any, error) {
	return reading(s, c, func(o *op) (map[string]any, error) {
		q, err := newQuery(c, []string{"is_public", "extra_specs"})
		if err != nil {
			return nil, err
		}
		q.drop(filtersTypes, "extra_specs")
		public, asked := q.take("is_public")
		rows, err := typeTable.All(o.tx)
		if err != nil {
			return nil, err
		}
		rows = slices.DeleteFunc(rows, func(t *Type) bool { return !o.usable(t) })
		switch {
		case !o.admin() || strings.EqualFold(public, "none"):
		case !asked:
			q.filters["is_public"] = "true"
		default:
			q.filters["is_public"] = public
		}
		if wanted, ok := literal(q.filters["extra_specs"]).(map[string]string); ok && !o.admin() {
			for name := range wanted {
				if !slices.Contains(visibleSpecs, name) {
					rows = nil // what one may not see one cannot search by
				}
			}
		}
		p, err := cut(q, rows, typeColumns, func(t *Type) string { return t.ID }, typeNotFound)
		if err != nil {
			return nil, err
		}
		views := []typeView{}
		for _, t := range p.items {
			views = append(views, o.typeView(t))
		}
		return listAnswer(q, "volume_types", p, views), nil
	})
}

func (s *Service) showType(c *api.Call) (typeView, error) {
	return reading(s, c, func(o *op) (typeView, error) {
		find, id := o.volumeType, c.Var("type")
		if id == "default" {
			find, id = o.defaultType, c.ProjectID()
		}
		t, err := find(id)
		if err != nil {
			return typeView{}, err
		}
		return o.typeView(t), nil
	})
}

func (s *Service) createType(c *api.Call, in *TypeCreate) (typeView, error) {
	t := &Type{
		ID: uuid.NewString(), Name: in.Name, Description: in.Description.Pointer(), Public: !in.Public.Set || bool(in.Public.Value),
		ExtraSpecs: map[string]string{},
	}
	if strings.TrimSpace(in.Name) == "" {
		return typeView{}, badRequest.because("Invalid input for field/attribute name. Value: %s. '%s' can not be empty", in.Name, in.Name)
	}
	for name, value := range in.ExtraSpecs {
		t.ExtraSpecs[name] = value.Value
	}
	return changing(s, c, func(o *op) (typeView, error) {
		t.CreatedAt = o.now
		err := typeTable.Insert(o.tx, t)
		if errors.Is(err, store.ErrExists) {
			return typeView{}, typeExists.of(t.Name)
		}
		view := t.brief()
		view.Access = api.Some(t.Public)
		return view, err
	})
}

func (s *Service) updateType(c *api.Call, in *TypeUpdate) (typeView, error) {
	name, description := in.Name.Pointer(), in.Description.Pointer()
	switch {
	case name != nil && strings.TrimSpace(*name) == "":
		return typeView{}, badRequest.of("Volume type name can not be empty.")
	case name == nil && description == nil && !in.Public.Set:
		return typeView{}, badRequest.of("Specify volume type name, description, is_public or a combination thereof.")
	}
	return changing(s, c, func(o *op) (typeView, error) {
		t, err := o.volumeType(c.Var("type"))
		if err != nil {
			return typeView{}, err
		}
		if name != nil {
			t.Name = *name
		}
		if description != nil {
			t.Description = description
		}
		if in.Public.Set {
			t.Public = bool(in.Public.Value)
		}
		err = typeTable.Put(o.tx, t)
		if errors.Is(err, store.ErrExists) {
			return typeView{}, typeExists.of(t.Name)
		}
		return t.brief(), err
	})
}

func (s *Service) deleteType(c *api.Call) error {
	return s.change(c.Context(), c.Identity, func(o *op) error {
		t, err := o.volumeType(c.Var("type"))
		if err != nil {
			return err
		}
		isDefault, err := o.isDefault(t)
		if err != nil {
			return err
		}
		inUse, err := o.inUse(t.ID)
		switch {
		case err != nil:
			return err
		case isDefault:
			return typeIsDefault.of(t.ID)
		case inUse:
			return badRequest.of("Target volume type is still in use.")
		}
		return typeTable.Delete(o.tx, t.ID)
	})
}

func (s *Service) listTypeAccess(c *api.Call) ([]typeAccess, error) {
	return reading(s, c, func(o *op) ([]typeAccess, error) {
		t, err := o.volumeType(c.Var("type"))
		switch {
		case err != nil:
			return nil, err
		case t.Public:
			return nil, typeAccessIsPublic.of("")
		}
		all := []typeAccess{}
		for _, project := range t.Projects {
			all = append(all, typeAccess{t.ID, project})
		}
		return all, nil
	})
}

// onType serves an action that has no answer.
func (s *Service) onType(c *api.Call, do func(*Type) error) (api.None, error) {
	return api.None{}, s.change(c.Context(), c.Identity, func(o *op) error {
		t, err := o.volumeType(c.Var("type"))
		if err == nil {
			err = do(t)
		}
		if err != nil {
			return err
		}
		return typeTable.Put(o.tx, t)
	})
}

func (s *Service) addTypeAccess(c *api.Call, in *projectAccess) (api.None, error) {
	return s.onType(c, func(t *Type) error {
		switch {
		case t.Public:
			return badRequest.of("Invalid volume type: Type access modification is not applicable to public volume type.")
		case slices.Contains(t.Projects, in.Project):
			return typeAccessExists.of(t.ID, in.Project)
		}
		t.Projects = append(t.Projects, in.Project)
		return nil
	})
}

func (s *Service) removeTypeAccess(c *api.Call, in *projectAccess) (api.None, error) {
	return s.onType(c, func(t *Type) error {
		at := slices.Index(t.Projects, in.Project)
		switch {
		case t.Public:
			return badRequest.of("Invalid volume type: Type access modification is not applicable to public volume type.")
		case at < 0:
			return typeAccessNotFound.of(t.ID, in.Project)
		}
		t.Projects = slices.Delete(t.Projects, at, at+1)
		return nil
	})
}
