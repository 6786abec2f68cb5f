// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"net/http"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
)

// ServerShare is a share of a server. Only administrators see where it is exported, and not in lists.
type ServerShare struct {
	ShareID        string `json:"share_id"`
	Status         string `json:"status"`
	Tag            string `json:"tag"`
	UUID           string `json:"uuid,omitempty"`
	ExportLocation string `json:"export_location,omitempty"`
}

// ShareAttach is the body of POST /servers/{id}/shares.
type ShareAttach struct {
	ShareID string `json:"share_id" need:"2.97-" format:"uuid"`
	Tag     string `json:"tag"      len:"1-255" pattern:"^[a-zA-Z0-9-]*$"`
}

// shareRoutes are server_shares, since 2.97.
func (s *Service) shareRoutes() []api.Route {
	const path = "/servers/{id}/shares"
	none := api.QueryOf[noQuery]()
	return []api.Route{
		api.Get(path, "shares", s.listShares).Only("2.97-").AskedBy(none),
		api.Post(path, "share", s.attachShare).Only("2.97-").Code(http.StatusCreated),
		api.Get(path+"/{share}", "share", s.showShare).Only("2.97-").AskedBy(none),
		api.Delete(path+"/{share}", s.detachShare).Only("2.97-").Code(http.StatusOK),
	}
}

// shareView is a share as lists show it, or as itself.
func shareView(m compute.ShareMapping, whole bool) ServerShare {
	v := ServerShare{ShareID: m.ShareID, Status: string(m.Status), Tag: m.Tag}
	if whole {
		v.UUID, v.ExportLocation = m.ID, m.ExportLocation
	}
	return v
}

func (s *Service) listShares(c *api.Call) ([]ServerShare, error) {
	inst, err := s.server(c, c.Var("id"), "os-server-shares:index")
	if err != nil {
		return nil, err
	}
	all := []ServerShare{}
	for _, m := range inst.SharesOf() {
		all = append(all, shareView(m, false))
	}
	return all, nil
}

func (s *Service) showShare(c *api.Call) (ServerShare, error) {
	inst, err := s.server(c, c.Var("id"), "os-server-shares:show")
	if err != nil {
		return ServerShare{}, err
	}
	m, err := inst.ShareOf(c.Var("share"))
	return shareView(m, c.Identity.Admin()), refused(err)
}

func (s *Service) attachShare(c *api.Call, in *ShareAttach) (ServerShare, error) {
	inst, err := s.server(c, c.Var("id"), "os-server-shares:create")
	if err != nil {
		return ServerShare{}, err
	}
	m, err := s.Compute.AttachShare(c.Context(), caller(c), inst.ID, in.ShareID, in.Tag)
	return shareView(m, c.Identity.Admin()), refused(err)
}

func (s *Service) detachShare(c *api.Call) error {
	inst, err := s.server(c, c.Var("id"), "os-server-shares:delete")
	if err != nil {
		return err
	}
	return refused(s.Compute.DetachShare(c.Context(), inst.ID, c.Var("share")))
}
