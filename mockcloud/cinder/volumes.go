// SPDX-License-Identifier: MPL-2.0

package cinder

import (
	"context"
	"slices"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// These are the methods by which compute uses volumes. Their refusals are api.Faults, with Cinder's words.

// as runs a change in the name of a caller.
func as[T any](ctx context.Context, s *Service, caller Caller, do func(*op) (T, error)) (result T, err error) {
	err = s.change(ctx, caller.identity(), func(o *op) (err error) {
		result, err = do(o)
		return err
	})
	return result, err
}

// viewAs is as without a change.
func viewAs[T any](ctx context.Context, s *Service, caller Caller, do func(*op) (T, error)) (result T, err error) {
	err = s.read(ctx, caller.identity(), func(o *op) (err error) {
		result, err = do(o)
		return err
	})
	return result, err
}

// Details are a volume with what belongs to it.
type Details struct {
	*Volume
	Type        string // its name
	Attachments []*Attachment
}

func (o *op) details(v *Volume) (*Details, error) {
	t, err := typeTable.Get(o.tx, v.TypeID)
	if err != nil {
		return nil, err
	}
	all, err := o.attachmentsOf(v.ID)
	return &Details{Volume: v, Type: t.Name, Attachments: all}, err
}

// Volume is a volume that the caller may see; 404 otherwise.
func (s *Service) Volume(ctx context.Context, caller Caller, id string) (*Details, error) {
	return viewAs(ctx, s, caller, func(o *op) (*Details, error) {
		v, err := o.volume(id)
		if err != nil {
			return nil, err
		}
		return o.details(v)
	})
}

// Volumes are those of the caller's project, the newest first; with all, everybody's.
func (s *Service) Volumes(ctx context.Context, caller Caller, all bool) ([]*Details, error) {
	return viewAs(ctx, s, caller, func(o *op) ([]*Details, error) {
		rows, err := rowsOf(o, &query{allTenants: all}, volumeTable)
		if err != nil {
			return nil, err
		}
		slices.SortFunc(rows, func(a, b *Volume) int { return b.CreatedAt.Compare(a.CreatedAt) })
		var found []*Details
		for _, v := range rows {
			d, err := o.details(v)
			if err != nil {
				return nil, err
			}
			found = append(found, d)
		}
		return found, nil
	})
}

// Snapshot is a snapshot that the caller may see; 404 otherwise.
func (s *Service) Snapshot(ctx context.Context, caller Caller, id string) (*Snapshot, error) {
	return viewAs(ctx, s, caller, func(o *op) (*Snapshot, error) { return o.ownSnapshot("volume:get_snapshot", id) })
}

// Snapshots are those of the caller's project, the newest first; with all, everybody's.
func (s *Service) Snapshots(ctx context.Context, caller Caller, all bool) ([]*Snapshot, error) {
	return viewAs(ctx, s, caller, func(o *op) ([]*Snapshot, error) {
		rows, err := rowsOf(o, &query{allTenants: all}, snapshotTable)
		slices.SortFunc(rows, func(a, b *Snapshot) int { return b.CreatedAt.Compare(a.CreatedAt) })
		return rows, err
	})
}

// HasType tells whether there is a volume type of that name or id for the caller.
func (s *Service) HasType(ctx context.Context, caller Caller, nameOrID string) (bool, error) {
	_, err := viewAs(ctx, s, caller, func(o *op) (*Type, error) { return o.typeNamed(nameOrID) })
	if typeNotFound.is(err) {
		return false, nil
	}
	return err == nil, err
}

// NewVolume is a volume to make: blank, or of an image or a snapshot.
type NewVolume struct {
	ID                  string // "" for a new one
	Name, Description   *string
	Size                int // GiB; 0 for that of the snapshot
	Type, Zone          string
	ImageID, SnapshotID string
	Metadata            map[string]string
}

// Create begins to make a volume.
func (s *Service) Create(ctx context.Context, caller Caller, n NewVolume) (*Details, error) {
	image, err := s.imageOf(ctx, caller.identity(), n.ImageID)
	if err != nil {
		return nil, err
	}
	return as(ctx, s, caller, func(o *op) (*Details, error) {
		v := &Volume{ID: n.ID, Name: n.Name, Description: n.Description, Zone: n.Zone, SnapshotID: n.SnapshotID, Metadata: plain(n.Metadata)}
		if err := o.create(&creation{volume: v, typeName: n.Type, size: n.Size, image: image}); err != nil {
			return nil, err
		}
		return o.details(v)
	})
}

// Delete begins to delete a volume.
func (s *Service) Delete(ctx context.Context, caller Caller, id string) error {
	return s.change(ctx, caller.identity(), func(o *op) error {
		v, err := o.volume(id)
		if err != nil {
			return err
		}
		return o.deleteVolume(v, deletion{})
	})
}

// CreateSnapshot begins to make a snapshot; force allows it of a volume in use.
func (s *Service) CreateSnapshot(ctx context.Context, caller Caller, volume string, name, description *string, force bool) (*Snapshot, error) {
	return as(ctx, s, caller, func(o *op) (*Snapshot, error) {
		v, err := o.volume(volume)
		if err != nil {
			return nil, err
		}
		n := &Snapshot{Name: name, Description: description, Metadata: map[string]string{}}
		return n, o.createSnapshot(v, n, force)
	})
}

// DeleteSnapshot begins to delete a snapshot.
func (s *Service) DeleteSnapshot(ctx context.Context, caller Caller, id string) error {
	return s.change(ctx, caller.identity(), func(o *op) error {
		snapshot, err := o.ownSnapshot("volume:delete_snapshot", id)
		if err != nil {
			return err
		}
		return o.deleteSnapshot(snapshot, false)
	})
}

// transient are the statuses that Await waits to see the end of.
var transient = []string{Creating, Downloading, Attaching, Detaching}

// Await returns the volume once it is in none of the transient statuses; a 404 fault when it is gone.
func (s *Service) Await(ctx context.Context, id string) (v *Details, err error) {
	err = s.await(ctx, func() (bool, error) {
		v, err = s.Volume(ctx, Caller{Admin: true}, id)
		return err == nil && slices.Contains(transient, v.Status), err
	})
	return v, err
}

// AwaitSnapshot returns the snapshot once it is made; a 404 fault once it is deleted.
func (s *Service) AwaitSnapshot(ctx context.Context, id string) (snapshot *Snapshot, err error) {
	err = s.await(ctx, func() (bool, error) {
		snapshot, err = s.Snapshot(ctx, Caller{Admin: true}, id)
		return err == nil && (snapshot.Status == Creating || snapshot.Status == Deleting), err
	})
	return snapshot, err
}

// await looks at the records after each change of them until there is nothing to wait for.
func (s *Service) await(ctx context.Context, waits func() (bool, error)) error {
	for {
		changed := s.work.next()
		if wait, err := waits(); err != nil || !wait {
			return err
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// Reserve makes an attachment of the volume to a server, and returns its id.
func (s *Service) Reserve(ctx context.Context, caller Caller, volume, server string) (string, error) {
	return as(ctx, s, caller, func(o *op) (string, error) {
		v, err := o.ownVolume("volume:attachment_create", volume)
		if err != nil {
			return "", err
		}
		a, err := o.reserve(v, server, noMode)
		if err != nil {
			return "", err
		}
		return a.ID, nil
	})
}

// onAttachment changes an attachment and its volume in the name of the cloud.
func (s *Service) onAttachment(ctx context.Context, id string, do func(*op, *Attachment, *Volume) error) error {
	return s.change(ctx, Caller{Admin: true}.identity(), func(o *op) error {
		a, v, err := o.attachment(id)
		if err != nil {
			return err
		}
		return do(o, a, v)
	})
}

// Connection is how a host gets at a volume.
type Connection struct {
	Path   string // the raw file with the content; "" where volumes are simulated
	Bytes  int64
	Shared bool // other servers may have it, too (multiattach)
}

// Connect tells an attachment its host and device.
func (s *Service) Connect(ctx context.Context, id, host, device string) (at Connection, err error) {
	err = s.onAttachment(ctx, id, func(o *op, a *Attachment, v *Volume) error {
		at = Connection{s.content.path(volumeContent(v.ID)), bytesOf(v.Size), v.Multiattach}
		if err := o.alone(a, v); err != nil {
			return err
		}
		return o.connect(a, v, map[string]any{"host": host, "mountpoint": device})
	})
	return at, err
}

// Complete says that an attachment is made.
func (s *Service) Complete(ctx context.Context, id string) error {
	return s.onAttachment(ctx, id, (*op).complete)
}

// Disconnect takes the host from an attachment: the volume is reserved.
func (s *Service) Disconnect(ctx context.Context, id string) error {
	return s.onAttachment(ctx, id, func(o *op, a *Attachment, v *Volume) error {
		a.Status, a.Host, a.Device, a.Connector, a.Connection = Reserved, "", "", nil, nil
		if err := o.putAttachment(a); err != nil {
			return err
		}
		return o.detach(v, nil)
	})
}

// Reimage begins to replace the content of a volume, which may be reserved, by an image's.
func (s *Service) Reimage(ctx context.Context, caller Caller, volume, image string) error {
	i, err := s.imageOf(ctx, caller.identity(), image)
	if err != nil {
		return err
	}
	return s.change(ctx, caller.identity(), func(o *op) error {
		v, err := o.ownVolume("volume:reimage_reserved", volume)
		if err != nil {
			return err
		}
		return o.reimage(v, i, true)
	})
}

// Detach deletes an attachment; nil when there is none.
func (s *Service) Detach(ctx context.Context, id string) error {
	err := s.onAttachment(ctx, id, func(o *op, a *Attachment, v *Volume) error { return o.detach(v, a) })
	if attachmentNotFound.is(err) {
		return nil
	}
	return err
}

// BeginDetaching sets a volume in use to detaching.
func (s *Service) BeginDetaching(ctx context.Context, caller Caller, id string) error {
	return s.change(ctx, caller.identity(), func(o *op) error {
		v, err := o.ownVolume("volume_extension:volume_actions:begin_detaching", id)
		if err != nil {
			return err
		}
		return o.beginDetaching(v)
	})
}

// RollDetaching takes BeginDetaching back.
func (s *Service) RollDetaching(ctx context.Context, id string) error {
	return s.change(ctx, Caller{Admin: true}.identity(), func(o *op) error {
		v, err := o.volume(id)
		if err != nil {
			return err
		}
		return o.rollDetaching(v)
	})
}

// AttachmentsOf are the ids of the attachments to a server.
func (s *Service) AttachmentsOf(ctx context.Context, server string) (ids []string, err error) {
	err = s.store.View(ctx, func(tx store.Tx) error {
		ids = nil
		all, err := attachmentTable.By(tx, "instance", server)
		for _, a := range all {
			ids = append(ids, a.ID)
		}
		return err
	})
	return ids, err
}

type migrationBody struct {
	NewVolume string `json:"new_volume" need:"3.0-" format:"uuid"`
	Failed    any    `json:"error"`
}

type migrationAnswer struct {
	SavedID string `json:"save_volume_id"`
}

func (s *Service) completeMigration(c *api.Call, in *migrationBody) (migrationAnswer, error) {
	var failed flag
	if text, isText := in.Failed.(string); isText && text == "" || in.Failed == nil {
		failed = false
	} else if err := failed.Parse(in.Failed); err != nil {
		return migrationAnswer{}, invalidInput.of(err.Error())
	}
	if err := s.authorized(c, "volume_extension:volume_admin_actions:migrate_volume_completion"); err != nil {
		return migrationAnswer{}, err
	}
	id, err := s.FinishSwap(c.Context(), c.Var("id"), in.NewVolume, bool(failed))
	return migrationAnswer{id}, err
}

// authorized holds the caller against a rule about the volume of the request.
func (s *Service) authorized(c *api.Call, rule string) error {
	return s.read(c.Context(), c.Identity, func(o *op) error {
		_, err := o.ownVolume(rule, c.Var("id"))
		return err
	})
}

// FinishSwap tells that a server has the second volume in place of the first, whose attachments it takes
// over; failed, that it has not. It returns the id of the volume that the server has.
func (s *Service) FinishSwap(ctx context.Context, volume, newVolume string, failed bool) (string, error) {
	return as(ctx, s, Caller{Admin: true}, func(o *op) (string, error) {
		old, err := o.volume(volume)
		if err != nil {
			return "", err
		}
		next, err := o.volume(newVolume)
		if err != nil || failed {
			return newVolume, err
		}
		return newVolume, o.takeOver(old, next)
	})
}

// takeOver moves what is attached of a volume to another, unless the server has an attachment to that already.
func (o *op) takeOver(old, next *Volume) error {
	has, err := o.attachmentsOf(next.ID)
	if err != nil {
		return err
	}
	all, err := o.attachmentsOf(old.ID)
	if err != nil {
		return err
	}
	for _, a := range all {
		if a.Status != Attached { // another server is about to have it
			continue
		}
		if at := slices.IndexFunc(has, func(b *Attachment) bool { return b.InstanceID == a.InstanceID }); at >= 0 {
			if err := o.detach(old, a); err != nil {
				return err
			}
			a = has[at]
		}
		a.VolumeID, a.ProjectID = next.ID, next.ProjectID
		if a.Connection, err = o.connection(next, a); err != nil {
			return err
		}
		if err := o.complete(a, next); err != nil {
			return err
		}
	}
	return o.detach(old, nil)
}
