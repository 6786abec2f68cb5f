// SPDX-License-Identifier: MPL-2.0

package keystone

import (
	"cmp"
	"errors"
	"net/http"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

func (k *Keystone) projectRoutes() []api.Route {
	return []api.Route{
		api.Get("/projects", "", k.listProjects),
		api.Post("/projects", "project", k.createProject).Code(http.StatusCreated),
		api.Get("/projects/{project_id}", "project", k.showProject),
		api.Patch("/projects/{project_id}", "project", k.updateProject),
		api.Delete("/projects/{project_id}", k.deleteProject),
	}
}

// The target of a domain that is looked at as a project has no domain: whoever manages what is in a
// domain does not manage the domain itself.
var projectKind = kind[Project]{&projects, "project", func(p *Project) api.Target {
	return api.Target{ProjectID: p.ID, DomainID: p.DomainID}
}}

type projectBody struct {
	Name        api.Opt[string]   `json:"name" len:"1-64" pattern:"\\S"`
	Description api.Opt[string]   `json:"description" null:"ok"`
	Enabled     api.Opt[bool]     `json:"enabled"`
	DomainID    api.Opt[string]   `json:"domain_id" null:"ok"`
	ParentID    api.Opt[string]   `json:"parent_id" null:"ok"`
	IsDomain    api.Opt[bool]     `json:"is_domain"`
	Tags        api.Opt[[]string] `json:"tags" itemlen:"1-255"`
	Options     map[string]any    `json:"options"`
	Extra       map[string]any    `json:"*"`
}

type projectView struct {
	ID          string          `json:"id"`
	Name        string          `json:"name"`
	DomainID    api.Opt[string] `json:"domain_id"`
	Description string          `json:"description"`
	Enabled     bool            `json:"enabled"`
	ParentID    api.Opt[string] `json:"parent_id"`
	IsDomain    bool            `json:"is_domain"`
	Tags        []string        `json:"tags"`
	Options     map[string]any  `json:"options"`
	Links       links           `json:"links"`
	Extra       map[string]any  `json:"*"`
}

func viewProject(c *api.Call, p *Project) projectView {
	return projectView{
		ID: p.ID, Name: p.Name, DomainID: orNull(p.DomainID), Description: p.Description, Enabled: p.Enabled,
		ParentID: orNull(p.ParentID), IsDomain: p.IsDomain, Tags: p.Tags, Options: p.Options,
		Links: self(c, "/projects/"+p.ID), Extra: p.Extra,
	}
}

var projectAttributes = attributes[Project]{
	"id":        func(p *Project) string { return p.ID },
	"name":      func(p *Project) string { return p.Name },
	"domain_id": func(p *Project) string { return p.DomainID },
	"parent_id": func(p *Project) string { return p.ParentID },
	"enabled":   func(p *Project) string { return flag(p.Enabled) },
	"is_domain": func(p *Project) string { return flag(p.IsDomain) },
}

func (k *Keystone) listProjects(c *api.Call) (map[string]any, error) {
	domain := domainAsked(c)
	if err := allow(c, "identity:list_projects", api.Target{DomainID: domain}); err != nil {
		return nil, err
	}
	all, err := projectKind.all(k, c, domain)
	if err != nil {
		return nil, err
	}
	return listing(c, "projects", keepProjects(c, all), projects.Key, viewProject)
}

// keepProjects filters by attributes and tags; domains only when they are asked for.
func keepProjects(c *api.Call, all []*Project) []*Project {
	query := c.Request.URL.Query()
	var kept []*Project
	for _, p := range projectAttributes.keep(c, all) {
		if (query.Has("is_domain") || !p.IsDomain) && tagged(p, query) {
			kept = append(kept, p)
		}
	}
	return kept
}

func (k *Keystone) createProject(c *api.Call, in *projectBody) (projectView, error) {
	if !in.Name.Set {
		return projectView{}, required("name", "project")
	}
	if in.IsDomain.Value {
		return k.createProjectDomain(c, in)
	}
	p := &Project{
		ID: newID(), Name: in.Name.Value, Description: in.Description.Value, Enabled: orTrue(in.Enabled),
		Tags: in.Tags.Value, Options: in.Options, Extra: extras(nil, in.Extra),
	}
	err := k.update(c, func(tx store.Tx) error {
		if err := place(c, tx, p, in); err != nil {
			return err
		}
		if err := allow(c, "identity:change_project", projectKind.target(p)); err != nil {
			return err
		}
		return duplicate(projects.Insert(tx, p), "project", p.Name)
	})
	if err != nil {
		return projectView{}, err
	}
	return viewProject(c, p), nil
}

func (k *Keystone) createProjectDomain(c *api.Call, in *projectBody) (projectView, error) {
	if in.DomainID.Value != "" || in.ParentID.Value != "" {
		return projectView{}, api.BadRequest("only root projects are allowed to act as domains.")
	}
	if err := allow(c, "identity:change_domain", api.Target{}); err != nil {
		return projectView{}, err
	}
	d := &Project{
		ID: newID(), Name: in.Name.Value, Description: in.Description.Value, Enabled: orTrue(in.Enabled), IsDomain: true,
		Tags: in.Tags.Value, Options: in.Options, Extra: extras(nil, in.Extra),
	}
	if err := domainKind.add(k, c, d, d.Name); err != nil {
		return projectView{}, err
	}
	return viewProject(c, d), nil
}

// place puts a new project into the tree: below the parent given, else at the root of the domain
// given, else of the caller's domain.
func place(c *api.Call, tx store.Tx, p *Project, in *projectBody) error {
	p.DomainID = cmp.Or(in.DomainID.Value, ownDomain(c))
	p.ParentID = cmp.Or(in.ParentID.Value, p.DomainID)
	parent, err := projects.Get(tx, p.ParentID)
	if err != nil {
		if in.ParentID.Value == "" {
			return missing(err, "domain", p.ParentID)
		}
		return missing(err, "project", p.ParentID)
	}
	home := domainOf(parent)
	if in.DomainID.Value != "" && in.DomainID.Value != home {
		return api.BadRequest("Cannot create project, the parent (%s) is in another domain (%s).", p.ParentID, home)
	}
	if !parent.Enabled {
		return api.Forbidden("Cannot create project, since its parent (%s) is disabled.", p.ParentID)
	}
	p.DomainID = home
	return nil
}

// ownDomain is the domain of the caller's token.
func ownDomain(c *api.Call) string {
	return cmp.Or(c.Identity.DomainID, c.Identity.ProjectDomainID, defaultDomain)
}

func (k *Keystone) updateProject(c *api.Call, in *projectBody) (projectView, error) {
	p, err := projectKind.change(k, c, c.Var("project_id"), "identity:change_project", func(tx store.Tx, p *Project) error {
		switch {
		case in.ParentID.Set && in.ParentID.Value != p.ParentID:
			return api.Forbidden("Update of `parent_id` is not allowed.")
		case in.IsDomain.Set && in.IsDomain.Value != p.IsDomain:
			return api.BadRequest("Update of `is_domain` is not allowed.")
		case in.DomainID.Set && in.DomainID.Value != p.DomainID:
			return api.BadRequest("Cannot change domain_id of a project")
		}
		if err := mutable("project", p.ID, p.Options, in.Options); err != nil {
			return err
		}
		changed(&p.Name, in.Name)
		changed(&p.Description, in.Description)
		changed(&p.Enabled, in.Enabled)
		changed(&p.Tags, in.Tags)
		p.Options, p.Extra = merged(p.Options, in.Options), extras(p.Extra, in.Extra)
		switch {
		case p.Enabled:
			return nil
		case p.IsDomain:
			return disableDomain(tx, p.ID)
		}
		return revoke(tx, "project", p.ID)
	})
	if err != nil {
		return projectView{}, err
	}
	return viewProject(c, p), nil
}

func (k *Keystone) deleteProject(c *api.Call) error {
	return projectKind.delete(k, c, c.Var("project_id"), "identity:change_project", func(tx store.Tx, p *Project) error {
		if err := mutable("project", p.ID, p.Options, nil); err != nil {
			return err
		}
		children, err := projects.By(tx, "parent", p.ID)
		if err != nil {
			return err
		}
		if len(children) > 0 {
			return api.Forbidden("Cannot delete the project %s since it is not a leaf in the hierarchy.", p.ID)
		}
		if p.IsDomain {
			return releaseDomain(tx, p)
		}
		return releaseProject(tx, p.ID)
	})
}

// releaseProject deletes what depends on a project.
func releaseProject(tx store.Tx, id string) error {
	return errors.Join(
		remove(tx, &assignments, "project", id),
		remove(tx, &credentials, "project", id),
		remove(tx, &secrets, "project", id),
		remove(tx, &trusts, "project", id),
		revoke(tx, "project", id),
		eachOf(tx, &users, "default_project", id, func(u *User) error {
			u.DefaultProjectID = ""
			return users.Put(tx, u)
		}),
	)
}
