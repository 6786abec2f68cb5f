// SPDX-License-Identifier: MPL-2.0

package nova_test

import (
	"fmt"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/nova"
)

// Quotas, usages and what else belongs to nobody's servers, at every microversion.
func TestAccountsAtEveryMicroversion(t *testing.T) {
	t.Parallel()
	contract := readContract(t)
	cloud := start(t)
	cloud.admin.boot(t, "used", nil)
	reached := map[string]bool{}
	for v := range nova.Newest {
		s := &sweep{t: t, contract: contract, as: cloud.admin, v: v + 1, reached: reached}
		s.quotas()
		s.usages()
	}
	t.Logf("%d operations at %d microversions", len(reached), nova.Newest)
}

func (s *sweep) quotas() {
	const sets, classes = "/os-quota-sets/{id}", "/os-quota-class-sets/{id}"
	limits := object{"cores": 40, "ram": "60000", "instances": s.v%2 + 20, "server_groups": 12}
	if s.v < 57 {
		limits["injected_files"] = 6
	}
	if s.v < 36 {
		limits["floating_ips"] = 7
	}
	s.do("GET "+sets, nil, s.as.project)
	s.do("GET "+sets+"/defaults", nil, s.as.project)
	after := s.do("PUT "+sets, object{"quota_set": limits}, s.as.project)["quota_set"].(object)
	same(s.t, fmt.Sprintf("2.%d: ram", s.v), after["ram"], 60000.0)
	detail := s.do("GET "+sets+"/detail", nil, s.as.project)["quota_set"].(object)
	same(s.t, fmt.Sprintf("2.%d: instances", s.v), detail["instances"], object{"limit": float64(s.v%2 + 20), "in_use": 1.0, "reserved": 0.0})
	s.do("DELETE "+sets, nil, s.as.project)
	s.do("PUT "+classes, object{"quota_class_set": object{"cores": "21", "server_group_members": 11}}, "default")
	class := s.do("GET "+classes, nil, "default")["quota_class_set"].(object)
	same(s.t, fmt.Sprintf("2.%d: the class's cores", s.v), class["cores"], 21.0)
}

func (s *sweep) usages() {
	const usage, audit = "GET /os-simple-tenant-usage", "GET /os-instance_usage_audit_log"
	s.do(usage+"?start=2001-01-01T00:00:00&detailed=1", nil)
	s.do(usage+"?start=2001-01-01T00:00:00", nil)
	shown := s.do(usage+"/{id}?start=2001-01-01T00:00:00&limit=1", nil, s.as.project)
	if _, linked := shown["tenant_usage_links"]; linked != (s.v >= 40) {
		s.t.Errorf("2.%d: the page of a project's usage: %v", s.v, shown)
	}
	s.do(usage+"/{id}?start=2001-01-01T00:00:00", nil, "nobody")
	s.do(audit, nil)
	s.do(audit+"/{id}", nil, "2026-02-03%2004:05:06")
}
