// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/client"
)

// The microversions of what can be asked about live migrations, and done to them.
const (
	ForcesMigrations  client.Microversion = 22
	ShowsMigrations   client.Microversion = 23
	AbortsMigrations  client.Microversion = 24
	ChoosesBlockCopy  client.Microversion = 25 // block_migration = "auto"
	AsksScheduler     client.Microversion = 30 // a host that is asked for is no longer forced
	SortsMigrations   client.Microversion = 59 // the newest first, and as few as are asked for
	AbortsQueuedMoves client.Microversion = 65
)

// LiveMigration is a live migration under way (GET /servers/{id}/migrations). Sizes are in bytes.
type LiveMigration struct {
	ID              int64  `json:"id"`
	Status          string `json:"status"` // "queued", "preparing", "running" ...
	Source          string `json:"source_compute"`
	Destination     string `json:"dest_compute"`
	MemoryTotal     int64  `json:"memory_total_bytes"`
	MemoryRemaining int64  `json:"memory_remaining_bytes"`
	DiskTotal       int64  `json:"disk_total_bytes"`
	DiskRemaining   int64  `json:"disk_remaining_bytes"`
}

// LiveMigration is the live migration that is under way with a server, nil if there is none. Since 2.23.
func (s Servers) LiveMigration(ctx context.Context, id string) (*LiveMigration, error) {
	service, err := s.Client.At(ctx, ShowsMigrations)
	if err != nil {
		return nil, err
	}
	var answer struct {
		Migrations []LiveMigration `json:"migrations"`
	}
	_, err = service.Get(ctx, service.ServiceURL("servers", url.PathEscape(id), "migrations"), &answer, nil)
	if err != nil || len(answer.Migrations) == 0 {
		return nil, err
	}
	return &answer.Migrations[0], nil
}

// ForceComplete pauses the guest, or lets it run on at the destination, so that its live migration comes to an end.
// Since 2.22.
func (s Servers) ForceComplete(ctx context.Context, id string, migration int64) error {
	service, err := s.Client.At(ctx, ForcesMigrations)
	if err != nil {
		return err
	}
	_, err = service.Post(ctx, service.ServiceURL("servers", url.PathEscape(id), "migrations", strconv.FormatInt(migration, 10), "action"),
		map[string]any{"force_complete": nil}, nil, &gophercloud.RequestOpts{OkCodes: []int{http.StatusAccepted}})
	return err
}

// AbortMigration ends a live migration; the server stays where it is. That the migration is over already is no error.
// Since 2.24, and since 2.65 also of one that is queued.
func (s Servers) AbortMigration(ctx context.Context, id string, migration int64) error {
	service, _, err := s.Client.Best(ctx, AbortsQueuedMoves)
	if err != nil {
		return err
	}
	return Remove(ctx, service, service.ServiceURL("servers", url.PathEscape(id), "migrations", strconv.FormatInt(migration, 10)))
}
