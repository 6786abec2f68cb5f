// SPDX-License-Identifier: MPL-2.0

package cinder

import "github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"

// absoluteLimits are a project's limits and what it uses of them.
type absoluteLimits struct {
	Volumes             int `json:"maxTotalVolumes"`
	Snapshots           int `json:"maxTotalSnapshots"`
	Gigabytes           int `json:"maxTotalVolumeGigabytes"`
	Backups             int `json:"maxTotalBackups"`
	BackupGigabytes     int `json:"maxTotalBackupGigabytes"`
	VolumesUsed         int `json:"totalVolumesUsed"`
	SnapshotsUsed       int `json:"totalSnapshotsUsed"`
	GigabytesUsed       int `json:"totalGigabytesUsed"`
	BackupsUsed         int `json:"totalBackupsUsed"`
	BackupGigabytesUsed int `json:"totalBackupGigabytesUsed"`
}

type limitsView struct {
	Rate     []any          `json:"rate"`
	Absolute absoluteLimits `json:"absolute"`
}

func (s *Service) limitRoutes() []api.Route {
	return []api.Route{api.Get("/limits", "limits", s.showLimits)}
}

func (s *Service) showLimits(c *api.Call) (limitsView, error) {
	return reading(s, c, func(o *op) (limitsView, error) {
		project := o.identity.ProjectID
		if c.Since(limitsOfOthers) && o.admin() {
			for _, name := range []string{"tenant_id", "project_id"} {
				if asked := c.Request.URL.Query().Get(name); asked != "" {
					project = asked
				}
			}
		}
		limits, err := o.limits(project)
		if err != nil {
			return limitsView{}, err
		}
		used, err := o.usage(project)
		return limitsView{Rate: []any{}, Absolute: absoluteLimits{
			Volumes: limits["volumes"], Snapshots: limits["snapshots"], Gigabytes: limits["gigabytes"],
			Backups: limits["backups"], BackupGigabytes: limits["backup_gigabytes"],
			VolumesUsed: used["volumes"], SnapshotsUsed: used["snapshots"], GigabytesUsed: used["gigabytes"],
		}}, err
	})
}
