// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"context"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// CacheImages asks the aggregate's hosts to fetch images before servers need them. It waits for none of
// them, and like Nova it leaves it to the hosts to find out about the images. An error of kind NotFound if
// there is no such aggregate.
func (m *Manager) CacheImages(ctx context.Context, caller Caller, number int64, imageIDs []string) error {
	a, err := m.Aggregate(ctx, number)
	if err != nil {
		return err
	}
	for _, name := range a.Hosts {
		h := m.hosts[name]
		if h == nil {
			continue
		}
		if !m.inTurn("images of host "+name, "", func(ctx context.Context) { h.cacheImages(ctx, caller, imageIDs) }) {
			return refuse(Unavailable, "The compute service is stopping.")
		}
	}
	return nil
}

func (h *host) cacheImages(ctx context.Context, caller Caller, imageIDs []string) {
	for _, id := range imageIDs {
		image, err := h.m.Images.Image(ctx, caller, id)
		if err == nil {
			err = use(ctx, h, "CacheImage", "", func(ctx context.Context, cache driver.ImageCacher) error {
				return cache.CacheImage(ctx, image.content())
			})
		}
		if err != nil {
			h.m.Log.Warn("image not cached", "host", h.Name, "image", id, "error", err)
		}
	}
}

// content is the image as drivers take it.
func (i *Image) content() driver.Image {
	return driver.Image{ID: i.ID, Format: i.DiskFormat, Checksum: i.Checksum, Size: i.Size, Open: i.Open}
}
