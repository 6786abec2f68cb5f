// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
)

// agentGuest is which guests an agent build is for.
type agentGuest struct {
	Hypervisor   string `json:"hypervisor"   need:"2.1-" len:"0-255" pattern:"^[a-zA-Z0-9-._ ]*$"`
	OS           string `json:"os"           need:"2.1-" len:"0-255" pattern:"^[a-zA-Z0-9-._ ]*$"`
	Architecture string `json:"architecture" need:"2.1-" len:"0-255" pattern:"^[a-zA-Z0-9-._ ]*$"`
}

// agentPackage is what such guests are to have. It is also the body of PUT /os-agents/{id}.
type agentPackage struct {
	Version string `json:"version" need:"2.1-" len:"0-255" pattern:"^[a-zA-Z0-9-._ ]*$"`
	URL     string `json:"url"     need:"2.1-" len:"0-255" format:"uri"`
	MD5     string `json:"md5hash" need:"2.1-" len:"0-255" pattern:"^[a-fA-F0-9]*$"`
}

// AgentBuildCreate is the body of POST /os-agents.
type AgentBuildCreate struct {
	agentGuest
	agentPackage
}

// AgentBuild is a build of the agent that runs in guests, as Nova shows it.
type AgentBuild struct {
	agentGuest
	agentPackage
	ID int64 `json:"agent_id"`
}

// agentUpdated is the answer to a PUT: there the id is a text.
type agentUpdated struct {
	agentPackage
	ID string `json:"agent_id"`
}

type agentQuery struct {
	Hypervisor string `json:"hypervisor"`
}

// agentRoutes are as they were in Victoria, the last release that had them.
func (s *Service) agentRoutes() []api.Route {
	const path = "/os-agents"
	return []api.Route{
		api.Get(path, "agents", s.listAgentBuilds).AskedBy(api.QueryOf[agentQuery]()).Loose("-2.74").Policy(rule("os-agents:list")),
		api.Post(path, "agent", s.createAgentBuild).Policy(rule("os-agents:create")),
		api.Put(path+"/{id}", "para", s.updateAgentBuild).Answer("agent").Policy(rule("os-agents:update")),
		api.Delete(path+"/{id}", s.deleteAgentBuild).Code(200).Policy(rule("os-agents:delete")),
	}
}

func agentBuildView(a *compute.AgentBuild) AgentBuild {
	return AgentBuild{
		agentGuest:   agentGuest{Hypervisor: a.Hypervisor, OS: a.OS, Architecture: a.Architecture},
		agentPackage: agentPackage{Version: a.Version, URL: a.URL, MD5: a.MD5},
		ID:           a.Number,
	}
}

func (s *Service) listAgentBuilds(c *api.Call) ([]AgentBuild, error) {
	all, err := s.Compute.AgentBuilds(c.Context(), api.Query[agentQuery](c).Hypervisor)
	views := []AgentBuild{}
	for _, a := range all {
		views = append(views, agentBuildView(a))
	}
	return views, err
}

func (s *Service) createAgentBuild(c *api.Call, in *AgentBuildCreate) (AgentBuild, error) {
	made, err := s.Compute.CreateAgentBuild(c.Context(), compute.AgentBuild{
		Hypervisor: in.Hypervisor, OS: in.OS, Architecture: in.Architecture, Version: in.Version, URL: in.URL, MD5: in.MD5,
	})
	if err != nil {
		return AgentBuild{}, refused(err)
	}
	return agentBuildView(made), nil
}

func (s *Service) updateAgentBuild(c *api.Call, in *agentPackage) (agentUpdated, error) {
	number, err := numberInPath(c)
	if err != nil {
		return agentUpdated{}, err
	}
	err = s.Compute.UpdateAgentBuild(c.Context(), number, in.Version, in.URL, in.MD5)
	return agentUpdated{agentPackage: *in, ID: c.Var("id")}, refused(err)
}

func (s *Service) deleteAgentBuild(c *api.Call) error {
	number, err := numberInPath(c)
	if err != nil {
		return err
	}
	return refused(s.Compute.DeleteAgentBuild(c.Context(), number))
}
