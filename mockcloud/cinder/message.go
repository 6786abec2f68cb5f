// SPDX-License-Identifier: MPL-2.0

package cinder

import (
	"errors"
	"time"

	"github.com/google/uuid"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// Message tells a user what became of a request that was accepted and failed. It says what Cinder's does,
// which is not how: that is in the log.
type Message struct {
	ID, ProjectID, RequestID string
	ResourceType, ResourceID string
	Event, Text              string
	CreatedAt                time.Time
}

// messageLife is how long a message is kept at least.
const messageLife = 30 * 24 * time.Hour

var messageTable = &store.Table[Message]{
	Name: "cinder.messages",
	Key:  func(m *Message) string { return m.ID },
	Indexes: []store.Index[Message]{
		{Name: "project", Of: func(m *Message) []string { return []string{m.ProjectID} }},
	},
}

// messageActions are the numbers and words of what was done, by operation.
var messageActions = map[string][2]string{
	"volume.create": {"001", "schedule allocate volume"}, "volume.upload": {"003", "copy volume to image"},
	"volume.extend": {"007", "extend volume"}, "volume.reimage": {"017", "reimage volume"},
	"snapshot.create": {"009", "create snapshot"}, "snapshot.delete": {"010", "delete snapshot"},
}

// tell leaves a message about a task that failed.
func (o *op) tell(operation string, record any, failed error) error {
	action, known := messageActions[operation]
	if !known {
		return nil
	}
	m := &Message{ID: uuid.NewString(), CreatedAt: o.now}
	switch of := record.(type) {
	case *Volume:
		m.ProjectID, m.RequestID, m.ResourceType, m.ResourceID = of.ProjectID, of.RequestID, "VOLUME", of.ID
	case *Snapshot:
		m.ProjectID, m.RequestID, m.ResourceType, m.ResourceID = of.ProjectID, of.RequestID, "VOLUME_SNAPSHOT", of.ID
	}
	m.Event, m.Text = "VOLUME_"+m.ResourceType+"_"+action[0]+"_001", action[1]+":An unknown error occurred."
	if errors.Is(failed, errNoBackend) {
		m.Event, m.Text = "VOLUME_"+m.ResourceType+"_"+action[0]+"_003", action[1]+":Could not find any available weighted backend."
	}
	return messageTable.Insert(o.tx, m)
}

type messageView struct {
	ID           string     `json:"id"`
	EventID      string     `json:"event_id"`
	Text         string     `json:"user_message"`
	Level        string     `json:"message_level"`
	CreatedAt    api.Micros `json:"created_at"`
	Until        api.Micros `json:"guaranteed_until"`
	RequestID    string     `json:"request_id"`
	Links        []api.Link `json:"links"`
	ResourceType string     `json:"resource_type"`
	ResourceID   string     `json:"resource_uuid"`
}

func (m *Message) view(c *api.Call) messageView {
	return messageView{
		ID: m.ID, EventID: m.Event, Text: m.Text, Level: "ERROR", CreatedAt: api.Micros{Time: m.CreatedAt},
		Until: api.Micros{Time: m.CreatedAt.Add(messageLife)}, RequestID: m.RequestID, Links: links(c, "/messages/"+m.ID),
		ResourceType: m.ResourceType, ResourceID: m.ResourceID,
	}
}

func (s *Service) messageRoutes() []api.Route {
	return []api.Route{
		api.Get("/messages", "", s.listMessages).Only("3.3-"),
		api.Get("/messages/{id}", "message", s.showMessage).Only("3.3-"),
		api.Delete("/messages/{id}", s.deleteMessage).Only("3.3-"),
	}
}

func (o *op) message(rule, id string) (*Message, error) {
	m, err := messageTable.Get(o.tx, id)
	if errors.Is(err, store.ErrNotFound) || err == nil && !o.sees(m.ProjectID) {
		return nil, messageNotFound.of(id)
	}
	if err != nil {
		return nil, err
	}
	return m, o.authorize(rule, m.ProjectID)
}

var messageColumns = columns[Message]{
	"id":            func(m *Message) any { return m.ID },
	"resource_uuid": func(m *Message) any { return m.ResourceID },
	"resource_type": func(m *Message) any { return m.ResourceType },
	"event_id":      func(m *Message) any { return m.Event },
	"request_id":    func(m *Message) any { return m.RequestID },
	"message_level": func(*Message) any { return "ERROR" },
	"created_at":    func(m *Message) any { return moment(m.CreatedAt) },
}

func (s *Service) listMessages(c *api.Call) (map[string]any, error) {
	return reading(s, c, func(o *op) (map[string]any, error) {
		if err := o.authorize("message:get_all", o.identity.ProjectID); err != nil {
			return nil, err
		}
		q, err := newQuery(c, []string{"resource_uuid", "resource_type", "event_id", "request_id", "message_level"})
		if err != nil {
			return nil, err
		}
		rows, err := rowsOf(o, q, messageTable)
		if err != nil {
			return nil, err
		}
		p, err := cut(q, rows, messageColumns, func(m *Message) string { return m.ID }, messageNotFound)
		if err != nil {
			return nil, err
		}
		views := []messageView{}
		for _, m := range p.items {
			views = append(views, m.view(c))
		}
		return listAnswer(q, "messages", p, views), nil
	})
}

func (s *Service) showMessage(c *api.Call) (messageView, error) {
	return reading(s, c, func(o *op) (messageView, error) {
		m, err := o.message("message:get", c.Var("id"))
		if err != nil {
			return messageView{}, err
		}
		return m.view(c), nil
	})
}

func (s *Service) deleteMessage(c *api.Call) error {
	return s.change(c.Context(), c.Identity, func(o *op) error {
		m, err := o.message("message:delete", c.Var("id"))
		if err != nil {
			return err
		}
		return messageTable.Delete(o.tx, m.ID)
	})
}
