// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"cmp"
	"slices"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
)

// serverSorts compare instances by sort_key. A key that Nova takes and does not sort by is not here.
var serverSorts = map[string]func(a, b *compute.Instance) int{
	"access_ip_v4": by(func(i *compute.Instance) string { return i.AccessIPv4 }),
	"access_ip_v6": by(func(i *compute.Instance) string { return i.AccessIPv6 }),
	"auto_disk_config": func(a, b *compute.Instance) int {
		return compareBool(a.DiskConfig == compute.DiskAuto, b.DiskConfig == compute.DiskAuto)
	},
	"availability_zone":   by(func(i *compute.Instance) string { return i.Zone }),
	"config_drive":        func(a, b *compute.Instance) int { return compareBool(a.ConfigDrive, b.ConfigDrive) },
	"created_at":          func(a, b *compute.Instance) int { return a.CreatedAt.Compare(b.CreatedAt) },
	"display_description": by(func(i *compute.Instance) string { return text(i.Description) }),
	"display_name":        by(func(i *compute.Instance) string { return i.Name }),
	"host":                by(func(i *compute.Instance) string { return i.Host }),
	"hostname":            by(func(i *compute.Instance) string { return i.Hostname }),
	"image_ref":           by(func(i *compute.Instance) string { return i.ImageID }),
	"instance_type_id":    by(func(i *compute.Instance) string { return i.Flavor.ID }),
	"key_name":            by(keyName),
	"launch_index":        func(a, b *compute.Instance) int { return cmp.Compare(a.LaunchIndex, b.LaunchIndex) },
	"launched_at":         by(func(i *compute.Instance) string { return moment(i.LaunchedAt) }),
	"locked":              func(a, b *compute.Instance) int { return compareBool(a.Locked, b.Locked) },
	"locked_by":           by(func(i *compute.Instance) string { return i.LockedBy }),
	"node":                by(func(i *compute.Instance) string { return i.Node }),
	"power_state":         func(a, b *compute.Instance) int { return cmp.Compare(a.PowerState, b.PowerState) },
	"progress":            func(a, b *compute.Instance) int { return cmp.Compare(a.Progress, b.Progress) },
	"project_id":          by(func(i *compute.Instance) string { return i.ProjectID }),
	"root_device_name":    by(func(i *compute.Instance) string { return i.RootDeviceName }),
	"task_state":          by(func(i *compute.Instance) string { return string(i.TaskState) }),
	"terminated_at":       by(func(i *compute.Instance) string { return moment(i.TerminatedAt) }),
	"updated_at":          func(a, b *compute.Instance) int { return a.UpdatedAt.Compare(b.UpdatedAt) },
	"user_id":             by(func(i *compute.Instance) string { return i.UserID }),
	"uuid":                by(func(i *compute.Instance) string { return i.ID }),
	"vm_state":            by(func(i *compute.Instance) string { return string(i.VMState) }),
}

// adminSorts are the keys that only administrators may sort by.
var adminSorts = []string{"host", "node"}

func by(of attribute) func(a, b *compute.Instance) int {
	return func(a, b *compute.Instance) int { return cmp.Compare(of(a), of(b)) }
}

// order is the comparison that sort_key and sort_dir ask for: created_at descending by default. A
// missing direction is the one before it; the id makes the order total.
func (q *ServerQuery) order(c *api.Call) (func(a, b *compute.Instance) int, error) {
	type step struct {
		compare func(a, b *compute.Instance) int
		sign    int
	}
	var steps []step
	sign := -1
	keys := q.sortKeys()
	for n, key := range keys {
		if slices.Contains(adminSorts, key) && !c.Identity.Admin() {
			return nil, api.Forbidden("Only administrators can sort servers by %s", key)
		}
		if n < len(q.SortDir) {
			switch q.SortDir[n] {
			case "asc":
				sign = 1
			case "desc":
				sign = -1
			default:
				return nil, api.BadRequest("Unknown sort direction, must be one of: asc, desc")
			}
		}
		if compare := serverSorts[key]; compare != nil {
			steps = append(steps, step{compare, sign})
		}
	}
	if len(steps) == 0 {
		if len(keys) == 0 && slices.Equal(q.SortDir, []string{"asc"}) {
			sign = 1
		}
		steps = append(steps, step{serverSorts["created_at"], sign})
	}
	return func(a, b *compute.Instance) int {
		for _, s := range steps {
			if order := s.compare(a, b); order != 0 {
				return s.sign * order
			}
		}
		return steps[0].sign * cmp.Compare(a.Number, b.Number)
	}, nil
}
