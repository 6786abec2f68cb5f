// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"slices"
	"strconv"
	"strings"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
)

// hypervisorCore is a hypervisor in a list.
type hypervisorCore struct {
	Number   int64                       `json:"id"                  nova:"-2.52"`
	ID       string                      `json:"id"                  nova:"2.53-"`
	Hostname string                      `json:"hypervisor_hostname"`
	State    string                      `json:"state"`  // "up", "down"
	Status   string                      `json:"status"` // "enabled", "disabled"
	Servers  api.Opt[[]hypervisorServer] `json:"servers,omitempty"`
}

// hypervisorServer is a server on a hypervisor.
type hypervisorServer struct {
	Name string `json:"name"`
	UUID string `json:"uuid"`
}

// Hypervisor is a hypervisor in detail.
type Hypervisor struct {
	hypervisorCore
	hypervisorNumbers `nova:"-2.87"`
	IP                string            `json:"host_ip"`
	Type              string            `json:"hypervisor_type"`
	Version           int               `json:"hypervisor_version"`
	Service           hypervisorService `json:"service"`
	Uptime            *string           `json:"uptime" nova:"2.88-"`
}

// hypervisorNumbers were about its resources; since 2.88 they are Placement's to tell.
type hypervisorNumbers struct {
	hypervisorTotals
	CPUText string  `json:"cpu_info" nova:"-2.27"` // JSON in JSON
	CPUInfo cpuInfo `json:"cpu_info" nova:"2.28-2.87"`
}

// hypervisorTotals are the numbers of one hypervisor, or of all.
type hypervisorTotals struct {
	VCPUs          int `json:"vcpus"`
	VCPUsUsed      int `json:"vcpus_used"`
	MemoryMiB      int `json:"memory_mb"`
	MemoryMiBUsed  int `json:"memory_mb_used"`
	FreeRAMMiB     int `json:"free_ram_mb"`
	DiskGiB        int `json:"local_gb"`
	DiskGiBUsed    int `json:"local_gb_used"`
	FreeDiskGiB    int `json:"free_disk_gb"`
	LeastAvailable int `json:"disk_available_least"`
	Workload       int `json:"current_workload"`
	RunningVMs     int `json:"running_vms"`
}

type hypervisorService struct {
	Number         int64   `json:"id"              nova:"-2.52"`
	ID             string  `json:"id"              nova:"2.53-"`
	Host           string  `json:"host"`
	DisabledReason *string `json:"disabled_reason"`
}

// HypervisorStatistics are the sums over all hypervisors, up to 2.87.
type HypervisorStatistics struct {
	Count int `json:"count"`
	hypervisorTotals
}

type hypervisorUptime struct {
	hypervisorCore
	Uptime string `json:"uptime"`
}

type hypervisorListQuery struct {
	api.Paging  `nova:"2.33-"`
	Pattern     api.Opt[string]      `json:"hypervisor_hostname_pattern" nova:"2.53-" len:"1-255" pattern:"^[a-zA-Z0-9-._]*$"`
	WithServers api.Opt[api.Boolean] `json:"with_servers"                nova:"2.53-"`
}

type hypervisorQuery struct {
	WithServers api.Opt[api.Boolean] `json:"with_servers" nova:"2.53-"`
}

func (s *Service) hypervisorRoutes() []api.Route {
	const path = "/os-hypervisors"
	list, show := api.QueryOf[hypervisorListQuery](), api.QueryOf[hypervisorQuery]()
	return []api.Route{
		api.Get(path, "hypervisors", s.listHypervisors).AskedBy(list).Loose("-2.52").Policy(rule("os-hypervisors:list")),
		api.Get(path+"/detail", "hypervisors", s.listHypervisorsInDetail).AskedBy(list).Loose("-2.52").
			Policy(rule("os-hypervisors:list-detail")),
		api.Get(path+"/statistics", "hypervisor_statistics", s.hypervisorStatistics).Only("-2.87").
			Policy(rule("os-hypervisors:statistics")),
		// A literal segment hides what a variable would match: from 2.88 on "statistics" is an id like any other.
		api.Get(path+"/statistics", "hypervisor", s.noHypervisor).Only("2.88-").Policy(rule("os-hypervisors:show")),
		api.Get(path+"/{id}", "hypervisor", s.showHypervisor).AskedBy(show).Loose("-2.52").Policy(rule("os-hypervisors:show")),
		api.Get(path+"/{id}/uptime", "hypervisor", s.hypervisorUptime).Only("-2.87").Policy(rule("os-hypervisors:uptime")),
		api.Get(path+"/{id}/search", "hypervisors", s.searchHypervisors).Only("-2.52").Policy(rule("os-hypervisors:search")),
		api.Get(path+"/{id}/servers", "hypervisors", s.hypervisorServers).Only("-2.52").Policy(rule("os-hypervisors:servers")),
	}
}

func (s *Service) listHypervisors(c *api.Call) (api.Page[hypervisorCore], error) {
	return hypervisorPage(s, c, s.hypervisorCore)
}

