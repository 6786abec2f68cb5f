// SPDX-License-Identifier: MPL-2.0

package cinder

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// task is the work that a volume or a snapshot in that status waits for.
type task struct {
	line             string // the volume's id
	volume, snapshot string // whose status it is; one of them is ""
	status           string
}

// kindOfTask is what a status's task does with a record: work takes time and can fail; finish and fail set
// what comes of it, in a transaction, provided that the status is still the same.
type kindOfTask[T any] struct {
	operation string // for the pace
	work      func(*Service, context.Context, *T) error
	finish    func(*op, *T) error
	fail      func(*op, *T) error
}

// start has the task run in its line. A deletion ends what is under way.
func (s *Service) start(t task) {
	s.work.run(t.line, t.volume+t.snapshot, t.status == Deleting, func(ctx context.Context) {
		defer func() { // a mistake in a task costs one volume, not the cloud
			if p := recover(); p != nil {
				s.log.Error("panic", "volume", t.volume, "snapshot", t.snapshot, "status", t.status, "panic", p, "stack", string(debug.Stack()))
			}
		}()
		var err error
		if t.volume != "" {
			err = run(s, ctx, volumeTable, volumeTasks()[t.status], t.volume, func(v *Volume) bool { return v.Status == t.status })
		} else {
			err = run(s, ctx, snapshotTable, snapshotTasks()[t.status], t.snapshot, func(s *Snapshot) bool { return s.Status == t.status })
		}
		if err != nil && ctx.Err() == nil {
			s.log.Error("a volume's task is not settled", "volume", t.volume, "snapshot", t.snapshot, "status", t.status, "error", err)
		}
	})
}

// run does a task and settles it. One that is cut short, by Close or by a deletion, settles nothing.
func run[T any](s *Service, ctx context.Context, table *store.Table[T], kind kindOfTask[T], id string, waits func(*T) bool) error { //nolint:revive // the service is as a receiver
	if err := s.clock.Sleep(ctx, s.pace(kind.operation)); err != nil {
		return err
	}
	record, err := get(s, ctx, table, id)
	if err != nil || record == nil || !waits(record) {
		return err
	}
	failed := kind.work(s, ctx, record)
	if err := ctx.Err(); err != nil {
		return err
	}
	settle := kind.finish
	if failed != nil {
		s.log.Warn("a volume's task failed", "operation", kind.operation, "id", id, "error", failed)
		settle = kind.fail
	}
	return s.change(ctx, nil, func(o *op) error {
		record, err := table.Get(o.tx, id)
		if errors.Is(err, store.ErrNotFound) || err == nil && !waits(record) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := settle(o, record); err != nil || failed == nil {
			return err
		}
		return o.tell(kind.operation, record, failed)
	})
}

// get is the row, nil for none.
func get[T any](s *Service, ctx context.Context, table *store.Table[T], id string) (row *T, err error) { //nolint:revive // likewise
	err = s.store.View(ctx, func(tx store.Tx) error {
		row, err = table.Get(tx, id)
		if errors.Is(err, store.ErrNotFound) {
			row, err = nil, nil
		}
		return err
	})
	return row, err
}

// recover removes the content that has no record, and then starts the tasks that an earlier process left:
// what they are making has no name yet that a record knows.
func (s *Service) recover(ctx context.Context) error {
	keep, tasks := map[string]bool{}, []task{}
	err := s.read(ctx, nil, func(o *op) error {
		volumes, err := volumeTable.All(o.tx)
		if err != nil {
			return err
		}
		for _, v := range volumes {
			keep[volumeContent(v.ID)] = true
			if _, waits := volumeTasks()[v.Status]; waits {
				tasks = append(tasks, task{line: v.ID, volume: v.ID, status: v.Status})
			}
		}
		snapshots, err := snapshotTable.All(o.tx)
		for _, snapshot := range snapshots {
			keep[snapshotContent(snapshot.ID)] = true
			if _, waits := snapshotTasks()[snapshot.Status]; waits {
				tasks = append(tasks, task{line: snapshot.VolumeID, snapshot: snapshot.ID, status: snapshot.Status})
			}
		}
		return err
	})
	if err == nil {
		err = s.content.sweep(keep)
	}
	if err != nil {
		return fmt.Errorf("cinder: recovery: %w", err)
	}
	for _, t := range tasks {
		s.start(t)
	}
	return nil
}
