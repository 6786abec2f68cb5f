// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// Migration is the record of a server's move from one host to another, or of its resize (API:
// os-migrations, servers/{id}/migrations).
type Migration struct {
	ID         string // UUID
	Number     int64  // counts up from 1; the id before 2.59, and in URLs
	InstanceID string
	ProjectID  string // of who asked
	UserID     string
	Type       MigrationType
	Status     MigrationStatus

	SourceHost, SourceNode string
	// The destination is empty until the scheduler has chosen it.
	DestHost, DestNode string
	DestAddress        string // "" unless known
	OldFlavorNumber    int64  `json:",omitzero"` // instance_type_id; 0: none
	NewFlavorNumber    int64  `json:",omitzero"`
	CrossCell          bool   `json:",omitzero"`
	Aborted            bool   `json:",omitzero"` // somebody has asked to abort it

	// Bytes moved by a live migration.
	MemoryTotal, MemoryProcessed, MemoryRemaining int64 `json:",omitzero"`
	DiskTotal, DiskProcessed, DiskRemaining       int64 `json:",omitzero"`

	CreatedAt time.Time
	UpdatedAt *time.Time `json:",omitzero"`
}

// MigrationType is why it moves.
type MigrationType string

// The types of migration.
const (
	ResizeMigration     MigrationType = "resize"
	ColdMigration       MigrationType = "migration"
	LiveMigration       MigrationType = "live-migration"
	EvacuationMigration MigrationType = "evacuation"
)

// MigrationStatus is how far it is.
type MigrationStatus string

// The statuses of a migration.
const (
	MigrationAccepted      MigrationStatus = "accepted" // of live migrations and evacuations
	MigrationQueued        MigrationStatus = "queued"
	MigrationPreparing     MigrationStatus = "preparing"
	MigrationRunning       MigrationStatus = "running"
	MigrationPreMigrating  MigrationStatus = "pre-migrating" // of resizes and cold migrations
	MigrationMigrating     MigrationStatus = "migrating"
	MigrationPostMigrating MigrationStatus = "post-migrating"
	MigrationFinished      MigrationStatus = "finished"
	MigrationConfirming    MigrationStatus = "confirming"
	MigrationConfirmed     MigrationStatus = "confirmed"
	MigrationReverting     MigrationStatus = "reverting"
	MigrationReverted      MigrationStatus = "reverted"
	MigrationDone          MigrationStatus = "done" // of evacuations
	MigrationCompleted     MigrationStatus = "completed"
	MigrationCancelled     MigrationStatus = "cancelled"
	MigrationFailed        MigrationStatus = "failed"
	MigrationError         MigrationStatus = "error"
)

// Indexes of the migrations.
const (
	migrationsByInstance = "instance"
	migrationsByHost     = "host"
)

var migrations = store.Table[Migration]{
	Name: "compute_migrations",
	Key:  func(m *Migration) string { return m.ID },
	Indexes: []store.Index[Migration]{
		{Name: migrationsByInstance, Of: func(m *Migration) []string { return []string{m.InstanceID} }},
		{Name: migrationsByHost, Of: func(m *Migration) []string { return []string{m.SourceHost, m.DestHost} }},
	},
}
