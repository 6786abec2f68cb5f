// SPDX-License-Identifier: MPL-2.0

package mockcloud

import (
	"context"
	"errors"
	"io"
	"net/http"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/glance"
)

// images is Glance as compute wants it.
type images struct{ glance *glance.Service }

var _ compute.Images = images{}

func (i images) Image(ctx context.Context, caller compute.Caller, id string) (*compute.Image, error) {
	image, err := i.glance.Image(ctx, glanceCaller(caller), id)
	if err != nil {
		return nil, refusal(err)
	}
	return i.seen(image), nil
}

func (i images) seen(image *glance.Image) *compute.Image {
	return &compute.Image{
		ID: image.ID, Name: valueOf(image.Name), Status: image.Status, DiskFormat: valueOf(image.DiskFormat),
		Checksum: valueOf(image.HashAlgo) + ":" + valueOf(image.HashValue), Size: valueOf(image.Size),
		VirtualSize: valueOf(image.VirtualSize), MinDisk: image.MinDisk, MinRAM: image.MinRAM, Properties: image.Properties,
		Open: func(context.Context) (io.ReadCloser, error) { return i.glance.Open(image) },
	}
}

func (i images) Find(ctx context.Context, caller compute.Caller, properties map[string]string) (found []*compute.Image, err error) {
	images, err := i.glance.Find(ctx, glanceCaller(caller), properties)
	for _, image := range images {
		found = append(found, i.seen(image))
	}
	return found, refusal(err)
}

func (i images) Create(ctx context.Context, caller compute.Caller, image compute.NewImage) (string, error) {
	made, err := i.glance.Create(ctx, glanceCaller(caller), glance.Registration{
		Name: image.Name, Visibility: glance.Private, DiskFormat: image.DiskFormat, ContainerFormat: image.ContainerFormat,
		MinDisk: image.MinDisk, MinRAM: image.MinRAM, Properties: image.Properties, Member: image.SharedWith, Empty: image.Empty,
	})
	if err != nil {
		return "", refusal(err)
	}
	return made.ID, nil
}

func (i images) Upload(ctx context.Context, caller compute.Caller, id string, write func(io.Writer) error) error {
	reader, writer := io.Pipe()
	written := make(chan error, 1)
	go func() {
		err := write(writer)
		written <- err
		_ = writer.CloseWithError(err) // nil ends it; no other error comes of it
	}()
	_, err := i.glance.Upload(ctx, glanceCaller(caller), id, reader)
	_ = reader.CloseWithError(err) // so that write ends, too
	switch failed := <-written; {
	case failed != nil && !errors.Is(failed, err): // it ended the upload, and not the upload it
		err = failed
	case err == nil:
		return nil
	case api.AsFault(err) != nil && api.AsFault(err).Code == http.StatusGone:
		return &compute.Refusal{Reason: compute.NotFound, Message: api.AsFault(err).Message}
	}
	return errors.Join(refusal(err), i.Delete(context.WithoutCancel(ctx), caller, id))
}

func (i images) Delete(ctx context.Context, caller compute.Caller, id string) error {
	err := refusal(i.glance.Delete(ctx, glanceCaller(caller), id))
	if compute.KindOf(err) == compute.NotFound {
		return nil
	}
	return err
}

func glanceCaller(c compute.Caller) glance.Caller {
	return glance.Caller{UserID: c.UserID, ProjectID: c.ProjectID, Admin: c.Admin}
}

// valueOf is what is pointed to, or the zero value.
func valueOf[T any](p *T) T {
	var zero T
	if p == nil {
		return zero
	}
	return *p
}
