// SPDX-License-Identifier: MPL-2.0

package operation

import (
	"fmt"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/wait"
)

// Reports come at each change, after the first silence of `patience`, and then ever more rarely: who waits for an hour
// reads no line every ten seconds.
const (
	patience     = 10 * time.Second
	mostPatience = 2 * time.Minute
)

// reporter decides what of a server's course is worth a line.
type reporter struct {
	clock   wait.Clock
	began   time.Time
	told    time.Time
	silence time.Duration // that is borne; 0 is patience
	last    string
}

// line is what to tell of the server now, "" for nothing. detail is what else is known of its course.
func (r *reporter) line(s *nova.Server, detail string) string {
	state := s.Status
	if s.TaskState != "" {
		state += " (" + s.TaskState + ")"
	}
	now := r.clock.Now()
	switch {
	case state != r.last:
		r.silence = patience
	case now.Sub(r.told) < r.silence:
		return ""
	default:
		r.silence = min(2*r.silence, mostPatience)
	}
	r.last, r.told = state, now
	if detail != "" {
		detail = ", " + detail
	}
	return fmt.Sprintf("%s%s, after %s", state, detail, elapsed(now.Sub(r.began)))
}
