// SPDX-License-Identifier: MPL-2.0

package cinder

import (
	"maps"
	"net/http"
	"regexp"
	"slices"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

var specName = regexp.MustCompile(`^[a-zA-Z0-9\-_:.]{1,255}$`)

type extraSpecsBody struct {
	Specs map[string]api.Opt[string] `json:"extra_specs" need:"3.0-" keys:"^[a-zA-Z0-9-_:.]{1,255}$" itemlen:"0-255"`
}

// extraSpecBody is one spec by its name.
type extraSpecBody struct {
	Spec map[string]any `json:"*"`
}

func (s *Service) extraSpecRoutes() []api.Route {
	const path = "/types/{type}/extra_specs"
	return []api.Route{
		api.Get(path, "extra_specs", s.listExtraSpecs).Policy("volume_extension:types_extra_specs:index"),
		api.Post(path, "", s.addExtraSpecs).Policy("volume_extension:types_extra_specs:create"),
		api.Get(path+"/{key}", "", s.showExtraSpec).Policy("volume_extension:types_extra_specs:show"),
		api.Put(path+"/{key}", "", s.setExtraSpec).Policy("volume_extension:types_extra_specs:update"),
		api.Delete(path+"/{key}", s.deleteExtraSpec).Policy("volume_extension:types_extra_specs:delete").Code(http.StatusAccepted),
	}
}

func (s *Service) listExtraSpecs(c *api.Call) (map[string]string, error) {
	return reading(s, c, func(o *op) (map[string]string, error) {
		t, err := o.volumeType(c.Var("type"))
		if err != nil {
			return nil, err
		}
		return o.specs(t), nil
	})
}

func (s *Service) showExtraSpec(c *api.Call) (map[string]string, error) {
	return reading(s, c, func(o *op) (map[string]string, error) {
		t, err := o.volumeType(c.Var("type"))
		if err != nil {
			return nil, err
		}
		value, ok := o.specs(t)[c.Var("key")]
		if !ok {
			return nil, extraSpecNotFound.of(t.ID, c.Var("key"))
		}
		return map[string]string{c.Var("key"): value}, nil
	})
}

// changeSpecs changes the specs of a type that no volume has.
func (o *op) changeSpecs(id string, change func(*Type) error) error {
	t, err := o.volumeType(id)
	if err != nil {
		return err
	}
	inUse, err := o.inUse(id)
	switch {
	case err != nil:
		return err
	case inUse:
		return badRequest.of("Volume Type is currently in use.")
	}
	t.ExtraSpecs = plain(t.ExtraSpecs)
	if err := change(t); err != nil {
		return err
	}
	if t.multiattach() && t.ExtraSpecs["cacheable"] == "<is> True" {
		return badRequest.of("cacheable cannot be set with multiattach.")
	}
	return typeTable.Put(o.tx, t)
}

func (s *Service) addExtraSpecs(c *api.Call, in *extraSpecsBody) (*extraSpecsBody, error) {
	return in, s.change(c.Context(), c.Identity, func(o *op) error {
		return o.changeSpecs(c.Var("type"), func(t *Type) error {
			for name, value := range in.Specs {
				t.ExtraSpecs[name] = value.Value
			}
			return nil
		})
	})
}

func (s *Service) setExtraSpec(c *api.Call, in *extraSpecBody) (map[string]string, error) {
	names := slices.Collect(maps.Keys(in.Spec))
	if len(names) != 1 || !specName.MatchString(names[0]) {
		return nil, badRequest.because("Invalid input for field/attribute body. Value: %s. It must hold exactly one extra spec", api.Repr(in.Spec))
	}
	value, ok := in.Spec[names[0]].(string)
	if !ok && in.Spec[names[0]] != nil || len(value) > 255 {
		return nil, badRequest.because("Invalid input for field/attribute %s. Value: %s. It must be a string of at most 255 characters",
			names[0], api.Repr(in.Spec[names[0]]))
	}
	return map[string]string{names[0]: value}, s.change(c.Context(), c.Identity, func(o *op) error {
		return o.changeSpecs(c.Var("type"), func(t *Type) error {
			if names[0] != c.Var("key") {
				return mismatchedRequest.of("")
			}
			t.ExtraSpecs[names[0]] = value
			return nil
		})
	})
}

func (s *Service) deleteExtraSpec(c *api.Call) error {
	return s.change(c.Context(), c.Identity, func(o *op) error {
		return o.changeSpecs(c.Var("type"), func(t *Type) error {
			if _, ok := t.ExtraSpecs[c.Var("key")]; !ok {
				return extraSpecNotFound.of(t.ID, c.Var("key"))
			}
			delete(t.ExtraSpecs, c.Var("key"))
			return nil
		})
	})
}
