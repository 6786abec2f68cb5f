// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"errors"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

// lockReason is the body of the action lock: anything up to 2.72; since 2.73 null, or an object with
// a reason.
type lockReason struct{ reason *string }

// Parse implements api.Parser.
func (l *lockReason) Parse(v any) error {
	object, ok := v.(map[string]any)
	if !ok {
		return nil
	}
	reason, there := object["locked_reason"]
	text, isText := reason.(string)
	switch {
	case !there:
		return nil
	case !isText:
		return errors.New("the reason is not of type 'string'")
	case text == "" || len(text) > 255:
		return errors.New("the reason must have 1 to 255 characters")
	}
	l.reason = &text
	return nil
}

func (s *Service) lockActions() []api.Route {
	return []api.Route{
		api.Action(actionPath, "lock", s.lock),
		api.Action(actionPath, "unlock", s.simple("os-lock-server:unlock", s.Compute.Unlock)),
	}
}

func (s *Service) lock(c *api.Call, in *lockReason) (api.None, error) {
	inst, err := s.server(c, c.Var("id"), "os-lock-server:lock")
	if err != nil {
		return api.None{}, err
	}
	reason := in.reason
	if !c.Since(locksWithReason) {
		reason = nil
	}
	return api.None{}, refused(s.Compute.Lock(c.Context(), caller(c), inst.ID, reason))
}
