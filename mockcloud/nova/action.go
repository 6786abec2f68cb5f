// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"context"
	"slices"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
)

const actionPath = "/servers/{id}/action"

// serverActions are what POST /servers/{id}/action does, an action_NAME.go each.
func (s *Service) serverActions() []api.Route {
	return slices.Concat(s.powerActions(), s.rebootAction(), s.consoleOutputAction(), s.lockActions())
}

// simpleAction is compute's operation of an action without arguments.
type simpleAction func(ctx context.Context, caller compute.Caller, id string) error

// simple is an action without arguments: policy, then compute's operation.
func (s *Service) simple(policy string, do simpleAction) func(*api.Call, *api.None) (api.None, error) {
	return func(c *api.Call, _ *api.None) (api.None, error) {
		inst, err := s.server(c, c.Var("id"), policy)
		if err != nil {
			return api.None{}, err
		}
		return api.None{}, refused(do(c.Context(), caller(c), inst.ID))
	}
}