func (s *Service) listHypervisorsInDetail(c *api.Call) (api.Page[Hypervisor], error) {
	return hypervisorPage(s, c, s.hypervisorView)
}

// hypervisorPage is the page of hypervisors that the query asks for, each as view shows it.
func hypervisorPage[T any](s *Service, c *api.Call, view func(*api.Call, *compute.Host, bool) (T, error)) (page api.Page[T], err error) {
	q := api.Query[hypervisorListQuery](c)
	hosts, err := s.Compute.Hosts(c.Context())
	if err != nil {
		return page, err
	}
	found := api.Page[*compute.Host]{Items: hosts}
	switch {
	case q.Pattern.Set && (q.Limit.Set || q.Marker != ""):
		return page, api.BadRequest("Paging over hypervisors with the hypervisor_hostname_pattern query parameter is not supported.")
	case q.Pattern.Set:
		if found.Items, err = matching(hosts, q.Pattern.Value); err != nil {
			return page, err
		}
	case c.Since(pagesHypervisors):
		slices.SortFunc(hosts, func(a, b *compute.Host) int { return int(a.Number - b.Number) })
		found, err = api.Paged(c, hosts, q.Paging, maxLimit, func(h *compute.Host) string { return hypervisorID(c, h) })
		if err != nil {
			return page, err
		}
	}
	page = api.Page[T]{Items: []T{}, Next: found.Next}
	for _, h := range found.Items {
		item, err := view(c, h, bool(q.WithServers.Value))
		if err != nil {
			return page, err
		}
		page.Items = append(page.Items, item)
	}
	return page, nil
}

// matching are the hosts whose hypervisor's name contains the pattern.
func matching(hosts []*compute.Host, pattern string) ([]*compute.Host, error) {
	found := slices.DeleteFunc(hosts, func(h *compute.Host) bool { return !strings.Contains(h.Node, pattern) })
	if len(found) == 0 {
		return nil, api.NotFound("No hypervisor matching '%s' could be found.", pattern)
	}
	return found, nil
}

// hypervisorID is the id that the version has.
func hypervisorID(c *api.Call, h *compute.Host) string {
	if c.Since(hostsByUUID) {
		return h.HypervisorID
	}
	return strconv.FormatInt(h.Number, 10)
}

// findHypervisor is the one of the path.
func (s *Service) findHypervisor(c *api.Call) (*compute.Host, error) {
	id := c.Var("id")
	if c.Since(hostsByUUID) && !isUUID(id) {
		return nil, api.BadRequest("Invalid uuid %s", id)
	}
	hosts, err := s.Compute.Hosts(c.Context())
	if err != nil {
		return nil, err
	}
	for _, h := range hosts {
		if hypervisorID(c, h) == id {
			return h, nil
		}
	}
	return nil, api.NotFound("Hypervisor with ID '%s' could not be found.", id)
}

func (s *Service) noHypervisor(*api.Call) (Hypervisor, error) {
	return Hypervisor{}, api.BadRequest("Invalid uuid statistics")
}

func (s *Service) showHypervisor(c *api.Call) (Hypervisor, error) {
	h, err := s.findHypervisor(c)
	if err != nil {
		return Hypervisor{}, err
	}
	return s.hypervisorView(c, h, bool(api.Query[hypervisorQuery](c).WithServers.Value))
}

func (s *Service) hypervisorUptime(c *api.Call) (hypervisorUptime, error) {
	h, err := s.findHypervisor(c)
	if err != nil {
		return hypervisorUptime{}, err
	}
	uptime, err := s.Compute.HostUptime(c.Context(), h.Name)
	if err != nil {
		return hypervisorUptime{}, refused(err)
	}
	core, err := s.hypervisorCore(c, h, false)
	return hypervisorUptime{core, uptime}, err
}

func (s *Service) searchHypervisors(c *api.Call) ([]hypervisorCore, error) {
	return s.searchedHypervisors(c, false)
}

func (s *Service) hypervisorServers(c *api.Call) ([]hypervisorCore, error) {
	return s.searchedHypervisors(c, true)
}

func (s *Service) searchedHypervisors(c *api.Call, servers bool) ([]hypervisorCore, error) {
	hosts, err := s.Compute.Hosts(c.Context())
	if err != nil {
		return nil, err
	}
	if hosts, err = matching(hosts, c.Var("id")); err != nil {
		return nil, err
	}
	var views []hypervisorCore
	for _, h := range hosts {
		view, err := s.hypervisorCore(c, h, servers)
		if err != nil {
			return nil, err
		}
		views = append(views, view)
	}
	return views, nil
}

func (s *Service) hypervisorStatistics(c *api.Call) (HypervisorStatistics, error) {
	hosts, err := s.Compute.Hosts(c.Context())
	var sum HypervisorStatistics
	for _, h := range hosts {
		if !h.Disabled {
			sum.Count++
			sum.add(h)
		}
	}
	return sum, err
}
