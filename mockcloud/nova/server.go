// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
)

// ServerUpdate is the body of PUT /servers/{id}.
type ServerUpdate struct {
	ServerRename
	PinnedZone api.Opt[string] `json:"pinned_availability_zone" nova:"2.104-" null:"ok" len:"1-255"`
}

// ServerRename is what rebuilding a server may change, too.
type ServerRename struct {
	Name        *name           `json:"name"              len:"1-255"`
	AccessIPv4  *string         `json:"accessIPv4"        format:"ipv4"`
	AccessIPv6  *string         `json:"accessIPv6"        format:"ipv6"`
	DiskConfig  *string         `json:"OS-DCF:diskConfig" oneof:"AUTO MANUAL"`
	Description api.Opt[string] `json:"description"       nova:"2.19-" null:"ok" len:"0-255" format:"printable"`
	OldHostname *string         `json:"hostname"          nova:"2.90-2.93" len:"2-63" pattern:"^[a-zA-Z0-9]+[a-zA-Z0-9-]*[a-zA-Z0-9]+$"`
	Hostname    *string         `json:"hostname"          nova:"2.94-" len:"1-255" pattern:"^[a-zA-Z0-9-._]*$"`
}

// change is the change of the server that is asked for.
func (in *ServerRename) change() compute.Update {
	change := compute.Update{
		Name: (*string)(in.Name), Hostname: in.Hostname,
		DiskConfig: (*compute.DiskConfig)(in.DiskConfig),
	}
	for _, address := range []struct {
		from *string
		to   **string
	}{{in.AccessIPv4, &change.AccessIPv4}, {in.AccessIPv6, &change.AccessIPv6}} {
		if address.from != nil {
			*address.to = pointer(canonical(*address.from))
		}
	}
	if in.OldHostname != nil {
		change.Hostname = in.OldHostname
	}
	if in.Description.Set {
		change.Description = pointer(in.Description.Pointer())
	}
	return change
}

func (s *Service) serverRoutes() []api.Route {
	list, show := api.QueryOf[ServerQuery](), api.QueryOf[noQuery]()
	return []api.Route{
		api.Get("/servers", "servers", s.listServers).AskedBy(list).Loose("-2.74").Policy(rule("servers:index")),
		api.Get("/servers/detail", "servers", s.listServersInDetail).AskedBy(list).Loose("-2.74").Policy(rule("servers:detail")),
		api.Post("/servers", "", s.createServer).Code(202),
		api.Get("/servers/{id}", "server", s.showServer).AskedBy(show).Loose("-2.101"),
		api.Put("/servers/{id}", "server", s.updateServer),
		api.Delete("/servers/{id}", s.deleteServer),
	}
}

// server finds a live server that the caller may see, and asks the policy about it.
func (s *Service) server(c *api.Call, id, policy string) (*compute.Instance, error) {
	return s.findServer(c, id, policy, false)
}

func (s *Service) findServer(c *api.Call, id, policy string, deletedToo bool) (*compute.Instance, error) {
	inst, err := s.lookUp(c, id, policy, deletedToo)
	if err != nil {
		return nil, err
	}
	return inst, s.reach(c, inst)
}

// lookUp is findServer for servers that may be out of reach.
func (s *Service) lookUp(c *api.Call, id, policy string, deletedToo bool) (*compute.Instance, error) {
	inst, err := s.Compute.Get(c.Context(), id)
	notFound := api.NotFound("Instance %s could not be found.", id)
	switch {
	case err != nil && isNotFound(err):
		return nil, notFound
	case err != nil:
		return nil, err
	case !deletedToo && !inst.Live(), inst.ProjectID != c.ProjectID() && !c.Identity.Admin():
		return nil, notFound
	}
	return inst, c.Authorize(rule(policy), targetOf(inst))
}

// targetOf is the server as policy sees it.
func targetOf(inst *compute.Instance) api.Target {
	return api.Target{ProjectID: inst.ProjectID, UserID: inst.UserID}
}

func (s *Service) showServer(c *api.Call) (Server, error) {
	inst, err := s.lookUp(c, c.Var("id"), "servers:show", false)
	if err != nil {
		return Server{}, err
	}
	v, err := s.viewer(c, inst)
	if err != nil {
		return Server{}, err
	}
	switch err := s.reach(c, inst); {
	case api.AsFault(err) != nil && c.Since(showsStubs):
		return Server{stub: v.stub(inst)}, nil
	case err != nil:
		return Server{}, err
	}
	return Server{serverCore: v.core(inst), serverMore: v.more(inst), serverGroups: groupsOf(inst)}, nil
}

func (s *Service) updateServer(c *api.Call, in *ServerUpdate) (serverUpdated, error) {
	inst, err := s.server(c, c.Var("id"), "servers:update")
	if err != nil {
		return serverUpdated{}, err
	}
	change := in.change()
	if in.PinnedZone.Set {
		change.PinnedZone = pointer(in.PinnedZone.Value)
	}
	inst, err = s.Compute.UpdateInstance(c.Context(), inst.ID, change)
	if err != nil {
		return serverUpdated{}, refused(err)
	}
	v, err := s.viewer(c, inst)
	if err != nil {
		return serverUpdated{}, err
	}
	v.wholeAddresses = c.Since(updatesAnswerWhole)
	return serverUpdated{serverCore: v.core(inst), serverMore: v.more(inst), serverGroups: groupsOf(inst)}, nil
}

func (s *Service) deleteServer(c *api.Call) error {
	inst, err := s.server(c, c.Var("id"), "servers:delete")
	if err != nil {
		return err
	}
	return refused(s.Compute.Delete(c.Context(), caller(c), inst.ID))
}
