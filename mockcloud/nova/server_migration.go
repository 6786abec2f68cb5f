// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"strconv"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
)

// ServerMigration is a live migration under way, as the server's own collection shows it.
type ServerMigration struct {
	migrationHosts
	ID              int64      `json:"id"`
	UUID            string     `json:"uuid" nova:"2.59-"`
	ServerUUID      string     `json:"server_uuid"`
	Status          string     `json:"status"`
	MemoryTotal     *int64     `json:"memory_total_bytes"`
	MemoryProcessed *int64     `json:"memory_processed_bytes"`
	MemoryRemaining *int64     `json:"memory_remaining_bytes"`
	DiskTotal       *int64     `json:"disk_total_bytes"`
	DiskProcessed   *int64     `json:"disk_processed_bytes"`
	DiskRemaining   *int64     `json:"disk_remaining_bytes"`
	CreatedAt       api.Micros `json:"created_at"`
	UpdatedAt       api.Micros `json:"updated_at"`
	UserID          string     `json:"user_id"    nova:"2.80-"`
	ProjectID       string     `json:"project_id" nova:"2.80-"`
}

func (s *Service) serverMigrationRoutes() []api.Route {
	const path = "/servers/{id}/migrations"
	query := api.QueryOf[noQuery]()
	return []api.Route{
		api.Get(path, "migrations", s.listServerMigrations).AskedBy(query).Only("2.23-").Loose("-2.101"),
		api.Get(path+"/{number}", "migration", s.showServerMigration).AskedBy(query).Only("2.23-").Loose("-2.101"),
		api.Delete(path+"/{number}", s.abortMigration).Code(202).Only("2.24-"),
		api.Action(path+"/{number}/action", "force_complete", s.forceComplete).Only("2.22-"),
	}
}

func (s *Service) listServerMigrations(c *api.Call) ([]ServerMigration, error) {
	inst, err := s.server(c, c.Var("id"), "servers:migrations:index")
	if err != nil {
		return nil, err
	}
	found, err := s.Compute.LiveMigrations(c.Context(), inst.ID)
	if err != nil {
		return nil, refused(err)
	}
	hosts := c.Allowed(rule("servers:migrations:index:host"), targetOf(inst))
	list := []ServerMigration{}
	for _, mig := range found {
		list = append(list, serverMigration(mig, hosts))
	}
	return list, nil
}

func (s *Service) showServerMigration(c *api.Call) (none ServerMigration, err error) {
	inst, err := s.server(c, c.Var("id"), "servers:migrations:show")
	if err != nil {
		return none, err
	}
	id := c.Var("number")
	mig, err := s.Compute.Migration(c.Context(), inst.ID, id)
	switch {
	case isNotFound(err):
		return none, api.NotFound("In-progress live migration %s is not found for server %s.", id, inst.ID)
	case err != nil:
		return none, refused(err)
	case mig.Type != compute.LiveMigration:
		return none, api.NotFound("Migration %s for server %s is not live-migration.", id, inst.ID)
	}
	under, err := s.Compute.LiveMigrations(c.Context(), inst.ID)
	if err != nil {
		return none, refused(err)
	}
	for _, mig := range under {
		if number(mig.Number) == id {
			return serverMigration(mig, true), nil
		}
	}
	return none, api.NotFound("Live migration %s for server %s is not in progress.", id, inst.ID)
}

func serverMigration(mig *compute.Migration, hosts bool) ServerMigration {
	view := ServerMigration{
		ID: mig.Number, UUID: mig.ID, ServerUUID: mig.InstanceID, Status: string(mig.Status),
		MemoryTotal: numbered(mig.MemoryTotal), MemoryProcessed: numbered(mig.MemoryProcessed), MemoryRemaining: numbered(mig.MemoryRemaining),
		DiskTotal: numbered(mig.DiskTotal), DiskProcessed: numbered(mig.DiskProcessed), DiskRemaining: numbered(mig.DiskRemaining),
		CreatedAt: api.Micros{Time: mig.CreatedAt}, UpdatedAt: micros(mig.UpdatedAt), UserID: mig.UserID, ProjectID: mig.ProjectID,
	}
	if hosts {
		view.migrationHosts = hostsOf(mig)
	}
	return view
}

func number(n int64) string { return strconv.FormatInt(n, 10) }
