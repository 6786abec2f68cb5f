// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"slices"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
)

// Migration is a server's move, as os-migrations shows it.
type Migration struct {
	migrationHosts
	ID           int64      `json:"id"`
	UUID         string     `json:"uuid" nova:"2.59-"`
	InstanceUUID string     `json:"instance_uuid"`
	Type         string     `json:"migration_type" nova:"2.23-"`
	Status       string     `json:"status"`
	OldFlavor    *int64     `json:"old_instance_type_id"`
	NewFlavor    *int64     `json:"new_instance_type_id"`
	CreatedAt    api.Micros `json:"created_at"`
	UpdatedAt    api.Micros `json:"updated_at"`
	Links        []api.Link `json:"links,omitempty" nova:"2.23-"`
	UserID       string     `json:"user_id"    nova:"2.80-"`
	ProjectID    string     `json:"project_id" nova:"2.80-"`
}

// migrationHosts are where a server moves from and to; null for who may not know.
type migrationHosts struct {
	SourceHost  *string `json:"source_compute"`
	SourceNode  *string `json:"source_node"`
	DestHost    *string `json:"dest_compute"`
	DestNode    *string `json:"dest_node"`
	DestAddress *string `json:"dest_host"`
}

func hostsOf(mig *compute.Migration) migrationHosts {
	return migrationHosts{
		SourceHost: nullable(mig.SourceHost), SourceNode: nullable(mig.SourceNode),
		DestHost: nullable(mig.DestHost), DestNode: nullable(mig.DestNode), DestAddress: nullable(mig.DestAddress),
	}
}

// migrationQuery are the filters of os-migrations. Hidden migrations, those of moves between cells, are none here.
type migrationQuery struct {
	api.Paging    `nova:"2.59-"`
	Hidden        string `json:"hidden"`
	Host          string `json:"host"`
	InstanceUUID  string `json:"instance_uuid"`
	SourceHost    string `json:"source_compute"`
	Status        string `json:"status"`
	Type          string `json:"migration_type"`
	ChangesSince  string `json:"changes-since"  nova:"2.59-" format:"date-time"`
	ChangesBefore string `json:"changes-before" nova:"2.66-" format:"date-time"`
	UserID        string `json:"user_id"        nova:"2.80-"`
	ProjectID     string `json:"project_id"     nova:"2.80-"`
}

func (s *Service) migrationRoutes() []api.Route {
	return []api.Route{
		api.Get("/os-migrations", "migrations", s.listMigrations).AskedBy(api.QueryOf[migrationQuery]()).Loose("-2.58").
			Policy(rule("os-migrations:index")),
	}
}

func (s *Service) listMigrations(c *api.Call) (page api.Page[Migration], err error) {
	q := api.Query[migrationQuery](c)
	if q.ProjectID == "" || q.ProjectID != c.ProjectID() {
		if err := c.Authorize(rule("os-migrations:index:all_projects"), c.Own()); err != nil {
			return page, err
		}
	}
	filter := compute.MigrationFilter{
		Host: q.Host, InstanceID: q.InstanceUUID, SourceHost: q.SourceHost, Status: q.Status, Type: q.Type,
		UserID: q.UserID, ProjectID: q.ProjectID,
	}
	if filter.ChangedSince, filter.ChangedBefore, err = changes(q.ChangesSince, q.ChangesBefore); err != nil {
		return page, err
	}
	found, err := s.Compute.Migrations(c.Context(), filter)
	if err != nil {
		return page, refused(err)
	}
	hosts := c.Allowed(rule("os-migrations:index:host"), c.Own())
	items := []Migration{}
	for _, mig := range found {
		items = append(items, migrationView(c, mig, hosts))
	}
	if c.Version < pagesMigrations {
		return api.Page[Migration]{Items: items}, nil
	}
	slices.Reverse(items)
	page, err = api.Paged(c, items, q.Paging, maxLimit, func(m Migration) string { return m.UUID })
	if err != nil {
		return page, noMarker(q.Marker)
	}
	return page, nil
}

func migrationView(c *api.Call, mig *compute.Migration, hosts bool) Migration {
	view := Migration{
		ID: mig.Number, UUID: mig.ID, InstanceUUID: mig.InstanceID, Type: string(mig.Type), Status: string(mig.Status),
		OldFlavor: numbered(mig.OldFlavorNumber), NewFlavor: numbered(mig.NewFlavorNumber), CreatedAt: api.Micros{Time: mig.CreatedAt},
		UpdatedAt: micros(mig.UpdatedAt), UserID: mig.UserID, ProjectID: mig.ProjectID,
	}
	if hosts {
		view.migrationHosts = hostsOf(mig)
	}
	if mig.InProgress() {
		view.Links = c.Links(c.InProject("/servers/" + mig.InstanceID + "/migrations/" + number(mig.Number)))
	}
	return view
}

// numbered is a number that counts from 1; null for none.
func numbered(n int64) *int64 {
	if n == 0 {
		return nil
	}
	return &n
}
