// SPDX-License-Identifier: MPL-2.0

package cinder

import (
	"context"
	"slices"
	"strings"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

// snapshotColumns are what snapshots are filtered and sorted by.
var snapshotColumns = columns[Snapshot]{
	"id":                  func(s *Snapshot) any { return s.ID },
	"name":                func(s *Snapshot) any { return text(s.Name) },
	"display_name":        func(s *Snapshot) any { return text(s.Name) },
	"description":         func(s *Snapshot) any { return text(s.Description) },
	"display_description": func(s *Snapshot) any { return text(s.Description) },
	"status":              func(s *Snapshot) any { return s.Status },
	"volume_id":           func(s *Snapshot) any { return s.VolumeID },
	"volume_size":         func(s *Snapshot) any { return s.Size },
	"metadata":            func(s *Snapshot) any { return s.Metadata },
	"project_id":          func(s *Snapshot) any { return s.ProjectID },
	"user_id":             func(s *Snapshot) any { return s.UserID },
	"progress":            func(s *Snapshot) any { return s.Progress },
	"volume_type_id":      func(s *Snapshot) any { return s.TypeID },
	"availability_zone":   func(*Snapshot) any { return zone },
	"created_at":          func(s *Snapshot) any { return moment(s.CreatedAt) },
	"updated_at":          func(s *Snapshot) any { return moment(s.UpdatedAt) },
	"consumes_quota":      func(*Snapshot) any { return true },
}

var snapshotFilters = []string{"name", "status", "volume_id", "metadata", "availability_zone", "consumes_quota"}

func (s *Service) listSnapshots(detail bool) func(*api.Call) (map[string]any, error) {
	return func(c *api.Call) (map[string]any, error) {
		return reading(s, c, func(o *op) (map[string]any, error) {
			if err := o.authorize("volume:get_all_snapshots", o.identity.ProjectID); err != nil {
				return nil, err
			}
			q, err := newQuery(c, snapshotFilters)
			if err != nil {
				return nil, err
			}
			q.drop(filtersSnapshots, "metadata")
			q.drop(filtersUse, "consumes_quota")
			rows, err := rowsOf(o, q, snapshotTable)
			if err != nil {
				return nil, err
			}
			p, err := cut(q, rows, snapshotColumns, func(s *Snapshot) string { return s.ID }, snapshotNotFound)
			if err != nil {
				return nil, err
			}
			views := []snapshotView{}
			for _, snapshot := range p.items {
				if detail {
					views = append(views, snapshot.extended())
				} else {
					views = append(views, snapshot.view())
				}
			}
			return listAnswer(q, "snapshots", p, views), nil
		})
	}
}

type snapshotReset struct {
	Status string `json:"status" need:"3.0-" format:"snapshot_status"`
}

// snapshotStatus is what a backend tells of a snapshot on its way.
type snapshotStatus struct {
	Status   string          `json:"status" need:"3.0-"`
	Progress api.Opt[string] `json:"progress" null:"ok" pattern:"^(\\d{1,2}|100)%?$"`
}

func (s *Service) snapshotActions() []api.Route {
	const path = "/snapshots/{id}/action"
	return []api.Route{
		api.Action(path, "os-reset_status", s.resetSnapshot),
		api.Action(path, "os-force_delete", s.forceDeleteSnapshot),
		api.Action(path, "os-update_snapshot_status", s.updateSnapshotStatus),
	}
}

// onSnapshot serves an action that has no answer.
func (s *Service) onSnapshot(c *api.Call, rule string, do func(*op, *Snapshot) error) (api.None, error) {
	return api.None{}, s.change(c.Context(), c.Identity, func(o *op) error {
		snapshot, err := o.ownSnapshot(rule, c.Var("id"))
		if err != nil {
			return err
		}
		return do(o, snapshot)
	})
}

func (s *Service) resetSnapshot(c *api.Call, in *snapshotReset) (api.None, error) {
	return s.onSnapshot(c, "volume_extension:snapshot_admin_actions:reset_status", func(o *op, snapshot *Snapshot) error {
		snapshot.Status = strings.ToLower(in.Status)
		return o.putSnapshot(snapshot)
	})
}

func (s *Service) forceDeleteSnapshot(c *api.Call, _ *api.None) (api.None, error) {
	return s.onSnapshot(c, "volume_extension:snapshot_admin_actions:force_delete", func(o *op, snapshot *Snapshot) error {
		return o.deleteSnapshot(snapshot, true)
	})
}

func (s *Service) updateSnapshotStatus(c *api.Call, in *snapshotStatus) (api.None, error) {
	return s.onSnapshot(c, "snapshot_extension:snapshot_actions:update_snapshot_status", func(o *op, snapshot *Snapshot) error {
		return o.progress(snapshot, in.Status, in.Progress.Value)
	})
}

// SnapshotProgress is the action os-update_snapshot_status in the name of the cloud.
func (s *Service) SnapshotProgress(ctx context.Context, id, status, progress string) error {
	return s.change(ctx, Caller{Admin: true}.identity(), func(o *op) error {
		snapshot, err := o.ownSnapshot("snapshot_extension:snapshot_actions:update_snapshot_status", id)
		if err != nil {
			return err
		}
		return o.progress(snapshot, status, progress)
	})
}

// progress notes how far a snapshot is that is being made or deleted.
func (o *op) progress(snapshot *Snapshot, status, progress string) error {
	next := map[string][]string{
		Creating: {Creating, Available, Failed},
		Deleting: {Deleting, FailedDeleting},
	}
	switch {
	case next[snapshot.Status] == nil:
		return badRequest.because("Snapshot status %s not allowed for update_snapshot_status", snapshot.Status)
	case !slices.Contains(next[snapshot.Status], status):
		return badRequest.because("Provided snapshot status %s not allowed for snapshot with status %s.", status, snapshot.Status)
	}
	snapshot.Status = status
	if progress != "" {
		snapshot.Progress = progress
	}
	return o.putSnapshot(snapshot)
}
