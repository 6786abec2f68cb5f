// SPDX-License-Identifier: MPL-2.0

package nova_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/nova"
)

// A soft-deleted server is in no list but those of deleted servers, of what changed, and those that ask for it.
func TestListsWithSoftDeletedServers(t *testing.T) {
	t.Parallel()
	cloud := start(t, func(o *mockcloud.Options) { o.ReclaimInterval = time.Hour })
	cloud.demo.boot(t, "kept", nil)
	soft := cloud.demo.boot(t, "soft", nil)
	gone := cloud.demo.boot(t, "gone", nil)
	if got := cloud.demo.nova(t, 1, http.MethodDelete, "/servers/"+soft, nil); got.status != http.StatusNoContent {
		t.Fatalf("delete: %d %s", got.status, got.body)
	}
	same(t, "status of a soft-deleted server", cloud.demo.settled(t, soft)["status"], "SOFT_DELETED")
	forced := cloud.demo.nova(t, 1, http.MethodPost, "/servers/"+gone+"/action", object{"forceDelete": nil})
	if forced.status != http.StatusAccepted {
		t.Fatalf("forceDelete: %d %s", forced.status, forced.body)
	}
	cloud.demo.gone(t, gone)
	for _, c := range []struct {
		as    *user
		query string
		want  []string // newest first
	}{
		{cloud.demo, "", []string{"kept"}},
		{cloud.demo, "status=SOFT_DELETED", []string{}},
		{cloud.demo, "deleted=true", []string{"kept"}}, // not for users
		{cloud.demo, "changes-since=2001-01-01T00:00:00Z", []string{"gone", "soft", "kept"}},
		{cloud.demo, "changes-since=2001-01-01T00:00:00Z&status=SOFT_DELETED", []string{"soft"}},
		{cloud.admin, "all_tenants=1", []string{"kept"}},
		{cloud.admin, "all_tenants=1&deleted=true", []string{"gone", "soft"}},
		{cloud.admin, "all_tenants=1&deleted=true&limit=1", []string{"gone"}},
		{cloud.admin, "all_tenants=1&deleted=true&marker=" + gone, []string{"soft"}},
		{cloud.admin, "all_tenants=1&deleted=true&status=SOFT_DELETED", []string{"soft"}},
		{cloud.admin, "all_tenants=1&soft_deleted=true", []string{"soft", "kept"}},
		{cloud.admin, "all_tenants=1&status=DELETED", []string{"gone"}},
	} {
		got := names(t, c.as.nova(t, nova.Newest, http.MethodGet, "/servers?"+c.query, nil).object(t, http.StatusOK), "servers")
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.query, got, c.want)
		}
	}
}
