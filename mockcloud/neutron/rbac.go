// SPDX-License-Identifier: MPL-2.0

package neutron

import (
	"fmt"
	"strings"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// RBACPolicy lets a project at a network that is another's. "*" is every project: what a network's
// attributes shared and router:external say is such a policy, too.
type RBACPolicy struct {
	Standard
	ObjectType string `json:"object_type"` // "network"
	ObjectID   string `json:"object_id"`
	Target     string `json:"target_tenant"` // a project's id, or "*"
	Action     string `json:"action"`
}

// What a policy lets a project do.
const (
	accessShared   = "access_as_shared"   // have ports on the network
	accessExternal = "access_as_external" // have gateways and floating IPs there
)

const everybody = "*"

type rbacFields struct {
	owner
	ObjectType api.Opt[string] `json:"object_type"   put:"no"`
	ObjectID   api.Opt[string] `json:"object_id"     put:"no" format:"uuid"`
	Target     api.Opt[string] `json:"target_tenant" len:"1-255"`
	Action     api.Opt[string] `json:"action"        put:"no"`
}

var rbacTable = &store.Table[RBACPolicy]{
	Name: "neutron.rbac_policies",
	Key:  func(r *RBACPolicy) string { return r.ID },
	Indexes: []store.Index[RBACPolicy]{
		{Name: "project_id", Of: func(r *RBACPolicy) []string { return []string{r.ProjectID} }},
		{Name: "object_id", Of: func(r *RBACPolicy) []string { return []string{r.ObjectID} }},
		{Name: "same", Unique: true, Of: func(r *RBACPolicy) []string {
			return []string{r.ObjectID + "/" + r.Action + "/" + r.Target}
		}},
	},
}

func rbacCollection() *collection[RBACPolicy, rbacFields] {
	return collection[RBACPolicy, rbacFields]{
		one: "rbac_policy", many: "rbac_policies", path: "/rbac-policies", missing: rbacNotFound, table: rbacTable,
		base:    func(r *RBACPolicy) *Standard { return &r.Standard },
		project: func(f *rbacFields) owner { return f.owner },
		without: []string{"description", "tags", "created_at", "updated_at", "revision_number"},
		indexed: []string{"object_id"},
		create:  createRBAC,
		update:  updateRBAC,
		remove:  removeRBAC,
	}.ready()
}

func createRBAC(o *op, r *RBACPolicy, _ *rbacFields) error {
	r.ObjectType = strings.ToLower(strings.TrimSpace(r.ObjectType))
	switch {
	case r.ObjectType != "network":
		return invalidInput.of("'" + r.ObjectType + "' is not a valid RBAC object type")
	case r.Action != accessShared && r.Action != accessExternal:
		return invalidInput.of(fmt.Sprintf("Invalid action '%s' for object type 'network'. Valid actions: %s, %s", r.Action, accessShared, accessExternal))
	}
	n, err := o.networks.find(o, r.ObjectID)
	if err != nil {
		return err
	}
	if err := r.check(o, n); err != nil {
		return err
	}
	return o.grant(n, r)
}

// check holds who may give whom access.
func (r *RBACPolicy) check(o *op, n *Network) error {
	switch {
	case r.Target == "":
		return invalidInput.of("'' is not a valid target project ID; expected a UUID or '*'")
	case o.admin():
		return nil
	case n.ProjectID != o.identity.ProjectID:
		return invalidInput.of("Only admins can manipulate policies on networks they do not own")
	case r.Target == everybody:
		return notAuthorized.of("(create_rbac_policy and create_rbac_policy:target_tenant)")
	}
	return nil
}

func updateRBAC(o *op, now, before *RBACPolicy, _ *rbacFields) error {
	if now.Target == before.Target {
		return nil
	}
	n, err := networkTable.Get(o.tx, now.ObjectID)
	if err != nil {
		return err
	}
	if err := now.check(o, n); err != nil {
		return err
	}
	if err := rbacTable.Delete(o.tx, before.ID); err != nil {
		return err
	}
	if err := o.grant(n, now); err != nil {
		return err
	}
	return o.revoke(n, before)
}

func removeRBAC(o *op, r *RBACPolicy) error {
	n, err := networkTable.Get(o.tx, r.ObjectID)
	if err != nil {
		return err
	}
	if err := rbacTable.Delete(o.tx, r.ID); err != nil {
		return err
	}
	return o.revoke(n, r)
}
