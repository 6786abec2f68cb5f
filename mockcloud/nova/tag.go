// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
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
	Tags []string `json:"tags" need:"2.26-" len:"0-50" itemlen:"1-60" pattern:"^[^,/]*$"`
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

// setTags stores the tags that change makes of the server's. action is Nova's name for it, in refusals.
func (s *Service) setTags(c *api.Call, policy, action string, change func([]string) ([]string, error)) ([]string, error) {
	inst, err := s.server(c, c.Var("id"), "os-server-tags:"+policy)
	if err != nil {
		return nil, err
	}
	tags, err := s.Compute.ChangeTags(c.Context(), caller(c), inst.ID, action, change)
	return tags, refused(err)
}

func (s *Service) replaceTags(c *api.Call, in *serverTags) (serverTags, error) {
	tags, err := s.setTags(c, "update_all", "update tags", func([]string) ([]string, error) { return in.Tags, nil })
	return serverTags{tags}, err
}

func (s *Service) deleteTags(c *api.Call) error {
	_, err := s.setTags(c, "delete_all", "delete tags", func([]string) ([]string, error) { return nil, nil })
	return err
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

// newTag is the tag in the path of PUT /servers/{id}/tags/{tag}, which has no body.
func newTag(c *api.Call) (string, error) {
	tag := c.Var("tag")
	var problem string
	switch {
	case utf8.RuneCountInString(tag) > maxTagLength:
		problem = "is too long"
	case strings.ContainsAny(tag, ",/"):
		problem = "does not match '^[^,/]*$'"
	default:
		return tag, nil
	}
	return "", api.BadRequest("Tag '%s' is invalid. It must be a non empty string without characters '/' and ','. "+
		"Validation error message: '%s' %s", tag, tag, problem)
}

// addTag answers 201 with the tag's place, or 204 when the server has it already.
func (s *Service) addTag(c *api.Call, _ *api.None) (api.None, error) {
	had := false
	_, err := s.setTags(c, "update", "update tag", func(tags []string) ([]string, error) {
		tag, err := newTag(c)
		if err != nil {
			return nil, err
		}
		if len(tags) >= maxTags {
			return nil, api.BadRequest("The number of tags exceeded the per-server limit %d", maxTags)
		}
		had = slices.Contains(tags, tag)
		return append(tags, tag), nil
	})
	if err != nil || had {
		c.SetStatus(http.StatusNoContent)
		return api.None{}, err
	}
	c.SetStatus(http.StatusCreated)
	c.Header().Set("Location", c.URL(c.InProject("/servers/"+c.Var("id")+"/tags/"+url.PathEscape(c.Var("tag")))))
	return api.None{}, nil
}

func (s *Service) deleteTag(c *api.Call) error {
	tag := c.Var("tag")
	_, err := s.setTags(c, "delete", "delete tag", func(tags []string) ([]string, error) {
		at := slices.Index(tags, tag)
		if at < 0 {
			return nil, noSuchTag(c.Var("id"), tag)
		}
		return slices.Delete(tags, at, at+1), nil
	})
	return err
}
