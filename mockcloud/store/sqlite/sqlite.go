// SPDX-License-Identifier: MPL-2.0

// Package sqlite keeps a store in a SQLite file, which several processes may share.
//
// The file is in write-ahead-log mode: readers and the one writer do not wait for each other. A commit
// is in the log before Update returns, so the death of the process at any moment loses nothing; the log
// is not flushed to the disk at each commit (synchronous=NORMAL), so a loss of power may take the last
// ones with it, though never half of one.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"

	_ "modernc.org/sqlite" // the driver

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store/sqlstore"
)

// busyMilliseconds is how long a transaction waits for the one of another process.
const busyMilliseconds = 20_000

// Open opens the state in that file, which it creates (mode 0600) in a directory that has to exist.
// store.ErrNewerSchema when the file is of a newer mockcloud.
func Open(ctx context.Context, path string) (store.Store, error) {
	s, err := open(ctx, path)
	if err != nil {
		return nil, fmt.Errorf("state %s: %w", path, err)
	}
	return s, nil
}

func open(ctx context.Context, path string) (*sqlstore.Store, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	if err := private(path); err != nil {
		return nil, err
	}
	writer, err := sql.Open("sqlite", source(path, "immediate"))
	if err != nil {
		return nil, err
	}
	writer.SetMaxOpenConns(1)
	if err := migrate(ctx, writer); err != nil {
		return nil, errors.Join(err, writer.Close())
	}
	reader, err := sql.Open("sqlite", source(path, "deferred"))
	if err != nil {
		return nil, errors.Join(err, writer.Close())
	}
	// Views may nest, so a limit could deadlock; what is idle beyond the cores is closed.
	reader.SetMaxIdleConns(runtime.GOMAXPROCS(0))
	return sqlstore.New(ctx, reader, writer)
}

// private makes sure that the file is there and nobody else's to read; SQLite gives its log and its
// shared memory the same mode.
func private(path string) error {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(file.Chmod(0o600), file.Close())
}

func source(path, lock string) string {
	file := url.URL{Scheme: "file", Path: path, RawQuery: url.Values{
		"_txlock": {lock},
		"_pragma": {
			fmt.Sprintf("busy_timeout(%d)", busyMilliseconds),
			"journal_mode(WAL)",
			"synchronous(NORMAL)",
		},
	}.Encode()}
	return file.String()
}
