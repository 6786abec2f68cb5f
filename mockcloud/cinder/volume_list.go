// SPDX-License-Identifier: MPL-2.0

package cinder

import (
	"slices"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

// volumeColumns are what volumes are filtered and sorted by.
var volumeColumns = columns[Volume]{
	"id":                func(v *Volume) any { return v.ID },
	"name":              func(v *Volume) any { return text(v.Name) },
	"display_name":      func(v *Volume) any { return text(v.Name) },
	"description":       func(v *Volume) any { return text(v.Description) },
	"status":            func(v *Volume) any { return v.Status },
	"size":              func(v *Volume) any { return v.Size },
	"availability_zone": func(v *Volume) any { return v.Zone },
	"bootable":          func(v *Volume) any { return v.Bootable },
	"multiattach":       func(v *Volume) any { return v.Multiattach },
	"metadata":          func(v *Volume) any { return v.Metadata },
	"glance_metadata":   func(v *Volume) any { return v.ImageMetadata },
	"migration_status":  func(v *Volume) any { return text(v.MigrationStatus) },
	"group_id":          func(*Volume) any { return "" },
	"project_id":        func(v *Volume) any { return v.ProjectID },
	"user_id":           func(v *Volume) any { return v.UserID },
	"volume_type_id":    func(v *Volume) any { return v.TypeID },
	"snapshot_id":       func(v *Volume) any { return v.SnapshotID },
	"source_volid":      func(v *Volume) any { return v.SourceID },
	"host":              func(*Volume) any { return pool },
	"created_at":        func(v *Volume) any { return moment(v.CreatedAt) },
	"updated_at":        func(v *Volume) any { return moment(v.UpdatedAt) },
	"consumes_quota":    func(*Volume) any { return true },
}

// volumeFilters are those that everybody may use.
var volumeFilters = []string{
	"name", "status", "metadata", "bootable", "migration_status", "availability_zone", "group_id", "size", "created_at",
	"updated_at", "consumes_quota",
}

func (o *op) volumes(c *api.Call) (*query, *page[Volume], error) {
	if err := o.authorize("volume:get_all", o.identity.ProjectID); err != nil {
		return nil, nil, err
	}
	allowed := volumeFilters
	if !c.Since(refusesFilters) {
		allowed = slices.Concat(allowed, []string{"display_name", "glance_metadata"})
	}
	q, err := newQuery(c, allowed)
	if err != nil {
		return nil, nil, err
	}
	q.drop(filtersGlance, "glance_metadata")
	q.drop(filtersGroups, "group_id")
	q.drop(comparesTimes, "created_at", "updated_at")
	q.drop(filtersUse, "consumes_quota")
	rows, err := rowsOf(o, q, volumeTable)
	if err != nil {
		return nil, nil, err
	}
	p, err := cut(q, rows, volumeColumns, func(v *Volume) string { return v.ID }, volumeNotFound)
	return q, p, err
}

func (s *Service) listVolumes(c *api.Call) (map[string]any, error) {
	return reading(s, c, func(o *op) (map[string]any, error) {
		q, p, err := o.volumes(c)
		if err != nil {
			return nil, err
		}
		views := []volumeSummary{}
		for _, v := range p.items {
			views = append(views, summaryOf(c, v))
		}
		return listAnswer(q, "volumes", p, views), nil
	})
}

func (s *Service) listVolumesDetail(c *api.Call) (map[string]any, error) {
	return reading(s, c, func(o *op) (map[string]any, error) {
		q, p, err := o.volumes(c)
		if err != nil {
			return nil, err
		}
		views := []volumeDetail{}
		for _, v := range p.items {
			view, err := o.volumeDetail(c, v)
			if err != nil {
				return nil, err
			}
			views = append(views, view)
		}
		return listAnswer(q, "volumes", p, views), nil
	})
}

// volumesSummary are the totals of a project's volumes.
type volumesSummary struct {
	Count    int                 `json:"total_count"`
	Size     int                 `json:"total_size"` // GiB
	Metadata map[string][]string `json:"metadata" nova:"3.36-"`
}

func (s *Service) summarizeVolumes(c *api.Call) (volumesSummary, error) {
	return reading(s, c, func(o *op) (volumesSummary, error) {
		all := volumesSummary{Metadata: map[string][]string{}}
		if err := o.authorize("volume:get_all", o.identity.ProjectID); err != nil {
			return all, err
		}
		q := &query{call: c, filters: map[string]string{}}
		if value := c.Request.URL.Query().Get("all_tenants"); value != "" {
			q.filters["all_tenants"] = value
		}
		if err := q.readFlags(); err != nil {
			return all, err
		}
		rows, err := rowsOf(o, q, volumeTable)
		for _, v := range rows {
			all.Count++
			all.Size += v.Size
			for key, value := range v.Metadata {
				if !slices.Contains(all.Metadata[key], value) {
					all.Metadata[key] = append(all.Metadata[key], value)
				}
			}
		}
		return all, err
	})
}
