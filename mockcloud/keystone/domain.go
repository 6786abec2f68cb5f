// SPDX-License-Identifier: MPL-2.0

package keystone

import (
	"errors"
	"net/http"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

func (k *Keystone) domainRoutes() []api.Route {
	return []api.Route{
		api.Get("/domains", "", k.listDomains),
		api.Post("/domains", "domain", k.createDomain).Code(http.StatusCreated),
		api.Get("/domains/{domain_id}", "domain", k.showDomain),
		api.Patch("/domains/{domain_id}", "domain", k.updateDomain),
		api.Delete("/domains/{domain_id}", k.deleteDomain),
	}
}

var domainKind = kind[Project]{&projects, "domain", func(d *Project) api.Target { return api.Target{DomainID: d.ID} }}

type domainBody struct {
	ID          string            `json:"explicit_domain_id" pattern:"^[a-zA-Z0-9-]{1,64}$"`
	Name        api.Opt[string]   `json:"name" len:"1-64" pattern:"\\S"`
	Description api.Opt[string]   `json:"description" null:"ok"`
	Enabled     api.Opt[bool]     `json:"enabled"`
	Tags        api.Opt[[]string] `json:"tags" itemlen:"1-255"`
	Options     map[string]any    `json:"options"`
	Extra       map[string]any    `json:"*"`
}

type domainView struct {
	ID          string         `json:"id"`
	Name        string         `json:"name"`
	Description string         `json:"description"`
	Enabled     bool           `json:"enabled"`
	Tags        []string       `json:"tags"`
	Options     map[string]any `json:"options"`
	Links       links          `json:"links"`
	Extra       map[string]any `json:"*"`
}

func viewDomain(c *api.Call, d *Project) domainView {
	return domainView{
		ID: d.ID, Name: d.Name, Description: d.Description, Enabled: d.Enabled, Tags: d.Tags, Options: d.Options,
		Links: self(c, "/domains/"+d.ID), Extra: d.Extra,
	}
}

var domainAttributes = attributes[Project]{
	"id":      func(d *Project) string { return d.ID },
	"name":    func(d *Project) string { return d.Name },
	"enabled": func(d *Project) string { return flag(d.Enabled) },
}

func (k *Keystone) listDomains(c *api.Call) (map[string]any, error) {
	target := api.Target{DomainID: c.Identity.DomainID}
	if err := allow(c, "identity:list_domains", target); err != nil {
		return nil, err
	}
	all, err := domainKind.all(k, c, "")
	if err != nil {
		return nil, err
	}
	var domains []*Project
	for _, p := range all {
		if p.IsDomain && c.Allowed("identity:list_domains", api.Target{DomainID: p.ID}) {
			domains = append(domains, p)
		}
	}
	return listing(c, "domains", domainAttributes.keep(c, domains), projects.Key, viewDomain)
}

// theDomain refuses the id of a project that is no domain.
func theDomain(d *Project) error {
	if !d.IsDomain {
		return missing(store.ErrNotFound, "domain", d.ID)
	}
	return nil
}

func (k *Keystone) showDomain(c *api.Call) (domainView, error) {
	d, err := domainKind.read(k, c, c.Var("domain_id"), "identity:get_domain")
	if err == nil {
		err = theDomain(d)
	}
	if err != nil {
		return domainView{}, err
	}
	return viewDomain(c, d), nil
}

func (k *Keystone) createDomain(c *api.Call, in *domainBody) (domainView, error) {
	if err := allow(c, "identity:change_domain", api.Target{}); err != nil {
		return domainView{}, err
	}
	if !in.Name.Set {
		return domainView{}, required("name", "domain")
	}
	d := &Project{
		ID: newID(), Name: in.Name.Value, Description: in.Description.Value, Enabled: orTrue(in.Enabled), IsDomain: true,
		Tags: in.Tags.Value, Options: in.Options, Extra: extras(nil, in.Extra),
	}
	if in.ID != "" {
		d.ID = in.ID
	}
	if err := domainKind.add(k, c, d, d.Name); err != nil {
		return domainView{}, err
	}
	return viewDomain(c, d), nil
}

func (k *Keystone) updateDomain(c *api.Call, in *domainBody) (domainView, error) {
	d, err := domainKind.change(k, c, c.Var("domain_id"), "identity:change_domain", func(tx store.Tx, d *Project) error {
		if err := errors.Join(theDomain(d), mutable("domain", d.ID, d.Options, in.Options)); err != nil {
			return err
		}
		changed(&d.Name, in.Name)
		changed(&d.Description, in.Description)
		changed(&d.Enabled, in.Enabled)
		changed(&d.Tags, in.Tags)
		d.Options, d.Extra = merged(d.Options, in.Options), extras(d.Extra, in.Extra)
		if d.Enabled {
			return nil
		}
		return disableDomain(tx, d.ID)
	})
	if err != nil {
		return domainView{}, err
	}
	return viewDomain(c, d), nil
}

// disableDomain ends all tokens of a domain's users and projects, and of the domain itself: those do
// not come back when it is enabled again.
func disableDomain(tx store.Tx, id string) error {
	inside, err := projects.By(tx, "domain", id)
	if err != nil {
		return err
	}
	for _, p := range inside {
		if err := revoke(tx, "project", p.ID); err != nil {
			return err
		}
	}
	people, err := users.By(tx, "domain", id)
	if err != nil {
		return err
	}
	for _, u := range people {
		if err := revoke(tx, "user", u.ID); err != nil {
			return err
		}
	}
	return errors.Join(revoke(tx, "domain", id), revoke(tx, "project", id))
}

func (k *Keystone) deleteDomain(c *api.Call) error {
	return domainKind.delete(k, c, c.Var("domain_id"), "identity:change_domain", func(tx store.Tx, d *Project) error {
		if err := theDomain(d); err != nil {
			return err
		}
		return releaseDomain(tx, d)
	})
}

// releaseDomain deletes all that is in a domain.
func releaseDomain(tx store.Tx, d *Project) error {
	if err := mutable("domain", d.ID, d.Options, nil); err != nil {
		return err
	}
	if d.Enabled {
		return api.Forbidden("Cannot delete a domain that is enabled, please disable it first.")
	}
	return errors.Join(
		eachOf(tx, &projects, "domain", d.ID, func(p *Project) error {
			return errors.Join(releaseProject(tx, p.ID), projects.Delete(tx, p.ID))
		}),
		eachOf(tx, &users, "domain", d.ID, func(u *User) error {
			return errors.Join(releaseUser(tx, u.ID), users.Delete(tx, u.ID))
		}),
		eachOf(tx, &groups, "domain", d.ID, func(g *Group) error {
			return errors.Join(remove(tx, &assignments, "actor", "group:"+g.ID), groups.Delete(tx, g.ID))
		}),
		eachOf(tx, &roles, "domain", d.ID, func(r *Role) error {
			return errors.Join(releaseRole(tx, r.ID), roles.Delete(tx, r.ID))
		}),
		remove(tx, &assignments, "domain", d.ID),
		releaseProject(tx, d.ID),
		revoke(tx, "domain", d.ID),
	)
}

func eachOf[T any](tx store.Tx, table *store.Table[T], index, value string, do func(*T) error) error {
	rows, err := table.By(tx, index, value)
	if err != nil {
		return err
	}
	for _, row := range rows {
		if err := do(row); err != nil {
			return err
		}
	}
	return nil
}

func required(property, kind string) error {
	return api.BadRequest("Invalid input for field/attribute %s. '%s' is a required property", kind, property)
}
