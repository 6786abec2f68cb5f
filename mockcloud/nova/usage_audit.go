// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"fmt"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

// UsageAudit tells of each host how many servers it had in the calendar month that ended last.
type UsageAudit struct {
	Begin       string               `json:"period_beginning"`
	End         string               `json:"period_ending"`
	Hosts       int                  `json:"num_hosts"`
	Done        int                  `json:"num_hosts_done"`
	Running     int                  `json:"num_hosts_running"`
	NotRun      int                  `json:"num_hosts_not_run"`
	HostsNotRun []string             `json:"hosts_not_run"`
	Instances   int                  `json:"total_instances"`
	Errors      int                  `json:"total_errors"`
	Status      string               `json:"overall_status"`
	Log         map[string]hostAudit `json:"log"`
}

// hostAudit is one host's part in it.
type hostAudit struct {
	State     string `json:"state"`
	Instances int    `json:"instances"`
	Errors    int    `json:"errors"`
	Message   string `json:"message"`
}

func (s *Service) usageAuditRoutes() []api.Route {
	const path = "/os-instance_usage_audit_log"
	ask := api.QueryOf[noQuery]()
	return []api.Route{
		api.Get(path, "instance_usage_audit_logs", s.listUsageAudits).Policy(rule("os-instance-usage-audit-log:list")).
			AskedBy(ask).Loose("-2.101"),
		api.Get(path+"/{before}", "instance_usage_audit_log", s.showUsageAudit).Policy(rule("os-instance-usage-audit-log:show")).
			AskedBy(ask).Loose("-2.101"),
	}
}

func (s *Service) listUsageAudits(c *api.Call) (UsageAudit, error) {
	return s.usageAudit(c, s.Clock.Now().UTC())
}

func (s *Service) showUsageAudit(c *api.Call) (UsageAudit, error) {
	before, err := time.Parse("2006-01-02 15:04:05.999999", c.Var("before"))
	if err != nil {
		return UsageAudit{}, api.BadRequest("Invalid timestamp for date %s", c.Var("before"))
	}
	return s.usageAudit(c, before)
}

// lastMonth is the calendar month that ended last before t.
func lastMonth(t time.Time) (begin, end time.Time) {
	end = time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, time.UTC)
	if !end.Before(t) {
		end = end.AddDate(0, -1, 0)
	}
	return end.AddDate(0, -1, 0), end
}

// usageAudit audits every host that answers; Nova's hosts do it by themselves when a month is over, and what
// they find is the same.
func (s *Service) usageAudit(c *api.Call, before time.Time) (UsageAudit, error) {
	begin, end := lastMonth(before)
	hosts, err := s.Compute.Hosts(c.Context())
	if err != nil {
		return UsageAudit{}, err
	}
	active, err := s.Compute.ActiveBetween(c.Context(), "", begin, end)
	if err != nil {
		return UsageAudit{}, err
	}
	on := map[string]int{}
	for _, i := range active {
		on[i.Host]++
	}
	audit := UsageAudit{
		Begin: begin.Format(time.DateTime), End: end.Format(time.DateTime), Hosts: len(hosts),
		HostsNotRun: []string{}, Log: map[string]hostAudit{},
	}
	for _, h := range hosts {
		if !h.Up {
			audit.HostsNotRun = append(audit.HostsNotRun, h.Name)
			continue
		}
		n := on[h.Name]
		audit.Log[h.Name] = hostAudit{
			State: "DONE", Instances: n,
			Message: fmt.Sprintf("Instance usage audit ran for host %s, %d instances in 0 seconds.", h.Name, n),
		}
		audit.Done++
		audit.Instances += n
	}
	audit.NotRun = len(audit.HostsNotRun)
	which := "ALL"
	if audit.Done != audit.Hosts {
		which = fmt.Sprintf("%d of %d", audit.Done, audit.Hosts)
	}
	audit.Status = fmt.Sprintf("%s hosts done. %d errors.", which, audit.Errors)
	return audit, nil
}
