// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"cmp"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

// QuotaSetUpdate is the body of PUT /os-quota-sets/{id}.
type QuotaSetUpdate struct {
	quotaSet[quotaLimit]
	Force api.Boolean `json:"force"` // also below what is used, and beyond what the project has
}

// QuotaSet is the limits of a project, or of a user in it.
type QuotaSet struct {
	ID string `json:"id"` // the project's
	quotaSet[int]
}

// QuotaSetDetail is QuotaSet with what is used.
type QuotaSetDetail struct {
	ID string `json:"id"`
	quotaSet[QuotaUse]
}

type quotaSetQuery struct {
	UserID string `json:"user_id"`
}

// quotaSetChangeQuery takes any other parameter too, up to 2.74; the body is held to its schema always.
type quotaSetChangeQuery struct {
	quotaSetQuery
	Rest map[string]any `json:"*" nova:"-2.74"`
}

func (s *Service) quotaSetRoutes() []api.Route {
	const path = "/os-quota-sets/{id}"
	ask := api.QueryOf[quotaSetQuery]()
	return []api.Route{
		api.Get(path, "quota_set", s.showQuotaSet).AskedBy(ask).Loose("-2.74"),
		api.Get(path+"/detail", "quota_set", s.showQuotaSetDetail).AskedBy(ask).Loose("-2.74"),
		api.Get(path+"/defaults", "quota_set", s.showQuotaSetDefaults),
		api.Put(path, "quota_set", s.updateQuotaSet).AskedBy(api.QueryOf[quotaSetChangeQuery]()),
		api.Delete(path, s.deleteQuotaSet).AskedBy(ask).Loose("-2.74").Code(202),
	}
}

// quotaProject is the project that the request is about, if the caller may and the project exists.
func (s *Service) quotaProject(c *api.Call, operation string) (string, error) {
	id := projectOfPath(c)
	if err := c.Authorize(rule("os-quota-sets:"+operation), api.Target{ProjectID: id}); err != nil {
		return "", err
	}
	return id, s.checkProject(c, id)
}

// projectOfPath is the project that the path ends with or, in Kilo's reference, begins with: the caller's own.
func projectOfPath(c *api.Call) string { return cmp.Or(c.Var("id"), c.ProjectID()) }

// checkProject refuses the id of a project that Keystone does not have.
func (s *Service) checkProject(c *api.Call, id string) error {
	if s.ProjectExists == nil {
		return nil
	}
	exists, err := s.ProjectExists(c.Context(), id)
	if err == nil && !exists {
		return api.BadRequest("Project ID %s is not a valid project.", id)
	}
	return err
}

func (s *Service) showQuotaSet(c *api.Call) (QuotaSet, error) {
	project, err := s.quotaProject(c, "show")
	if err != nil {
		return QuotaSet{}, err
	}
	limits, err := s.Compute.Limits(c.Context(), project, api.Query[quotaSetQuery](c).UserID)
	return QuotaSet{project, inForce(limits)}, err
}

func (s *Service) showQuotaSetDetail(c *api.Call) (QuotaSetDetail, error) {
	project, err := s.quotaProject(c, "detail")
	if err != nil {
		return QuotaSetDetail{}, err
	}
	user := api.Query[quotaSetQuery](c).UserID
	limits, err := s.Compute.Limits(c.Context(), project, user)
	if err != nil {
		return QuotaSetDetail{}, err
	}
	used, err := s.Compute.Usage(c.Context(), project, user)
	detail := QuotaSetDetail{ID: project}
	for r, to := range detail.at() {
		*to = QuotaUse{Limit: limits[r], InUse: used[r]}
	}
	return detail, err
}

func (s *Service) showQuotaSetDefaults(c *api.Call) (QuotaSet, error) {
	project, err := s.quotaProject(c, "defaults")
	if err != nil {
		return QuotaSet{}, err
	}
	limits, err := s.Compute.DefaultLimits(c.Context())
	return QuotaSet{project, inForce(limits)}, err
}

// updateQuotaSet answers without the id, unlike the others.
func (s *Service) updateQuotaSet(c *api.Call, in *QuotaSetUpdate) (quotaSet[int], error) {
	project, err := s.quotaProject(c, "update")
	if err != nil {
		return quotaSet[int]{}, err
	}
	user, limits := api.Query[quotaSetChangeQuery](c).UserID, given(&in.quotaSet)
	if in.Force {
		err = s.Compute.SetLimits(c.Context(), project, user, limits)
	} else {
		err = s.Compute.SetLimitsWithin(c.Context(), project, user, limits)
	}
	if err != nil {
		return quotaSet[int]{}, refused(err)
	}
	after, err := s.Compute.Limits(c.Context(), project, user)
	return inForce(after), err
}

func (s *Service) deleteQuotaSet(c *api.Call) error {
	id := projectOfPath(c)
	if err := c.Authorize(rule("os-quota-sets:delete"), api.Target{ProjectID: id}); err != nil {
		return err
	}
	return s.Compute.DeleteLimits(c.Context(), id, api.Query[quotaSetQuery](c).UserID)
}

// quotaClassSet are the quotas of a class. It took server groups from the first, and shows them since 2.50.
type quotaClassSet[T any] struct {
	coreQuotas[T]
	groupQuotas[T]    `nova:"2.50-"`
	injectedQuotas[T] `nova:"-2.56"`
	networkQuotas[T]  `nova:"-2.49"`
}

// quotaClassUpdate is the body of PUT /os-quota-class-sets/{id}.
type quotaClassUpdate struct {
	coreQuotas[quotaLimit]
	groupQuotas[quotaLimit]
	injectedQuotas[quotaLimit] `nova:"-2.56"`
	networkQuotas[quotaLimit]  `nova:"-2.49"`
}

// QuotaClassSet is the limits of a class.
type QuotaClassSet struct {
	ID string `json:"id"`
	quotaClassSet[int]
}

func (s *Service) quotaClassRoutes() []api.Route {
	const path = "/os-quota-class-sets/{id}"
	return []api.Route{
		api.Get(path, "quota_class_set", s.showQuotaClass).Policy(rule("os-quota-class-sets:show")).
			AskedBy(api.QueryOf[noQuery]()).Loose("-2.101"),
		api.Put(path, "quota_class_set", s.updateQuotaClass).Policy(rule("os-quota-class-sets:update")),
	}
}

func (s *Service) quotaClass(c *api.Call) (quotaClassSet[int], error) {
	limits, err := s.Compute.ClassLimits(c.Context(), c.Var("id"))
	return quotaClassSet[int](inForce(limits)), err
}

func (s *Service) showQuotaClass(c *api.Call) (QuotaClassSet, error) {
	limits, err := s.quotaClass(c)
	return QuotaClassSet{c.Var("id"), limits}, err
}

func (s *Service) updateQuotaClass(c *api.Call, in *quotaClassUpdate) (quotaClassSet[int], error) {
	const longest = 255
	if class := []rune(c.Var("id")); len(class) > longest {
		return quotaClassSet[int]{}, api.BadRequest("Invalid input received: quota_class_name has %d characters, more than %d.", len(class), longest)
	}
	limits := given((*quotaSet[quotaLimit])(in))
	if err := s.Compute.SetClassLimits(c.Context(), c.Var("id"), limits); err != nil {
		return quotaClassSet[int]{}, err
	}
	return s.quotaClass(c)
}
