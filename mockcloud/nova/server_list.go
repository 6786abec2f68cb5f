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
		view := serverBrief{ID: i.ID, Name: i.Name, Links: c.Links(c.InProject("/servers/" + i.ID))}
		if page.hidden(i) {
			view = serverBrief{stub: briefStub(c, i)}
		}
		brief.Items = append(brief.Items, view)
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
	whole := api.Page[serverDetail]{Next: page.Next, Items: make([]serverDetail, 0, len(page.Items))}
	for _, i := range page.Items {
		if page.hidden(i) {
			whole.Items = append(whole.Items, serverDetail{stub: detailStub(c, i)})
			continue
		}
		whole.Items = append(whole.Items, serverDetail{serverCore: v.core(i), serverMore: v.more(i)})
	}
	return whole, nil
}

// serverPage is a page of instances, of which some may be out of reach.
type serverPage struct {
	api.Page[*compute.Instance]
	unreachable map[string]string // the cells that are down, by host
}

// hidden tells that all but the instance's stub is out of reach.
func (p *serverPage) hidden(i *compute.Instance) bool { return p.unreachable[i.Host] != "" }

// servers is the page of instances that the query asks for.
func (s *Service) servers(c *api.Call, operation string) (page serverPage, err error) {
	q := api.Query[ServerQuery](c)
	if err := q.check(c); err != nil {
		return page, err
	}
	rows, err := q.rows(c, operation)
	if err != nil {
		return page, err
	}
	ofStates, err := q.states(c, rows)
	if err != nil {
		return page, err
	}
	order, err := q.order(c)
	if err != nil {
		return page, err
	}
	ofFlavor, err := s.ofFlavor(c, q)
	if err != nil || ofStates == nil || ofFlavor == nil { // there is no such status, or no such flavor
		return page, err
	}
	if page.unreachable, err = s.Compute.Unreachable(c.Context()); err != nil {
		return page, err
	}
	tests := append(q.filters(c), ofStates, ofFlavor, q.lives(c, rows))
	var first func(*compute.Instance) bool
	switch {
	case page.unreachable == nil:
	case q.takesStubs(c):
		first = page.hidden
	default:
		tests = append(tests, func(i *compute.Instance) bool { return !page.hidden(i) })
	}
	page.Page, err = s.pageOf(c, q, rows, every(tests), order, first)
	return page, err
}

// every is the test that an instance passes which passes them all.
func every(tests []func(*compute.Instance) bool) func(*compute.Instance) bool {
	return func(i *compute.Instance) bool {
		return !slices.ContainsFunc(tests, func(keep func(*compute.Instance) bool) bool { return !keep(i) })
	}
}

// pageOf reads the page of those that are kept, with those that are first (nil: none) before the others. Of
// what is wanted as it is stored no more is read than the page.
func (s *Service) pageOf(c *api.Call, q *ServerQuery, rows *compute.Filter, keep func(*compute.Instance) bool,
	order func(a, b *compute.Instance) int, first func(*compute.Instance) bool,
) (page api.Page[*compute.Instance], err error) {
	limit := maxLimit
	if q.Limit.Set {
		limit = min(limit, int(q.Limit.Value))
	}
	last, err := s.marker(c, q.Marker)
	if err != nil {
		return page, err
	}
	var all []*compute.Instance
	if q.unsorted() && first == nil {
		all, err = s.Compute.Page(c.Context(), *rows, last, limit, keep)
	} else if all, err = s.Compute.List(c.Context(), *rows); err == nil {
		all = slices.DeleteFunc(all, func(i *compute.Instance) bool {
			return !keep(i) || last != nil && order(last, i) >= 0
		})
		slices.SortStableFunc(all, func(a, b *compute.Instance) int {
			if first != nil && first(a) != first(b) {
				return compareBool(first(b), first(a))
			}
			return order(a, b)
		})
	}
	if err != nil {
		return page, refused(err)
	}
	return api.Paged(c, all, api.Paging{Limit: q.Limit}, maxLimit, func(i *compute.Instance) string { return i.ID })
}

// marker is the instance that the page comes after, nil for none. It may be any, also one that is not listed.
func (s *Service) marker(c *api.Call, id string) (*compute.Instance, error) {
	if id == "" {
		return nil, nil
	}
	last, err := s.Compute.Get(c.Context(), id)
	if isNotFound(err) {
		return nil, api.BadRequest("marker [%s] not found", id)
	}
	return last, err
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
			filter.Deleted = compute.AllRows // see lives
		}
	case q.ChangesSince != "" || q.ChangesBefore != "":
		filter.Deleted = compute.AllRows
	}
	return filter, nil
}

// lives is the filter by whether the instance lives on. A soft-deleted one counts as deleted, unless it is
// asked for.
func (q *ServerQuery) lives(c *api.Call, rows *compute.Filter) func(*compute.Instance) bool {
	free := c.Allowed(rule("servers:allow_all_filters"), c.Own())
	deleted, softToo := free && truth(q.Deleted.Value), free && q.SoftDeleted != ""
	switch {
	case deleted:
		return func(i *compute.Instance) bool { return !i.Live() || i.VMState == compute.SoftDeleted }
	case rows.Deleted == compute.LiveRows && !softToo:
		return func(i *compute.Instance) bool { return i.VMState != compute.SoftDeleted }
	}
	return func(*compute.Instance) bool { return true }
}

// ofFlavor is the filter by flavor; nil when there is no such flavor.
func (s *Service) ofFlavor(c *api.Call, q *ServerQuery) (func(*compute.Instance) bool, error) {
	if !q.Flavor.Set {
		return func(*compute.Instance) bool { return true }, nil
	}
	f, err := s.flavor(c, q.Flavor.Value)
	switch {
	case err == nil:
		return func(i *compute.Instance) bool { return i.Flavor.Number == f.Number }, nil
	case api.AsFault(err) == nil:
		return nil, err
	}
	return nil, nil
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
