// SPDX-License-Identifier: MPL-2.0

package glance

import (
	"context"
	"net/url"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

// What Nova's proxies do here in the name of who asks them. Every error that is the caller's is an api.Fault.

// ListAs returns the images that GET /v2/images with those parameters would list, however many.
func (s *Service) ListAs(ctx context.Context, identity *api.Identity, params url.Values) ([]*Image, error) {
	q, err := parseQuery(params)
	if err != nil {
		return nil, err
	}
	return s.listed(ctx, identity, q)
}

// ShowAs returns an image.
func (s *Service) ShowAs(ctx context.Context, identity *api.Identity, id string) (i *Image, err error) {
	err = s.read(ctx, identity, func(o *op) error {
		i, err = o.find(id)
		return err
	})
	return i, err
}

// DeleteAs deletes an image.
func (s *Service) DeleteAs(ctx context.Context, identity *api.Identity, id string) error {
	return s.delete(ctx, identity, id)
}

// SetPropertiesAs makes change's result the image's properties and returns the image. change may run more
// than once.
func (s *Service) SetPropertiesAs(ctx context.Context, identity *api.Identity, id string,
	change func(map[string]string) (map[string]string, error),
) (i *Image, err error) {
	err = s.change(ctx, identity, func(o *op) error {
		if i, err = o.own("modify_image", id); err != nil {
			return err
		}
		properties, err := change(i.Properties)
		if err != nil {
			return err
		}
		in := &fields{Properties: map[string]any{}}
		for name, value := range properties {
			in.Properties[name] = value
		}
		i.Properties = map[string]string{}
		if err := o.apply(i, in); err != nil {
			return err
		}
		return o.put(i)
	})
	return i, err
}
