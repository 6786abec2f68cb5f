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
		api.Action(actionPath, "unlock", s.simple("os-lock-server:unlock", s.Compute.Unlock)),
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
