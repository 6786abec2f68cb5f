// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// overQuota is what Nova says when a limit is passed. %d, where there is one, is the limit.
var overQuota = map[Resource]string{
	QuotaMetadataItems:            "Maximum number of metadata items exceeds %d",
	QuotaInjectedFiles:            "Personality file limit exceeded",
	QuotaInjectedFilePathBytes:    "Personality file path exceeds maximum %d",
	QuotaInjectedFileContentBytes: "Personality file content exceeds maximum %d",
	QuotaKeyPairs:                 "Quota exceeded, too many key pairs.",
	QuotaServerGroups:             "Quota exceeded, too many server groups.",
	QuotaServerGroupMembers:       "Quota exceeded, too many servers in group",
}

// CheckQuota refuses (*QuotaExceeded) that a user has count of a resource other than instances, cores
// and ram, which Create looks after.
func (m *Manager) CheckQuota(tx store.Tx, projectID, userID string, resource Resource, count int) error {
	limits, err := m.LimitsIn(tx, projectID, userID)
	if err != nil {
		return err
	}
	return within(limits, resource, count)
}

func within(limits map[Resource]int, resource Resource, count int) error {
	limit := limits[resource]
	if limit == Unlimited || count <= limit {
		return nil
	}
	text := overQuota[resource]
	if strings.Contains(text, "%d") {
		text = fmt.Sprintf(text, limit)
	}
	return &QuotaExceeded{Message: text}
}

// serverQuota are the resources that servers use, in the order in which Nova names them when they
// are exceeded.
var serverQuota = []Resource{QuotaCores, QuotaInstances, QuotaRAM}

// scope is whose quota is asked: the project's or one user's in it.
type scope struct{ limits, used map[Resource]int }

// headroom is how much of the resource is left; ok is false when there is no limit.
func (s scope) headroom(r Resource) (left int, ok bool) {
	return s.limits[r] - s.used[r], s.limits[r] != Unlimited
}

// admit is how many servers of the flavor quota allows, at most most; *QuotaExceeded when that is
// less than least.
func (m *Manager) admit(tx store.Tx, caller Caller, flavor Flavor, least, most int) (int, error) {
	scopes, err := m.scopes(tx, caller)
	if err != nil {
		return 0, err
	}
	each := map[Resource]int{QuotaInstances: 1, QuotaCores: flavor.VCPUs, QuotaRAM: flavor.MemoryMiB}
	for _, s := range scopes {
		allowed := most
		for _, r := range serverQuota {
			if left, limited := s.headroom(r); limited && each[r] > 0 {
				allowed = min(allowed, max(left, 0)/each[r])
			}
		}
		if allowed < least {
			return 0, s.tooMany(each, least, most)
		}
		most = allowed
	}
	return most, nil
}

// scopes are those that hold for the caller: the project and, where it has limits of its own, the
// user.
func (m *Manager) scopes(tx store.Tx, caller Caller) ([]scope, error) {
	users := []string{""}
	_, err := limitRows.Get(tx, limitScope(caller.ProjectID, caller.UserID))
	switch {
	case err == nil:
		users = append(users, caller.UserID)
	case !errors.Is(err, store.ErrNotFound):
		return nil, err
	}
	var scopes []scope
	for _, user := range users {
		limits, err := m.LimitsIn(tx, caller.ProjectID, user)
		if err != nil {
			return nil, err
		}
		used, err := usageIn(tx, caller.ProjectID, user)
		if err != nil {
			return nil, err
		}
		scopes = append(scopes, scope{limits, used})
	}
	return scopes, nil
}

// tooMany is Nova's refusal to run that many servers.
func (s scope) tooMany(each map[Resource]int, least, most int) error {
	requested := map[Resource]string{
		QuotaInstances: strconv.Itoa(least),
		QuotaCores:     strconv.Itoa(most * each[QuotaCores]),
		QuotaRAM:       strconv.Itoa(most * each[QuotaRAM]),
	}
	if least != most {
		requested[QuotaInstances] = fmt.Sprintf("%d-%d", least, most)
	}
	var overs, wants, uses, limits []string
	for _, r := range serverQuota {
		left, limited := s.headroom(r)
		if !limited || each[r] == 0 || most*each[r] <= left {
			continue
		}
		overs = append(overs, string(r))
		wants = append(wants, requested[r])
		uses = append(uses, strconv.Itoa(s.used[r]))
		limits = append(limits, strconv.Itoa(s.limits[r]))
	}
	list := func(items []string) string { return strings.Join(items, ", ") }
	return &QuotaExceeded{Message: fmt.Sprintf("Quota exceeded for %s: Requested %s, but already used %s of %s %s",
		list(overs), list(wants), list(uses), list(limits), list(overs))}
}
