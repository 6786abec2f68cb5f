// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// Resource is something that quota limits, by its name in the API.
type Resource string

// The resources with a quota.
const (
	QuotaInstances                Resource = "instances"
	QuotaCores                    Resource = "cores"
	QuotaRAM                      Resource = "ram" // MiB
	QuotaMetadataItems            Resource = "metadata_items"
	QuotaInjectedFiles            Resource = "injected_files"
	QuotaInjectedFileContentBytes Resource = "injected_file_content_bytes"
	QuotaInjectedFilePathBytes    Resource = "injected_file_path_bytes"
	QuotaKeyPairs                 Resource = "key_pairs"
	QuotaServerGroups             Resource = "server_groups"
	QuotaServerGroupMembers       Resource = "server_group_members"

	// These were nova-network's: they can be set and shown, and limit nothing.

	QuotaFixedIPs           Resource = "fixed_ips"
	QuotaFloatingIPs        Resource = "floating_ips"
	QuotaSecurityGroups     Resource = "security_groups"
	QuotaSecurityGroupRules Resource = "security_group_rules"
)

// Unlimited is the limit that is none.
const Unlimited = -1

// novaQuotas are Nova's own defaults ([quota] in nova.conf).
var novaQuotas = map[Resource]int{
	QuotaInstances:                10,
	QuotaCores:                    20,
	QuotaRAM:                      50 * 1024,
	QuotaMetadataItems:            128,
	QuotaInjectedFiles:            5,
	QuotaInjectedFileContentBytes: 10 * 1024,
	QuotaInjectedFilePathBytes:    255,
	QuotaKeyPairs:                 100,
	QuotaServerGroups:             10,
	QuotaServerGroupMembers:       10,
	QuotaFixedIPs:                 Unlimited,
	QuotaFloatingIPs:              Unlimited,
	QuotaSecurityGroups:           Unlimited,
	QuotaSecurityGroupRules:       Unlimited,
}

// Quotas are limits by the names of their resources in the API, each 0 or more, or Unlimited.
func Quotas(named map[string]int) (map[Resource]int, error) {
	limits := map[Resource]int{}
	for name, limit := range named {
		if _, known := novaQuotas[Resource(name)]; !known {
			return nil, fmt.Errorf("there is no quota of %q, but of %v", name, slices.Sorted(maps.Keys(novaQuotas)))
		}
		if limit < Unlimited {
			return nil, fmt.Errorf("a quota of %d %s: it is 0 or more, or %d for none", limit, name, Unlimited)
		}
		limits[Resource(name)] = limit
	}
	return limits, nil
}

// defaultClass is the only quota class that is in force.
const defaultClass = "default"

// limitRow holds limits that were set: of a class, a project, or a user in a project.
type limitRow struct {
	Scope  string
	UserOf string `json:",omitzero"` // the project, of limits of a user in it
	Limits map[Resource]int
}

// usersLimits finds the limits of the users in a project.
const usersLimits = "users of"

var limitRows = store.Table[limitRow]{
	Name: "compute_limits",
	Key:  func(r *limitRow) string { return r.Scope },
	Indexes: []store.Index[limitRow]{
		{Name: usersLimits, Of: func(r *limitRow) []string { return when(r.UserOf != "", r.UserOf) }},
	},
}

func classScope(class string) string { return "class/" + class }

func limitScope(projectID, userID string) string {
	if userID == "" {
		return "project/" + projectID
	}
	return "project/" + projectID + "/user/" + userID
}

// Limits tells the limits in force for a user in a project ("" leaves the user out): those set for
// the user, else for the project, else for the class "default", else the built-in ones.
func (m *Manager) Limits(ctx context.Context, projectID, userID string) (limits map[Resource]int, err error) {
	err = m.Store.View(ctx, func(tx store.Tx) error {
		limits, err = m.LimitsIn(tx, projectID, userID)
		return err
	})
	return limits, err
}

// LimitsIn is Limits within a transaction, for what must be checked where it is written.
func (m *Manager) LimitsIn(tx store.Tx, projectID, userID string) (map[Resource]int, error) {
	return m.limitsOf(tx, classScope(defaultClass), limitScope(projectID, ""), limitScope(projectID, userID))
}

// limitsOf lays the limits of the scopes over the built-in ones, each over the one before.
func (m *Manager) limitsOf(tx store.Tx, scopes ...string) (map[Resource]int, error) {
	limits := maps.Clone(novaQuotas)
	maps.Copy(limits, m.Quotas)
	for _, scope := range scopes {
		row, err := limitRows.Get(tx, scope)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		maps.Copy(limits, row.Limits)
	}
	return limits, nil
}

// Usage tells what a project, or one user in it, uses of instances, cores, ram and server groups.
func (m *Manager) Usage(ctx context.Context, projectID, userID string) (used map[Resource]int, err error) {
	err = m.Store.View(ctx, func(tx store.Tx) error {
		used, err = countedIn(tx, projectID, userID)
		return err
	})
	return used, err
}

func countedIn(tx store.Tx, projectID, userID string) (map[Resource]int, error) {
	used, err := usageIn(tx, projectID, userID)
	if err != nil {
		return nil, err
	}
	groups, err := serverGroups.By(tx, groupsByProject, projectID)
	for _, g := range groups {
		if userID == "" || g.UserID == userID {
			used[QuotaServerGroups]++
		}
	}
	return used, err
}

// usageIn is what servers use.
func usageIn(tx store.Tx, projectID, userID string) (map[Resource]int, error) {
	used, err := usageOf(tx, limitScope(projectID, userID))
	if err != nil {
		return nil, err
	}
	return map[Resource]int{
		QuotaInstances: used.Instances, QuotaCores: used.VCPUs, QuotaRAM: used.MemoryMiB,
	}, nil
}
