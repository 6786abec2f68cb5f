// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"context"
	"net/http"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

// BlockStorage is the block storage service as its proxies want it: it does everything in the name of who
// asks, and its errors are api.Faults.
type BlockStorage interface {
	Volumes(ctx context.Context, identity *api.Identity) ([]ProxiedVolume, error) // the newest first
	Volume(ctx context.Context, identity *api.Identity, id string) (ProxiedVolume, error)
	CreateVolume(ctx context.Context, identity *api.Identity, volume NewProxiedVolume) (ProxiedVolume, error)
	DeleteVolume(ctx context.Context, identity *api.Identity, id string) error
	Snapshots(ctx context.Context, identity *api.Identity) ([]ProxiedSnapshot, error) // the newest first
	Snapshot(ctx context.Context, identity *api.Identity, id string) (ProxiedSnapshot, error)
	CreateSnapshot(ctx context.Context, identity *api.Identity, snapshot NewProxiedSnapshot) (ProxiedSnapshot, error)
	DeleteSnapshot(ctx context.Context, identity *api.Identity, id string) error
	// SnapshotProgress tells how far the host of the volume is with a snapshot.
	SnapshotProgress(ctx context.Context, id, status, progress string) error
}

// ProxiedVolume is a volume as the block storage service tells of it.
type ProxiedVolume struct {
	ID, Status, Zone, Type string
	Name, Description      *string
	Size                   int // GiB
	Created                time.Time
	SnapshotID             string // "" for none
	Metadata               map[string]string
	ServerID, Device       string // "" unless it is attached
}

// NewProxiedVolume is a volume to make.
type NewProxiedVolume struct {
	Name, Description      *string
	Size                   int // GiB
	Type, Zone, SnapshotID string
	Metadata               map[string]string
}

// volumeCreate is the body of POST /os-volumes.
type volumeCreate struct {
	Name        api.Opt[string] `json:"display_name"`
	Description api.Opt[string] `json:"display_description"`
	Size        api.Natural     `json:"size" need:"2.1-" range:"1-"`
	Type        string          `json:"volume_type"`
	Metadata    map[string]any  `json:"metadata"`
	SnapshotID  string          `json:"snapshot_id"`
	Zone        string          `json:"availability_zone"`
}

// volumeView is a volume as Nova shows it.
type volumeView struct {
	ID          string             `json:"id"`
	Status      string             `json:"status"`
	Size        int                `json:"size"`
	Zone        string             `json:"availabilityZone"`
	Created     api.Micros         `json:"createdAt"`
	Attachments []volumeAttachment `json:"attachments"` // always one, empty of a volume that is not attached
	Name        *string            `json:"displayName"`
	Description *string            `json:"displayDescription"`
	Type        string             `json:"volumeType"`
	SnapshotID  *string            `json:"snapshotId"`
	Metadata    map[string]string  `json:"metadata"`
}

type volumeAttachment struct {
	ID       string `json:"id,omitempty"`
	VolumeID string `json:"volumeId,omitempty"`
	ServerID string `json:"serverId,omitempty"`
	Device   string `json:"device,omitempty"`
}

// sliceQuery are the parameters of lists that are cut after they were fetched.
type sliceQuery struct {
	Limit  api.Opt[api.Natural] `json:"limit"  range:"0-"`
	Offset api.Opt[api.Natural] `json:"offset" range:"0-"`
}

// volumeProxyRoutes are the proxy of volumes, up to 2.35.
func (s *Service) volumeProxyRoutes() []api.Route {
	ask, none := api.QueryOf[sliceQuery](), api.QueryOf[noQuery]()
	return []api.Route{
		api.Get("/os-volumes", "volumes", s.listVolumes).Only("-2.35").AskedBy(ask).Loose("-2.35").Policy(rule("os-volumes:list")),
		api.Get("/os-volumes/detail", "volumes", s.listVolumes).Only("-2.35").AskedBy(ask).Loose("-2.35").Policy(rule("os-volumes:detail")),
		api.Post("/os-volumes", "volume", s.createVolume).Only("-2.35").Policy(rule("os-volumes:create")),
		api.Get("/os-volumes/{id}", "volume", s.showVolume).Only("-2.35").AskedBy(none).Loose("-2.35").Policy(rule("os-volumes:show")),
		api.Delete("/os-volumes/{id}", s.deleteVolume).Only("-2.35").Code(http.StatusAccepted).Policy(rule("os-volumes:delete")),
	}
}

