// SPDX-License-Identifier: MPL-2.0

package keystone

import (
	"errors"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// projectTree is a project with as much of its hierarchy as was asked for: the parents up to the
// domain, the projects below.
type projectTree struct {
	projectView
	Parents any `json:"parents,omitempty"`
	Subtree any `json:"subtree,omitempty"`
}

func (k *Keystone) showProject(c *api.Call) (projectTree, error) {
	p, err := projectKind.read(k, c, c.Var("project_id"), "identity:get_project")
	if err != nil {
		return projectTree{}, err
	}
	tree := projectTree{projectView: viewProject(c, p)}
	query := c.Request.URL.Query()
	if query.Has("parents_as_ids") && query.Has("parents_as_list") || query.Has("subtree_as_ids") && query.Has("subtree_as_list") {
		return tree, api.BadRequest("Cannot use both forms, as_list and as_ids, of one part of the hierarchy.")
	}
	err = k.view(c, func(tx store.Tx) error {
		above, errAbove := ancestors(tx, p)
		below, errBelow := descendants(tx, p.ID)
		if err := errors.Join(errAbove, errBelow); err != nil {
			return err
		}
		switch {
		case query.Has("parents_as_ids"):
			tree.Parents = chain(above)
		case query.Has("parents_as_list"):
			if tree.Parents, err = k.visible(c, tx, above); err != nil {
				return err
			}
		}
		switch {
		case query.Has("subtree_as_ids"):
			tree.Subtree = below.ids()
		case query.Has("subtree_as_list"):
			tree.Subtree, err = k.visible(c, tx, below.list(nil))
		}
		return err
	})
	return tree, err
}

// branch is the projects below one, by id.
type branch map[string]branch

func descendants(tx store.Tx, id string) (branch, error) {
	children, err := projects.By(tx, "parent", id)
	if err != nil {
		return nil, err
	}
	below := branch{}
	for _, child := range children {
		if below[child.ID], err = descendants(tx, child.ID); err != nil {
			return nil, err
		}
	}
	return below, nil
}

// ids is the nested form: {child: {grandchild: null}}, and null for no children.
func (b branch) ids() any {
	if len(b) == 0 {
		return nil
	}
	nested := map[string]any{}
	for id, below := range b {
		nested[id] = below.ids()
	}
	return nested
}

func (b branch) list(to []string) []string {
	for id, below := range b {
		to = below.list(append(to, id))
	}
	return to
}

// chain is the nested form of the parents: {parent: {grandparent: null}}.
func chain(ids []string) any {
	if len(ids) == 0 {
		return nil
	}
	return map[string]any{ids[0]: chain(ids[1:])}
}

// visible are those projects that the caller holds a role on.
func (k *Keystone) visible(c *api.Call, tx store.Tx, ids []string) ([]map[string]any, error) {
	found := []map[string]any{}
	for _, id := range ids {
		p, err := projects.Get(tx, id)
		if err != nil {
			return nil, err
		}
		held, err := rolesIn(tx, c.Identity.UserID, scope{project: p})
		if err != nil {
			return nil, err
		}
		if len(held) > 0 {
			found = append(found, map[string]any{"project": viewProject(c, p)})
		}
	}
	return found, nil
}
