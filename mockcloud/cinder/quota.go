// SPDX-License-Identifier: MPL-2.0

package cinder

import (
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// baseQuota are Cinder's own limits; -1 is none. Each type of volumes adds volumes_NAME, gigabytes_NAME and
// snapshots_NAME without a limit.
var baseQuota = map[string]int{
	"volumes": 10, "snapshots": 10, "gigabytes": 1000, "per_volume_gigabytes": -1, "backups": 10, "backup_gigabytes": 1000, "groups": 10,
}

// countedPerType are the resources that have a limit for each type, too.
var countedPerType = []string{"volumes", "gigabytes", "snapshots"}

// quotaSet are limits that an administrator set: a project's, or those of the class default.
type quotaSet struct {
	ID     string
	Limits map[string]int
}

// defaultClass is the class whose limits are the defaults of all projects.
const defaultClass = "default"

var (
	quotaTable = &store.Table[quotaSet]{
		Name: "cinder.quotas",
		Key:  func(q *quotaSet) string { return q.ID },
	}
	classTable = &store.Table[quotaSet]{
		Name: "cinder.quota_classes",
		Key:  func(q *quotaSet) string { return q.ID },
	}
)

func limitsOf(tx store.Tx, table *store.Table[quotaSet], id string) (*quotaSet, error) {
	own, err := table.Get(tx, id)
	if errors.Is(err, store.ErrNotFound) {
		return &quotaSet{ID: id, Limits: map[string]int{}}, nil
	}
	return own, err
}

// setLimits has a project or class differ in these, too.
func setLimits(tx store.Tx, table *store.Table[quotaSet], id string, limits map[string]int) error {
	own, err := limitsOf(tx, table, id)
	if err != nil {
		return err
	}
	maps.Copy(own.Limits, limits)
	return table.Put(tx, own)
}

// defaults are the limits of a project that has none of its own.
func (o *op) defaults() (map[string]int, error) {
	limits := maps.Clone(baseQuota)
	types, err := typeTable.All(o.tx)
	if err != nil {
		return nil, err
	}
	for _, t := range types {
		for _, resource := range countedPerType {
			limits[resource+"_"+t.Name] = -1
		}
	}
	class, err := limitsOf(o.tx, classTable, defaultClass)
	if err != nil {
		return nil, err
	}
	overlay(limits, class.Limits)
	return limits, nil
}

// overlay sets those of the limits that there are: a type may have gone since they were set.
func overlay(limits, set map[string]int) {
	for name, limit := range set {
		if _, known := limits[name]; known {
			limits[name] = limit
		}
	}
}

func (o *op) limits(project string) (map[string]int, error) {
	limits, err := o.defaults()
	if err != nil {
		return nil, err
	}
	own, err := limitsOf(o.tx, quotaTable, project)
	if err != nil {
		return nil, err
	}
	overlay(limits, own.Limits)
	return limits, nil
}

// usage counts what the project has.
func (o *op) usage(project string) (map[string]int, error) {
	types, err := o.typeNames()
	if err != nil {
		return nil, err
	}
	used := map[string]int{}
	add := func(resource, typeID string, n int) {
		used[resource] += n
		used[resource+"_"+types[typeID]] += n
	}
	volumes, err := volumeTable.By(o.tx, "project", project)
	if err != nil {
		return nil, err
	}
	for _, v := range volumes {
		add("volumes", v.TypeID, 1)
		add("gigabytes", v.TypeID, max(v.Size, v.NewSize))
	}
	snapshots, err := snapshotTable.By(o.tx, "project", project)
	for _, s := range snapshots {
		add("snapshots", s.TypeID, 1)
		add("gigabytes", s.TypeID, s.Size)
	}
	return used, err
}

// over is a limit that a request would pass.
type over struct {
	resource    string
	limit, used int
}

// refusal is what a request for a volume of that size is told.
func (p *over) refusal(size int) error {
	switch {
	case strings.HasPrefix(p.resource, "gigabytes"):
		return sizeExceedsQuota.of(p.resource, size, p.limit, p.used)
	case strings.HasPrefix(p.resource, "snapshots"):
		return snapshotsExceeded.of(p.limit)
	}
	return volumesExceeded.of(p.limit, p.resource)
}

// exceeds tells the first limit, by name, that the project would pass with so much more, nil for none.
func (o *op) exceeds(project string, more map[string]int) (*over, error) {
	limits, err := o.limits(project)
	if err != nil {
		return nil, err
	}
	used, err := o.usage(project)
	if err != nil {
		return nil, err
	}
	for _, resource := range slices.Sorted(maps.Keys(more)) {
		if limit, known := limits[resource]; known && limit >= 0 && used[resource]+more[resource] > limit {
			return &over{resource, limit, used[resource]}, nil
		}
	}
	return nil, nil
}

// reserveMore refuses so much more of a type in the project, for something of that size.
func (o *op) reserveMore(project, typeID string, size int, more map[string]int) error {
	types, err := o.typeNames()
	if err != nil {
		return err
	}
	all := maps.Clone(more)
	for resource, n := range more {
		all[resource+"_"+types[typeID]] = n
	}
	passed, err := o.exceeds(project, all)
	if err != nil || passed == nil {
		return err
	}
	return passed.refusal(size)
}

// reserveVolume holds a new volume against the quotas of its project.
func (o *op) reserveVolume(n *creation) error {
	if err := o.sizeAllowed(n.size); err != nil {
		return err
	}
	return o.reserveMore(o.identity.ProjectID, n.volume.TypeID, n.size, map[string]int{"volumes": 1, "gigabytes": n.size})
}

func (o *op) sizeAllowed(size int) error {
	limits, err := o.limits(o.identity.ProjectID)
	if err != nil {
		return err
	}
	if limit := limits["per_volume_gigabytes"]; limit >= 0 && size > limit {
		return sizeExceedsLimit.of(size, limit)
	}
	return nil
}

// reserveSnapshot holds a new snapshot of the volume against the quotas of its project.
func (o *op) reserveSnapshot(v *Volume) error {
	return o.reserveMore(o.identity.ProjectID, v.TypeID, v.Size, map[string]int{"snapshots": 1, "gigabytes": v.Size})
}

// reserveGrowth holds a larger size of the volume against the quotas of its project.
func (o *op) reserveGrowth(v *Volume, size int) error {
	if err := o.sizeAllowed(size); err != nil {
		return err
	}
	return o.reserveMore(v.ProjectID, v.TypeID, size-v.Size, map[string]int{"gigabytes": size - v.Size})
}
