// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
)

// unshelveToZone is the body of the action unshelve from 2.77 to 2.90; it may be null.
type unshelveToZone struct {
	Zone name `json:"availability_zone" need:"2.1-" len:"1-255"`
}

// unshelve is the body of the action unshelve since 2.91; it may be null. A zone that is null unpins the server.
type unshelve struct {
	Zone api.Opt[string] `json:"availability_zone" null:"ok"`
	Host string          `json:"host"`
}

func (s *Service) shelveActions() []api.Route {
	return []api.Route{
		api.Action(actionPath, "shelve", s.simple("os-shelve:shelve", s.Compute.Shelve)),
		api.Action(actionPath, "shelveOffload", s.simple("os-shelve:shelve_offload", s.Compute.ShelveOffload)),
		api.Action(actionPath, "unshelve", s.unshelveAnywhere).Only("-2.76"),
		api.Action(actionPath, "unshelve", s.unshelveToZone).Only("2.77-2.90"),
		api.Action(actionPath, "unshelve", s.unshelveServer).Only("2.91-"),
	}
}

func (s *Service) unshelveAnywhere(c *api.Call, _ *api.None) (api.None, error) {
	return s.unshelveTo(c, compute.UnshelveRequest{})
}

func (s *Service) unshelveToZone(c *api.Call, in *api.Opt[unshelveToZone]) (api.None, error) {
	var want compute.UnshelveRequest
	if in.Set && !in.Null {
		want.Zone = pointer(string(in.Value.Zone))
	}
	return s.unshelveTo(c, want)
}

func (s *Service) unshelveServer(c *api.Call, in *api.Opt[unshelve]) (api.None, error) {
	want := compute.UnshelveRequest{Host: in.Value.Host}
	if in.Value.Zone.Set {
		want.Zone = pointer(in.Value.Zone.Value) // "" where it is null
	}
	return s.unshelveTo(c, want)
}

func (s *Service) unshelveTo(c *api.Call, want compute.UnshelveRequest) (none api.None, err error) {
	inst, err := s.server(c, c.Var("id"), "os-shelve:unshelve")
	if err != nil {
		return none, err
	}
	if want.Host != "" {
		if err := c.Authorize(rule("os-shelve:unshelve_to_host"), targetOf(inst)); err != nil {
			return none, err
		}
	}
	return none, refused(s.Compute.Unshelve(c.Context(), caller(c), inst.ID, want))
}
