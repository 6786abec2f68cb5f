// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"context"
	"fmt"
	"math"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// Servers are listed newest first, a page at a time, and there may be very many. The index byAge has them
// in that order, so that a page costs the same wherever it is: live ones apart from deleted ones, and
// each project's apart, too, beside all.

// age is the instance's value in the index byAge among those of a project, or among all with "".
func (i *Instance) age(projectID string) string {
	return fmt.Sprintf("%s%016x%016x", agePrefix(i.Live(), projectID),
		math.MaxInt64-i.CreatedAt.UnixNano(), math.MaxInt64-i.Number)
}

func agePrefix(live bool, projectID string) string {
	life := "deleted"
	if live {
		life = "live"
	}
	return life + "/" + projectID + "/"
}

// ages are the first value in the index and the one behind the last.
func ages(live bool, projectID string) (from, until string) {
	from = agePrefix(live, projectID)
	return from, from + "~" // behind every hexadecimal digit
}

// pageRead is how many instances are read at a time when some of them may not pass.
const pageRead = 128

// Page returns the first instances of List that come after one of them (nil: from the beginning) and that
// keep keeps: at most limit. It reads no more of them than it must; a filter by host or reservation, or
// for live and deleted ones together, reads all.
func (m *Manager) Page(ctx context.Context, filter Filter, after *Instance, limit int, keep func(*Instance) bool,
) (page []*Instance, err error) {
	if filter.Host != "" || filter.ReservationID != "" || filter.Deleted == AllRows {
		return m.pageOfAll(ctx, filter, after, limit, keep)
	}
	live := filter.Deleted == LiveRows
	err = m.Store.View(ctx, func(tx store.Tx) error {
		page = nil
		from, until := ages(live, filter.ProjectID)
		if after != nil {
			from = ageAs(after, live, filter.ProjectID) + "+"
		}
		for {
			rows, err := instances.Range(tx, byAge, from, until, max(min(limit, pageRead), 1))
			if err != nil || len(rows) == 0 {
				return err
			}
			for _, inst := range rows {
				if !filter.passes(inst) || !keep(inst) {
					continue
				}
				if page = append(page, inst); len(page) == limit {
					return nil
				}
			}
			from = rows[len(rows)-1].age(filter.ProjectID) + "+"
		}
	})
	return page, err
}

// ageAs is where the instance would be among those, whether it is one of them or not.
func ageAs(i *Instance, live bool, projectID string) string {
	own := i.age(projectID)
	return agePrefix(live, projectID) + own[len(agePrefix(i.Live(), projectID)):]
}

func (m *Manager) pageOfAll(ctx context.Context, filter Filter, after *Instance, limit int, keep func(*Instance) bool,
) ([]*Instance, error) {
	all, err := m.List(ctx, filter)
	if err != nil {
		return nil, err
	}
	var page []*Instance
	for _, inst := range all {
		if after != nil && newestFirst(after, inst) >= 0 || !keep(inst) {
			continue
		}
		if page = append(page, inst); len(page) == limit {
			break
		}
	}
	return page, nil
}

// reindex writes the instances anew that an earlier version wrote, without this index.
func (m *Manager) reindex(ctx context.Context) error {
	return m.Store.Update(ctx, func(tx store.Tx) error {
		rows, err := instances.All(tx)
		if err != nil {
			return err
		}
		for _, inst := range rows {
			known, err := instances.Range(tx, byAge, inst.age(""), inst.age("")+"+", 1)
			if err != nil {
				return err
			}
			if len(known) > 0 {
				continue
			}
			if err := instances.Put(tx, inst); err != nil {
				return err
			}
		}
		return nil
	})
}
