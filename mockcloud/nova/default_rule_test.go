// SPDX-License-Identifier: MPL-2.0

package nova_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
)

const defaults = "/os-security-group-default-rules"

func defaultRule(protocol string, from, to any, cidr any) object {
	return object{"security_group_default_rule": object{"ip_protocol": protocol, "from_port": from, "to_port": to, "cidr": cidr}}
}

// Administrators list what default groups begin with; ids are numbers, which clients may send ports as, too.
func TestDefaultRules(t *testing.T) {
	t.Parallel()
	cloud := start(t)
	made := cloud.admin.nova(t, 1, http.MethodPost, defaults, defaultRule("TCP", "80", "80", "10.10.10.0/24")).object(t, http.StatusOK)
	want := object{"id": 1.0, "ip_protocol": "TCP", "from_port": 80.0, "to_port": 80.0, "ip_range": object{"cidr": "10.10.10.0/24"}}
	same(t, "made", made["security_group_default_rule"], want)
	second := cloud.admin.nova(t, 1, http.MethodPost, defaults, defaultRule("icmp", -1, -1, nil)).object(t, http.StatusOK)
	anywhere := object{"id": 2.0, "ip_protocol": "icmp", "from_port": -1.0, "to_port": -1.0, "ip_range": object{"cidr": "0.0.0.0/0"}}
	same(t, "without a range", second["security_group_default_rule"], anywhere)
	list := cloud.admin.nova(t, 35, http.MethodGet, defaults, nil).object(t, http.StatusOK)
	same(t, "list", list["security_group_default_rules"], []any{want, anywhere})
	shown := cloud.admin.nova(t, 1, http.MethodGet, defaults+"/1", nil).object(t, http.StatusOK)
	same(t, "shown", shown["security_group_default_rule"], want)

	refuse := func(status int, words string, body any) {
		t.Helper()
		cloud.admin.nova(t, 1, http.MethodPost, defaults, body).refused(t, status, words)
	}
	refuse(http.StatusConflict, "This default rule already exists.", defaultRule("TCP", 80, 80, "10.10.10.0/24"))
	refuse(http.StatusBadRequest, "Missing parameter security_group_default_rule", object{"rule": object{}})
	refuse(http.StatusBadRequest, "Not enough parameters to build a valid rule.", object{"security_group_default_rule": object{"ip_protocol": "tcp"}})
	refuse(http.StatusBadRequest, "Invalid IP protocol gre.", defaultRule("gre", 1, 2, nil))
	refuse(http.StatusBadRequest, "Invalid port range 9:8. Former value cannot be greater than the later", defaultRule("tcp", 9, 8, nil))
	refuse(http.StatusBadRequest, "Invalid port range 1:65536. Valid TCP ports should be between 1-65535", defaultRule("tcp", 1, 65536, nil))
	refuse(http.StatusBadRequest, "Invalid port range -1:3. For ICMP, the type:code must be valid", defaultRule("icmp", -1, 3, nil))
	refuse(http.StatusBadRequest, "Invalid input received: To and From ports must be integers", defaultRule("udp", "a", "b", nil))
	refuse(http.StatusBadRequest, "10.0.0.0/99 is not a valid IP network.", defaultRule("tcp", 1, 2, "10.0.0.0/99"))

	for _, method := range []string{http.MethodGet, http.MethodDelete} {
		cloud.admin.nova(t, 1, method, defaults+"/9", nil).refused(t, http.StatusNotFound, "Security group default rule 9 not found.")
		cloud.admin.nova(t, 1, method, defaults+"/nine", nil).refused(t, http.StatusBadRequest, "Security group id should be integer")
		same(t, "by demo", cloud.demo.nova(t, 1, method, defaults+"/1", nil).status, http.StatusForbidden)
	}
	cloud.admin.nova(t, 1, http.MethodDelete, defaults+"/1", nil).empty(t, http.StatusNoContent)
	list = cloud.admin.nova(t, 1, http.MethodGet, defaults, nil).object(t, http.StatusOK)
	same(t, "list", list["security_group_default_rules"], []any{anywhere})
	same(t, "later", cloud.admin.nova(t, 36, http.MethodGet, defaults, nil).status, http.StatusNotFound)
}

// The default group of a project that is new has the rules, in Nova's words and in Neutron's; those that there were
// before stay as they are.
func TestDefaultRulesOfNewProjects(t *testing.T) {
	t.Parallel()
	cloud := start(t)
	rules := func(u *user) (told []string) {
		t.Helper()
		answer := u.send(t, http.MethodGet, cloud.URL+"/network/v2.0/security-group-rules?project_id="+u.project, nil, nil).object(t, http.StatusOK)
		for _, item := range answer["security_group_rules"].([]any) {
			r := item.(object)
			if r["direction"] == "ingress" && r["remote_group_id"] == nil {
				told = append(told, fmt.Sprint(r["ethertype"], " ", r["protocol"], " ", r["port_range_min"], "-", r["port_range_max"], " ", r["remote_ip_prefix"]))
			}
		}
		slices.Sort(told)
		return told
	}
	old, late := cloud.member(t, "old", "member"), cloud.member(t, "late", "member")
	same(t, "before", rules(old), []string(nil))
	for _, body := range []object{
		defaultRule("TCP", 22, 22, "10.10.10.0/24"), defaultRule("tcp", 22, 22, "10.10.10.0/24"), defaultRule("icmp", 8, -1, nil), defaultRule("udp", 53, 54, "2001:db8::/32"),
	} {
		cloud.admin.nova(t, 1, http.MethodPost, defaults, body).object(t, http.StatusOK)
	}
	same(t, "a project that has its group", rules(old), []string(nil))
	same(t, "a new project", rules(late), []string{"IPv4 icmp 8-<nil> 0.0.0.0/0", "IPv4 tcp 22-22 10.10.10.0/24", "IPv6 udp 53-54 2001:db8::/32"})
	groups := late.nova(t, 1, http.MethodGet, "/os-security-groups", nil).object(t, http.StatusOK)["security_groups"].([]any)
	same(t, "groups", len(groups), 1)
	if got := groups[0].(object)["rules"].([]any); len(got) != 5 { // two are for the group's own members
		t.Errorf("Nova tells %d rules: %v", len(got), got)
	}
	own := late.nova(t, 1, http.MethodPost, "/os-security-groups", object{"security_group": object{"name": "own", "description": ""}}).object(t, http.StatusOK)
	same(t, "another group", own["security_group"].(object)["rules"], []any{})
}
