// SPDX-License-Identifier: MPL-2.0

package server

import (
	"context"
	"fmt"
	"strings"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
)

// The power states that can be wanted; the state may show any other status in small letters.
const (
	on  = "active"
	off = "shutoff"
)

// steps are the actions that lead from a status towards a wanted power state, and the status that each
// ends in.
var steps = map[string]map[string]struct{ action, to string }{
	on: {
		nova.Shutoff:   {"os-start", nova.Active},
		nova.Paused:    {"unpause", nova.Active},
		nova.Suspended: {"resume", nova.Active},
		nova.Shelved:   {"unshelve", nova.Active},
		nova.Offloaded: {"unshelve", nova.Active},
		nova.Rescue:    {"unrescue", nova.Active},
	},
	off: {
		nova.Active:    {"os-stop", nova.Shutoff},
		nova.Error:     {"os-stop", nova.Shutoff},
		nova.Paused:    {"unpause", nova.Active},
		nova.Suspended: {"resume", nova.Active},
		nova.Shelved:   {"unshelve", nova.Active},
		nova.Offloaded: {"unshelve", nova.Active},
		nova.Rescue:    {"unrescue", nova.Active},
	},
}

// powerState is the status as power_state shows it.
func powerState(status string) string { return strings.ToLower(status) }

// power brings the server to the wanted power state, over ACTIVE if need be.
func (r *server) power(ctx context.Context, s *nova.Server, wanted string) (*nova.Server, error) {
	for powerState(s.Status) != wanted {
		step, ok := steps[wanted][s.Status]
		if !ok {
			return s, fmt.Errorf("there is no way from status %s to power_state %q; it takes an administrator, or a replacement", s.Status, wanted)
		}
		if err := r.Servers().Act(ctx, s.ID, map[string]any{step.action: nil}); err != nil {
			return s, err
		}
		var err error
		if s, err = r.reached(ctx, s.ID, step.to); err != nil {
			return s, err
		}
	}
	return s, nil
}
