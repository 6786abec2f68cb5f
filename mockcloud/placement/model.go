// SPDX-License-Identifier: MPL-2.0

package placement

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// Provider is a resource provider.
type Provider struct {
	ID, Name    string
	ParentID    string `json:",omitzero"`
	Generation  int
	Inventories map[string]Inventory
	Traits      []string
	Aggregates  []string
	// Used is what is allocated of each class; told, not stored.
	Used map[string]int `json:"-"`
	// OfNova: it is a compute host.
	OfNova bool `json:"-"`

	mirrored []string // Nova's aggregates of a compute host
}

// Inventory is what a provider has of a resource class.
type Inventory struct {
	Total    int     `json:"total"`
	Reserved int     `json:"reserved"`
	MinUnit  int     `json:"min_unit"`
	MaxUnit  int     `json:"max_unit"`
	StepSize int     `json:"step_size"`
	Ratio    float64 `json:"allocation_ratio"`
}

// capacity is how much can be allocated.
func (i Inventory) capacity() int { return int(float64(i.Total-i.Reserved) * i.Ratio) }

// unit tells that an amount can be allocated at once, whatever is left.
func (i Inventory) unit(amount int) bool {
	return amount >= i.MinUnit && amount <= i.MaxUnit && amount%max(i.StepSize, 1) == 0
}

// Consumer is who has allocations: a server, a migration, or what somebody else calls one.
type Consumer struct {
	ID                string
	ProjectID, UserID string
	Type              string
	Generation        int
	Allocations       map[string]map[string]int // by provider and class
	Updated           time.Time
}

// Nova is what Placement asks and tells Nova.
type Nova interface {
	// Providers are the compute hosts.
	Providers(ctx context.Context) ([]*Provider, error)
	// ProviderConsumers are those with allocations of a compute host, Consumers all of them.
	ProviderConsumers(ctx context.Context, provider *Provider) ([]*Consumer, error)
	Consumers(ctx context.Context) ([]*Consumer, error)
	// Consumer is one of them; nil if there is none.
	Consumer(ctx context.Context, id string) (*Consumer, error)
	// Change sets the traits and inventories of a compute host, as far as they are not its own to say.
	Change(ctx context.Context, changed *Provider) error
}

var providers = store.Table[Provider]{
	Name: "placement_providers",
	Key:  func(p *Provider) string { return p.ID },
	Indexes: []store.Index[Provider]{
		{Name: "name", Unique: true, Of: func(p *Provider) []string { return []string{p.Name} }},
	},
}

var consumers = store.Table[Consumer]{
	Name: "placement_consumers",
	Key:  func(c *Consumer) string { return c.ID },
}

// mark is what others have said of a compute host beyond what Nova knows.
type mark struct {
	ProviderID string
	Aggregates []string
	Changes    int
}

var marks = store.Table[mark]{Name: "placement_marks", Key: func(m *mark) string { return m.ProviderID }}

// named is a custom trait or resource class.
type named struct{ Name string }

var (
	customTraits  = store.Table[named]{Name: "placement_traits", Key: func(n *named) string { return n.Name }}
	customClasses = store.Table[named]{Name: "placement_classes", Key: func(n *named) string { return n.Name }}
)

// all are the providers: compute hosts first, then the others by id.
func (s *Service) all(ctx context.Context) ([]*Provider, error) {
	hosts, err := s.Nova.Providers(ctx)
	if err != nil {
		return nil, err
	}
	var others []*Provider
	err = s.Store.View(ctx, func(tx store.Tx) error {
		for _, p := range hosts {
			p.mirrored = p.Aggregates
			m, err := marks.Get(tx, p.ID)
			if errors.Is(err, store.ErrNotFound) {
				continue
			}
			if err != nil {
				return err
			}
			p.Generation += m.Changes
			for _, id := range m.Aggregates {
				if !slices.Contains(p.Aggregates, id) {
					p.Aggregates = append(slices.Clone(p.Aggregates), id)
				}
			}
		}
		others, err = stored(tx)
		return err
	})
	return slices.Concat(hosts, others), err
}

// stored are the providers that are no compute hosts, with what is used of them.
func stored(tx store.Tx) ([]*Provider, error) {
	list, err := providers.All(tx)
	if err != nil {
		return nil, err
	}
	users, err := consumers.All(tx)
	for _, p := range list {
		p.Used = map[string]int{}
		for _, user := range users {
			for class, amount := range user.Allocations[p.ID] {
				p.Used[class] += amount
			}
		}
	}
	return list, err
}

// find is the provider with that id.
func (s *Service) find(ctx context.Context, id string) (*Provider, error) {
	list, err := s.all(ctx)
	if err != nil {
		return nil, err
	}
	return among(list, id)
}

func among(list []*Provider, id string) (*Provider, error) {
	at := slices.IndexFunc(list, func(p *Provider) bool { return p.ID == id })
	if at < 0 {
		return nil, api.NotFound("No resource provider with uuid %s found", id).Named(providerNotFound)
	}
	return list[at], nil
}

// rootOf is the top of the provider's tree.
func rootOf(list []*Provider, p *Provider) string {
	for range list { // no tree is deeper than there are providers
		if p.ParentID == "" {
			break
		}
		parent, err := among(list, p.ParentID)
		if err != nil {
			break
		}
		p = parent
	}
	return p.ID
}

// change changes a provider and counts its generation up. With a generation, it must still be that.
func (s *Service) change(c *api.Call, id string, generation *int, do func(*Provider) error) (*Provider, error) {
	ctx := c.Context()
	p, err := s.find(ctx, id)
	if err != nil {
		return nil, err
	}
	check := func(p *Provider) error {
		if generation != nil && *generation != p.Generation {
			return api.Conflict("Resource provider's generation already changed. Please update the generation and try again.").
				Named(concurrentUpdate)
		}
		return do(p)
	}
	if p.OfNova {
		return p, s.changeHost(ctx, p, check)
	}
	err = s.Store.Update(ctx, func(tx store.Tx) error {
		list, err := stored(tx)
		if err != nil {
			return err
		}
		if p, err = among(list, id); err != nil {
			return err
		}
		if err := check(p); err != nil {
			return err
		}
		p.Generation++
		return providers.Put(tx, p)
	})
	return p, err
}

// changeHost tells Nova of the change, and notes what Nova does not keep.
func (s *Service) changeHost(ctx context.Context, p *Provider, do func(*Provider) error) error {
	p.Inventories = maps.Clone(p.Inventories)
	if err := do(p); err != nil {
		return err
	}
	if err := s.Nova.Change(ctx, p); err != nil {
		return err
	}
	p.Generation++
	return s.Store.Update(ctx, func(tx store.Tx) error {
		m, err := marks.Get(tx, p.ID)
		if errors.Is(err, store.ErrNotFound) {
			m, err = &mark{ProviderID: p.ID}, nil
		}
		if err != nil {
			return err
		}
		m.Changes++
		m.Aggregates = slices.DeleteFunc(slices.Clone(p.Aggregates), func(id string) bool { return slices.Contains(p.mirrored, id) })
		return marks.Put(tx, m)
	})
}
