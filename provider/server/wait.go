// SPDX-License-Identifier: MPL-2.0

package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/diagnose"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/wait"
)

// settled waits until a new server is built.
func (r *server) settled(ctx context.Context, id string) (*nova.Server, error) {
	return r.await(ctx, id, func(s *nova.Server) (bool, error) {
		if s.Status == nova.Error { // whatever task is left over
			return false, fault(s)
		}
		return s.TaskState == "" && s.Status != nova.Build, nil
	})
}

// reached waits until the server has one of the statuses and no task is under way with it. One that ends up in ERROR
// instead is an error, with its fault.
func (r *server) reached(ctx context.Context, id string, statuses ...string) (*nova.Server, error) {
	return r.await(ctx, id, func(s *nova.Server) (bool, error) {
		switch {
		case s.TaskState != "":
			return false, nil
		case slices.Contains(statuses, s.Status):
			return true, nil
		case s.Status == nova.Error:
			return false, fault(s)
		}
		return false, nil
	})
}

// rested waits until the server is in a status that it stays in, whichever.
func (r *server) rested(ctx context.Context, id string) (*nova.Server, error) {
	return r.reached(ctx, id, restingStatuses...)
}

// await waits until done says so of the server, or has an error; the server as last seen comes with any error.
func (r *server) await(ctx context.Context, id string, done func(*nova.Server) (bool, error)) (*nova.Server, error) {
	var hiccups hiccups
	progress := r.progress()
	last, err := r.Await(ctx, id, func(s *nova.Server, err error) (bool, error) {
		switch {
		case hiccups.pass(err):
			return false, nil
		case err != nil:
			return false, err
		}
		progress.note(ctx, fmt.Sprintf("Server %s is in status %s (task: %q)", id, s.Status, s.TaskState))
		return done(s)
	})
	if errors.Is(err, context.DeadlineExceeded) && last != nil {
		err = fmt.Errorf("the server is still in status %s (task: %q): %w", last.Status, last.TaskState, err)
	}
	return last, err
}

// awaitGone waits until a server that is being deleted is gone; forGood, also from where it could be restored.
func (r *server) awaitGone(ctx context.Context, id string, forGood bool) error {
	deleting := false
	var hiccups hiccups
	progress := r.progress()
	last, err := r.Await(ctx, id, func(s *nova.Server, err error) (bool, error) {
		switch {
		case gone(s, err) && !(forGood && err == nil && s.Status == nova.SoftDeleted):
			return true, nil
		case hiccups.pass(err):
			return false, nil
		case err != nil:
			return false, err
		}
		progress.note(ctx, fmt.Sprintf("Server %s is being deleted: status %s (task: %q)", id, s.Status, s.TaskState))
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

// progress tells Terraform's log now and then what is waited for.
type progress struct {
	clock       wait.Clock
	began, told time.Time
}

// often is how far apart it tells.
const often = 30 * time.Second

func (r *server) progress() *progress {
	clock := r.Servers().Client.Clock()
	now := clock.Now()
	return &progress{clock: clock, began: now, told: now}
}

func (p *progress) note(ctx context.Context, what string) {
	now := p.clock.Now()
	if now.Sub(p.told) < often {
		return
	}
	p.told = now
	tflog.Info(ctx, what, map[string]any{"waited": now.Sub(p.began).Round(time.Second).String()})
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
