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
	"access_ip_v4":        by(func(i *compute.Instance) string { return i.AccessIPv4 }),
	"access_ip_v6":        by(func(i *compute.Instance) string { return i.AccessIPv6 }),
	"auto_disk_config":    func(a, b *compute.Instance) int { return compareBool(isAutoDisk(a), isAutoDisk(b)) },
	"availability_zone":   by(func(i *compute.Instance) string { return i.Zone }),
	"config_drive":        by(configDrive),
	"created_at":          func(a, b *compute.Instance) int { return a.CreatedAt.Compare(b.CreatedAt) },
	"display_description": by(func(i *compute.Instance) string { return text(i.Description) }),
	"display_name":        by(func(i *compute.Instance) string { return i.Name }),
	"host":                by(func(i *compute.Instance) string { return i.Host }),
	"hostname":            by(func(i *compute.Instance) string { return i.Hostname }),
	"image_ref":           by(func(i *compute.Instance) string { return i.ImageID }),
	"instance_type_id":    by(func(i *compute.Instance) string { return i.Flavor.ID }),
	"kernel_id":           same, // images of ours have neither
	"ramdisk_id":          same,
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

func same(_, _ *compute.Instance) int { return 0 }

func by(of attribute) func(a, b *compute.Instance) int {
	return func(a, b *compute.Instance) int { return cmp.Compare(of(a), of(b)) }
}

// unsorted tells that the query asks for no order but the default one.
func (q *ServerQuery) unsorted() bool {
	return len(q.OldSortKey)+len(q.MidSortKey)+len(q.SortKey)+len(q.SortDir) == 0
}

// order is the comparison that sort_key and sort_dir ask for: created_at descending by default. Keys
// without a direction of their own have the first one; it also holds for created_at and id, which make
// the order total.
func (q *ServerQuery) order(c *api.Call) (func(a, b *compute.Instance) int, error) {
	keys, dirs := slices.Concat(q.OldSortKey, q.MidSortKey, q.SortKey), slices.Clone(q.SortDir)
	if len(keys) == 0 {
		keys = []string{"created_at"}
	}
	var compares []func(a, b *compute.Instance) int
	for _, key := range keys {
		compare, sorted := serverSorts[key]
		switch at := len(compares); {
		case !sorted && at < len(dirs):
			dirs = slices.Delete(dirs, at, at+1)
		case !sorted:
		case slices.Contains(adminSorts, key) && !c.Identity.Admin():
			return nil, api.Forbidden("Only administrators can sort servers by %s", key)
		default:
			compares = append(compares, compare)
		}
	}
	signs, err := signs(dirs, len(compares))
	if err != nil {
		return nil, err
	}
	return func(a, b *compute.Instance) int {
		for i, compare := range compares {
			if order := compare(a, b); order != 0 {
				return signs[i] * order
			}
		}
		return signs[0] * cmp.Or(a.CreatedAt.Compare(b.CreatedAt), cmp.Compare(a.Number, b.Number))
	}, nil
}

// signs are 1 for ascending and -1 for descending, of that many keys; at least one.
func signs(dirs []string, keys int) ([]int, error) {
	signs := []int{-1}
	for i, dir := range dirs {
		sign, known := map[string]int{"asc": 1, "desc": -1}[dir]
		if !known {
			return nil, api.BadRequest("Invalid input received: Unknown sort direction, must be 'desc' or 'asc'")
		}
		signs = append(signs[:i], sign)
	}
	if len(dirs) > max(keys, 1) {
		return nil, api.BadRequest("Invalid input received: Sort direction size exceeds sort key size")
	}
	for len(signs) < keys {
		signs = append(signs, signs[0])
	}
	return signs, nil
}
