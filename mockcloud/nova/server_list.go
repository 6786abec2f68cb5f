// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"cmp"
	"slices"
	"strings"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
)

func (s *Service) listServers(c *api.Call) (api.Page[serverBrief], error) {
	page, err := s.servers(c, "index")
	if err != nil {
		return api.Page[serverBrief]{}, err
	}
	brief := api.Page[serverBrief]{Next: page.Next, Items: []serverBrief{}}
	for _, i := range page.Items {
		brief.Items = append(brief.Items, serverBrief{ID: i.ID, Name: i.Name, Links: c.Links("/servers/" + i.ID)})
	}
	return brief, nil
}

func (s *Service) listServersInDetail(c *api.Call) (api.Page[serverDetail], error) {
	page, err := s.servers(c, "detail")
	if err != nil {
		return api.Page[serverDetail]{}, err
	}
	v, err := s.viewer(c, page.Items...)
	if err != nil {
		return api.Page[serverDetail]{}, err
	}
	whole := api.Page[serverDetail]{Next: page.Next, Items: []serverDetail{}}
	for _, i := range page.Items {
		whole.Items = append(whole.Items, serverDetail{serverCore: v.core(i), serverMore: v.more(i)})
	}
	return whole, nil
}

// servers is the page of instances that the query asks for.
func (s *Service) servers(c *api.Call, operation string) (page api.Page[*compute.Instance], err error) {
	q := api.Query[ServerQuery](c)
	if err := q.check(c); err != nil {
		return page, err
	}
	rows, err := q.rows(c, operation)
	if err != nil {
		return page, err
	}
	keep, err := q.states(c, rows)
	if err != nil {
		return page, err
	}
	order, err := q.order(c)
	if err != nil {
		return page, err
	}
	if keep == nil { // a status that no server can have
		return page, nil
	}
	all, err := s.Compute.List(c.Context(), *rows)
	if err != nil {
		return page, refused(err)
	}
	all = slices.DeleteFunc(all, func(i *compute.Instance) bool { return !keep(i) })
	all = filterServers(c, q, all)
	slices.SortStableFunc(all, order)
	if all, err = s.after(c, q.Marker, all, order); err != nil {
		return page, err
	}
	return api.Paged(c, all, api.Paging{Limit: q.Limit}, maxLimit, func(i *compute.Instance) string { return i.ID })
}

// check refuses what Nova's schemas let pass.
func (q *ServerQuery) check(c *api.Call) error {
	if _, err := strictTruth(q.Locked.Value); q.Locked.Set && err != nil {
		return err
	}
	if !c.Allowed(rule("servers:allow_all_filters"), c.Own()) {
		return nil // who may not use such filters has them ignored
	}
	name := q.refused()
	for key := range c.Request.URL.Query() {
		if strings.HasPrefix(key, "_") { // Nova's own attributes
			name = key
		}
	}
	if name != "" {
		return api.BadRequest("Invalid filter field: %s.", name)
	}
	return nil
}

// after is what comes after the marker, which may be any instance, also one that is not listed.
func (s *Service) after(c *api.Call, marker string, all []*compute.Instance, order func(a, b *compute.Instance) int,
) ([]*compute.Instance, error) {
	if marker == "" {
		return all, nil
	}
	last, err := s.Compute.Get(c.Context(), marker)
	if isNotFound(err) {
		return nil, api.BadRequest("marker [%s] not found", marker)
	}
	if err != nil {
		return nil, err
	}
	for i, inst := range all {
		if order(last, inst) < 0 {
			return all[i:], nil
		}
	}
	return nil, nil
}

// rows is whose instances are listed, and whether deleted ones are.
func (q *ServerQuery) rows(c *api.Call, operation string) (*compute.Filter, error) {
	filter := &compute.Filter{ProjectID: c.ProjectID()}
	if all, err := q.allTenants(); err != nil {
		return nil, err
	} else if all {
		if err := c.Authorize(rule("servers:"+operation+":get_all_tenants"), c.Own()); err != nil {
			return nil, err
		}
		filter.ProjectID = cmp.Or(q.ProjectID, q.TenantID)
	}
	var err error
	if filter.ChangedSince, filter.ChangedBefore, err = changes(q.ChangesSince, q.ChangesBefore); err != nil {
		return nil, err
	}
	switch {
	case q.Deleted.Set && c.Allowed(rule("servers:allow_all_filters"), c.Own()):
		if truth(q.Deleted.Value) {
			filter.Deleted = compute.DeletedRows
		}
	case q.ChangesSince != "" || q.ChangesBefore != "":
		filter.Deleted = compute.AllRows
	}
	return filter, nil
}

// allTenants reads all_tenants: present without a value is yes.
func (q *ServerQuery) allTenants() (bool, error) {
	if !q.AllTenants.Set || q.AllTenants.Value == "" {
		return q.AllTenants.Set, nil
	}
	return strictTruth(q.AllTenants.Value)
}

// states is the filter by status; nil when no server can pass.
func (q *ServerQuery) states(c *api.Call, rows *compute.Filter) (func(*compute.Instance) bool, error) {
	if q.Status == nil {
		return func(*compute.Instance) bool { return true }, nil
	}
	q.VMState = api.Opt[string]{}
	vms, tasks := compute.StatesOf(q.Status...)
	switch {
	case len(vms) == 0 && c.Since(refusesBadStatus):
		return nil, api.BadRequest("Invalid status value")
	case len(vms) == 0:
		return nil, nil
	case !slices.Equal(vms, []compute.VMState{compute.Deleted}):
	case !c.Identity.Admin():
		return nil, api.Forbidden("Only administrators may list deleted instances")
	default:
		rows.Deleted = compute.DeletedRows
	}
	return func(i *compute.Instance) bool {
		return slices.Contains(vms, i.VMState) && (tasks == nil || slices.Contains(tasks, i.TaskState))
	}, nil
}
