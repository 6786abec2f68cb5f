// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// Aggregate is a set of hosts with metadata that the scheduler heeds (API: os-aggregates). With the
// metadata availability_zone it makes its hosts a zone.
type Aggregate struct {
	Number    int64  // id: counts up from 1
	ID        string // UUID
	Name      string
	Hosts     []string // in the order in which they came
	Metadata  map[string]string
	CreatedAt time.Time
	UpdatedAt *time.Time `json:",omitzero"`
}

// zoneKey is the metadata that makes an aggregate an availability zone.
const zoneKey = "availability_zone"

// Zone is the availability zone that the aggregate makes, "" if none.
func (a *Aggregate) Zone() string { return a.Metadata[zoneKey] }

// has tells that the host is in the aggregate.
func (a *Aggregate) has(host string) bool { return slices.Contains(a.Hosts, host) }

var aggregates = store.Table[Aggregate]{
	Name: "compute_aggregates",
	Key:  func(a *Aggregate) string { return aggregateKey(a.Number) },
	Indexes: []store.Index[Aggregate]{
		{Name: "name", Unique: true, Of: func(a *Aggregate) []string { return []string{a.Name} }},
	},
}

// aggregateKey keeps the rows in the order of their numbers.
func aggregateKey(number int64) string { return fmt.Sprintf("%019d", number) }

// Aggregates tells every aggregate, in the order of ids.
func (m *Manager) Aggregates(ctx context.Context) (all []*Aggregate, err error) {
	err = m.Store.View(ctx, func(tx store.Tx) error {
		all, err = aggregates.All(tx)
		return err
	})
	return all, err
}

// Aggregate returns one aggregate. An error of kind NotFound if there is none.
func (m *Manager) Aggregate(ctx context.Context, number int64) (a *Aggregate, err error) {
	err = m.Store.View(ctx, func(tx store.Tx) error {
		a, err = findAggregate(tx, number)
		return err
	})
	return a, err
}

func findAggregate(tx store.Tx, number int64) (*Aggregate, error) {
	a, err := aggregates.Get(tx, aggregateKey(number))
	if errors.Is(err, store.ErrNotFound) {
		return nil, refuse(NotFound, "Aggregate %d could not be found.", number)
	}
	return a, err
}

// CreateAggregate makes an aggregate without hosts; zone "" is none. An error of kind Conflict if the
// name is taken.
func (m *Manager) CreateAggregate(ctx context.Context, name, zone string) (*Aggregate, error) {
	a := &Aggregate{ID: uuid.NewString(), Name: name, Metadata: map[string]string{}, CreatedAt: m.Clock.Now()}
	if zone != "" {
		a.Metadata[zoneKey] = zone
	}
	err := m.Store.Update(ctx, func(tx store.Tx) (err error) {
		if a.Number, err = next(tx, aggregates.Name); err != nil {
			return err
		}
		return putAggregate(tx, a)
	})
	return a, err
}

func putAggregate(tx store.Tx, a *Aggregate) error {
	err := aggregates.Put(tx, a)
	if errors.Is(err, store.ErrExists) {
		return refuse(Conflict, "Aggregate %s already exists.", a.Name)
	}
	return err
}

// changeAggregate is read, change, write in one transaction.
func (m *Manager) changeAggregate(ctx context.Context, number int64, change func(store.Tx, *Aggregate) error) (a *Aggregate, err error) {
	now := m.Clock.Now()
	err = m.Store.Update(ctx, func(tx store.Tx) error {
		if a, err = findAggregate(tx, number); err != nil {
			return err
		}
		if err := change(tx, a); err != nil {
			return err
		}
		a.UpdatedAt = &now
		return putAggregate(tx, a)
	})
	return a, err
}

// AggregateChange is a change of an aggregate; nil leaves an attribute as it is. A Zone of "" is refused,
// as Nova does.
type AggregateChange struct{ Name, Zone *string }

// UpdateAggregate applies the change. Errors are of kind NotFound, Conflict (the name is taken) or
// BadRequest (hosts would change their zone).
func (m *Manager) UpdateAggregate(ctx context.Context, number int64, change AggregateChange) (*Aggregate, error) {
	return m.changeAggregate(ctx, number, func(tx store.Tx, a *Aggregate) error {
		set(&a.Name, change.Name)
		if change.Zone == nil {
			return nil
		}
		if err := checkZoneChange(tx, a, *change.Zone); err != nil {
			return refuse(BadRequest, "Cannot update aggregate %d. Reason: %v.", a.Number, err)
		}
		a.Metadata[zoneKey] = *change.Zone
		return nil
	})
}

// SetAggregateMetadata sets metadata; nil deletes a key, and keys not named stay. Errors are of kind
// NotFound or BadRequest (hosts would change their zone).
func (m *Manager) SetAggregateMetadata(ctx context.Context, number int64, metadata map[string]*string) (*Aggregate, error) {
	return m.changeAggregate(ctx, number, func(tx store.Tx, a *Aggregate) error {
		if zone, named := metadata[zoneKey]; named {
			if zone == nil {
				zone = new(string)
			}
			if err := checkZoneChange(tx, a, *zone); err != nil {
				return refuse(BadRequest, "Cannot update metadata of aggregate %d. Reason: %v.", a.Number, err)
			}
		}
		changed := maps.Clone(a.Metadata)
		for key, value := range metadata {
			if value == nil {
				delete(changed, key)
			} else {
				changed[key] = *value
			}
		}
		a.Metadata = changed
		return nil
	})
}

// DeleteAggregate deletes an aggregate without hosts.
func (m *Manager) DeleteAggregate(ctx context.Context, number int64) error {
	return m.Store.Update(ctx, func(tx store.Tx) error {
		a, err := findAggregate(tx, number)
		if err != nil {
			return err
		}
		if len(a.Hosts) > 0 {
			return refuse(BadRequest, "Cannot remove host from aggregate %d. Reason: Host aggregate is not empty.", number)
		}
		return aggregates.Delete(tx, aggregateKey(number))
	})
}

// checkZoneChange is why the aggregate cannot become that zone: a host of it is in another one, or has
// servers that would change theirs.
func checkZoneChange(tx store.Tx, a *Aggregate, zone string) error {
	if zone == "" {
		return fmt.Errorf("Aggregate %s does not support empty named availability zone", a.Name)
	}
	if err := checkZonesOf(tx, a, zone, a.Hosts); err != nil {
		return err
	}
	if zone == a.Zone() {
		return nil
	}
	for _, host := range a.Hosts {
		on, err := instances.By(tx, byHost, host)
		if err != nil {
			return err
		}
		if len(on) > 0 {
			return errors.New("One or more hosts contain instances in this zone") //nolint:staticcheck // Nova's words
		}
	}
	return nil
}

// checkZonesOf refuses hosts that other aggregates have put into other zones.
func checkZonesOf(tx store.Tx, a *Aggregate, zone string, hosts []string) error {
	others, err := aggregates.All(tx)
	if err != nil {
		return err
	}
	var conflicts []string
	for _, other := range others {
		if other.Number != a.Number && other.Zone() != "" && other.Zone() != zone && slices.ContainsFunc(hosts, other.has) {
			conflicts = append(conflicts, "'"+other.Zone()+"'")
		}
	}
	if conflicts != nil {
		return fmt.Errorf("One or more hosts already in availability zone(s) [%s]", strings.Join(conflicts, ", ")) //nolint:staticcheck // Nova's words
	}
	return nil
}
