// SPDX-License-Identifier: MPL-2.0

package keystone

import (
	"net/http"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// Policies are texts that Keystone keeps for others and does not read itself; deprecated since Queens, and served
// to this day.
func (k *Keystone) policyBlobRoutes() []api.Route {
	return []api.Route{
		api.Get("/policies", "", k.listPolicies),
		api.Post("/policies", "policy", k.createPolicy).Code(http.StatusCreated),
		api.Get("/policies/{policy_id}", "policy", k.showPolicy),
		api.Patch("/policies/{policy_id}", "policy", k.updatePolicy),
		api.Delete("/policies/{policy_id}", k.deletePolicy),
	}
}

var policyKind = kind[PolicyBlob]{&policyBlobs, "policy", anyTarget[PolicyBlob]}

type policyBody struct {
	Type  string         `json:"type" need:"" len:"0-255"`
	Blob  string         `json:"blob" need:""`
	Extra map[string]any `json:"*"`
}

type policyChange struct {
	Type  api.Opt[string] `json:"type" len:"0-255"`
	Blob  api.Opt[string] `json:"blob"`
	Extra map[string]any  `json:"*"`
}

type policyView struct {
	ID    string         `json:"id"`
	Type  string         `json:"type"`
	Blob  string         `json:"blob"`
	Links links          `json:"links"`
	Extra map[string]any `json:"*"`
}

func viewPolicy(c *api.Call, p *PolicyBlob) policyView {
	return policyView{ID: p.ID, Type: p.Type, Blob: p.Blob, Links: self(c, "/policies/"+p.ID), Extra: p.Extra}
}

var policyAttributes = attributes[PolicyBlob]{"type": func(p *PolicyBlob) string { return p.Type }}

func (k *Keystone) listPolicies(c *api.Call) (map[string]any, error) {
	if err := allow(c, "identity:get_policy", api.Target{}); err != nil {
		return nil, err
	}
	all, err := policyKind.all(k, c, "")
	if err != nil {
		return nil, err
	}
	return listing(c, "policies", policyAttributes.keep(c, all), policyBlobs.Key, viewPolicy)
}

func (k *Keystone) createPolicy(c *api.Call, in *policyBody) (policyView, error) {
	if err := allow(c, "identity:change_policy", api.Target{}); err != nil {
		return policyView{}, err
	}
	p := &PolicyBlob{ID: newID(), Type: in.Type, Blob: in.Blob, Extra: extras(nil, in.Extra)}
	return viewPolicy(c, p), policyKind.add(k, c, p, p.ID)
}

func (k *Keystone) showPolicy(c *api.Call) (policyView, error) {
	p, err := policyKind.read(k, c, c.Var("policy_id"), "identity:get_policy")
	if err != nil {
		return policyView{}, err
	}
	return viewPolicy(c, p), nil
}

func (k *Keystone) updatePolicy(c *api.Call, in *policyChange) (policyView, error) {
	p, err := policyKind.change(k, c, c.Var("policy_id"), "identity:change_policy", func(_ store.Tx, p *PolicyBlob) error {
		changed(&p.Type, in.Type)
		changed(&p.Blob, in.Blob)
		p.Extra = extras(p.Extra, in.Extra)
		return nil
	})
	if err != nil {
		return policyView{}, err
	}
	return viewPolicy(c, p), nil
}

func (k *Keystone) deletePolicy(c *api.Call) error {
	return policyKind.delete(k, c, c.Var("policy_id"), "identity:change_policy", func(store.Tx, *PolicyBlob) error { return nil })
}
