// SPDX-License-Identifier: MPL-2.0

package glance

import (
	"context"
	"crypto/md5" //nolint:gosec // Glance's checksum is MD5; os_hash_value is what is trusted
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"io/fs"
	"net/http"
	"strings"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// upload serves PUT /images/{id}/file.
func (s *Service) upload(c *api.Call, w http.ResponseWriter) error {
	kind, _, _ := strings.Cut(c.Request.Header.Get("Content-Type"), ";")
	if strings.TrimSpace(kind) != "application/octet-stream" {
		return api.NewFault(http.StatusUnsupportedMediaType, "Content-Type must be application/octet-stream")
	}
	if err := s.setData(c.Context(), c.Identity, c.Var("id"), s.paced(c.Context(), c.Request.Body)); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// paced is data that ends only after the time that an image is to be seen saving.
func (s *Service) paced(ctx context.Context, data io.Reader) io.Reader {
	return io.MultiReader(data, last(func() error { return s.clock.Sleep(ctx, s.pace("image.save")) }))
}

// last is a reader without data that does something at its end.
type last func() error

func (l last) Read([]byte) (int, error) {
	if err := l(); err != nil {
		return 0, err
	}
	return 0, io.EOF
}

// setData gives a queued image its data. Whatever goes wrong, the image is queued again and nothing of
// the data is left.
func (s *Service) setData(ctx context.Context, identity *api.Identity, id string, body io.Reader) error {
	d, err := s.content.create()
	if err != nil {
		return err
	}
	defer d.abort()
	image, err := s.beginSaving(ctx, identity, id, d.key())
	if err != nil {
		return err
	}
	arrived, err := s.receive(d, body)
	if err == nil {
		err = arrived.check(s, image, d)
	}
	if err == nil {
		err = d.commit()
	}
	if err == nil {
		err = s.endSaving(ctx, id, d.key(), arrived)
	}
	if err == nil {
		return nil
	}
	// The caller may be gone, and with it ctx; its image must not stay in saving.
	undo := context.WithoutCancel(ctx)
	if failed := errors.Join(s.requeue(undo, id, d.key()), s.content.remove(d.key())); failed != nil {
		s.log.Error("undoing an upload", "image", id, "error", failed)
	}
	return err
}

func (s *Service) beginSaving(ctx context.Context, identity *api.Identity, id, key string) (image *Image, err error) {
	err = s.change(ctx, identity, func(o *op) error {
		i, err := o.own("upload_image", id)
		switch {
		case err != nil:
			return err
		case i.Status != Queued:
			return api.Conflict("Image status transition from %s to saving is not allowed", i.Status)
		case i.DiskFormat == nil || i.ContainerFormat == nil:
			return api.BadRequest("Properties disk_format, container_format must be set prior to saving data.")
		}
		i.Status, i.Content = Saving, key
		image = i
		return o.put(i)
	})
	return image, err
}

// arrival is what is known of data once it is all there.
type arrival struct {
	size     int64
	layout   layout
	md5, sha hash.Hash
}

func (s *Service) receive(d draft, body io.Reader) (*arrival, error) {
	a := &arrival{md5: md5.New(), sha: sha512.New()} //nolint:gosec // see the import
	limited := io.LimitReader(body, s.maxSize+1)
	var err error
	a.size, err = io.Copy(io.MultiWriter(d, a.md5, a.sha), limited)
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge), a.size > s.maxSize:
		return nil, api.NewFault(http.StatusRequestEntityTooLarge, "Image exceeds the maximum size of %d bytes", s.maxSize)
	case err != nil:
		return nil, api.BadRequest("The upload was interrupted after %d bytes: %v", a.size, err)
	}
	return a, nil
}

// check holds the data against what the image declares and what this service takes.
func (a *arrival) check(s *Service, image *Image, d draft) error {
	switch *image.ContainerFormat {
	case "bare", "ami", "ari", "aki":
	default: // an archive with images in it
		a.layout.virtual = a.size
		return nil
	}
	var err error
	if a.layout, err = inspect(d, a.size); err != nil {
		return api.NewFault(http.StatusUnsupportedMediaType, "Image is refused: %v", err)
	}
	if !a.layout.is(*image.DiskFormat) && (!s.anyFormat || a.layout.format != "raw") {
		return api.NewFault(http.StatusUnsupportedMediaType,
			"Image content is of format %s, which does not match the declared disk_format %s", a.layout.format, *image.DiskFormat)
	}
	if a.layout.virtual > s.maxVirtualSize {
		return api.NewFault(http.StatusRequestEntityTooLarge,
			"Image's virtual size of %d bytes exceeds the maximum of %d bytes", a.layout.virtual, s.maxVirtualSize)
	}
	return nil
}

// endSaving makes the image active; 410 if it was deleted meanwhile.
func (s *Service) endSaving(ctx context.Context, id, key string, a *arrival) error {
	return s.change(ctx, nil, func(o *op) error {
		i, err := imageTable.Get(o.tx, id)
		if errors.Is(err, store.ErrNotFound) || err == nil && i.Content != key {
			return api.NewFault(http.StatusGone, "Image %s could not be found after upload. The image may have been deleted during the upload.", id)
		}
		if err != nil {
			return err
		}
		checksum, value, algo := hex.EncodeToString(a.md5.Sum(nil)), hex.EncodeToString(a.sha.Sum(nil)), "sha512"
		i.Status, i.Checksum, i.HashAlgo, i.HashValue, i.Size = Active, &checksum, &algo, &value, &a.size
		if a.layout.virtual > 0 {
			i.VirtualSize = &a.layout.virtual
		}
		return o.put(i)
	})
}

// requeue undoes beginSaving.
func (s *Service) requeue(ctx context.Context, id, key string) error {
	return s.change(ctx, nil, func(o *op) error {
		i, err := imageTable.Get(o.tx, id)
		if errors.Is(err, store.ErrNotFound) || err == nil && i.Content != key {
			return nil
		}
		if err != nil {
			return err
		}
		i.Status, i.Content = Queued, ""
		return o.put(i)
	})
}

// download serves GET /images/{id}/file, whole or by Range; 204 when there is no data yet.
func (s *Service) download(c *api.Call, w http.ResponseWriter) error {
	var image *Image
	err := s.read(c.Context(), c.Identity, func(o *op) (err error) {
		image, err = o.find(c.Var("id"))
		if err == nil && image.Status == Deactivated && o.authorize("download_deactivated", image.Owner) != nil {
			err = api.Forbidden("The requested image has been deactivated. Image data download is forbidden.")
		}
		return err
	})
	if err != nil {
		return err
	}
	if image.Status != Active && image.Status != Deactivated || image.Content == "" {
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	data, err := s.content.open(image.Content)
	if errors.Is(err, fs.ErrNotExist) { // it was deleted since it was looked up
		return api.NotFound("No image found with ID %s", image.ID)
	}
	if err != nil {
		return err
	}
	defer data.Close()
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-MD5", *image.Checksum)
	http.ServeContent(w, c.Request, "", time.Time{}, data)
	return nil
}
