// SPDX-License-Identifier: MPL-2.0

package placement

import (
	"errors"

	"github.com/google/uuid"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

// Aggregates are the aggregates that a provider is in.
type Aggregates struct {
	Aggregates []string `json:"aggregates"`
	Generation int      `json:"resource_provider_generation" nova:"1.19-"`
}

// AggregatesUpdate is the body of PUT /resource_providers/{uuid}/aggregates: a list, since 1.19 with the
// provider's generation.
type AggregatesUpdate struct {
	Aggregates []string
	Generation *int
}

// Parse implements api.Parser.
func (u *AggregatesUpdate) Parse(v any) error {
	if object, isObject := v.(map[string]any); isObject {
		var generation api.Integer
		if err := generation.Parse(object["resource_provider_generation"]); err != nil {
			return errors.New("'resource_provider_generation' is a required property")
		}
		number := int(generation)
		u.Generation, v = &number, object["aggregates"]
	}
	list, isList := v.([]any)
	if !isList {
		return api.WrongType(v, "array")
	}
	for _, item := range list {
		id, isText := item.(string)
		if !isText || uuid.Validate(id) != nil {
			return errors.New(api.Repr(item) + " is not a 'uuid'")
		}
		u.Aggregates = append(u.Aggregates, id)
	}
	return nil
}

func (s *Service) aggregateRoutes() []api.Route {
	const path = "/resource_providers/{uuid}/aggregates"
	return guarded(
		api.Get(path, "", s.listAggregates).Only("1.1-"),
		api.Put(path, "", s.setAggregates).Only("1.1-"),
	)
}

func aggregatesView(p *Provider) Aggregates {
	view := Aggregates{Aggregates: p.Aggregates, Generation: p.Generation}
	if view.Aggregates == nil {
		view.Aggregates = []string{}
	}
	return view
}

func (s *Service) listAggregates(c *api.Call) (Aggregates, error) {
	p, err := s.find(c.Context(), c.Var("uuid"))
	if err != nil {
		return Aggregates{}, err
	}
	s.modified(c)
	return aggregatesView(p), nil
}

func (s *Service) setAggregates(c *api.Call, in *AggregatesUpdate) (Aggregates, error) {
	if (in.Generation != nil) != c.Since(aggregatesCount) {
		return Aggregates{}, api.BadRequest("JSON does not validate: the aggregates are a list up to 1.18, and an object since 1.19")
	}
	p, err := s.change(c, c.Var("uuid"), in.Generation, func(p *Provider) error {
		p.Aggregates = in.Aggregates
		return nil
	})
	if err != nil {
		return Aggregates{}, err
	}
	s.modified(c)
	return aggregatesView(p), nil
}
