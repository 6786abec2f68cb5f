// SPDX-License-Identifier: MPL-2.0

package cinder

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// Attachment is an attachment's record: a volume that something has, or is about to have.
type Attachment struct {
	ID, VolumeID, ProjectID string
	InstanceID              string // "" where no server has it
	Host, Device            string
	Mode, Status            string
	Connector, Connection   map[string]any
	AttachedAt              time.Time
	CreatedAt, UpdatedAt    time.Time
}

var attachmentTable = &store.Table[Attachment]{
	Name: "cinder.attachments",
	Key:  func(a *Attachment) string { return a.ID },
	Indexes: []store.Index[Attachment]{
		{Name: "volume", Of: func(a *Attachment) []string { return []string{a.VolumeID} }},
		{Name: "project", Of: func(a *Attachment) []string { return []string{a.ProjectID} }},
		{Name: "instance", Of: func(a *Attachment) []string { return []string{a.InstanceID} }},
	},
}

// attachmentSummary is an attachment in GET /attachments.
type attachmentSummary struct {
	ID       string  `json:"id"`
	Status   string  `json:"status"`
	Instance *string `json:"instance"`
	VolumeID string  `json:"volume_id"`
}

// attachmentDetail is an attachment as Cinder shows it.
type attachmentDetail struct {
	attachmentSummary
	AttachedAt any            `json:"attached_at"` // "" for never
	DetachedAt any            `json:"detached_at"`
	Mode       string         `json:"attach_mode"`
	Connection map[string]any `json:"connection_info"`
}

// AttachmentCreate is the body of POST /attachments.
type AttachmentCreate struct {
	VolumeID   string                  `json:"volume_uuid"   need:"3.0-" format:"uuid"`
	InstanceID string                  `json:"instance_uuid" format:"uuid"`
	Connector  api.Opt[map[string]any] `json:"connector"     null:"ok"`
	Mode       string                  `json:"mode"          nova:"3.54-" oneof:"rw ro"`
}

// AttachmentUpdate is the body of PUT /attachments/{id}.
type AttachmentUpdate struct {
	Connector map[string]any `json:"connector" need:"3.0-" len:"1-"`
}

func (s *Service) attachmentRoutes() []api.Route {
	return []api.Route{
		api.Get("/attachments", "attachments", s.listAttachments).Only("3.27-"),
		api.Get("/attachments/detail", "attachments", s.listAttachmentsDetail).Only("3.27-"),
		api.Post("/attachments", "attachment", s.createAttachment).Only("3.27-"),
		api.Get("/attachments/{id}", "attachment", s.showAttachment).Only("3.27-"),
		api.Put("/attachments/{id}", "attachment", s.updateAttachment).Only("3.27-"),
		api.Raw(http.MethodDelete, "/attachments/{id}", s.deleteAttachment),
		api.Action("/attachments/{id}/action", "os-complete", s.completeAttachment).Only("3.44-").Code(http.StatusNoContent),
	}
}

func (o *op) putAttachment(a *Attachment) error {
	a.UpdatedAt = o.now
	return attachmentTable.Put(o.tx, a)
}

// attachment is the attachment of that id and its volume, if the caller may know of them.
func (o *op) attachment(id string) (*Attachment, *Volume, error) {
	a, err := attachmentTable.Get(o.tx, id)
	if errors.Is(err, store.ErrNotFound) || err == nil && !o.sees(a.ProjectID) {
		return nil, nil, attachmentNotFound.of(id)
	}
	if err != nil {
		return nil, nil, err
	}
	v, err := volumeTable.Get(o.tx, a.VolumeID)
	return a, v, err
}

func (a *Attachment) summary() attachmentSummary {
	return attachmentSummary{ID: a.ID, Status: a.Status, Instance: null(a.InstanceID), VolumeID: a.VolumeID}
}

func (a *Attachment) detail() attachmentDetail {
	view := attachmentDetail{
		attachmentSummary: a.summary(), AttachedAt: "", DetachedAt: "", Mode: a.Mode, Connection: a.Connection,
	}
	if !a.AttachedAt.IsZero() {
		view.AttachedAt = api.Micros{Time: a.AttachedAt}
	}
	if view.Connection == nil {
		view.Connection = map[string]any{}
	}
	return view
}

func (s *Service) showAttachment(c *api.Call) (attachmentDetail, error) {
	return reading(s, c, func(o *op) (attachmentDetail, error) {
		a, _, err := o.attachment(c.Var("id"))
		if err != nil {
			return attachmentDetail{}, err
		}
		return a.detail(), nil
	})
}

func (s *Service) createAttachment(c *api.Call, in *AttachmentCreate) (attachmentDetail, error) {
	return changing(s, c, func(o *op) (attachmentDetail, error) {
		v, err := o.ownVolume("volume:attachment_create", in.VolumeID)
		if err != nil {
			return attachmentDetail{}, err
		}
		mode := in.Mode
		if mode == "" {
			mode = noMode
		}
		a, err := o.reserve(v, in.InstanceID, mode)
		if err == nil && len(in.Connector.Value) > 0 {
			err = o.connect(a, v, in.Connector.Value)
		}
		if err != nil {
			return attachmentDetail{}, err
		}
		return a.detail(), nil
	})
}

// ownAttachment is the attachment, if the rule lets the caller do this to it.
func (o *op) ownAttachment(rule, id string) (*Attachment, *Volume, error) {
	a, v, err := o.attachment(id)
	if err != nil {
		return nil, nil, err
	}
	return a, v, o.authorize(rule, a.ProjectID)
}

func (s *Service) updateAttachment(c *api.Call, in *AttachmentUpdate) (attachmentDetail, error) {
	return changing(s, c, func(o *op) (attachmentDetail, error) {
		a, v, err := o.ownAttachment("volume:attachment_update", c.Var("id"))
		if err != nil {
			return attachmentDetail{}, err
		}
		if err := o.alone(a, v); err != nil {
			return attachmentDetail{}, err
		}
		if err := o.connect(a, v, in.Connector); err != nil {
			return attachmentDetail{}, err
		}
		return a.detail(), nil
	})
}

// alone refuses a second server at a volume that is for one.
func (o *op) alone(a *Attachment, v *Volume) error {
	all, err := o.attachmentsOf(v.ID)
	if err != nil || v.Multiattach {
		return err
	}
	for _, other := range all {
		if other.ID != a.ID && other.Connection != nil && other.InstanceID != a.InstanceID {
			return resourceConflict.of("duplicate connectors detected on volume " + v.ID)
		}
	}
	return nil
}

func (s *Service) completeAttachment(c *api.Call, _ *api.None) (api.None, error) {
	return changing(s, c, func(o *op) (api.None, error) {
		a, v, err := o.ownAttachment("volume:attachment_complete", c.Var("id"))
		if err != nil {
			return api.None{}, err
		}
		return api.None{}, o.complete(a, v)
	})
}

// deletionAllowed refuses to take a volume away behind the back of the server that has it. at is nil for
// whatever attachment there is.
func (s *Service) deletionAllowed(ctx context.Context, identity *api.Identity, at *Attachment) error {
	if at == nil || at.InstanceID == "" || len(at.Connection) == 0 || s.serverHas == nil || identity.Has("service") {
		return nil
	}
	has, err := s.serverHas(ctx, at.InstanceID, at.ID)
	if err != nil || !has {
		return err
	}
	return conflict.of("Detach volume from instance " + at.InstanceID + " using the Compute API")
}
