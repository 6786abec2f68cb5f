// SPDX-License-Identifier: MPL-2.0

package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/diagnose"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
)

// settled waits until a new server is built.
func (r *server) settled(ctx context.Context, id string) (*nova.Server, error) {
	return r.await(ctx, id, func(s *nova.Server) bool { return s.Status != nova.Build })
}

// reached waits until the server has one of the statuses.
func (r *server) reached(ctx context.Context, id string, statuses ...string) (*nova.Server, error) {
	return r.await(ctx, id, func(s *nova.Server) bool { return slices.Contains(statuses, s.Status) })
}

// await waits until the server is as wanted and no task is under way with it. A server that goes to
// ERROR is an error, with its fault; the server as last seen comes with any error.
func (r *server) await(ctx context.Context, id string, wanted func(*nova.Server) bool) (*nova.Server, error) {
	var hiccups hiccups
	last, err := r.Await(ctx, id, func(s *nova.Server, err error) (bool, error) {
		switch {
		case hiccups.pass(err):
			return false, nil
		case err != nil:
			return false, err
		case s.Status == nova.Error:
			return false, fault(s)
		}
		return s.TaskState == "" && wanted(s), nil
	})
	if errors.Is(err, context.DeadlineExceeded) && last != nil {
		err = fmt.Errorf("the server is still in status %s (task: %q): %w", last.Status, last.TaskState, err)
	}
	return last, err
}

// awaitGone waits until a server that is being deleted is gone.
func (r *server) awaitGone(ctx context.Context, id string) error {
	deleting := false
	var hiccups hiccups
	last, err := r.Await(ctx, id, func(s *nova.Server, err error) (bool, error) {
		switch {
		case gone(s, err):
			return true, nil
		case hiccups.pass(err):
			return false, nil
		case err != nil:
			return false, err
		}
		// Nova sets the task before it answers the DELETE and takes it back if deleting fails.
		if deleting && s.TaskState == "" && s.Status == nova.Error {
			return false, fault(s)
		}
		deleting = deleting || s.TaskState != ""
		return false, nil
	})
	if errors.Is(err, context.DeadlineExceeded) && last != nil {
		err = fmt.Errorf("the server is still there in status %s (task: %q): %w", last.Status, last.TaskState, err)
	}
	return err
}

// mostHiccups is how many reads in a row may fail while a server is waited for; with the pauses between
// them that is half a minute. To give up at the first one would taint, and so replace, a sound server.
const mostHiccups = 12

// hiccups counts reads that failed inside the cloud.
type hiccups int

// pass is whether err may go by itself: a cell that is down, or an answer of 500, unless too many came
// in a row. Package client deals with clouds that are busy.
func (h *hiccups) pass(err error) bool {
	if !errors.Is(err, nova.ErrCellDown) && diagnose.Status(err) < http.StatusInternalServerError {
		*h = 0
		return false
	}
	*h++
	return *h < mostHiccups
}

// gone is whether a server that was asked for is no more. A soft-deleted one is out of use as well: Nova
// reclaims it by and by.
func gone(s *nova.Server, err error) bool {
	return diagnose.NotFound(err) || err == nil && (s.Status == nova.Deleted || s.Status == nova.SoftDeleted)
}

func fault(s *nova.Server) error {
	f := &diagnose.Fault{Status: s.Status}
	if s.Fault != nil {
		f.Code, f.Message, f.Details = s.Fault.Code, s.Fault.Message, s.Fault.Details
	}
	return f
}
