// SPDX-License-Identifier: MPL-2.0

package cinder

import (
	"errors"
	"maps"
	"net/http"
	"slices"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// quotaBody are limits by name.
type quotaBody struct {
	Limits map[string]any `json:"*"`
}

func (s *Service) quotaRoutes() []api.Route {
	return []api.Route{
		api.Get("/os-quota-sets/{project}", "quota_set", s.showQuota),
		api.Get("/os-quota-sets/{project}/defaults", "quota_set", s.defaultQuota),
		api.Put("/os-quota-sets/{project}", "quota_set", s.updateQuota),
		api.Delete("/os-quota-sets/{project}", s.deleteQuota).Code(http.StatusOK),
		api.Get("/os-quota-class-sets/{class}", "quota_class_set", s.showQuotaClass),
		api.Put("/os-quota-class-sets/{class}", "quota_class_set", s.updateQuotaClass),
	}
}

// resourceUsage is a limit with what is used of it.
type resourceUsage struct {
	Limit    int `json:"limit"`
	InUse    int `json:"in_use"`
	Reserved int `json:"reserved"`
}

func withID[T any](id string, values map[string]T) map[string]any {
	all := map[string]any{"id": id}
	for name, value := range values {
		all[name] = value
	}
	return all
}

func (s *Service) showQuota(c *api.Call) (map[string]any, error) {
	project := c.Var("project")
	usage := false
	if value := c.Request.URL.Query().Get("usage"); value != "" {
		var b flag
		if err := b.Parse(value); err != nil {
			return nil, invalidInput.because("Value '%s' for 'usage' is not a boolean", value)
		}
		usage = bool(b)
	}
	return reading(s, c, func(o *op) (map[string]any, error) {
		if err := o.authorize("volume_extension:quotas:show", project); err != nil {
			return nil, err
		}
		limits, err := o.limits(project)
		if err != nil || !usage {
			return withID(project, limits), err
		}
		used, err := o.usage(project)
		all := map[string]resourceUsage{}
		for name, limit := range limits {
			all[name] = resourceUsage{Limit: limit, InUse: used[name]}
		}
		return withID(project, all), err
	})
}

func (s *Service) defaultQuota(c *api.Call) (map[string]any, error) {
	return reading(s, c, func(o *op) (map[string]any, error) {
		if err := o.authorize("volume_extension:quotas:show", c.Var("project")); err != nil {
			return nil, err
		}
		limits, err := o.defaults()
		return withID(c.Var("project"), limits), err
	})
}

// wanted are the limits that a request sets.
func (o *op) wanted(in *quotaBody) (map[string]int, error) {
	known, err := o.defaults()
	if err != nil {
		return nil, err
	}
	limits := map[string]int{}
	for _, name := range slices.Sorted(maps.Keys(in.Limits)) {
		if name == "tenant_id" || name == "id" || name == "force" {
			continue
		}
		if _, ok := known[name]; !ok {
			return nil, badRequest.because("Bad key(s) in quota set: %s", name)
		}
		var n api.Integer
		if err := n.Parse(in.Limits[name]); err != nil || n < -1 || n > 1<<31-1 {
			return nil, badRequest.because("Invalid input for field/attribute %s. Value: %v. It must be an integer from -1 to 2147483647.",
				name, in.Limits[name])
		}
		limits[name] = int(n)
	}
	return limits, nil
}

func (s *Service) updateQuota(c *api.Call, in *quotaBody) (map[string]int, error) {
	project := c.Var("project")
	return changing(s, c, func(o *op) (map[string]int, error) {
		if err := o.authorize("volume_extension:quotas:update", project); err != nil {
			return nil, err
		}
		wanted, err := o.wanted(in)
		if err != nil {
			return nil, err
		}
		used, err := o.usage(project)
		if err != nil {
			return nil, err
		}
		for _, name := range slices.Sorted(maps.Keys(wanted)) {
			if limit := wanted[name]; limit >= 0 && limit < used[name] {
				return nil, badRequest.because("Quota %s limit must be equal or greater than existing resources. "+
					"Current usage is %d and the requested limit is %d.", name, used[name], limit)
			}
		}
		if err := setLimits(o.tx, quotaTable, project, wanted); err != nil {
			return nil, err
		}
		return o.limits(project)
	})
}

func (s *Service) deleteQuota(c *api.Call) error {
	return s.change(c.Context(), c.Identity, func(o *op) error {
		if err := o.authorize("volume_extension:quotas:delete", c.Var("project")); err != nil {
			return err
		}
		if err := quotaTable.Delete(o.tx, c.Var("project")); !errors.Is(err, store.ErrNotFound) {
			return err
		}
		return nil
	})
}

// classLimits are the limits of a class: the defaults, where it says nothing else.
func (o *op) classLimits(class string) (map[string]int, error) {
	limits, err := o.defaults()
	if err != nil {
		return nil, err
	}
	own, err := limitsOf(o.tx, classTable, class)
	if err != nil {
		return nil, err
	}
	overlay(limits, own.Limits)
	return limits, nil
}

func (s *Service) showQuotaClass(c *api.Call) (map[string]any, error) {
	return reading(s, c, func(o *op) (map[string]any, error) {
		if err := o.authorize("volume_extension:quota_classes:get", ""); err != nil {
			return nil, err
		}
		limits, err := o.classLimits(c.Var("class"))
		return withID(c.Var("class"), limits), err
	})
}

func (s *Service) updateQuotaClass(c *api.Call, in *quotaBody) (map[string]int, error) {
	class := c.Var("class")
	return changing(s, c, func(o *op) (map[string]int, error) {
		if err := o.authorize("volume_extension:quota_classes:update", ""); err != nil {
			return nil, err
		}
		wanted, err := o.wanted(in)
		if err != nil {
			return nil, err
		}
		if err := setLimits(o.tx, classTable, class, wanted); err != nil {
			return nil, err
		}
		return o.classLimits(class)
	})
}
