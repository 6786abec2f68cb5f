// SPDX-License-Identifier: MPL-2.0

package mockcloud

import (
	"context"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/cinder"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/nova"
)

// volumeProxy is Cinder as Nova's proxies want it.
type volumeProxy struct{ cinder *cinder.Service }

var _ nova.BlockStorage = volumeProxy{}

func cinderCaller(id *api.Identity) cinder.Caller {
	return cinder.Caller{UserID: id.UserID, ProjectID: id.ProjectID, Admin: id.Admin()}
}

func proxiedVolume(d *cinder.Details) nova.ProxiedVolume {
	v := nova.ProxiedVolume{
		ID: d.ID, Status: d.Status, Zone: d.Zone, Type: d.Type, Name: d.Name, Description: d.Description, Size: d.Size,
		Created: d.CreatedAt, SnapshotID: d.SnapshotID, Metadata: d.Metadata,
	}
	for _, a := range d.Attachments {
		if a.Status == cinder.Attached && a.InstanceID != "" {
			v.ServerID, v.Device = a.InstanceID, a.Device
			break
		}
	}
	return v
}

func proxiedSnapshot(s *cinder.Snapshot) nova.ProxiedSnapshot {
	return nova.ProxiedSnapshot{
		ID: s.ID, VolumeID: s.VolumeID, Status: s.Status, Name: s.Name, Description: s.Description, Size: s.Size, Created: s.CreatedAt,
	}
}

// each converts a list.
func each[T, V any](all []*T, err error, convert func(*T) V) ([]V, error) {
	var views []V
	for _, one := range all {
		views = append(views, convert(one))
	}
	return views, err
}

// one converts a record, if there is one.
func one[T, V any](record *T, err error, convert func(*T) V) (view V, _ error) {
	if err == nil {
		view = convert(record)
	}
	return view, err
}

func (p volumeProxy) Volumes(ctx context.Context, identity *api.Identity) ([]nova.ProxiedVolume, error) {
	all, err := p.cinder.Volumes(ctx, cinderCaller(identity), false)
	return each(all, err, proxiedVolume)
}

func (p volumeProxy) Volume(ctx context.Context, identity *api.Identity, id string) (nova.ProxiedVolume, error) {
	v, err := p.cinder.Volume(ctx, cinderCaller(identity), id)
	return one(v, err, proxiedVolume)
}

func (p volumeProxy) CreateVolume(ctx context.Context, identity *api.Identity, n nova.NewProxiedVolume) (nova.ProxiedVolume, error) {
	v, err := p.cinder.Create(ctx, cinderCaller(identity), cinder.NewVolume{
		Name: n.Name, Description: n.Description, Size: n.Size, Type: n.Type, Zone: n.Zone, SnapshotID: n.SnapshotID, Metadata: n.Metadata,
	})
	return one(v, err, proxiedVolume)
}

func (p volumeProxy) DeleteVolume(ctx context.Context, identity *api.Identity, id string) error {
	return p.cinder.Delete(ctx, cinderCaller(identity), id)
}

func (p volumeProxy) Snapshots(ctx context.Context, identity *api.Identity) ([]nova.ProxiedSnapshot, error) {
	all, err := p.cinder.Snapshots(ctx, cinderCaller(identity), false)
	return each(all, err, proxiedSnapshot)
}

func (p volumeProxy) Snapshot(ctx context.Context, identity *api.Identity, id string) (nova.ProxiedSnapshot, error) {
	s, err := p.cinder.Snapshot(ctx, cinderCaller(identity), id)
	return one(s, err, proxiedSnapshot)
}

func (p volumeProxy) CreateSnapshot(ctx context.Context, identity *api.Identity, n nova.NewProxiedSnapshot) (nova.ProxiedSnapshot, error) {
	s, err := p.cinder.CreateSnapshot(ctx, cinderCaller(identity), n.VolumeID, n.Name, n.Description, n.Force)
	return one(s, err, proxiedSnapshot)
}

func (p volumeProxy) DeleteSnapshot(ctx context.Context, identity *api.Identity, id string) error {
	return p.cinder.DeleteSnapshot(ctx, cinderCaller(identity), id)
}

func (p volumeProxy) SnapshotProgress(ctx context.Context, id, status, progress string) error {
	return p.cinder.SnapshotProgress(ctx, id, status, progress)
}
