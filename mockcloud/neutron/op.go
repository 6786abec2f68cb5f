// SPDX-License-Identifier: MPL-2.0

package neutron

import (
	"context"
	"slices"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// op is one operation: a transaction and who asks. A change may run more than once, so an op has no
// effect but on its transaction.
type op struct {
	*Service
	tx       store.Tx
	identity *api.Identity
	now      api.Time
	servers  []string // whose ports or floating IPs the operation changes
}

// Caller is who asks in Go.
type Caller struct {
	UserID, ProjectID string
	Admin             bool // sees every project, and may set what only administrators may
}

func (c Caller) identity() *api.Identity {
	id := &api.Identity{UserID: c.UserID, ProjectID: c.ProjectID, Roles: []string{"reader", "member"}}
	if c.Admin {
		id.Roles = append(id.Roles, "admin")
	}
	return id
}

func (s *Service) change(c *api.Call, do func(*op) error) error {
	var last *op
	err := s.updateAs(c.Context(), c.Identity, func(o *op) error {
		last = o
		return do(o)
	})
	if err != nil || s.changed == nil {
		return err
	}
	for _, id := range last.servers {
		s.changed(context.WithoutCancel(c.Context()), id)
	}
	return nil
}

// note remembers that the port of a server, if it is one, is changed.
func (o *op) note(p *Port) {
	if p.Plug.Attached && !slices.Contains(o.servers, p.DeviceID) {
		o.servers = append(o.servers, p.DeviceID)
	}
}

// notePort is note for the port of an id; "" is none.
func (o *op) notePort(id string) error {
	if id == "" {
		return nil
	}
	p, err := portTable.Get(o.tx, id)
	if err == nil {
		o.note(p)
	}
	return err
}

// noteAll is note for the ports with that value in that index.
func (o *op) noteAll(index, value string) error {
	found, err := portTable.By(o.tx, index, value)
	for _, p := range found {
		o.note(p)
	}
	return err
}

func (s *Service) read(c *api.Call, do func(*op) error) error {
	return s.viewAs(c.Context(), c.Identity, do)
}

func (s *Service) updateAs(ctx context.Context, identity *api.Identity, do func(*op) error) error {
	now := api.Time{Time: s.clock.Now()}
	err := s.store.Update(ctx, func(tx store.Tx) error {
		return do(&op{Service: s, tx: tx, identity: identity, now: now})
	})
	if err == nil && s.altered != nil {
		s.altered(context.WithoutCancel(ctx))
	}
	return err
}

func (s *Service) viewAs(ctx context.Context, identity *api.Identity, do func(*op) error) error {
	return s.store.View(ctx, func(tx store.Tx) error {
		return do(&op{Service: s, tx: tx, identity: identity})
	})
}

func (o *op) admin() bool { return o.identity.Admin() }

func (o *op) allowed(rule, project string) bool {
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
	return notAuthorized.of(rule)
}

// authorizeAttributes checks the attributes of a request that have rules of their own.
func (o *op) authorizeAttributes(rule string, sent []attribute, project string) error {
	for _, a := range sent {
		if a.rule && !o.allowed(rule+":"+a.name, project) {
			return notAuthorized.of("(" + rule + " and " + rule + ":" + a.name + ")")
		}
	}
	return nil
}

// sees reports whether the caller may see a record of that project, or one that is shared with all.
func (o *op) sees(kind, project string, shared bool) bool {
	if shared {
		project = o.identity.ProjectID
	}
	return o.allowed("get_"+kind, project)
}

// projectOf is the project that a request is for.
func (o *op) projectOf(in owner) (string, error) {
	project := o.identity.ProjectID
	for _, given := range []api.Opt[string]{in.TenantID, in.ProjectID} {
		if given.Set && given.Value != project {
			project = given.Value
		}
	}
	if project != o.identity.ProjectID {
		if err := o.authorize("create_for_other_project", project); err != nil {
			return "", err
		}
	}
	if project == "" {
		return "", httpBadRequest.of("Running without keystone AuthN requires that tenant_id is specified")
	}
	return project, nil
}

// count is the number of rows with that value in that index.
func count(tx store.Tx, table, index, value string) (n int, err error) {
	for _, err := range tx.Lookup(table, index, value) {
		if err != nil {
			return 0, err
		}
		n++
	}
	return n, nil
}
