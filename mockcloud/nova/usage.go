// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"slices"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
)

// TenantUsage is what a project's servers used in a period: sums over the hours that each was there.
type TenantUsage struct {
	TenantID string                 `json:"tenant_id"`
	Start    api.Micros             `json:"start"`
	Stop     api.Micros             `json:"stop"`
	Hours    float64                `json:"total_hours"`
	LocalGB  float64                `json:"total_local_gb_usage"`  // GiB × hours
	MemoryMB float64                `json:"total_memory_mb_usage"` // MiB × hours
	VCPUs    float64                `json:"total_vcpus_usage"`     // × hours
	Servers  api.Opt[[]ServerUsage] `json:"server_usages,omitempty"`
}

// At implements api.Shape: nothing for a project without servers.
func (u TenantUsage) At(api.Version) any {
	if u.TenantID == "" {
		return struct{}{}
	}
	type whole TenantUsage // without this method
	return whole(u)
}

// ServerUsage is one server's part in it.
type ServerUsage struct {
	InstanceID string     `json:"instance_id"`
	Name       string     `json:"name"`
	TenantID   string     `json:"tenant_id"`
	Flavor     string     `json:"flavor"` // its name
	Hours      float64    `json:"hours"`  // in the period
	MemoryMB   int        `json:"memory_mb"`
	LocalGB    int        `json:"local_gb"`
	VCPUs      int        `json:"vcpus"`
	StartedAt  api.Micros `json:"started_at"`
	EndedAt    api.Micros `json:"ended_at"`
	State      string     `json:"state"`  // vm_state, or "terminated"
	Uptime     int        `json:"uptime"` // seconds, from start to end or now
}

// usageQuery are the parameters of the usage operations.
type usageQuery struct {
	Start      string `json:"start"`
	End        string `json:"end"`
	api.Paging `nova:"2.40-"`
}

type usageListQuery struct {
	usageQuery
	Detailed string `json:"detailed"`
}

// tenantUsageShown is the answer of GET /os-simple-tenant-usage/{id}; the pages are of its servers.
type tenantUsageShown struct {
	Usage TenantUsage `json:"tenant_usage"`
	Links []api.Link  `json:"tenant_usage_links,omitempty" nova:"2.40-"`
}

func (s *Service) usageRoutes() []api.Route {
	const path = "/os-simple-tenant-usage"
	return []api.Route{
		api.Get(path, "tenant_usages", s.listUsages).AskedBy(api.QueryOf[usageListQuery]()).Loose("-2.74").
			Policy(rule("os-simple-tenant-usage:list")),
		api.Get(path+"/{id}", "", s.showUsage).AskedBy(api.QueryOf[usageQuery]()).Loose("-2.74"),
	}
}

func (s *Service) listUsages(c *api.Call) (page api.Page[TenantUsage], err error) {
	q := api.Query[usageListQuery](c)
	page.Items, page.Next, err = s.usages(c, "", &q.usageQuery, q.Detailed == "1")
	return page, err
}

func (s *Service) showUsage(c *api.Call) (shown tenantUsageShown, err error) {
	project := c.Var("id")
	if err := c.Authorize(rule("os-simple-tenant-usage:show"), api.Target{ProjectID: project}); err != nil {
		return shown, err
	}
	usages, next, err := s.usages(c, project, api.Query[usageQuery](c), true)
	if len(usages) > 0 {
		shown.Usage = usages[0]
	}
	if next != "" {
		shown.Links = []api.Link{{Rel: "next", Href: next}}
	}
	return shown, err
}

// usages are those of each project, or of the given one, in the query's period. The page is of servers, so
// that a project's sums may go on on the next one.
func (s *Service) usages(c *api.Call, projectID string, q *usageQuery, detailed bool) ([]TenantUsage, string, error) {
	now := s.Clock.Now().UTC()
	from, to, err := q.period(now)
	if err != nil {
		return nil, "", err
	}
	active, err := s.Compute.ActiveBetween(c.Context(), projectID, from, to)
	if err != nil {
		return nil, "", err
	}
	if q.Marker != "" {
		last, err := s.Compute.Get(c.Context(), q.Marker)
		if isNotFound(err) {
			return nil, "", noMarker(q.Marker)
		}
		if err != nil {
			return nil, "", err
		}
		active = slices.DeleteFunc(active, func(i *compute.Instance) bool { return i.ComparePlace(last) <= 0 })
	}
	page, err := api.Paged(c, active, api.Paging{Limit: q.Limit}, maxLimit, func(i *compute.Instance) string { return i.ID })
	if err != nil {
		return nil, "", err
	}
	usages := []TenantUsage{}
	for _, i := range page.Items {
		if n := len(usages); n == 0 || usages[n-1].TenantID != i.ProjectID {
			usages = append(usages, TenantUsage{TenantID: i.ProjectID, Start: api.Micros{Time: from}, Stop: api.Micros{Time: to}})
		}
		usages[len(usages)-1].add(usageOf(i, from, to, now), detailed)
	}
	if !c.Since(pagesUsages) {
		page.Next = ""
	}
	return usages, page.Next, nil
}

// period is the query's, which ends now at the latest. Nova's default is from now to now, which is refused.
func (q *usageQuery) period(now time.Time) (from, to time.Time, err error) {
	from, to = now, now
	for _, end := range []struct {
		text string
		at   *time.Time
	}{{q.Start, &from}, {q.End, &to}} {
		if end.text == "" {
			continue
		}
		if *end.at, err = usageTime(end.text); err != nil {
			return from, to, err
		}
	}
	if !from.Before(to) {
		return from, to, api.BadRequest("Invalid start time. The start time cannot occur after the end time.")
	}
	if to.After(now) {
		to = now
	}
	return from, to, nil
}

func usageTime(text string) (time.Time, error) {
	for _, layout := range []string{"2006-01-02T15:04:05", "2006-01-02 15:04:05.999999"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, nil
		}
	}
	return time.Time{}, api.BadRequest("Invalid datetime string: Datetime is in invalid format")
}

func usageOf(i *compute.Instance, from, to, now time.Time) ServerUsage {
	u := ServerUsage{
		InstanceID: i.ID, Name: i.Name, TenantID: i.ProjectID, Flavor: i.Flavor.Name, Hours: i.RanFor(from, to).Hours(),
		MemoryMB: i.Flavor.MemoryMiB, LocalGB: i.Flavor.RootGiB + i.Flavor.EphemeralGiB, VCPUs: i.Flavor.VCPUs,
		StartedAt: micros(i.LaunchedAt), EndedAt: micros(i.TerminatedAt), State: string(i.VMState),
	}
	end := now
	if i.TerminatedAt != nil {
		u.State, end = "terminated", *i.TerminatedAt
	}
	u.Uptime = int(end.Sub(*i.LaunchedAt).Seconds())
	return u
}

// add counts a server in.
func (u *TenantUsage) add(server ServerUsage, detailed bool) {
	u.Hours += server.Hours
	u.LocalGB += float64(server.LocalGB) * server.Hours
	u.MemoryMB += float64(server.MemoryMB) * server.Hours
	u.VCPUs += float64(server.VCPUs) * server.Hours
	if detailed {
		u.Servers = api.Some(append(u.Servers.Value, server))
	}
}
