// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"cmp"
	"context"
	"net/url"
	"slices"
)

// Migration is a migration of any kind, under way or over (GET /os-migrations).
type Migration struct {
	ID     int64  `json:"id"`
	Source string `json:"source_compute"` // the host
	Type   string `json:"migration_type"` // since 2.23
	Status string `json:"status"`         // "completed", "error", "failed", "cancelled" ...
}

// LastMigration is the newest migration of a server, for administrators; nil if there is none.
func (s Servers) LastMigration(ctx context.Context, id string) (*Migration, error) {
	service, at, err := s.Client.Best(ctx, SortsMigrations)
	if err != nil {
		return nil, err
	}
	query := url.Values{"instance_uuid": {id}}
	if at >= SortsMigrations {
		query.Set("limit", "1")
	}
	var answer struct {
		Migrations []Migration `json:"migrations"`
	}
	if _, err = service.Get(ctx, service.ServiceURL("os-migrations")+"?"+query.Encode(), &answer, nil); err != nil || len(answer.Migrations) == 0 {
		return nil, err
	}
	last := slices.MaxFunc(answer.Migrations, func(a, b Migration) int { return cmp.Compare(a.ID, b.ID) })
	return &last, nil
}

// returnable are the statuses of resizes and cold migrations whose server is on another host and may come back, in their
// course: what goes on while they are asked for one after the other is not missed.
func returnable() []string { return []string{"post-migrating", "finished", "reverting"} }

// Returnable are the ids of the servers that have left the host by a resize or a cold migration which is not confirmed, for
// administrators. Records of Nova's that were left behind may be among them: LastMigration tells.
func (s Servers) Returnable(ctx context.Context, host string) (ids []string, err error) {
	service, _, err := s.Client.Best(ctx, SortsMigrations)
	if err != nil {
		return nil, err
	}
	for _, status := range returnable() {
		all, err := Collection(ctx, service, service.ServiceURL("os-migrations"), "migrations", url.Values{
			"source_compute": {host}, "status": {status},
		})
		if err != nil {
			return nil, err
		}
		for _, one := range all {
			if id, _ := one["instance_uuid"].(string); id != "" && !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
	}
	return ids, nil
}
