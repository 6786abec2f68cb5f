// SPDX-License-Identifier: MPL-2.0

package operation

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/diagnose"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
)

// mostStrays is how many rounds in a row a server may rest where it should not be before the operation is given up. Nova
// sets a task before it answers; a few rounds are for what it does without one.
const mostStrays = 15

// follow calls done with the server each time that it was looked at, until that says true or has an error.
func (o *Operation) follow(ctx context.Context, done func(*nova.Server) (bool, error)) error {
	failures := 0
	_, err := o.session.Await(ctx, o.Server.ID, func(s *nova.Server, err error) (bool, error) {
		switch {
		case inside(err) && failures < mostStrays:
			failures++
			return false, nil
		case diagnose.NotFound(err):
			return false, fmt.Errorf("the server was deleted meanwhile: %w", err)
		case err != nil:
			return false, err
		}
		failures = 0
		o.Server = s
		return done(s)
	})
	return o.ended(err)
}

// inside is whether reading failed within the cloud, which may go by itself.
func inside(err error) bool {
	return errors.Is(err, nova.ErrCellDown) || diagnose.Status(err) >= http.StatusInternalServerError
}

// show tells of the server's course if that is worth it. detail is only asked for then.
func (o *Operation) show(detail func() string) {
	known := ""
	if o.Server.TaskState != "" && detail != nil {
		known = detail()
	}
	if line := o.report.line(o.Server, known); line != "" {
		o.Tell("%s", line)
	}
}

// Idle waits until no task is under way with the server.
func (o *Operation) Idle(ctx context.Context) error {
	return o.follow(ctx, func(s *nova.Server) (bool, error) {
		o.show(nil)
		return s.TaskState == "", nil
	})
}

// In is whether a server has one of the statuses.
func In(statuses ...string) func(*nova.Server) bool {
	return func(s *nova.Server) bool { return slices.Contains(statuses, s.Status) }
}

// Left is whether a server is well on another host than the one of that hash: Nova counts it among those of the new host
// before it has tried to bring it up there.
func Left(hostID string) func(*nova.Server) bool {
	return func(s *nova.Server) bool { return s.HostID != "" && s.HostID != hostID && s.Status != nova.Error }
}

// Arrive waits until the server rests where it was to get. A server that rests elsewhere is an error as soon as Nova's
// record says that the request failed, or after a while if it says nothing.
func (o *Operation) Arrive(ctx context.Context, there func(*nova.Server) bool) error {
	return o.arrive(ctx, course{there: there})
}

// course is how a server gets somewhere.
type course struct {
	there  func(*nova.Server) bool
	detail func() string // told beside the status, while a task is under way
	each   func() error  // called at each look, while a task is under way
	stray  func() error  // why the server rests elsewhere, if Nova's record of the request does not say
}

func (o *Operation) arrive(ctx context.Context, c course) error {
	strays := 0
	return o.follow(ctx, func(s *nova.Server) (bool, error) {
		o.show(c.detail)
		switch {
		case s.TaskState == "":
		case c.each == nil:
			strays = 0
			return false, nil
		default:
			strays = 0
			return false, c.each()
		}
		if c.there(s) {
			return true, nil
		}
		weight, err := o.strayed(ctx, c)
		if strays += weight; err == nil && strays > mostStrays {
			err = fmt.Errorf("the server rests in status %s, and Nova noted no reason (request id: %s)", s.Status, o.request)
		}
		return false, err
	})
}

// strayed is why the server rests where it should not, or how much this look at it adds to the doubt that it moves on.
func (o *Operation) strayed(ctx context.Context, c course) (int, error) {
	noted, err := o.verdict(ctx)
	switch {
	case err != nil:
		return 0, err
	case o.Server.Status == nova.Error && noted != running:
		return 0, Fault(o.Server)
	case c.stray != nil:
		if err := c.stray(); err != nil {
			return 0, err
		}
	}
	if noted == finished { // nothing is to come but what Nova does behind its record
		return 4, nil
	}
	return 1, nil
}

// Finish waits until Nova's record of the request is complete and the server rests: for what ends as it began.
func (o *Operation) Finish(ctx context.Context) error {
	before := o.Server.Status
	looks := 0
	return o.follow(ctx, func(s *nova.Server) (bool, error) {
		o.show(nil)
		if s.TaskState != "" {
			return false, nil
		}
		looks++
		noted, err := o.verdict(ctx)
		switch {
		case err != nil:
			return false, err
		case noted == running && looks < mostStrays:
			return false, nil
		case s.Status == nova.Error && before != nova.Error:
			return false, Fault(s)
		}
		return true, nil
	})
}

// Fault is why Nova says that a server is in ERROR.
func Fault(s *nova.Server) error {
	f := &diagnose.Fault{Status: s.Status}
	if s.Fault != nil {
		f.Code, f.Message, f.Details = s.Fault.Code, s.Fault.Message, s.Fault.Details
	}
	return f
}
