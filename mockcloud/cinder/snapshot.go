// SPDX-License-Identifier: MPL-2.0

package cinder

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// Snapshot is a snapshot's record. Its content is a copy: it does not depend on its volume.
type Snapshot struct {
	ID, VolumeID, ProjectID, UserID string
	Name, Description               *string
	Status, Progress                string
	Size                            int // GiB
	TypeID                          string
	Bootable                        bool
	Metadata, ImageMetadata         map[string]string
	CreatedAt, UpdatedAt            time.Time
	RequestID                       string
}

var snapshotTable = &store.Table[Snapshot]{
	Name: "cinder.snapshots",
	Key:  func(s *Snapshot) string { return s.ID },
	Indexes: []store.Index[Snapshot]{
		{Name: "project", Of: func(s *Snapshot) []string { return []string{s.ProjectID} }},
		{Name: "volume", Of: func(s *Snapshot) []string { return []string{s.VolumeID} }},
	},
}

// snapshotView is a snapshot as Cinder shows it.
type snapshotView struct {
	ID              string            `json:"id"`
	Name            *string           `json:"name"`
	Description     *string           `json:"description"`
	VolumeID        string            `json:"volume_id"`
	Status          string            `json:"status"`
	Size            int               `json:"size"`
	Metadata        map[string]string `json:"metadata"`
	CreatedAt       api.Micros        `json:"created_at"`
	UpdatedAt       api.Micros        `json:"updated_at"`
	GroupSnapshotID *string           `json:"group_snapshot_id" nova:"3.14-"`
	UserID          string            `json:"user_id"           nova:"3.41-"`
	ConsumesQuota   bool              `json:"consumes_quota"    nova:"3.65-"`
	// An extension, which the answers to changes do not have.
	ProjectID api.Opt[string] `json:"os-extended-snapshot-attributes:project_id,omitempty"`
	Progress  api.Opt[string] `json:"os-extended-snapshot-attributes:progress,omitempty"`
}

// SnapshotCreate is the body of POST /snapshots.
type SnapshotCreate struct {
	VolumeID    api.Opt[string]            `json:"volume_id" need:"3.0-" null:"ok" format:"uuid"`
	Name        api.Opt[line]              `json:"name"         null:"ok" len:"0-255"`
	DisplayName api.Opt[line]              `json:"display_name" null:"ok" len:"0-255"`
	Description api.Opt[line]              `json:"description"  null:"ok" len:"0-255"`
	Force       api.Opt[flag]              `json:"force"`
	Metadata    api.Opt[map[string]string] `json:"metadata" null:"ok" keys:"^[a-zA-Z0-9-_:. /]{1,255}$" itemlen:"0-255"`
}

// SnapshotUpdate is the body of PUT /snapshots/{id}.
type SnapshotUpdate struct {
	Name               api.Opt[line] `json:"name"                null:"ok" len:"0-255"`
	Description        api.Opt[line] `json:"description"         null:"ok" len:"0-255"`
	DisplayName        api.Opt[line] `json:"display_name"        null:"ok" len:"0-255"`
	DisplayDescription api.Opt[line] `json:"display_description" null:"ok" len:"0-255"`
}

func (s *Service) snapshotRoutes() []api.Route {
	return slices.Concat([]api.Route{
		api.Get("/snapshots", "", s.listSnapshots(false)),
		api.Get("/snapshots/detail", "", s.listSnapshots(true)),
		api.Post("/snapshots", "snapshot", s.createSnapshot).Code(http.StatusAccepted),
		api.Get("/snapshots/{id}", "snapshot", s.showSnapshot),
		api.Put("/snapshots/{id}", "snapshot", s.updateSnapshot),
		api.Delete("/snapshots/{id}", s.deleteSnapshot).Code(http.StatusAccepted),
	}, s.snapshotActions())
}

func (o *op) ownSnapshot(rule, id string) (*Snapshot, error) {
	s, err := snapshotTable.Get(o.tx, id)
	if errors.Is(err, store.ErrNotFound) || err == nil && !o.sees(s.ProjectID) {
		return nil, snapshotNotFound.of(id)
	}
	if err != nil {
		return nil, err
	}
	return s, o.authorize(rule, s.ProjectID)
}

func (o *op) putSnapshot(s *Snapshot) error {
	s.UpdatedAt = o.now
	return snapshotTable.Put(o.tx, s)
}

func (s *Snapshot) view() snapshotView {
	return snapshotView{
		ID: s.ID, Name: s.Name, Description: s.Description, VolumeID: s.VolumeID, Status: s.Status, Size: s.Size,
		Metadata: plain(s.Metadata), CreatedAt: api.Micros{Time: s.CreatedAt}, UpdatedAt: api.Micros{Time: s.UpdatedAt},
		UserID: s.UserID, ConsumesQuota: true,
	}
}

// extended is the view with what only shown and listed snapshots have.
func (s *Snapshot) extended() snapshotView {
	view := s.view()
	view.ProjectID, view.Progress = api.Some(s.ProjectID), api.Some(s.Progress)
	return view
}

func (s *Service) showSnapshot(c *api.Call) (snapshotView, error) {
	return reading(s, c, func(o *op) (snapshotView, error) {
		snapshot, err := o.ownSnapshot("volume:get_snapshot", c.Var("id"))
		if err != nil {
			return snapshotView{}, err
		}
		return snapshot.extended(), nil
	})
}

