// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"slices"
	"strconv"
	"strings"
	"time"

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
	if name := q.refused(); name != "" && c.Allowed(rule("servers:allow_all_filters"), c.Own()) {
		return page, api.BadRequest("Invalid filter field: %s.", name)
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
	return api.Paged(c, all, q.Paging, maxLimit, func(i *compute.Instance) string { return i.ID })
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
		filter.ProjectID = q.ProjectID + q.TenantID
		if q.ProjectID != "" {
			filter.ProjectID = q.ProjectID
		}
	}
	var err error
	for _, bound := range []struct {
		text string
		to   *time.Time
	}{{q.ChangesSince, &filter.ChangedSince}, {q.ChangesBefore, &filter.ChangedBefore}} {
		if bound.text == "" {
			continue
		}
		if *bound.to, err = api.ParseTime(bound.text); err != nil {
			return nil, api.BadRequest("Invalid filter field: %s.", bound.text)
		}
	}
	if !filter.ChangedBefore.IsZero() && filter.ChangedBefore.Before(filter.ChangedSince) {
		return nil, api.BadRequest("The value of changes-since must be less than or equal to changes-before.")
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
	if !q.AllTenants.Set {
		return false, nil
	}
	if q.AllTenants.Value == "" {
		return true, nil
	}
	if n, err := strconv.Atoi(q.AllTenants.Value); err == nil {
		return n != 0, nil
	}
	var word api.Boolean
	if err := word.Parse(strings.ToLower(q.AllTenants.Value)); err != nil {
		return false, api.BadRequest("Invalid value '%s' for all_tenants.", q.AllTenants.Value)
	}
	return bool(word), nil
}

// states is the filter by status, vm_state and task_state; nil when no server can pass.
func (q *ServerQuery) states(c *api.Call, rows *compute.Filter) (func(*compute.Instance) bool, error) {
	var vms []compute.VMState
	var tasks []compute.TaskState
	if c.Allowed(rule("servers:allow_all_filters"), c.Own()) || c.Since(filtersForAll) {
		for _, vm := range q.VMState {
			vms = append(vms, compute.VMState(vm))
		}
		for _, task := range q.TaskState {
			tasks = append(tasks, compute.TaskState(task))
		}
	}
	if q.Status != nil {
		vms, tasks = compute.StatesOf(q.Status...)
		if len(vms) == 0 {
			if c.Since(refusesBadStatus) {
				return nil, api.BadRequest("Invalid status value")
			}
			return nil, nil
		}
		if slices.Equal(vms, []compute.VMState{compute.Deleted}) {
			if !c.Identity.Admin() {
				return nil, api.Forbidden("Only administrators may list deleted instances")
			}
			rows.Deleted = compute.DeletedRows
		}
	}
	return func(i *compute.Instance) bool {
		return (vms == nil || slices.Contains(vms, i.VMState)) && (tasks == nil || slices.Contains(tasks, i.TaskState)) &&
			(q.UUID == nil || !c.Identity.Admin() || slices.Contains(q.UUID, i.ID))
	}, nil
}
