// SPDX-License-Identifier: MPL-2.0

package nova

import "github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"

// lockReason is the body of the action lock since 2.73; it may be null.
type lockReason struct {
	Reason *string `json:"locked_reason" len:"1-255"`
}

func (s *Service) lockActions() []api.Route {
	return []api.Route{
		api.Action(actionPath, "lock", s.lockWithoutReason).Only("-2.72"),
		api.Action(actionPath, "lock", s.lock).Only("2.73-"),
		api.Action(actionPath, "unlock", s.unlock),
	}
}

func (s *Service) lockWithoutReason(c *api.Call, _ *api.None) (api.None, error) {
	return s.lock(c, &api.Opt[lockReason]{})
}

func (s *Service) lock(c *api.Call, in *api.Opt[lockReason]) (api.None, error) {
	inst, err := s.server(c, c.Var("id"), "os-lock-server:lock")
	if err != nil {
		return api.None{}, err
	}
	return api.None{}, refused(s.Compute.Lock(c.Context(), caller(c), inst.ID, in.Value.Reason))
}

// unlock takes another rule for a lock that somebody on the other side put on: the owner for an
// administrator's, an administrator for the owner's.
func (s *Service) unlock(c *api.Call, _ *api.None) (api.None, error) {
	inst, err := s.server(c, c.Var("id"), "os-lock-server:unlock")
	if err != nil {
		return api.None{}, err
	}
	own := inst.ProjectID == c.ProjectID()
	if inst.Locked && own != (inst.LockedBy == "owner") {
		if err := c.Authorize(rule("os-lock-server:unlock:unlock_override"), targetOf(inst)); err != nil {
			return api.None{}, err
		}
	}
	return api.None{}, refused(s.Compute.Unlock(c.Context(), caller(c), inst.ID))
}
