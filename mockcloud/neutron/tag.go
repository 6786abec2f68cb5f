// SPDX-License-Identifier: MPL-2.0

package neutron

import (
	"net/http"
	"net/url"
	"slices"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

type tagsBody struct {
	Tags []string `json:"tags" need:"2.0-" len:"0-50" itemlen:"1-255"`
}

// tagRoutes are the operations on the tags of a collection's records.
func (k *collection[R, F]) tagRoutes(s *Service) []api.Route {
	all := k.path + "/{id}/tags"
	one := all + "/{tag}"
	return []api.Route{
		api.Get(all, "", func(c *api.Call) (tagsBody, error) {
			tags, err := k.tags(s, c)
			return tagsBody{Tags: tags}, err
		}),
		api.Put(all, "", func(c *api.Call, in *tagsBody) (tagsBody, error) {
			tags := slices.Compact(slices.Sorted(slices.Values(in.Tags)))
			return tagsBody{Tags: tags}, k.retag(s, c, func([]string) ([]string, error) { return tags, nil })
		}),
		api.Delete(all, func(c *api.Call) error {
			return k.retag(s, c, func([]string) ([]string, error) { return []string{}, nil })
		}),
		api.Get(one, "", func(c *api.Call) (api.None, error) {
			tags, err := k.tags(s, c)
			if tag := tagOf(c); err == nil && !slices.Contains(tags, tag) {
				err = tagNotFound.of(tag)
			}
			return api.None{}, err
		}).Code(http.StatusNoContent),
		api.Put(one, "", func(c *api.Call, _ *api.None) (api.None, error) {
			tag := tagOf(c)
			if len(tag) > 255 {
				return api.None{}, httpBadRequest.of("Invalid input for tag. Reason: '" + tag + "' exceeds maximum length of 255.")
			}
			return api.None{}, k.retag(s, c, func(tags []string) ([]string, error) {
				return slices.Compact(slices.Sorted(slices.Values(append(tags, tag)))), nil
			})
		}).Code(http.StatusCreated),
		api.Delete(one, func(c *api.Call) error {
			tag := tagOf(c)
			return k.retag(s, c, func(tags []string) ([]string, error) {
				if !slices.Contains(tags, tag) {
					return nil, tagNotFound.of(tag)
				}
				return slices.DeleteFunc(tags, func(t string) bool { return t == tag }), nil
			})
		}),
	}
}

func tagOf(c *api.Call) string {
	tag, err := url.PathUnescape(c.Var("tag"))
	if err != nil {
		return c.Var("tag")
	}
	return tag
}

func (k *collection[R, F]) tags(s *Service, c *api.Call) (tags []string, err error) {
	err = s.read(c, func(o *op) error {
		row, err := k.find(o, c.Var("id"))
		if err == nil {
			tags = k.base(row).Tags
		}
		return err
	})
	return tags, err
}

func (k *collection[R, F]) retag(s *Service, c *api.Call, edit func([]string) ([]string, error)) error {
	return s.change(c, func(o *op) error {
		row, err := k.find(o, c.Var("id"))
		if err != nil {
			return err
		}
		base := k.base(row)
		if err := o.authorize("update_"+k.one, base.ProjectID); err != nil {
			return err
		}
		if base.Tags, err = edit(base.Tags); err != nil {
			return err
		}
		k.touch(o, row)
		return k.table.Put(o.tx, row)
	})
}
