// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"net/http"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

// ProxiedSnapshot is a snapshot of a volume as the block storage service tells of it.
type ProxiedSnapshot struct {
	ID, VolumeID, Status string
	Name, Description    *string
	Size                 int // GiB
	Created              time.Time
}

// NewProxiedSnapshot is a snapshot to make; Force makes it of a volume in use, too.
type NewProxiedSnapshot struct {
	VolumeID          string
	Name, Description *string
	Force             bool
}

// snapshotCreate is the body of POST /os-snapshots.
type snapshotCreate struct {
	VolumeID    string          `json:"volume_id" need:"2.1-"`
	Force       api.Boolean     `json:"force"`
	Name        api.Opt[string] `json:"display_name"`
	Description api.Opt[string] `json:"display_description"`
}

// snapshotView is a snapshot as Nova shows it.
type snapshotView struct {
	ID          string     `json:"id"`
	VolumeID    string     `json:"volumeId"`
	Status      string     `json:"status"`
	Size        int        `json:"size"`
	Created     api.Micros `json:"createdAt"`
	Name        *string    `json:"displayName"`
	Description *string    `json:"displayDescription"`
}

// snapshotProxyRoutes are the proxy of snapshots, up to 2.35.
func (s *Service) snapshotProxyRoutes() []api.Route {
	ask, none := api.QueryOf[sliceQuery](), api.QueryOf[noQuery]()
	return []api.Route{
		api.Get("/os-snapshots", "snapshots", s.listSnapshots).Only("-2.35").AskedBy(ask).Loose("-2.35").
			Policy(rule("os-volumes:snapshots:list")),
		api.Get("/os-snapshots/detail", "snapshots", s.listSnapshots).Only("-2.35").AskedBy(ask).Loose("-2.35").
			Policy(rule("os-volumes:snapshots:detail")),
		api.Post("/os-snapshots", "snapshot", s.createSnapshot).Only("-2.35").Policy(rule("os-volumes:snapshots:create")),
		api.Get("/os-snapshots/{id}", "snapshot", s.showSnapshot).Only("-2.35").AskedBy(none).Loose("-2.35").
			Policy(rule("os-volumes:snapshots:show")),
		api.Delete("/os-snapshots/{id}", s.deleteSnapshot).Only("-2.35").Code(http.StatusAccepted).
			Policy(rule("os-volumes:snapshots:delete")),
	}
}

func (p *ProxiedSnapshot) view() snapshotView {
	return snapshotView{p.ID, p.VolumeID, p.Status, p.Size, api.Micros{Time: p.Created}, p.Name, p.Description}
}

func noSnapshot(id string) string { return "Snapshot " + id + " could not be found." }

func (s *Service) listSnapshots(c *api.Call) ([]snapshotView, error) {
	all, err := s.BlockStorage.Snapshots(c.Context(), c.Identity)
	views := []snapshotView{}
	for _, p := range cutSlice(c, all) {
		views = append(views, p.view())
	}
	return views, refusedVolume(c, err, "")
}

func (s *Service) showSnapshot(c *api.Call) (snapshotView, error) {
	p, err := s.BlockStorage.Snapshot(c.Context(), c.Identity, c.Var("id"))
	return p.view(), refusedVolume(c, err, noSnapshot(c.Var("id")))
}

func (s *Service) createSnapshot(c *api.Call, in *snapshotCreate) (snapshotView, error) {
	p, err := s.BlockStorage.CreateSnapshot(c.Context(), c.Identity, NewProxiedSnapshot{
		VolumeID: in.VolumeID, Name: in.Name.Pointer(), Description: in.Description.Pointer(), Force: bool(in.Force),
	})
	return p.view(), refusedVolume(c, err, noVolume(in.VolumeID))
}

func (s *Service) deleteSnapshot(c *api.Call) error {
	return refusedVolume(c, s.BlockStorage.DeleteSnapshot(c.Context(), c.Identity, c.Var("id")), noSnapshot(c.Var("id")))
}
