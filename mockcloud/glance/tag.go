// SPDX-License-Identifier: MPL-2.0

package glance

import (
	"net/http"
	"net/url"
	"slices"
	"unicode/utf8"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

func (s *Service) addTag(c *api.Call, _ *api.None) (api.None, error) {
	return api.None{}, s.retag(c, func(tags []string, tag string) ([]string, error) {
		if utf8.RuneCountInString(tag) > 255 {
			return nil, api.BadRequest("Tag is too long: 255 characters at most")
		}
		if tags = slices.Compact(slices.Sorted(slices.Values(append(tags, tag)))); len(tags) > maxTags {
			return nil, api.NewFault(http.StatusRequestEntityTooLarge, "The limit has been exceeded on the number of allowed image tags: %d.", maxTags)
		}
		return tags, nil
	})
}

func (s *Service) removeTag(c *api.Call) error {
	return s.retag(c, func(tags []string, tag string) ([]string, error) {
		if !slices.Contains(tags, tag) {
			return nil, api.NotFound("Tag %s not found on the image", tag)
		}
		return slices.DeleteFunc(tags, func(t string) bool { return t == tag }), nil
	})
}

func (s *Service) retag(c *api.Call, change func(tags []string, tag string) ([]string, error)) error {
	tag, err := url.PathUnescape(c.Var("tag"))
	if err != nil {
		return api.BadRequest("The tag is not a part of a URL")
	}
	return s.change(c.Context(), c.Identity, func(o *op) error {
		i, err := o.own("modify_image", c.Var("id"))
		if err != nil {
			return err
		}
		if i.Tags, err = change(i.Tags, tag); err != nil {
			return err
		}
		return o.put(i)
	})
}
