// SPDX-License-Identifier: MPL-2.0

package keystone

import (
	"net/http"
	"slices"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// Inference rules: whoever has a prior role has the roles that it implies.
func (k *Keystone) inferenceRoutes() []api.Route {
	const all, one = "/roles/{role_id}/implies", "/roles/{role_id}/implies/{implied_id}"
	return []api.Route{
		api.Get("/role_inferences", "role_inferences", k.listInferences),
		api.Get(all, "role_inference", k.listImplied),
		api.Get(one, "role_inference", k.showImplied),
		api.Put(one, "role_inference", k.addImplied).Code(http.StatusCreated),
		api.Delete(one, k.removeImplied),
	}
}

type shortRole struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Links links  `json:"links"`
}

func viewShortRole(c *api.Call, r *Role) shortRole {
	return shortRole{ID: r.ID, Name: r.Name, Links: self(c, "/roles/"+r.ID)}
}

type inferences struct {
	Prior   shortRole   `json:"prior_role"`
	Implies []shortRole `json:"implies"`
}

type inference struct {
	Prior   shortRole `json:"prior_role"`
	Implies shortRole `json:"implies"`
}

func inferencesOf(c *api.Call, tx store.Tx, prior *Role) (inferences, error) {
	view := inferences{Prior: viewShortRole(c, prior), Implies: []shortRole{}}
	for _, id := range prior.Implies {
		r, err := roles.Get(tx, id)
		if err != nil {
			return view, err
		}
		view.Implies = append(view.Implies, viewShortRole(c, r))
	}
	return view, nil
}

func (k *Keystone) listInferences(c *api.Call) ([]inferences, error) {
	if err := allow(c, "identity:list_roles", api.Target{}); err != nil {
		return nil, err
	}
	found := []inferences{}
	err := k.view(c, func(tx store.Tx) error {
		found = found[:0]
		all, err := roles.All(tx)
		if err != nil {
			return err
		}
		for _, prior := range all {
			if len(prior.Implies) == 0 {
				continue
			}
			view, err := inferencesOf(c, tx, prior)
			if err != nil {
				return err
			}
			found = append(found, view)
		}
		return nil
	})
	return found, err
}

func (k *Keystone) listImplied(c *api.Call) (inferences, error) {
	var view inferences
	err := k.view(c, func(tx store.Tx) error {
		prior, err := roleKind.find(c, tx, c.Var("role_id"), "identity:get_role")
		if err == nil {
			view, err = inferencesOf(c, tx, prior)
		}
		return err
	})
	return view, err
}

// pair is the two roles of a rule's path.
func (k *Keystone) pair(c *api.Call, tx store.Tx, rule string) (prior, implied *Role, err error) {
	if prior, err = roleKind.find(c, tx, c.Var("role_id"), rule); err == nil {
		implied, err = roleKind.find(c, tx, c.Var("implied_id"), rule)
	}
	return prior, implied, err
}

func (k *Keystone) showImplied(c *api.Call) (inference, error) {
	var view inference
	err := k.view(c, func(tx store.Tx) error {
		prior, implied, err := k.pair(c, tx, "identity:get_role")
		if err != nil {
			return err
		}
		if !slices.Contains(prior.Implies, implied.ID) {
			return api.NotFound("%s does not imply %s", prior.ID, implied.ID)
		}
		view = inference{viewShortRole(c, prior), viewShortRole(c, implied)}
		return nil
	})
	if c.Request.Method == http.MethodHead {
		c.SetStatus(http.StatusNoContent)
	}
	return view, err
}

func (k *Keystone) addImplied(c *api.Call, _ *api.None) (inference, error) {
	var view inference
	err := k.update(c, func(tx store.Tx) error {
		prior, implied, err := k.pair(c, tx, "identity:change_role")
		if err != nil {
			return err
		}
		if implied.Name == "admin" {
			return api.Forbidden("Role %s cannot be an implied role.", implied.ID)
		}
		if prior.DomainID == "" && implied.DomainID != "" {
			return api.Forbidden("%s cannot imply %s: a role of all domains cannot imply one of a single domain.", prior.ID, implied.ID)
		}
		view = inference{viewShortRole(c, prior), viewShortRole(c, implied)}
		if slices.Contains(prior.Implies, implied.ID) {
			return nil
		}
		prior.Implies = append(prior.Implies, implied.ID)
		return roles.Put(tx, prior)
	})
	return view, err
}

func (k *Keystone) removeImplied(c *api.Call) error {
	return k.update(c, func(tx store.Tx) error {
		prior, implied, err := k.pair(c, tx, "identity:change_role")
		if err != nil {
			return err
		}
		if !slices.Contains(prior.Implies, implied.ID) {
			return api.NotFound("%s does not imply %s", prior.ID, implied.ID)
		}
		prior.Implies = without(prior.Implies, implied.ID)
		return roles.Put(tx, prior)
	})
}
