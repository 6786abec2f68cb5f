// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/scheduler"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// ServerGroup is a set of servers that the scheduler keeps together or apart (API: os-server-groups). Who
// is in it is said by the servers: Instance.ServerGroupID.
type ServerGroup struct {
	ID                string // UUID
	Number            int64  // counts up from 1
	Name              string
	ProjectID, UserID string
	Policy            string // "affinity" and so on, see package scheduler
	// MaxPerHost is the rule max_server_per_host, of anti-affinity only; 0 is no rule.
	MaxPerHost int `json:",omitzero"`
	CreatedAt  time.Time
}

// AntiAffinity is the only policy that has rules.
const AntiAffinity = scheduler.AntiAffinity

const groupsByProject = "project"

var serverGroups = store.Table[ServerGroup]{
	Name: "compute_server_groups",
	Key:  func(g *ServerGroup) string { return g.ID },
	Indexes: []store.Index[ServerGroup]{
		{Name: groupsByProject, Of: func(g *ServerGroup) []string { return []string{g.ProjectID} }},
	},
}

// byServerGroup finds the live members of a server group.
const byServerGroup = "server_group"

// ServerGroups tells the groups of a project, "" of all, in the order in which they were made.
func (m *Manager) ServerGroups(ctx context.Context, projectID string) (groups []*ServerGroup, err error) {
	err = m.Store.View(ctx, func(tx store.Tx) error {
		if projectID == "" {
			groups, err = serverGroups.All(tx)
		} else {
			groups, err = serverGroups.By(tx, groupsByProject, projectID)
		}
		return err
	})
	slices.SortFunc(groups, func(a, b *ServerGroup) int { return cmp.Compare(a.Number, b.Number) })
	return groups, err
}

// ServerGroup returns a group. An error of kind NotFound if there is none.
func (m *Manager) ServerGroup(ctx context.Context, id string) (g *ServerGroup, err error) {
	err = m.Store.View(ctx, func(tx store.Tx) error {
		g, err = findGroup(tx, id)
		return err
	})
	return g, err
}

func findGroup(tx store.Tx, id string) (*ServerGroup, error) {
	g, err := serverGroups.Get(tx, id)
	if errors.Is(err, store.ErrNotFound) {
		return nil, refuse(NotFound, "Instance group %s could not be found.", id)
	}
	return g, err
}

// Members tells the live servers of each group, in the order of their ids.
func (m *Manager) Members(ctx context.Context, groupIDs ...string) (members map[string][]string, err error) {
	err = m.Store.View(ctx, func(tx store.Tx) error {
		members = map[string][]string{}
		for _, id := range groupIDs {
			found, err := instances.By(tx, byServerGroup, id)
			if err != nil {
				return err
			}
			for _, inst := range found {
				members[id] = append(members[id], inst.ID)
			}
		}
		return nil
	})
	return members, err
}

// CreateServerGroup makes a group of the caller's. *QuotaExceeded when the project, or the user in it, has
// as many as it may have.
func (m *Manager) CreateServerGroup(ctx context.Context, caller Caller, g ServerGroup) (*ServerGroup, error) {
	g.ID, g.ProjectID, g.UserID, g.CreatedAt = uuid.NewString(), caller.ProjectID, caller.UserID, m.Clock.Now()
	err := m.Store.Update(ctx, func(tx store.Tx) error {
		have, err := serverGroups.By(tx, groupsByProject, g.ProjectID)
		if err != nil {
			return err
		}
		if err := m.CheckQuota(tx, g.ProjectID, "", QuotaServerGroups, len(have)+1); err != nil {
			return err
		}
		have = slices.DeleteFunc(have, func(other *ServerGroup) bool { return other.UserID != g.UserID })
		if err := m.CheckQuota(tx, g.ProjectID, g.UserID, QuotaServerGroups, len(have)+1); err != nil {
			return err
		}
		if g.Number, err = next(tx, serverGroups.Name); err != nil {
			return err
		}
		return serverGroups.Insert(tx, &g)
	})
	return &g, err
}

// DeleteServerGroup deletes a group; its servers go on, in no group.
func (m *Manager) DeleteServerGroup(ctx context.Context, id string) error {
	return m.Store.Update(ctx, func(tx store.Tx) error {
		if _, err := findGroup(tx, id); err != nil {
			return err
		}
		members, err := instances.By(tx, byServerGroup, id)
		if err != nil {
			return err
		}
		for _, inst := range members {
			inst.ServerGroupID = ""
			if err := instances.Put(tx, inst); err != nil {
				return err
			}
		}
		return serverGroups.Delete(tx, id)
	})
}

// join is the group that the hint of a request for count servers names, "" for none, checked for what the
// user may put into it. Errors are of kind BadRequest (no such group of the project) or *QuotaExceeded.
func (m *Manager) join(tx store.Tx, caller Caller, hints map[string][]string, count int) (string, error) {
	if len(hints["group"]) == 0 {
		return "", nil
	}
	id := hints["group"][0]
	g, err := findGroup(tx, id)
	if KindOf(err) == NotFound || err == nil && g.ProjectID != caller.ProjectID && !caller.Admin {
		return "", refuse(BadRequest, "Instance group %s could not be found.", id)
	}
	if err != nil {
		return "", err
	}
	members, err := instances.By(tx, byServerGroup, id)
	if err != nil {
		return "", err
	}
	own := slices.DeleteFunc(members, func(inst *Instance) bool { return inst.UserID != caller.UserID })
	return id, m.CheckQuota(tx, caller.ProjectID, caller.UserID, QuotaServerGroupMembers, len(own)+count)
}

// groupOf is the instance's group as the scheduler sees it; nil without one.
func groupOf(tx store.Tx, inst *Instance) (*scheduler.Group, error) {
	if inst.ServerGroupID == "" {
		return nil, nil
	}
	g, err := serverGroups.Get(tx, inst.ServerGroupID)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	members, err := instances.By(tx, byServerGroup, g.ID)
	group := &scheduler.Group{Policy: g.Policy, MaxPerHost: g.MaxPerHost, Members: map[string]int{}}
	for _, other := range members {
		if other.ID != inst.ID && other.Host != "" {
			group.Members[other.Host]++
		}
	}
	return group, err
}
