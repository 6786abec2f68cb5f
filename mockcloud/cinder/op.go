// SPDX-License-Identifier: MPL-2.0

package cinder

import (
	"context"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// op is one operation: a transaction and who asks. A change may run more than once, so an op has no effect
// but on its transaction; the tasks that it begins start when the transaction is committed.
type op struct {
	*Service
	tx       store.Tx
	identity *api.Identity // nil: the service itself
	now      time.Time
	tasks    []task
}

// Caller is who asks in Go.
type Caller struct {
	UserID, ProjectID string
	Admin             bool // sees every project
}

func (c Caller) identity() *api.Identity {
	id := &api.Identity{UserID: c.UserID, ProjectID: c.ProjectID, Roles: []string{"reader", "member"}}
	if c.Admin {
		id.Roles = append(id.Roles, "admin")
	}
	return id
}

func (s *Service) change(ctx context.Context, identity *api.Identity, do func(*op) error) error {
	var last *op
	now := s.clock.Now()
	err := s.store.Update(ctx, func(tx store.Tx) error {
		last = &op{Service: s, tx: tx, identity: identity, now: now}
		return do(last)
	})
	if err != nil {
		return err
	}
	for _, t := range last.tasks {
		s.start(t)
	}
	s.work.announce()
	return nil
}

func (s *Service) read(ctx context.Context, identity *api.Identity, do func(*op) error) error {
	return s.store.View(ctx, func(tx store.Tx) error {
		return do(&op{Service: s, tx: tx, identity: identity, now: s.clock.Now()})
	})
}

// changing makes an answer in one transaction.
func changing[T any](s *Service, c *api.Call, do func(*op) (T, error)) (answer T, err error) {
	err = s.change(c.Context(), c.Identity, func(o *op) (err error) {
		answer, err = do(o)
		return err
	})
	return answer, err
}

// reading is changing without a change.
func reading[T any](s *Service, c *api.Call, do func(*op) (T, error)) (answer T, err error) {
	err = s.read(c.Context(), c.Identity, func(o *op) (err error) {
		answer, err = do(o)
		return err
	})
	return answer, err
}

// begin has the task run that the status of the volume or snapshot stands for.
func (o *op) begin(t task) { o.tasks = append(o.tasks, t) }

func (o *op) admin() bool { return o.identity == nil || o.identity.Admin() }

func (o *op) allowed(rule, project string) bool {
	if o.identity == nil {
		return true
	}
	check, ok := o.policy[rule]
	if !ok {
		o.log.Error("no such policy rule", "rule", rule)
		return false
	}
	return check(o.identity, api.Target{ProjectID: project})
}

func (o *op) authorize(rule, project string) error {
	if o.allowed(rule, project) {
		return nil
	}
	return api.Forbidden("Policy doesn't allow %s to be performed.", rule)
}

// sees reports whether the caller may know of what belongs to the project.
func (o *op) sees(project string) bool {
	return o.admin() || o.identity.ProjectID != "" && o.identity.ProjectID == project
}
