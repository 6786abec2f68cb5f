// SPDX-License-Identifier: MPL-2.0

package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// migrations bring a file from the version that is their index (kept in PRAGMA user_version) to the
// next. Only append.
var migrations = []string{
	`CREATE TABLE rows (
		tbl   TEXT NOT NULL,
		id    TEXT NOT NULL,
		value BLOB NOT NULL,
		PRIMARY KEY (tbl, id)
	);
	CREATE TABLE entries (
		tbl  TEXT NOT NULL,
		idx  TEXT NOT NULL,
		val  TEXT NOT NULL,
		id   TEXT NOT NULL,
		uniq BOOLEAN NOT NULL,
		PRIMARY KEY (tbl, idx, val, id)
	) WITHOUT ROWID;
	CREATE INDEX entries_of_row ON entries (tbl, id);
	CREATE UNIQUE INDEX entries_unique ON entries (tbl, idx, val) WHERE uniq;`,
}

// migrate brings the file up to date. Its transaction holds the write lock from the beginning, so of
// several processes that start at once, one does it.
func migrate(ctx context.Context, db *sql.DB) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := migrateIn(ctx, tx); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}

func migrateIn(ctx context.Context, tx *sql.Tx) error {
	var version int
	if err := tx.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
		return err
	}
	if version > len(migrations) {
		return fmt.Errorf("schema version %d, this mockcloud knows %d: %w", version, len(migrations), store.ErrNewerSchema)
	}
	if version == len(migrations) {
		return nil
	}
	for i, statements := range migrations[version:] {
		if _, err := tx.ExecContext(ctx, statements); err != nil {
			return fmt.Errorf("migrate to version %d: %w", version+i+1, err)
		}
	}
	_, err := tx.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", len(migrations)))
	return err
}
