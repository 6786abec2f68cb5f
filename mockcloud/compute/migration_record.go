// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// over are the statuses of migrations that are over and done with. A finished one waits to be confirmed
// or reverted.
var over = map[MigrationStatus]bool{
	MigrationConfirmed: true, MigrationReverted: true, MigrationDone: true, MigrationCompleted: true,
	MigrationCancelled: true, MigrationFailed: true, MigrationError: true,
}

// Over tells that nothing is left to do about the migration.
func (mig *Migration) Over() bool { return over[mig.Status] }

// InProgress tells that it is a live migration under way.
func (mig *Migration) InProgress() bool {
	under := []MigrationStatus{MigrationQueued, MigrationPreparing, MigrationRunning, MigrationPostMigrating}
	return mig.Type == LiveMigration && slices.Contains(under, mig.Status)
}

// recordMigration records that the instance begins to move. flavor is the one that it will have.
func (m *Manager) recordMigration(tx store.Tx, caller Caller, inst *Instance, mig Migration, flavor Flavor) (*Migration, error) {
	number, err := next(tx, migrations.Name)
	if err != nil {
		return nil, err
	}
	mig.ID, mig.Number, mig.InstanceID = uuid.NewString(), number, inst.ID
	mig.ProjectID, mig.UserID = caller.ProjectID, caller.UserID
	mig.SourceHost, mig.SourceNode = inst.Host, inst.Node
	mig.OldFlavorNumber, mig.NewFlavorNumber = inst.Flavor.Number, flavor.Number
	mig.CreatedAt = m.Clock.Now()
	return &mig, migrations.Insert(tx, &mig)
}

// changeMigration changes the migration with that id.
func (m *Manager) changeMigration(tx store.Tx, id string, change func(*Migration)) error {
	mig, err := migrations.Get(tx, id)
	if err != nil {
		return err
	}
	change(mig)
	now := m.Clock.Now()
	mig.UpdatedAt = &now
	return migrations.Put(tx, mig)
}

func (m *Manager) setMigration(tx store.Tx, id string, status MigrationStatus) error {
	return m.changeMigration(tx, id, func(mig *Migration) { mig.Status = status })
}

// migrationsOf are the instance's migrations, oldest first.
func migrationsOf(tx store.Tx, instanceID string) ([]*Migration, error) {
	found, err := migrations.By(tx, migrationsByInstance, instanceID)
	slices.SortFunc(found, func(a, b *Migration) int { return cmp.Compare(a.Number, b.Number) })
	return found, err
}

// unfinished is the instance's migration that is not over; nil when there is none.
func unfinished(tx store.Tx, instanceID string) (*Migration, error) {
	found, err := migrationsOf(tx, instanceID)
	if err != nil {
		return nil, err
	}
	for _, mig := range slices.Backward(found) {
		if !mig.Over() {
			return mig, nil
		}
	}
	return nil, nil
}

// movingOf is unfinished outside of a transaction.
func (m *Manager) movingOf(ctx context.Context, instanceID string) (mig *Migration, err error) {
	err = m.Store.View(ctx, func(tx store.Tx) error {
		mig, err = unfinished(tx, instanceID)
		return err
	})
	return mig, err
}

// finishedMigration is the one that waits to be confirmed or reverted. A refusal when there is none.
func finishedMigration(tx store.Tx, instanceID string) (*Migration, error) {
	mig, err := unfinished(tx, instanceID)
	if err == nil && (mig == nil || mig.Status != MigrationFinished) {
		err = refuse(BadRequest, "Instance has not been resized.")
	}
	return mig, err
}

// phase is one step of a move as it is recorded: in one transaction.
type phase struct {
	status MigrationStatus // of the migration; "" stays
	task   TaskState       // of the instance; NoTask stays
	// event is the service's part that begins on host: those before it have succeeded. "" stays.
	event, host string
	change      func(store.Tx, *Instance) error
}

// enter records that a step of the move begins.
func (op *Op) enter(migrationID string, p phase) error {
	return op.write(nil, func(tx store.Tx, inst *Instance) error {
		if p.status != "" {
			if err := op.m.setMigration(tx, migrationID, p.status); err != nil {
				return err
			}
		}
		if p.task != NoTask {
			inst.TaskState = p.task
		}
		if p.event != "" {
			if err := op.nextEvent(tx, inst, p.event, p.host); err != nil {
				return err
			}
		}
		if p.change == nil {
			return nil
		}
		return p.change(tx, inst)
	})
}

// nextEvent records that the next service's part of the operation begins.
func (op *Op) nextEvent(tx store.Tx, inst *Instance, name, host string) error {
	return op.m.changeRecord(tx, op.record, func(a *InstanceAction, now time.Time) {
		finishEvents(a, now, inst.Host, nil)
		a.Events = append(a.Events, InstanceEvent{Event: name, Host: host, StartTime: now})
	})
}

// hostUp tells that the service of a compute host answers.
func (m *Manager) hostUp(tx store.Tx, name string) (bool, error) {
	up, err := hostIs(tx, name, func(h *Host) bool { return !h.down() })
	return up && m.hosts[name] != nil, err
}

// hostIs tells something of a compute host; false of one that there is not.
func hostIs(tx store.Tx, name string, so func(*Host) bool) (bool, error) {
	h, err := hostRecords.Get(tx, name)
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	return err == nil && so(h), err
}

// hostExists refuses the name of a host that there is not.
func hostExists(tx store.Tx, name string) error {
	_, err := hostRecords.Get(tx, name)
	if errors.Is(err, store.ErrNotFound) {
		return refuse(BadRequest, "Compute host %s could not be found.", name)
	}
	return err
}

// zoneOf is the availability zone of a host.
func (m *Manager) zoneOf(tx store.Tx, name string) (string, error) {
	zone, err := aggregateZone(tx, name, 0)
	if err != nil || zone != "" {
		return zone, err
	}
	h, err := hostRecords.Get(tx, name)
	if err != nil {
		return "", err
	}
	return h.Zone, nil
}

// able refuses what the host's driver cannot do.
func able[A any](h *host, method string) error {
	if _, ok := h.Driver.(A); !ok {
		return refuse(NotImplemented, "The hypervisor of this server does not support %s.", method)
	}
	return nil
}

// machine is the shape of the instance's machine as the instance is now, on that host: its NICs plugged, its
// volumes connected. image is the one that its root disk is made of, nil where the disk comes along.
func (op *Op) machine(host string, image *Image, once BootData) (*driver.Machine, error) {
	if image == nil {
		image = &Image{ID: op.Instance.ImageID}
	}
	volumes, err := op.connectVolumes(host)
	if err != nil {
		return nil, err
	}
	machine, err := (&build{image: image, once: once}).machineOn(op, host)
	if err != nil {
		return nil, err
	}
	machine.Volumes = volumes
	return machine, nil
}
