// SPDX-License-Identifier: MPL-2.0

package cinder

import (
	"encoding/json"
	"net/http"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

// deleteAttachment answers with the attachments that the volume has left.
func (s *Service) deleteAttachment(c *api.Call, w http.ResponseWriter) error {
	if c.Version < attachments {
		return api.NotFound("API version 3.%d is not supported on this method.", c.Version)
	}
	at, err := reading(s, c, func(o *op) (*Attachment, error) {
		a, _, err := o.ownAttachment("volume:attachment_delete", c.Var("id"))
		return a, err
	})
	if err != nil {
		return err
	}
	if err := s.deletionAllowed(c.Context(), c.Identity, at); err != nil {
		return err
	}
	left, err := changing(s, c, func(o *op) ([]attachmentSummary, error) {
		a, v, err := o.attachment(at.ID)
		if err != nil {
			return nil, err
		}
		if err := o.detach(v, a); err != nil {
			return nil, err
		}
		all, err := o.attachmentsOf(v.ID)
		return summaries(all), err
	})
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	return json.NewEncoder(w).Encode(map[string]any{"attachments": left})
}

func summaries(all []*Attachment) []attachmentSummary {
	views := []attachmentSummary{}
	for _, a := range all {
		views = append(views, a.summary())
	}
	return views
}

// attachmentColumns are what attachments are filtered and sorted by.
var attachmentColumns = columns[Attachment]{
	"id":            func(a *Attachment) any { return a.ID },
	"volume_id":     func(a *Attachment) any { return a.VolumeID },
	"instance_id":   func(a *Attachment) any { return a.InstanceID },
	"instance_uuid": func(a *Attachment) any { return a.InstanceID },
	"attach_status": func(a *Attachment) any { return a.Status },
	"status":        func(a *Attachment) any { return a.Status },
	"project_id":    func(a *Attachment) any { return a.ProjectID },
	"created_at":    func(a *Attachment) any { return moment(a.CreatedAt) },
	"updated_at":    func(a *Attachment) any { return moment(a.UpdatedAt) },
}

var attachmentFilters = []string{"volume_id", "status", "instance_id", "attach_status"}

func (s *Service) someAttachments(c *api.Call) ([]*Attachment, error) {
	page, err := reading(s, c, func(o *op) (*page[Attachment], error) {
		q, err := newQuery(c, attachmentFilters)
		if err != nil {
			return nil, err
		}
		rows, err := rowsOf(o, q, attachmentTable)
		if err != nil {
			return nil, err
		}
		return cut(q, rows, attachmentColumns, func(a *Attachment) string { return a.ID }, attachmentNotFound)
	})
	if err != nil {
		return nil, err
	}
	return page.items, nil
}

func (s *Service) listAttachments(c *api.Call) ([]attachmentSummary, error) {
	all, err := s.someAttachments(c)
	return summaries(all), err
}

func (s *Service) listAttachmentsDetail(c *api.Call) ([]attachmentDetail, error) {
	all, err := s.someAttachments(c)
	views := []attachmentDetail{}
	for _, a := range all {
		views = append(views, a.detail())
	}
	return views, err
}
