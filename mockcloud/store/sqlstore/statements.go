// SPDX-License-Identifier: MPL-2.0

package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
)

// statements are prepared once; database/sql prepares them again on each connection that needs them.
type statements struct {
	get, put, remove                 *sql.Stmt
	scan, lookup, span               *sql.Stmt
	entries, list, unlist, unlistAll *sql.Stmt
	taken                            *sql.Stmt
}

func prepare(ctx context.Context, db *sql.DB) (*statements, error) {
	var s statements
	for _, p := range []struct {
		statement **sql.Stmt
		query     string
	}{
		{&s.get, `SELECT value FROM rows WHERE tbl = $1 AND id = $2`},
		{&s.put, `INSERT INTO rows (tbl, id, value) VALUES ($1, $2, $3)
			ON CONFLICT (tbl, id) DO UPDATE SET value = excluded.value`},
		{&s.remove, `DELETE FROM rows WHERE tbl = $1 AND id = $2`},
		{&s.scan, `SELECT id, value FROM rows WHERE tbl = $1 ORDER BY id`},
		{&s.lookup, `SELECT r.id, r.value FROM entries e JOIN rows r ON r.tbl = e.tbl AND r.id = e.id
			WHERE e.tbl = $1 AND e.idx = $2 AND e.val = $3 ORDER BY e.id`},
		{&s.span, `SELECT r.id, r.value FROM entries e JOIN rows r ON r.tbl = e.tbl AND r.id = e.id
			WHERE e.tbl = $1 AND e.idx = $2 AND e.val >= $3 AND e.val < $4 ORDER BY e.val, e.id LIMIT $5`},
		{&s.entries, `SELECT idx, val, uniq FROM entries WHERE tbl = $1 AND id = $2`},
		{&s.list, `INSERT INTO entries (tbl, id, idx, val, uniq) VALUES ($1, $2, $3, $4, $5)`},
		{&s.unlist, `DELETE FROM entries WHERE tbl = $1 AND id = $2 AND idx = $3 AND val = $4`},
		{&s.unlistAll, `DELETE FROM entries WHERE tbl = $1 AND id = $2`},
		{&s.taken, `SELECT count(*) FROM entries
			WHERE tbl = $1 AND idx = $2 AND val = $3 AND uniq AND id <> $4`},
	} {
		prepared, err := db.PrepareContext(ctx, p.query)
		if err != nil {
			return nil, fmt.Errorf("prepare %s: %w", p.query, err)
		}
		*p.statement = prepared
	}
	return &s, nil
}
