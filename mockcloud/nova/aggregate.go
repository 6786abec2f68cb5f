// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
)

// aggregateCore is an aggregate as its create shows it.
type aggregateCore struct {
	Zone      *string    `json:"availability_zone"`
	CreatedAt api.Micros `json:"created_at"`
	Deleted   bool       `json:"deleted"`
	DeletedAt api.Micros `json:"deleted_at"`
	ID        int64      `json:"id"`
	Name      string     `json:"name"`
	UpdatedAt api.Micros `json:"updated_at"`
	UUID      string     `json:"uuid"              nova:"2.41-"`
}

// Aggregate is a set of hosts with metadata.
type Aggregate struct {
	aggregateCore
	Hosts    []string          `json:"hosts"`
	Metadata map[string]string `json:"metadata"`
}

// AggregateCreate is the body of POST /os-aggregates.
type AggregateCreate struct {
	Name name               `json:"name"              need:"2.1-" len:"1-255"`
	Zone api.Opt[zoneLabel] `json:"availability_zone" null:"ok"   len:"1-255"`
}

// AggregateUpdate is the body of PUT /os-aggregates/{id}.
type AggregateUpdate struct {
	Name *trimmedName       `json:"name"              len:"1-255"`
	Zone api.Opt[zoneLabel] `json:"availability_zone" null:"ok" len:"1-255"`
}

type aggregateHost struct {
	Host string `json:"host" need:"2.1-" len:"1-255" pattern:"^[a-zA-Z0-9-._]*$"`
}

type aggregateMetadata struct {
	Metadata map[string]textOrNull `json:"metadata" need:"2.1-" keys:"^[a-zA-Z0-9-_:. ]{1,255}$"`
}

// aggregateImages is the body of POST /os-aggregates/{id}/images.
type aggregateImages struct {
	Cache []imageToCache `json:"cache" need:"2.81-" len:"1-"`
}

type imageToCache struct {
	ID string `json:"id" need:"2.81-" format:"uuid"`
}

// zoneLabel is the name of an availability zone: a name without a colon.
type zoneLabel string

// Parse implements api.Parser.
func (z *zoneLabel) Parse(v any) error {
	var text name
	if err := text.Parse(v); err != nil || strings.Contains(string(text), ":") {
		return errors.New(api.Repr(v) + " is not valid under any of the given schemas")
	}
	*z = zoneLabel(text)
	return nil
}

// trimmedName is a name that may have space around it, which is dropped.
type trimmedName string

// Parse implements api.Parser.
func (n *trimmedName) Parse(v any) error {
	if text, ok := v.(string); ok {
		v = strings.TrimFunc(text, unicode.IsSpace)
	}
	return (*name)(n).Parse(v)
}

// textOrNull is a text, or null to delete it.
type textOrNull struct{ text *string }

// Parse implements api.Parser.
func (t *textOrNull) Parse(v any) error {
	const longest = 255
	switch v := v.(type) {
	case nil:
		return nil
	case string:
		if len(v) > longest {
			return errors.New(api.Repr(v) + " is too long")
		}
		t.text = &v
		return nil
	default:
		return api.WrongType(v, "string", "null")
	}
}

func (s *Service) aggregateRoutes() []api.Route {
	const path = "/os-aggregates"
	ask := api.QueryOf[noQuery]()
	return []api.Route{
		api.Get(path, "aggregates", s.listAggregates).AskedBy(ask).Loose("-2.101").Policy(rule("os-aggregates:index")),
		api.Post(path, "aggregate", s.createAggregate).Policy(rule("os-aggregates:create")),
		api.Get(path+"/{id}", "aggregate", s.showAggregate).AskedBy(ask).Loose("-2.101").Policy(rule("os-aggregates:show")),
		api.Put(path+"/{id}", "aggregate", s.updateAggregate).Policy(rule("os-aggregates:update")),
		api.Delete(path+"/{id}", s.deleteAggregate).Code(200).Policy(rule("os-aggregates:delete")),
		api.Action(path+"/{id}/action", "add_host", s.addAggregateHost).Code(200).Answer("aggregate").
			Policy(rule("os-aggregates:add_host")),
		api.Action(path+"/{id}/action", "remove_host", s.removeAggregateHost).Code(200).Answer("aggregate").
			Policy(rule("os-aggregates:remove_host")),
		api.Action(path+"/{id}/action", "set_metadata", s.setAggregateMetadata).Code(200).Answer("aggregate").
			Policy(rule("os-aggregates:set_metadata")),
		api.Post(path+"/{id}/images", "", s.cacheAggregateImages).Code(202).Only("2.81-").Policy("compute:aggregates:images"),
	}
}

