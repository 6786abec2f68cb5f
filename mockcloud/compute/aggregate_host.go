// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// AddAggregateHost puts a host into an aggregate. Errors are of kind NotFound (aggregate, host) or
// Conflict: it is in it already, is in another zone, or its servers would change their zone.
func (m *Manager) AddAggregateHost(ctx context.Context, number int64, host string) (*Aggregate, error) {
	if err := m.hasHost(ctx, host); err != nil {
		return nil, err
	}
	return m.changeAggregate(ctx, number, func(tx store.Tx, a *Aggregate) error {
		if err := checkAddition(tx, a, host); err != nil {
			return refuse(Conflict, "Cannot add host to aggregate %d. Reason: %v.", number, err)
		}
		if a.has(host) {
			return refuse(Conflict, "Aggregate %d already has host %s.", number, host)
		}
		a.Hosts = append(slices.Clone(a.Hosts), host)
		return nil
	})
}

// RemoveAggregateHost takes a host out of an aggregate. Errors are of kind NotFound (aggregate, host) or
// Conflict: its servers would change their zone.
func (m *Manager) RemoveAggregateHost(ctx context.Context, number int64, host string) (*Aggregate, error) {
	missing := refuse(NotFound, "Cannot remove host %s in aggregate %d", host, number)
	a, err := m.changeAggregate(ctx, number, func(tx store.Tx, a *Aggregate) error {
		if !a.has(host) {
			return missing
		}
		if err := checkRemoval(tx, a, host); err != nil {
			return refuse(Conflict, "Cannot remove host from aggregate %d. Reason: %v.", number, err)
		}
		a.Hosts = slices.DeleteFunc(slices.Clone(a.Hosts), func(h string) bool { return h == host })
		return nil
	})
	if KindOf(err) == NotFound {
		return nil, missing
	}
	return a, err
}

// hasHost is an error of kind NotFound unless the host is recorded.
func (m *Manager) hasHost(ctx context.Context, name string) error {
	return m.Store.View(ctx, func(tx store.Tx) error {
		_, err := findHost(tx, name)
		return err
	})
}

func findHost(tx store.Tx, name string) (*Host, error) {
	h, err := hostRecords.Get(tx, name)
	if errors.Is(err, store.ErrNotFound) {
		return nil, refuse(NotFound, "Compute host %s could not be found.", name)
	}
	return h, err
}

func checkAddition(tx store.Tx, a *Aggregate, host string) error {
	if a.Zone() == "" {
		return nil
	}
	if err := checkZonesOf(tx, a, a.Zone(), []string{host}); err != nil {
		return err
	}
	zone, err := aggregateZone(tx, host, 0)
	if err != nil || zone == a.Zone() {
		return err
	}
	return checkEmpty(tx, host, "added to", zone, a.Zone())
}

func checkRemoval(tx store.Tx, a *Aggregate, host string) error {
	if a.Zone() == "" {
		return nil
	}
	zone, err := aggregateZone(tx, host, a.Number)
	if err != nil || zone == a.Zone() {
		return err
	}
	return checkEmpty(tx, host, "removed from", a.Zone(), zone)
}

// aggregateZone is the zone that aggregates other than the given one have put the host into, "" if none has.
func aggregateZone(tx store.Tx, host string, except int64) (string, error) {
	all, err := aggregates.All(tx)
	if err != nil {
		return "", err
	}
	for _, a := range all {
		if a.Number != except && a.Zone() != "" && a.has(host) {
			return a.Zone(), nil
		}
	}
	return "", nil
}

// checkEmpty refuses, in Nova's words, that a host with servers changes its zone.
func checkEmpty(tx store.Tx, host, how, from, to string) error {
	on, err := instances.By(tx, byHost, host)
	if err != nil || len(on) == 0 {
		return err
	}
	return fmt.Errorf("The host cannot be %s the aggregate as the availability zone of the host would change from '%s' to '%s' "+ //nolint:staticcheck // Nova's words
		"but the host already has %d instance(s). Changing the AZ of an existing instance is not supported by this action. Move "+
		"the instances away from this host then try again. If you need to move the instances between AZs then you can use "+
		"shelve_offload and unshelve to achieve this.", how, or(from, "None"), or(to, "None"), len(on))
}
