// SPDX-License-Identifier: MPL-2.0

package mockcloud

import (
	"context"
	"io"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/glance"
)

// images is Glance as compute wants it.
type images struct{ glance *glance.Service }

var _ compute.Images = images{}

func (i images) Image(ctx context.Context, caller compute.Caller, id string) (*compute.Image, error) {
	image, err := i.glance.Image(ctx, glance.Caller{UserID: caller.UserID, ProjectID: caller.ProjectID, Admin: caller.Admin}, id)
	if err != nil {
		return nil, refusal(err)
	}
	return &compute.Image{
		ID: image.ID, Name: valueOf(image.Name), Status: image.Status, DiskFormat: valueOf(image.DiskFormat),
		Checksum: valueOf(image.HashAlgo) + ":" + valueOf(image.HashValue), Size: valueOf(image.Size),
		VirtualSize: valueOf(image.VirtualSize), MinDisk: image.MinDisk, MinRAM: image.MinRAM, Properties: image.Properties,
		Open: func(context.Context) (io.ReadCloser, error) { return i.glance.Open(image) },
	}, nil
}

// valueOf is what is pointed to, or the zero value.
func valueOf[T any](p *T) T {
	var zero T
	if p == nil {
		return zero
	}
	return *p
}
