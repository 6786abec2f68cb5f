// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"net/http"
	"slices"
	"unicode/utf8"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

// Limits of a server's tags.
const (
	maxTags      = 50
	maxTagLength = 60
)

// serverTags is a body with all tags of a server.
type serverTags struct {
	Tags []string `json:"tags" need:"2.26-" len:"0-50" itemlen:"1-60" format:"tag"`
}

// tagRoutes are os-server-tags, since 2.26.
func (s *Service) tagRoutes() []api.Route {
	const path = "/servers/{id}/tags"
	return []api.Route{
		api.Get(path, "", s.listTags).Only("2.26-"),
		api.Put(path, "", s.replaceTags).Only("2.26-"),
		api.Delete(path, s.deleteTags).Only("2.26-"),
		api.Get(path+"/{tag}", "", s.showTag).Only("2.26-").Code(http.StatusNoContent),
		api.Put(path+"/{tag}", "", s.addTag).Only("2.26-"),
		api.Delete(path+"/{tag}", s.deleteTag).Only("2.26-"),
	}
}

func (s *Service) listTags(c *api.Call) (serverTags, error) {
	inst, err := s.server(c, c.Var("id"), "os-server-tags:index")
	if err != nil {
		return serverTags{}, err
	}
	return serverTags{inst.Tags}, nil
}

// setTags stores the tags that change makes of the server's.
func (s *Service) setTags(c *api.Call, operation string, change func([]string) ([]string, error)) ([]string, error) {
	inst, err := s.server(c, c.Var("id"), "os-server-tags:"+operation)
	if err != nil {
		return nil, err
	}
	return s.Compute.ChangeTags(c.Context(), inst.ID, change)
}

func (s *Service) replaceTags(c *api.Call, in *serverTags) (serverTags, error) {
	tags, err := s.setTags(c, "update_all", func([]string) ([]string, error) { return in.Tags, nil })
	return serverTags{tags}, refused(err)
}

func (s *Service) deleteTags(c *api.Call) error {
	_, err := s.setTags(c, "delete_all", func([]string) ([]string, error) { return nil, nil })
	return refused(err)
}

func (s *Service) showTag(c *api.Call) (api.None, error) {
	inst, err := s.server(c, c.Var("id"), "os-server-tags:show")
	if err != nil {
		return api.None{}, err
	}
	if !slices.Contains(inst.Tags, c.Var("tag")) {
		return api.None{}, noSuchTag(inst.ID, c.Var("tag"))
	}
	return api.None{}, nil
}

func noSuchTag(id, tag string) error { return api.NotFound("Server %s has no tag '%s'", id, tag) }

// addTag answers 201 with the tag's place, or 204 when the server has it already.
func (s *Service) addTag(c *api.Call, _ *api.None) (api.None, error) {
	tag := c.Var("tag")
	if problem := formats()["tag"](tag); problem != "" || utf8.RuneCountInString(tag) > maxTagLength {
		return api.None{}, api.BadRequest("Tag '%s' is invalid. It must be a non empty string without characters '/' and ','. "+
			"Tag length must be up to %d characters.", tag, maxTagLength)
	}
	had := false
	_, err := s.setTags(c, "update", func(tags []string) ([]string, error) {
		if had = slices.Contains(tags, tag); had {
			return tags, nil
		}
		if len(tags) >= maxTags {
			return nil, api.BadRequest("The number of tags exceeded the per-server limit %d", maxTags)
		}
		return append(tags, tag), nil
	})
	c.SetStatus(http.StatusCreated)
	if had {
		c.SetStatus(http.StatusNoContent)
	}
	c.Header().Set("Location", c.URL("/servers/"+c.Var("id")+"/tags/"+tag))
	return api.None{}, refused(err)
}

func (s *Service) deleteTag(c *api.Call) error {
	tag := c.Var("tag")
	_, err := s.setTags(c, "delete", func(tags []string) ([]string, error) {
		at := slices.Index(tags, tag)
		if at < 0 {
			return nil, noSuchTag(c.Var("id"), tag)
		}
		return slices.Delete(tags, at, at+1), nil
	})
	return refused(err)
}
