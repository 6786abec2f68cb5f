// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"encoding/json"
	"errors"
	"maps"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

// ExtraSpecs is the body of the extra spec operations.
type ExtraSpecs struct {
	Specs map[string]specValue `json:"extra_specs" need:"2.1-" keys:"^[a-zA-Z0-9-_:. ]{1,255}$"`
}

// specValue is text, or a number that is kept as text.
type specValue string

// Parse implements api.Parser.
func (v *specValue) Parse(from any) error {
	switch from := from.(type) {
	case string:
		*v = specValue(from)
	case json.Number:
		*v = specValue(from.String())
	default:
		return api.WrongType(from, "string", "number")
	}
	if len(*v) > 255 {
		return errors.New("'" + string(*v) + "' is too long")
	}
	return nil
}

// oneSpec is the body of PUT /flavors/{id}/os-extra_specs/{key}: one key and its value.
type oneSpec struct {
	Specs map[string]any `json:"*"`
}

func (s *Service) extraSpecRoutes() []api.Route {
	const path = "/flavors/{id}/os-extra_specs"
	return []api.Route{
		api.Get(path, "extra_specs", s.listExtraSpecs).Policy(rule("os-flavor-extra-specs:index")).
			AskedBy(api.QueryOf[noQuery]()).Loose("-2.101"),
		api.Post(path, "", s.createExtraSpecs).Policy(rule("os-flavor-extra-specs:create")),
		api.Get(path+"/{key}", "", s.showExtraSpec).Policy(rule("os-flavor-extra-specs:show")).
			AskedBy(api.QueryOf[noQuery]()).Loose("-2.101"),
		api.Put(path+"/{key}", "", s.updateExtraSpec).Policy(rule("os-flavor-extra-specs:update")),
		api.Delete(path+"/{key}", s.deleteExtraSpec).Code(200).Policy(rule("os-flavor-extra-specs:delete")),
	}
}

func (s *Service) listExtraSpecs(c *api.Call) (map[string]string, error) {
	f, err := s.flavor(c, c.Var("id"))
	if err != nil {
		return nil, err
	}
	return f.ExtraSpecs, nil
}

func (s *Service) createExtraSpecs(c *api.Call, in *ExtraSpecs) (ExtraSpecs, error) {
	return *in, s.setExtraSpecs(c, in.Specs)
}

func (s *Service) setExtraSpecs(c *api.Call, specs map[string]specValue) error {
	if c.Since(checksExtraSpecs) {
		if err := checkExtraSpecs(specs); err != nil {
			return err
		}
	}
	_, err := s.changeFlavor(c, c.Var("id"), func(f *flavorRecord) error {
		all := maps.Clone(f.ExtraSpecs)
		if all == nil {
			all = map[string]string{}
		}
		for key, value := range specs {
			all[key] = string(value)
		}
		f.ExtraSpecs = all
		return nil
	})
	return err
}

func (s *Service) showExtraSpec(c *api.Call) (map[string]string, error) {
	f, err := s.flavor(c, c.Var("id"))
	if err != nil {
		return nil, err
	}
	value, there := f.ExtraSpecs[c.Var("key")]
	if !there {
		return nil, noSuchSpec(c)
	}
	return map[string]string{c.Var("key"): value}, nil
}

func noSuchSpec(c *api.Call) error {
	return api.NotFound("Flavor %s has no extra specs with key %s.", c.Var("id"), c.Var("key"))
}

func (s *Service) updateExtraSpec(c *api.Call, in *oneSpec) (map[string]specValue, error) {
	if len(in.Specs) != 1 {
		return nil, api.BadRequest("The body must have exactly one key.")
	}
	specs := map[string]specValue{}
	for key, value := range in.Specs {
		var parsed specValue
		if err := parsed.Parse(value); err != nil {
			return nil, api.BadRequest("Invalid input for field/attribute %s. Value: %v. %s", key, value, err)
		}
		specs[key] = parsed
	}
	if _, there := specs[c.Var("key")]; !there {
		return nil, api.BadRequest("Request body and URI mismatch")
	}
	return specs, s.setExtraSpecs(c, specs)
}

func (s *Service) deleteExtraSpec(c *api.Call) error {
	_, err := s.changeFlavor(c, c.Var("id"), func(f *flavorRecord) error {
		if _, there := f.ExtraSpecs[c.Var("key")]; !there {
			return noSuchSpec(c)
		}
		delete(f.ExtraSpecs, c.Var("key"))
		return nil
	})
	return err
}
