// SPDX-License-Identifier: MPL-2.0

package keystone

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

func (k *Keystone) tagRoutes() []api.Route {
	const all, one = "/projects/{project_id}/tags", "/projects/{project_id}/tags/{tag}"
	return []api.Route{
		api.Get(all, "", k.listTags),
		api.Put(all, "", k.replaceTags),
		api.Delete(all, func(c *api.Call) error { return k.changeTags(c, func([]string) ([]string, error) { return nil, nil }) }),
		api.Get(one, "", k.checkTag).Code(http.StatusNoContent),
		api.Put(one, "", k.addTag).Code(http.StatusCreated),
		api.Delete(one, k.removeTag),
	}
}

const mostTags = 80

type tagsBody struct {
	Tags []string `json:"tags" need:"" len:"0-80" itemlen:"1-255"`
}

type tagsView struct {
	Tags  []string `json:"tags"`
	Links links    `json:"links"`
}

func (k *Keystone) listTags(c *api.Call) (tagsView, error) {
	p, err := projectKind.read(k, c, c.Var("project_id"), "identity:get_project")
	if err != nil {
		return tagsView{}, err
	}
	return tagsView{Tags: p.Tags, Links: self(c, "/projects/"+p.ID+"/tags")}, nil
}

func (k *Keystone) replaceTags(c *api.Call, in *tagsBody) (tagsView, error) {
	for _, tag := range in.Tags {
		if err := checkTagName(tag); err != nil {
			return tagsView{}, err
		}
	}
	slices.Sort(in.Tags)
	tags := slices.Compact(in.Tags)
	if err := k.changeTags(c, func([]string) ([]string, error) { return tags, nil }); err != nil {
		return tagsView{}, err
	}
	return tagsView{Tags: tags, Links: self(c, "/projects/"+c.Var("project_id")+"/tags")}, nil
}

func checkTagName(tag string) error {
	if len(tag) == 0 || len(tag) > 255 || strings.ContainsAny(tag, ",/") {
		return api.BadRequest("Invalid input for field/attribute tags. Value: %s. '%s' does not match '^[^,/]*$'", tag, tag)
	}
	return nil
}

func (k *Keystone) changeTags(c *api.Call, change func([]string) ([]string, error)) error {
	_, err := projectKind.change(k, c, c.Var("project_id"), "identity:change_project", func(_ store.Tx, p *Project) (err error) {
		p.Tags, err = change(p.Tags)
		return err
	})
	return err
}

func (k *Keystone) checkTag(c *api.Call) (api.None, error) {
	p, err := projectKind.read(k, c, c.Var("project_id"), "identity:get_project")
	if err == nil && !slices.Contains(p.Tags, c.Var("tag")) {
		err = missing(store.ErrNotFound, "project tag", c.Var("tag"))
	}
	return api.None{}, err
}

func (k *Keystone) addTag(c *api.Call, _ *api.None) (api.None, error) {
	tag := c.Var("tag")
	if err := checkTagName(tag); err != nil {
		return api.None{}, err
	}
	return api.None{}, k.changeTags(c, func(tags []string) ([]string, error) {
		if slices.Contains(tags, tag) {
			return tags, nil
		}
		if len(tags) >= mostTags {
			return nil, api.BadRequest("A project has at most %d tags.", mostTags)
		}
		tags = append(tags, tag)
		slices.Sort(tags)
		return tags, nil
	})
}

func (k *Keystone) removeTag(c *api.Call) error {
	tag := c.Var("tag")
	return k.changeTags(c, func(tags []string) ([]string, error) {
		if !slices.Contains(tags, tag) {
			return nil, missing(store.ErrNotFound, "project tag", tag)
		}
		return slices.DeleteFunc(tags, func(t string) bool { return t == tag }), nil
	})
}

// tagged reports whether a project passes the query's four tag filters.
func tagged(p *Project, query url.Values) bool {
	has := func(tag string) bool { return slices.Contains(p.Tags, tag) }
	lacks := func(tag string) bool { return !has(tag) }
	for _, filter := range []struct {
		name string
		pass func(tags []string) bool
	}{
		{"tags", func(tags []string) bool { return !slices.ContainsFunc(tags, lacks) }},
		{"tags-any", func(tags []string) bool { return slices.ContainsFunc(tags, has) }},
		{"not-tags", func(tags []string) bool { return slices.ContainsFunc(tags, lacks) }},
		{"not-tags-any", func(tags []string) bool { return !slices.ContainsFunc(tags, has) }},
	} {
		if query.Has(filter.name) && !filter.pass(strings.Split(query.Get(filter.name), ",")) {
			return false
		}
	}
	return true
}
