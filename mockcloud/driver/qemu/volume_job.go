// SPDX-License-Identifier: MPL-2.0

package qemu

import (
	"context"
	"errors"
	"fmt"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver/qemu/qmp"
)

// jobEvent is an event of a block job's: data.device is the job's id.
type jobEvent = qmp.Event

// What happens to a job.
const (
	jobReady     = "BLOCK_JOB_READY" // a mirror has caught up
	jobCompleted = "BLOCK_JOB_COMPLETED"
	jobCancelled = "BLOCK_JOB_CANCELLED"
)

// follow subscribes to events until end is called. It outlasts ctx, so that what is cut short can be waited for.
func (q *instance) follow(ctx context.Context) (events <-chan jobEvent, end context.CancelFunc, err error) {
	ctx, end = context.WithCancel(context.WithoutCancel(ctx))
	if events, err = q.mon.Events(ctx); err != nil {
		end()
	}
	return events, end, err
}

var errJobCancelled = errors.New("the block job was cancelled")

// awaitJob waits until that has happened to the job. A job that ends otherwise, or with an error, is an error.
func awaitJob(ctx context.Context, q *instance, events <-chan jobEvent, job, want string) error {
	for {
		select {
		case e, more := <-events:
			if !more {
				return fmt.Errorf("block job %s: QEMU answers no longer", job)
			}
			if e.Data["device"] != job {
				continue
			}
			if why, failed := e.Data["error"].(string); failed {
				return fmt.Errorf("block job %s: %s", job, why)
			}
			switch e.Event {
			case want:
				return nil
			case jobCancelled:
				return errJobCancelled
			case jobCompleted:
				return fmt.Errorf("block job %s has ended early", job)
			}
		case <-q.gone:
			return fmt.Errorf("block job %s: QEMU has ended", job)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// endJob cancels a job, if there is one, and waits for its end.
func (h *Host) endJob(ctx context.Context, m *machine, q *instance, events <-chan jobEvent, job string) error {
	err := q.mon.Execute(ctx, "block-job-cancel", obj{"device": job, "force": true}, nil)
	switch {
	case gone(q), isRefusal(err, "DeviceNotActive"):
		return nil
	case err != nil:
		h.opts.Log.Warn("block job not cancelled", "machine", m.id, "job", job, "error", err)
		return err
	}
	if err := awaitJob(ctx, q, events, job, jobCancelled); err != nil && !gone(q) && !errors.Is(err, errJobCancelled) {
		return err
	}
	return nil
}