// numberInPath is the id in the path, of what counts its ids up.
func numberInPath(c *api.Call) (int64, error) {
	number, err := strconv.ParseInt(c.Var("id"), 10, 64)
	if err != nil {
		return 0, api.BadRequest("Invalid input received: id must be an integer")
	}
	return number, nil
}

func aggregateCoreOf(a *compute.Aggregate) aggregateCore {
	return aggregateCore{
		Zone: nullable(a.Zone()), CreatedAt: api.Micros{Time: a.CreatedAt}, ID: a.Number, Name: a.Name,
		UpdatedAt: micros(a.UpdatedAt), UUID: a.ID,
	}
}

func aggregateView(a *compute.Aggregate) Aggregate {
	hosts := a.Hosts
	if hosts == nil {
		hosts = []string{}
	}
	return Aggregate{aggregateCore: aggregateCoreOf(a), Hosts: hosts, Metadata: a.Metadata}
}

func (s *Service) listAggregates(c *api.Call) ([]Aggregate, error) {
	all, err := s.Compute.Aggregates(c.Context())
	views := []Aggregate{}
	for _, a := range all {
		views = append(views, aggregateView(a))
	}
	return views, err
}

func (s *Service) createAggregate(c *api.Call, in *AggregateCreate) (aggregateCore, error) {
	a, err := s.Compute.CreateAggregate(c.Context(), string(in.Name), string(in.Zone.Value))
	if err != nil {
		return aggregateCore{}, refused(err)
	}
	return aggregateCoreOf(a), nil
}

func (s *Service) showAggregate(c *api.Call) (Aggregate, error) {
	return s.aggregate(c, s.Compute.Aggregate)
}

// aggregate does something with the aggregate of the path and shows it.
func (s *Service) aggregate(c *api.Call, do func(context.Context, int64) (*compute.Aggregate, error)) (Aggregate, error) {
	number, err := numberInPath(c)
	if err != nil {
		return Aggregate{}, err
	}
	a, err := do(c.Context(), number)
	if err != nil {
		return Aggregate{}, refused(err)
	}
	return aggregateView(a), nil
}

func (s *Service) updateAggregate(c *api.Call, in *AggregateUpdate) (Aggregate, error) {
	if in.Name == nil && !in.Zone.Set {
		return Aggregate{}, api.BadRequest("Invalid input for field/attribute aggregate. Value: {}. " +
			"{} is not valid under any of the given schemas")
	}
	change := compute.AggregateChange{Name: (*string)(in.Name)}
	if in.Zone.Set {
		change.Zone = pointer(string(in.Zone.Value))
	}
	return s.aggregate(c, func(ctx context.Context, number int64) (*compute.Aggregate, error) {
		return s.Compute.UpdateAggregate(ctx, number, change)
	})
}

func (s *Service) deleteAggregate(c *api.Call) error {
	number, err := numberInPath(c)
	if err != nil {
		return err
	}
	return refused(s.Compute.DeleteAggregate(c.Context(), number))
}

func (s *Service) addAggregateHost(c *api.Call, in *aggregateHost) (Aggregate, error) {
	return s.aggregate(c, func(ctx context.Context, number int64) (*compute.Aggregate, error) {
		return s.Compute.AddAggregateHost(ctx, number, in.Host)
	})
}

func (s *Service) removeAggregateHost(c *api.Call, in *aggregateHost) (Aggregate, error) {
	return s.aggregate(c, func(ctx context.Context, number int64) (*compute.Aggregate, error) {
		return s.Compute.RemoveAggregateHost(ctx, number, in.Host)
	})
}

func (s *Service) setAggregateMetadata(c *api.Call, in *aggregateMetadata) (Aggregate, error) {
	metadata := map[string]*string{}
	for key, value := range in.Metadata {
		metadata[key] = value.text
	}
	return s.aggregate(c, func(ctx context.Context, number int64) (*compute.Aggregate, error) {
		return s.Compute.SetAggregateMetadata(ctx, number, metadata)
	})
}

func (s *Service) cacheAggregateImages(c *api.Call, in *aggregateImages) (api.None, error) {
	number, err := numberInPath(c)
	if err != nil {
		return api.None{}, err
	}
	ids := make([]string, len(in.Cache))
	for i, image := range in.Cache {
		ids[i] = image.ID
	}
	slices.Sort(ids)
	if len(slices.Compact(slices.Clone(ids))) != len(ids) {
		return api.None{}, api.BadRequest("Duplicate images in request")
	}
	return api.None{}, refused(s.Compute.CacheImages(c.Context(), caller(c), number, ids))
}
