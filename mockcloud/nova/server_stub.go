// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"cmp"
	"net/http"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
)

// Of a server whose cell is down Nova knows only what it keeps outside of the cells. Since 2.69 it shows that;
// before, such servers are left out of lists, and cannot be shown.

const unknown = "UNKNOWN"

// serverBriefStub is such a server in GET /servers.
type serverBriefStub struct {
	ID     string     `json:"id"`
	Status string     `json:"status"`
	Links  []api.Link `json:"links"`
}

// serverDetailStub is such a server in GET /servers/detail.
type serverDetailStub struct {
	serverBriefStub
	TenantID string   `json:"tenant_id"`
	Created  api.Time `json:"created"`
}

// serverStub is such a server in GET /servers/{id}.
type serverStub struct {
	serverDetailStub
	serverGroups
	UserID     string       `json:"user_id"`
	Image      any          `json:"image"` // "" for none
	Flavor     ServerFlavor `json:"flavor"`
	Zone       string       `json:"OS-EXT-AZ:availability_zone"`
	PowerState int          `json:"OS-EXT-STS:power_state"`
}

func briefStub(c *api.Call, i *compute.Instance) *serverBriefStub {
	return &serverBriefStub{ID: i.ID, Status: unknown, Links: c.Links(c.InProject("/servers/" + i.ID))}
}

func detailStub(c *api.Call, i *compute.Instance) *serverDetailStub {
	return &serverDetailStub{serverBriefStub: *briefStub(c, i), TenantID: i.ProjectID, Created: api.Time{Time: i.CreatedAt}}
}

func (v *viewer) stub(i *compute.Instance) *serverStub {
	stub := &serverStub{
		serverDetailStub: *detailStub(v.c, i), serverGroups: groupsOf(i), UserID: i.UserID, Image: "", Flavor: v.flavor(i),
		Zone: cmp.Or(i.RequestedZone, unknown), PowerState: int(compute.PowerNoState),
	}
	if i.ImageID != "" {
		stub.Image = FlavorLink{ID: i.ImageID, Links: v.bookmark("/images/" + i.ImageID)}
	}
	return stub
}

// takesStubs tells that the answer may hold stubs: since 2.69, and where nothing is asked that a stub cannot
// tell.
func (q *ServerQuery) takesStubs(c *api.Call) bool {
	if !c.Since(showsStubs) || len(q.Status) > 0 || q.ChangesSince != "" || q.ChangesBefore != "" || q.Flavor.Set || len(q.filters(c)) > 0 {
		return false
	}
	free := c.Allowed(rule("servers:allow_all_filters"), c.Own())
	for key := range c.Request.URL.Query() {
		switch key {
		case "all_tenants":
		case "sort_key", "sort_dir", "limit", "marker":
			return false
		default:
			if free {
				return false
			}
		}
	}
	return true
}

// reach refuses what needs the instance, when its cell is down.
func (s *Service) reach(c *api.Call, i *compute.Instance) error {
	down, err := s.Compute.Unreachable(c.Context())
	if cell := down[i.Host]; err == nil && cell != "" {
		return api.NewFault(http.StatusInternalServerError,
			"Cell %s is not responding or returned an exception, hence instance info is not available.", cell)
	}
	return err
}
