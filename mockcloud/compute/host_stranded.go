// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"context"
	"slices"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// StrandedServer is a server with a machine on a host that is not there.
type StrandedServer struct{ ID, Name, Host string }

// Stranded tells the servers in a store that a manager with only these hosts could not reach: those on other
// hosts, and those whose unconfirmed resize could not be reverted there.
func Stranded(ctx context.Context, records store.Store, hosts []string) (found []StrandedServer, err error) {
	err = records.View(ctx, func(tx store.Tx) error {
		found = nil
		known, err := hostRecords.All(tx)
		if err != nil {
			return err
		}
		for _, h := range known {
			if slices.Contains(hosts, h.Name) {
				continue
			}
			left, err := strandedOn(tx, h.Name)
			if err != nil {
				return err
			}
			found = append(found, left...)
		}
		return nil
	})
	return found, err
}

func strandedOn(tx store.Tx, host string) (found []StrandedServer, err error) {
	there, err := instances.By(tx, byHost, host)
	if err != nil {
		return nil, err
	}
	moves, err := migrations.By(tx, migrationsByHost, host)
	if err != nil {
		return nil, err
	}
	for _, move := range moves {
		if move.SourceHost != host || !slices.Contains([]MigrationStatus{MigrationFinished, MigrationConfirming, MigrationReverting}, move.Status) {
			continue
		}
		inst, err := instances.Get(tx, move.InstanceID)
		if err != nil {
			return nil, err
		}
		if inst.Live() && inst.Host != host {
			there = append(there, inst)
		}
	}
	for _, inst := range there {
		found = append(found, StrandedServer{ID: inst.ID, Name: inst.Name, Host: host})
	}
	return found, nil
}
