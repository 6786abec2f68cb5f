// SPDX-License-Identifier: MPL-2.0

package qemu

import (
	"context"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

var _ driver.ImageCacher = (*Host)(nil)

// CacheImage fetches the image and checks it, as Spawn would.
func (h *Host) CacheImage(ctx context.Context, image driver.Image) error {
	_, err := h.opts.Images.get(ctx, image)
	return err
}