func (s *Service) createSnapshot(c *api.Call, in *SnapshotCreate) (snapshotView, error) {
	if c.Since(snapshotsInUse) && in.Force.Set && !bool(in.Force.Value) {
		return snapshotView{}, badRequest.of("Since microversion 3.66 the 'force' flag is invalid for this request.  For backward " +
			"compatability, however, when the 'force' flag is passed with a value evaluating to True, it is silently ignored.")
	}
	return changing(s, c, func(o *op) (snapshotView, error) {
		v, err := o.volume(in.VolumeID.Value)
		if err != nil {
			return snapshotView{}, err
		}
		n := &Snapshot{Metadata: plain(in.Metadata.Value), RequestID: c.RequestID}
		rename(&n.Name, in.DisplayName, in.Name)
		rename(&n.Description, in.Description)
		if err := o.createSnapshot(v, n, bool(in.Force.Value) || c.Since(snapshotsInUse)); err != nil {
			return snapshotView{}, err
		}
		return n.view(), nil
	})
}

// createSnapshot begins to make a snapshot of the volume; inUse allows it while servers write to it.
func (o *op) createSnapshot(v *Volume, n *Snapshot, inUse bool) error {
	if err := o.authorize("volume:create_snapshot", v.ProjectID); err != nil {
		return err
	}
	if err := o.notFrozen(); err != nil {
		return err
	}
	allowed := []string{Available}
	if inUse {
		allowed = []string{Available, InUse}
	}
	switch {
	case v.Status == Maintenance:
		return invalidVolume.of("The snapshot cannot be created when the volume is in maintenance mode.")
	case v.Status == Failed:
		return invalidVolume.of("The snapshot cannot be created when the volume is in error status.")
	case !slices.Contains(allowed, v.Status):
		return invalidVolume.because("Volume %s status must be %s, but current status is: %s.", v.ID, strings.Join(allowed, ", "), v.Status)
	}
	if err := o.reserveSnapshot(v); err != nil {
		return err
	}
	n.ID, n.VolumeID, n.Size, n.TypeID, n.Bootable = uuid.NewString(), v.ID, v.Size, v.TypeID, v.Bootable
	n.ProjectID, n.UserID, n.Status, n.Progress = o.identity.ProjectID, o.identity.UserID, Creating, "0%"
	n.ImageMetadata, n.CreatedAt = maps.Clone(v.ImageMetadata), o.now
	o.begin(task{line: v.ID, snapshot: n.ID, status: Creating})
	return snapshotTable.Insert(o.tx, n)
}

func (s *Service) updateSnapshot(c *api.Call, in *SnapshotUpdate) (snapshotView, error) {
	if !in.Name.Set && !in.Description.Set && !in.DisplayName.Set && !in.DisplayDescription.Set {
		return snapshotView{}, badRequest.of("Invalid input for field/attribute snapshot. Value: {}. {} is not valid under any of the given schemas")
	}
	return changing(s, c, func(o *op) (snapshotView, error) {
		snapshot, err := o.ownSnapshot("volume:update_snapshot", c.Var("id"))
		if err != nil {
			return snapshotView{}, err
		}
		rename(&snapshot.Name, in.DisplayName, in.Name)
		rename(&snapshot.Description, in.DisplayDescription, in.Description)
		if err := o.putSnapshot(snapshot); err != nil {
			return snapshotView{}, err
		}
		return snapshot.view(), nil
	})
}

func (s *Service) deleteSnapshot(c *api.Call) error {
	return s.change(c.Context(), c.Identity, func(o *op) error {
		snapshot, err := o.ownSnapshot("volume:delete_snapshot", c.Var("id"))
		if err != nil {
			return err
		}
		return o.deleteSnapshot(snapshot, false)
	})
}

func (o *op) deleteSnapshot(s *Snapshot, force bool) error {
	if !force && s.Status != Available && s.Status != Failed {
		return invalidSnapshot.of("Snapshot status must be available or error and must not be part of a group.")
	}
	if err := o.notFrozen(); err != nil {
		return err
	}
	s.Status = Deleting
	o.begin(task{line: s.VolumeID, snapshot: s.ID, status: Deleting})
	return o.putSnapshot(s)
}

// snapshotTasks are the tasks of snapshots by status.
func snapshotTasks() map[string]kindOfTask[Snapshot] {
	fails := func(status string) func(*op, *Snapshot) error {
		return func(o *op, s *Snapshot) error {
			s.Status = status
			return o.putSnapshot(s)
		}
	}
	return map[string]kindOfTask[Snapshot]{
		Creating: {"snapshot.create", func(s *Service, ctx context.Context, n *Snapshot) error {
			return s.copyVolume(ctx, n.VolumeID, snapshotContent(n.ID), bytesOf(n.Size))
		}, func(o *op, s *Snapshot) error {
			s.Status, s.Progress = Available, "100%"
			return o.putSnapshot(s)
		}, fails(Failed)},
		Deleting: {"snapshot.delete", func(s *Service, _ context.Context, n *Snapshot) error {
			return s.content.remove(snapshotContent(n.ID))
		}, func(o *op, s *Snapshot) error { return snapshotTable.Delete(o.tx, s.ID) }, fails(FailedDeleting)},
	}
}
