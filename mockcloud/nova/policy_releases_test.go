// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"slices"
	"strings"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

// Whom each rule lets in, by release: before 2023.1 everybody of a project was its member, and before 2025.2 nobody its
// manager or a service.
func TestPolicyOfReleases(t *testing.T) {
	t.Parallel()
	type test func(id *api.Identity) bool
	has := func(roles ...string) test {
		return func(id *api.Identity) bool { return slices.ContainsFunc(roles, id.Has) }
	}
	all := func(*api.Identity) bool { return true }
	for _, r := range append(Releases(), Release{}) {
		earlier := func(before bool, then, now test) test {
			if before {
				return then
			}
			return now
		}
		policy, seen := r.policy(), 0
		for _, group := range []struct {
			names string
			in    test
		}{
			{anyone, all},
			{nobody, has()},
			{readerOrAdmin + legacyReaderOrAdmin, earlier(r.before(antelope), all, has("admin", "reader"))},
			{memberOrAdmin + legacyMemberOrAdmin, earlier(r.before(antelope), all, has("admin", "member"))},
			{managerOrAdmin, earlier(r.before(flamingo), has("admin"), has("admin", "manager"))},
			{serviceOrAdmin, earlier(r.before(flamingo), has("admin"), has("admin", "service"))},
			{adminOnly + legacyAdminOnly, has("admin")},
			{ownerOrAdmin, all}, // who owns it
		} {
			for name := range strings.FieldsSeq(group.names) {
				seen++
				for _, id := range callers() {
					in := group.in
					if name == "os-flavor-access" {
						in = earlier(r.before(antelope), all, in)
					}
					want := in(id) && id.ProjectID != ""
					if got := policy[rule(name)](id, api.Target{ProjectID: "p", UserID: "u"}); got != want {
						t.Errorf("%s: %s of %v in %q: %t, want %t", r.Name, name, id.Roles, id.ProjectID, got, want)
					}
					elsewhere := policy[rule(name)](id, api.Target{ProjectID: "q", UserID: "v"})
					if open := name == "os-flavor-access" || strings.Contains(anyone, name) || id.Has("admin"); elsewhere && !open && !has("manager", "service")(id) {
						t.Errorf("%s: %s lets %v at another project's", r.Name, name, id.Roles)
					}
				}
			}
		}
		if want := len(policy) - len(baseRules()); seen != want {
			t.Errorf("%s: %d rules of %d", r.Name, seen, want)
		}
	}
}
