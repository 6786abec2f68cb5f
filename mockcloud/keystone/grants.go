// SPDX-License-Identifier: MPL-2.0

package keystone

import (
	"cmp"
	"errors"
	"slices"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// scope is what a token is good for: one of its fields, or none for an unscoped token.
type scope struct {
	project *Project
	domain  *Project
	system  bool
}

// grantsOf are the assignments of a user, its own and those of its groups.
func grantsOf(tx store.Tx, userID string) ([]*Assignment, error) {
	grants, err := assignments.By(tx, "actor", "user:"+userID)
	if err != nil {
		return nil, err
	}
	memberOf, err := groups.By(tx, "member", userID)
	if err != nil {
		return nil, err
	}
	for _, group := range memberOf {
		more, err := assignments.By(tx, "actor", "group:"+group.ID)
		if err != nil {
			return nil, err
		}
		grants = append(grants, more...)
	}
	return grants, nil
}

// ancestors are the ids of the projects above p, from its parent to the domain at the root.
func ancestors(tx store.Tx, p *Project) ([]string, error) {
	var above []string
	for parent := p.ParentID; parent != "" && !slices.Contains(above, parent); {
		above = append(above, parent)
		if parent == p.DomainID {
			break
		}
		next, err := projects.Get(tx, parent)
		if err != nil {
			return nil, err
		}
		parent = next.ParentID
	}
	return above, nil
}

// holds reports whether an assignment gives its role in the scope; above are the ancestors of the
// scope's project.
func (s scope) holds(a *Assignment, above []string) bool {
	switch {
	case s.project != nil && a.Inherited:
		return slices.Contains(above, cmp.Or(a.ProjectID, a.DomainID))
	case s.project != nil:
		return a.ProjectID == s.project.ID
	case s.domain != nil:
		return !a.Inherited && a.DomainID == s.domain.ID
	case s.system:
		return a.System
	}
	return false
}

// rolesIn are the roles of a user in the scope, with the implied ones, by name.
func rolesIn(tx store.Tx, userID string, s scope) ([]*Role, error) {
	grants, err := grantsOf(tx, userID)
	if err != nil {
		return nil, err
	}
	var above []string
	if s.project != nil {
		if above, err = ancestors(tx, s.project); err != nil {
			return nil, err
		}
	}
	var ids []string
	for _, a := range grants {
		if s.holds(a, above) {
			ids = append(ids, a.RoleID)
		}
	}
	return implied(tx, ids)
}

// implied are the roles with these ids and all that they imply, each once, by name. A role that only
// has a meaning in its domain counts for what it implies, as in Keystone.
func implied(tx store.Tx, ids []string) ([]*Role, error) {
	var found []*Role
	seen := map[string]bool{}
	for queue := slices.Clone(ids); len(queue) > 0; queue = queue[1:] {
		if seen[queue[0]] {
			continue
		}
		seen[queue[0]] = true
		role, err := roles.Get(tx, queue[0])
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if role.DomainID == "" {
			found = append(found, role)
		}
		queue = append(queue, role.Implies...)
	}
	slices.SortFunc(found, func(a, b *Role) int { return cmp.Compare(a.Name, b.Name) })
	return found, nil
}
