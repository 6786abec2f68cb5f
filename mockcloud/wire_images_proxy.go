// SPDX-License-Identifier: MPL-2.0

package mockcloud

import (
	"context"
	"net/url"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/glance"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/nova"
)

// imageProxy is Glance as Nova's proxies want it.
type imageProxy struct{ glance *glance.Service }

var _ nova.Images = imageProxy{}

func (p imageProxy) List(ctx context.Context, identity *api.Identity, params url.Values) ([]nova.ProxiedImage, error) {
	all, err := p.glance.ListAs(ctx, identity, params)
	var images []nova.ProxiedImage
	for _, i := range all {
		images = append(images, proxied(i))
	}
	return images, err
}

func (p imageProxy) Show(ctx context.Context, identity *api.Identity, id string) (nova.ProxiedImage, error) {
	i, err := p.glance.ShowAs(ctx, identity, id)
	if err != nil {
		return nova.ProxiedImage{}, err
	}
	return proxied(i), nil
}

func (p imageProxy) Delete(ctx context.Context, identity *api.Identity, id string) error {
	return p.glance.DeleteAs(ctx, identity, id)
}

func (p imageProxy) SetProperties(ctx context.Context, identity *api.Identity, id string,
	change func(map[string]string) (map[string]string, error),
) (nova.ProxiedImage, error) {
	i, err := p.glance.SetPropertiesAs(ctx, identity, id, change)
	if err != nil {
		return nova.ProxiedImage{}, err
	}
	return proxied(i), nil
}

func proxied(i *glance.Image) nova.ProxiedImage {
	return nova.ProxiedImage{
		ID: i.ID, Name: i.Name, Status: i.Status, MinDisk: i.MinDisk, MinRAM: i.MinRAM, Size: valueOf(i.Size),
		Created: i.CreatedAt.Time, Updated: i.UpdatedAt.Time, Properties: i.Properties,
	}
}
