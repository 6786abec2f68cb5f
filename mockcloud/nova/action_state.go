// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
)

// resetState is the body of the action os-resetState.
type resetState struct {
	State string `json:"state" need:"2.1-" oneof:"active error"`
}

// newPassword is the body of the action changePassword.
type newPassword struct {
	AdminPass string `json:"adminPass" need:"2.1-"`
}

// null is a body that must be null.
type null struct{}

// Parse implements api.Parser.
func (*null) Parse(v any) error {
	if v != nil {
		return api.WrongType(v, "null")
	}
	return nil
}

// stateActions are the actions that change a server where it is, and take nothing or one word.
func (s *Service) stateActions() []api.Route {
	action := func(name, policy string, do simpleAction) api.Route {
		return api.Action(actionPath, name, s.simple(policy, do))
	}
	return []api.Route{
		action("pause", "os-pause-server:pause", s.Compute.Pause),
		action("unpause", "os-pause-server:unpause", s.Compute.Unpause),
		action("suspend", "os-suspend-server:suspend", s.Compute.Suspend),
		action("resume", "os-suspend-server:resume", s.Compute.Resume),
		action("unrescue", "os-unrescue", s.Compute.Unrescue),
		action("restore", "os-deferred-delete:restore", s.Compute.Restore),
		action("forceDelete", "os-deferred-delete:force", s.Compute.ForceDelete),
		action("injectNetworkInfo", "os-admin-actions:inject_network_info", s.Compute.InjectNetworkInfo),
		api.Action(actionPath, "trigger_crash_dump", s.triggerCrashDump).Only("2.17-"),
		api.Action(actionPath, "os-resetState", s.resetState),
		api.Action(actionPath, "changePassword", s.changePassword),
	}
}

func (s *Service) triggerCrashDump(c *api.Call, _ *null) (api.None, error) {
	return s.simple("servers:trigger_crash_dump", s.Compute.CrashDump)(c, nil)
}

func (s *Service) resetState(c *api.Call, in *resetState) (api.None, error) {
	inst, err := s.server(c, c.Var("id"), "os-admin-actions:reset_state")
	if err != nil {
		return api.None{}, err
	}
	return api.None{}, refused(s.Compute.ResetState(c.Context(), caller(c), inst.ID, compute.VMState(in.State)))
}

func (s *Service) changePassword(c *api.Call, in *newPassword) (api.None, error) {
	inst, err := s.server(c, c.Var("id"), "os-admin-password")
	if err != nil {
		return api.None{}, err
	}
	return api.None{}, refused(s.Compute.SetPassword(c.Context(), caller(c), inst.ID, in.AdminPass))
}