// cutSlice is what the query asks for of a list.
func cutSlice[T any](c *api.Call, all []T) []T {
	q := api.Query[sliceQuery](c)
	all = all[min(int(q.Offset.Value), len(all)):]
	limit := min(int(q.Limit.Value), maxLimit)
	if limit == 0 {
		limit = maxLimit
	}
	return all[:min(limit, len(all))]
}

func (v *ProxiedVolume) view() volumeView {
	view := volumeView{
		ID: v.ID, Status: v.Status, Size: v.Size, Zone: v.Zone, Created: api.Micros{Time: v.Created}, Attachments: []volumeAttachment{{}},
		Name: v.Name, Description: v.Description, Type: v.Type, Metadata: v.Metadata,
	}
	if v.SnapshotID != "" {
		view.SnapshotID = &v.SnapshotID
	}
	if v.ServerID != "" {
		view.Attachments = []volumeAttachment{{ID: v.ID, VolumeID: v.ID, ServerID: v.ServerID, Device: v.Device}}
	}
	if view.Metadata == nil {
		view.Metadata = map[string]string{}
	}
	return view
}

// refusedVolume is the block storage service's refusal in Nova's words; missing is the one of a 404.
func refusedVolume(c *api.Call, err error, missing string) error {
	fault := api.AsFault(err)
	switch {
	case fault == nil:
		return err
	case fault.Code == http.StatusNotFound && missing != "":
		return api.NotFound("%s", missing)
	case fault.Code == http.StatusNotFound, fault.Code == http.StatusForbidden:
		return fault
	case fault.Code == http.StatusRequestEntityTooLarge:
		return api.Forbidden("%s", fault.Message)
	}
	// The text is an exception of Cinder's client within one of Nova's.
	return api.BadRequest("Invalid input received: %s (HTTP %d) (Request-ID: %s)", fault.Message, fault.Code, c.RequestID)
}

func noVolume(id string) string { return "Volume " + id + " could not be found." }

func (s *Service) listVolumes(c *api.Call) ([]volumeView, error) {
	all, err := s.BlockStorage.Volumes(c.Context(), c.Identity)
	views := []volumeView{}
	for _, v := range cutSlice(c, all) {
		views = append(views, v.view())
	}
	return views, refusedVolume(c, err, "")
}

func (s *Service) showVolume(c *api.Call) (volumeView, error) {
	v, err := s.BlockStorage.Volume(c.Context(), c.Identity, c.Var("id"))
	return v.view(), refusedVolume(c, err, noVolume(c.Var("id")))
}

func (s *Service) createVolume(c *api.Call, in *volumeCreate) (volumeView, error) {
	n := NewProxiedVolume{
		Name: in.Name.Pointer(), Description: in.Description.Pointer(), Size: int(in.Size), Type: in.Type, Zone: in.Zone,
		SnapshotID: in.SnapshotID, Metadata: map[string]string{},
	}
	for key, value := range in.Metadata {
		text, isText := value.(string)
		if !isText || key == "" || len(key) > 255 || len(text) > 255 {
			return volumeView{}, api.BadRequest("Invalid input received: Invalid input for field/attribute %s. Value: %s. It must be a string of at most 255 characters",
				key, api.Repr(value))
		}
		n.Metadata[key] = text
	}
	v, err := s.BlockStorage.CreateVolume(c.Context(), c.Identity, n)
	if err != nil {
		return volumeView{}, refusedVolume(c, err, "")
	}
	c.Header().Set("Location", c.Base()+c.Request.URL.EscapedPath()+"/"+v.ID)
	return v.view(), nil
}

func (s *Service) deleteVolume(c *api.Call) error {
	return refusedVolume(c, s.BlockStorage.DeleteVolume(c.Context(), c.Identity, c.Var("id")), noVolume(c.Var("id")))
}
