// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// Service is one of Nova's services (API: os-services): nova-compute on each host, and those that are once
// in a cloud.
type Service struct {
	Number         int64  // id before 2.53
	ID             string // UUID
	Binary         string // "nova-compute"
	Host           string
	Zone           string
	Disabled       bool
	DisabledReason string
	ForcedDown     bool
	Up             bool
	LastSeen       time.Time
}

// Topic is what the service is called by before 2.43 (os-hosts): "compute".
func (s *Service) Topic() string { return s.Binary[len("nova-"):] }

const (
	// ComputeBinary is the service that runs on every host.
	ComputeBinary = "nova-compute"
	// InternalZone is where the services are that run no servers.
	InternalZone = "internal"
	// ControlHost is the host of the services that are once in a cloud.
	ControlHost = "controller"
)

// controlBinaries are the services that are once in a cloud.
var controlBinaries = []string{"nova-conductor", "nova-scheduler"}

// controlService is the record of one of them.
type controlService struct {
	Binary string
	Number int64
	ID     string
}

var controlServices = store.Table[controlService]{
	Name: "compute_services",
	Key:  func(s *controlService) string { return s.Binary },
}

// recordServices gives the services that are once in a cloud their ids.
func (m *Manager) recordServices(ctx context.Context) error {
	return m.Store.Update(ctx, func(tx store.Tx) error {
		for _, binary := range controlBinaries {
			_, err := controlServices.Get(tx, binary)
			if !errors.Is(err, store.ErrNotFound) {
				if err != nil {
					return err
				}
				continue
			}
			number, err := next(tx, controlServices.Name)
			if err != nil {
				return err
			}
			if err := controlServices.Put(tx, &controlService{Binary: binary, Number: number, ID: uuid.NewString()}); err != nil {
				return err
			}
		}
		return nil
	})
}

// Services tells every service, in the order of ids.
func (m *Manager) Services(ctx context.Context) (all []*Service, err error) {
	err = m.Store.View(ctx, func(tx store.Tx) error {
		all = nil
		control, err := controlServices.All(tx)
		if err != nil {
			return err
		}
		for _, s := range control {
			all = append(all, &Service{
				Number: s.Number, ID: s.ID, Binary: s.Binary, Host: ControlHost, Zone: InternalZone, Up: true, LastSeen: m.Clock.Now(),
			})
		}
		hosts, err := m.hostsIn(tx)
		for _, h := range hosts {
			all = append(all, h.service())
		}
		return err
	})
	slices.SortFunc(all, func(a, b *Service) int { return cmp.Compare(a.Number, b.Number) })
	return all, err
}

// service is the host's nova-compute.
func (h *Host) service() *Service {
	return &Service{
		Number: h.ServiceNumber, ID: h.ServiceID, Binary: ComputeBinary, Host: h.Name, Zone: h.Zone, Disabled: h.Disabled,
		DisabledReason: h.DisabledReason, ForcedDown: h.ForcedDown, Up: h.Up, LastSeen: h.LastSeen,
	}
}

// DeleteService deletes a service. The host of a nova-compute is out of its aggregates and takes no servers
// any more; when the cloud is started with it again, it is a new one. Errors are of kind NotFound, or
// Conflict: it has servers, or a migration to or from it is under way.
func (m *Manager) DeleteService(ctx context.Context, id string) error {
	return m.Store.Update(ctx, func(tx store.Tx) error {
		control, err := controlServices.All(tx)
		if err != nil {
			return err
		}
		for _, s := range control {
			if s.ID == id {
				return controlServices.Delete(tx, s.Binary)
			}
		}
		hosts, err := hostRecords.All(tx)
		if err != nil {
			return err
		}
		for _, h := range hosts {
			if h.ServiceID == id {
				return m.retire(tx, h.Name)
			}
		}
		return refuse(NotFound, "Service %s not found.", id)
	})
}

// retire deletes a host that is empty, and with it what servers that were evacuated from it kept there.
func (m *Manager) retire(tx store.Tx, name string) error {
	on, err := instances.By(tx, byHost, name)
	if err != nil {
		return err
	}
	if len(on) > 0 {
		return refuse(Conflict, "Unable to delete compute service that is hosting instances. "+
			"Migrate or delete the instances first.")
	}
	moves, err := migrations.By(tx, migrationsByHost, name)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(moves, func(move *Migration) bool { return !move.Over() }) {
		return refuse(Conflict, "Unable to delete compute service that has in-progress migrations. "+
			"Complete the migrations or delete the instances first.")
	}
	for _, move := range moves {
		if move.Type != EvacuationMigration || move.Status != MigrationDone || move.SourceHost != name {
			continue
		}
		if err := m.endMove(tx, move, MigrationCompleted); err != nil {
			return err
		}
	}
	known, err := aggregates.All(tx)
	if err != nil {
		return err
	}
	for _, a := range known {
		if !a.has(name) {
			continue
		}
		a.Hosts = slices.DeleteFunc(slices.Clone(a.Hosts), func(h string) bool { return h == name })
		if err := aggregates.Put(tx, a); err != nil {
			return err
		}
	}
	return hostRecords.Delete(tx, name)
}

// EvacuatedFrom tells that servers were evacuated from the host while it was down, and that it has not been
// rid of what it had of them since.
func (m *Manager) EvacuatedFrom(ctx context.Context, host string) (evacuated bool, err error) {
	err = m.Store.View(ctx, func(tx store.Tx) error {
		moves, err := migrations.By(tx, migrationsByHost, host)
		evacuated = slices.ContainsFunc(moves, func(move *Migration) bool {
			return move.SourceHost == host && move.Type == EvacuationMigration && move.Status == MigrationDone
		})
		return err
	})
	return evacuated, err
}
