// SPDX-License-Identifier: MPL-2.0

package neutron

import (
	"errors"
	"net/http"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// defaultQuota are Neutron's own limits; -1 is none.
var defaultQuota = map[string]int{
	"network": 100, "subnet": 100, "port": 500, "router": 10, "floatingip": 50,
	"security_group": 10, "security_group_rule": 100, "rbac_policy": 10, "subnetpool": -1, "trunk": -1,
}

// countedTables are where a quota's resources are counted, by project.
var countedTables = map[string]string{
	"network": networkTable.Name, "subnet": subnetTable.Name, "port": portTable.Name, "router": routerTable.Name,
	"floatingip": floatingTable.Name, "security_group": groupTable.Name, "security_group_rule": ruleTable.Name,
	"rbac_policy": rbacTable.Name, "subnetpool": poolTable.Name, "trunk": trunkTable.Name,
}

// projectQuota are the limits that an administrator set for a project.
type projectQuota struct {
	ProjectID string         `json:"project_id"`
	Limits    map[string]int `json:"limits"`
}

var quotaTable = &store.Table[projectQuota]{
	Name: "neutron.quotas",
	Key:  func(q *projectQuota) string { return q.ProjectID },
}

func (o *op) limits(project string) (map[string]int, error) {
	own, err := quotaTable.Get(o.tx, project)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	limits := map[string]int{}
	for name, limit := range defaultQuota {
		limits[name] = limit
		if own == nil {
			continue
		}
		if set, ok := own.Limits[name]; ok {
			limits[name] = set
		}
	}
	return limits, nil
}

// quota refuses one more record of the kind.
func (o *op) quota(kind, table, project string) error {
	limits, err := o.limits(project)
	if err != nil {
		return err
	}
	used, err := count(o.tx, table, "project_id", project)
	if err != nil {
		return err
	}
	if limit, limited := limits[kind]; limited && limit >= 0 && used >= limit {
		return OverQuota.of(kind)
	}
	return nil
}

type quotaFields struct {
	Limits map[string]any `json:"*"`
}

func (s *Service) quotaRoutes() []api.Route {
	limitsOf := func(c *api.Call) (limits map[string]int, err error) {
		err = s.readQuota(c, func(o *op) error {
			limits, err = o.limits(c.Var("project"))
			return err
		})
		return limits, err
	}
	return []api.Route{
		api.Get("/quotas", "quotas", s.listQuotas),
		api.Get("/quotas/{project}", "quota", limitsOf),
		api.Get("/quotas/{project}/default", "quota", func(c *api.Call) (map[string]int, error) {
			return defaultQuota, s.readQuota(c, func(*op) error { return nil })
		}),
		api.Get("/quotas/{project}/details", "quota", s.quotaDetails),
		api.Get("/quotas/{project}/details.json", "quota", s.quotaDetails),
		api.Put("/quotas/{project}", "quota", s.setQuota),
		api.Delete("/quotas/{project}", func(c *api.Call) error {
			return s.change(c, func(o *op) error {
				if err := o.authorize("delete_quota", ""); err != nil {
					return err
				}
				err := quotaTable.Delete(o.tx, c.Var("project"))
				if errors.Is(err, store.ErrNotFound) {
					return Kind{http.StatusNotFound, "TenantQuotaNotFound", "Quota for tenant %s could not be found."}.of(c.Var("project"))
				}
				return err
			})
		}),
	}
}

// readQuota reads in the name of an administrator, or of the project itself.
func (s *Service) readQuota(c *api.Call, do func(*op) error) error {
	return s.read(c, func(o *op) error {
		if c.Var("project") != o.identity.ProjectID {
			if err := o.authorize("get_quota", ""); err != nil {
				return err
			}
		}
		return do(o)
	})
}

func (s *Service) listQuotas(c *api.Call) ([]object, error) {
	list := []object{}
	err := s.read(c, func(o *op) error {
		if err := o.authorize("get_quota", ""); err != nil {
			return err
		}
		own, err := quotaTable.All(o.tx)
		if err != nil {
			return err
		}
		for _, q := range own {
			limits, err := o.limits(q.ProjectID)
			if err != nil {
				return err
			}
			view := object{"project_id": q.ProjectID, "tenant_id": q.ProjectID}
			for name, limit := range limits {
				view[name] = limit
			}
			list = append(list, view)
		}
		return nil
	})
	return list, err
}

type quotaUsage struct {
	Limit    int `json:"limit"`
	Used     int `json:"used"`
	Reserved int `json:"reserved"`
}

func (s *Service) quotaDetails(c *api.Call) (map[string]quotaUsage, error) {
	details := map[string]quotaUsage{}
	err := s.readQuota(c, func(o *op) (err error) {
		details, err = o.usage(c.Var("project"))
		return err
	})
	return details, err
}

func (o *op) usage(project string) (map[string]quotaUsage, error) {
	limits, err := o.limits(project)
	if err != nil {
		return nil, err
	}
	usage := map[string]quotaUsage{}
	for name, limit := range limits {
		used, err := count(o.tx, countedTables[name], "project_id", project)
		if err != nil {
			return nil, err
		}
		usage[name] = quotaUsage{Limit: limit, Used: used}
	}
	return usage, nil
}

func (s *Service) setQuota(c *api.Call, in *quotaFields) (limits map[string]int, err error) {
	wanted := map[string]int{}
	for name, value := range in.Limits {
		var n api.Integer
		if _, ok := defaultQuota[name]; !ok && name != "tenant_id" && name != "project_id" {
			return nil, quotaResource.of(name)
		} else if !ok {
			continue
		}
		if err := n.Parse(value); err != nil || n < -1 || n > 1<<31-1 {
			return nil, httpBadRequest.of("Invalid input for " + name + ". Reason: quota limit needs to be a whole number, -1 or more.")
		}
		wanted[name] = int(n)
	}
	project := c.Var("project")
	err = s.change(c, func(o *op) error {
		if err := o.authorize("update_quota", ""); err != nil {
			return err
		}
		own, err := quotaTable.Get(o.tx, project)
		if errors.Is(err, store.ErrNotFound) {
			own, err = &projectQuota{ProjectID: project, Limits: map[string]int{}}, nil
		}
		if err != nil {
			return err
		}
		for name, limit := range wanted {
			own.Limits[name] = limit
		}
		if err := quotaTable.Put(o.tx, own); err != nil {
			return err
		}
		limits, err = o.limits(project)
		return err
	})
	return limits, err
}
