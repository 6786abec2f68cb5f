// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"context"
	"net/url"

	"github.com/gophercloud/gophercloud/v2/openstack/image/v2/images"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/client"
)

// MarkedImage is the image whose property MarkKey is the mark (GET /v2/images?{MarkKey}={mark}); nil if there is none. A
// snapshot is asked for with a mark, so that it is found if the answer that names it is lost.
func MarkedImage(ctx context.Context, c *client.Client, mark string) (*images.Image, error) {
	service, err := c.Image()
	if err != nil {
		return nil, err
	}
	var answer struct {
		Images []images.Image `json:"images"`
	}
	query := url.Values{MarkKey: {mark}}
	if _, err := service.Get(ctx, service.ServiceURL("images")+"?"+query.Encode(), &answer, nil); err != nil {
		return nil, err
	}
	for _, image := range answer.Images {
		if image.Properties[MarkKey] == mark {
			return &image, nil
		}
	}
	return nil, nil
}
