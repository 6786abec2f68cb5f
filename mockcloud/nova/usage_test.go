// SPDX-License-Identifier: MPL-2.0

package nova_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/nova"
)

// Usage is what servers used while they were there: hours in the period, of the flavor they have; the audit of
// a month counts them by host.
func TestUsageOfServers(t *testing.T) {
	t.Parallel()
	manual := clock.NewManual(time.Date(2026, 3, 30, 12, 0, 0, 0, time.UTC))
	cloud := start(t, func(o *mockcloud.Options) { o.Clock, o.TokenLife = manual, 1000*time.Hour })
	id := cloud.admin.boot(t, "two-hours", object{"host": "compute-1"})
	manual.Advance(2 * time.Hour)
	if got := cloud.admin.nova(t, 1, http.MethodDelete, "/servers/"+id, nil); got.status != http.StatusNoContent {
		t.Fatalf("delete: %d %s", got.status, got.body)
	}
	cloud.admin.gone(t, id)
	kept := cloud.admin.boot(t, "kept", object{"host": "compute-2"})
	manual.Advance(time.Hour)

	usage := func(query string) object {
		t.Helper()
		got := cloud.admin.nova(t, nova.Newest, http.MethodGet, "/os-simple-tenant-usage/"+cloud.admin.project+query, nil)
		return got.object(t, http.StatusOK)["tenant_usage"].(object)
	}
	whole := usage("?start=2026-03-30T00:00:00")
	same(t, "hours", whole["total_hours"], 3.0)
	same(t, "MiB × hours", whole["total_memory_mb_usage"], 3*128.0)
	same(t, "until when", whole["stop"], "2026-03-30T15:00:00.000000")
	seen := map[string]object{}
	for _, item := range whole["server_usages"].([]any) {
		seen[text(t, item.(object), "name")] = item.(object)
	}
	for name, want := range map[string]object{
		"two-hours": {
			"instance_id": id, "state": "terminated", "hours": 2.0, "uptime": 7200.0,
			"started_at": "2026-03-30T12:00:00.000000", "ended_at": "2026-03-30T14:00:00.000000",
		},
		"kept": {"instance_id": kept, "state": "active", "hours": 1.0, "uptime": 3600.0, "ended_at": nil, "vcpus": 1.0},
	} {
		for key, value := range want {
			same(t, name+": "+key, seen[name][key], value)
		}
	}
	same(t, "hours in a part", usage("?start=2026-03-30T13:30:00&end=2026-03-30T14:30:00")["total_hours"], 1.0)
	same(t, "usage before", len(usage("?start=2026-03-29T00:00:00&end=2026-03-30T12:00:00")), 0)
	for query, message := range map[string]string{
		"":                             "Invalid start time. The start time cannot occur after the end time.",
		"?start=2026-03-31T00:00:00":   "Invalid start time. The start time cannot occur after the end time.",
		"?start=yesterday":             "Invalid datetime string: Datetime is in invalid format",
		"?start=2026-03-30&marker=abc": "Invalid datetime string: Datetime is in invalid format",
	} {
		cloud.admin.nova(t, nova.Newest, http.MethodGet, "/os-simple-tenant-usage/x"+query, nil).refused(t, http.StatusBadRequest, message)
	}

	manual.Advance(3 * 24 * time.Hour) // to April
	audit := cloud.admin.nova(t, 1, http.MethodGet, "/os-instance_usage_audit_log", nil).object(t, http.StatusOK)["instance_usage_audit_logs"].(object)
	same(t, "audited from", audit["period_beginning"], "2026-03-01 00:00:00")
	same(t, "audited to", audit["period_ending"], "2026-04-01 00:00:00")
	same(t, "servers", audit["total_instances"], 2.0)
	same(t, "status", audit["overall_status"], "ALL hosts done. 0 errors.")
	same(t, "servers of a host", audit["log"].(object)["compute-1"].(object)["instances"], 1.0)
	before := cloud.admin.nova(t, 1, http.MethodGet, "/os-instance_usage_audit_log/2026-03-31%2000:00:00", nil)
	same(t, "servers a month before", before.object(t, http.StatusOK)["instance_usage_audit_log"].(object)["total_instances"], 0.0)
	cloud.admin.nova(t, 1, http.MethodGet, "/os-instance_usage_audit_log/March", nil).
		refused(t, http.StatusBadRequest, "Invalid timestamp for date March")
}
