// SPDX-License-Identifier: MPL-2.0

package neutron

import (
	"strings"

	"github.com/google/uuid"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// SecurityGroup is a set of rules that ports are under.
type SecurityGroup struct {
	Standard
	Name     string   `json:"name"`
	Stateful bool     `json:"stateful"`
	Shared   bool     `json:"shared"`
	Rules    []object `json:"security_group_rules"`
}

type groupFields struct {
	owner
	Name     api.Opt[string]      `json:"name" len:"0-255"`
	Stateful api.Opt[api.Boolean] `json:"stateful"`
}

var groupTable = &store.Table[SecurityGroup]{
	Name: "neutron.security_groups",
	Key:  func(g *SecurityGroup) string { return g.ID },
	Indexes: []store.Index[SecurityGroup]{
		{Name: "project_id", Of: func(g *SecurityGroup) []string { return []string{g.ProjectID} }},
		{Name: "default", Unique: true, Of: func(g *SecurityGroup) []string {
			if g.Name != defaultName {
				return nil
			}
			return []string{g.ProjectID}
		}},
	},
}

// defaultName is the group that every project has from its first use on.
const defaultName = "default"

func groupCollection() *collection[SecurityGroup, groupFields] {
	return collection[SecurityGroup, groupFields]{
		one: "security_group", many: "security_groups", path: "/security-groups",
		missing: SecurityGroupNotFound, table: groupTable,
		base:     func(g *SecurityGroup) *Standard { return &g.Standard },
		project:  func(f *groupFields) owner { return f.owner },
		create:   createGroup,
		update:   updateGroup,
		remove:   removeGroup,
		complete: completeGroup,
		first: func(o *op) error {
			if o.identity.ProjectID == "" {
				return nil
			}
			_, err := defaultGroup(o, o.identity.ProjectID)
			return err
		},
	}.ready()
}

func createGroup(o *op, g *SecurityGroup, in *groupFields) error {
	if strings.EqualFold(g.Name, defaultName) {
		return defaultGroupExists.of("")
	}
	if _, err := defaultGroup(o, g.ProjectID); err != nil {
		return err
	}
	g.Stateful = bool(orElse(in.Stateful, true))
	return insertGroup(o, g)
}

// defaultGroup is the project's default group, made on first use.
func defaultGroup(o *op, project string) (*SecurityGroup, error) {
	found, err := groupTable.By(o.tx, "default", project)
	if err != nil {
		return nil, err
	}
	if len(found) > 0 {
		return found[0], nil
	}
	g := &SecurityGroup{
		Standard: Standard{
			ID: uuid.NewString(), ProjectID: project, Description: "Default security group",
			CreatedAt: o.now, UpdatedAt: o.now, Revision: 1, Tags: []string{},
		},
		Name: defaultName, Stateful: true,
	}
	if err := insertGroup(o, g); err != nil {
		return nil, err
	}
	return g, insertDefaults(o, g)
}

// insertGroup stores a group with the rules that every group begins with: all may go out; into the
// default group what comes from its own members may come.
func insertGroup(o *op, g *SecurityGroup) error {
	if err := groupTable.Insert(o.tx, g); err != nil {
		return err
	}
	for _, ether := range []string{"IPv4", "IPv6"} {
		directions := []string{"egress"}
		if g.Name == defaultName {
			directions = append(directions, "ingress")
		}
		for _, direction := range directions {
			r := &SecurityGroupRule{
				Standard: Standard{ID: uuid.NewString(), ProjectID: g.ProjectID, CreatedAt: o.now, UpdatedAt: o.now, Revision: 1, Tags: []string{}},
				GroupID:  g.ID, Direction: direction, EtherType: ether,
			}
			if direction == "ingress" {
				r.RemoteGroupID = &g.ID
			}
			if err := ruleTable.Insert(o.tx, r); err != nil {
				return err
			}
		}
	}
	return nil
}

func updateGroup(o *op, now, before *SecurityGroup, in *groupFields) error {
	if now.Name != before.Name && (before.Name == defaultName || strings.EqualFold(now.Name, defaultName)) {
		return groupRenamesDefault.of("")
	}
	used, err := count(o.tx, portTable.Name, "security_groups", now.ID)
	if err != nil {
		return err
	}
	if now.Stateful != before.Stateful && used > 0 {
		return groupInUse.of(now.ID)
	}
	return groupTable.Put(o.tx, now)
}

func removeGroup(o *op, g *SecurityGroup) error {
	if g.Name == defaultName && !o.admin() {
		return groupIsDefault.of("")
	}
	used, err := count(o.tx, portTable.Name, "security_groups", g.ID)
	if err != nil {
		return err
	}
	if used > 0 {
		return groupInUse.of(g.ID)
	}
	for _, index := range []string{"security_group_id", "remote_group_id"} {
		rules, err := ruleTable.By(o.tx, index, g.ID)
		if err != nil {
			return err
		}
		for _, r := range rules {
			if err := ruleTable.Delete(o.tx, r.ID); err != nil {
				return err
			}
		}
	}
	return groupTable.Delete(o.tx, g.ID)
}

func completeGroup(o *op, g *SecurityGroup) error {
	rules, err := ruleTable.By(o.tx, "security_group_id", g.ID)
	if err != nil {
		return err
	}
	g.Rules = []object{}
	for _, r := range rules {
		view, err := o.rules.view(o, r)
		if err != nil {
			return err
		}
		g.Rules = append(g.Rules, view)
	}
	return nil
}
