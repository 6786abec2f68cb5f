// SPDX-License-Identifier: MPL-2.0

package glance

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"

	"github.com/google/uuid"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// Caller is who asks in Go.
type Caller struct {
	UserID, ProjectID string
	Admin             bool // sees every project's images, and may make public ones
}

func (c Caller) identity() *api.Identity {
	id := &api.Identity{UserID: c.UserID, ProjectID: c.ProjectID, Roles: []string{"reader", "member"}}
	if c.Admin {
		id.Roles = append(id.Roles, "admin")
	}
	return id
}

// Image is an image that the caller may see; a 404 api.Fault otherwise.
func (s *Service) Image(ctx context.Context, caller Caller, id string) (i *Image, err error) {
	err = s.read(ctx, caller.identity(), func(o *op) error {
		i, err = o.find(id)
		return err
	})
	return i, err
}

// Open reads the data of an active image.
func (s *Service) Open(i *Image) (io.ReadSeekCloser, error) {
	if i.Status != Active {
		return nil, api.Conflict("Image %s is %s, not active.", i.ID, i.Status)
	}
	return s.content.open(i.Content)
}

// Registration is an image to be made.
type Registration struct {
	ID              string // "" for a new one
	Name            string
	Visibility      string // "" for shared, which is Glance's default
	DiskFormat      string // "" for what the content is found to be
	ContainerFormat string // "" for bare
	MinDisk, MinRAM int    // GiB, MiB
	Protected       bool
	Tags            []string
	Properties      map[string]string
	// Member is a project with which the image is shared from the start; "" for none.
	Member string
	// Empty is an image that is active without data: nothing but its properties (of a server on volumes).
	Empty bool
}

// Create makes a queued image; Upload gives it its data.
func (s *Service) Create(ctx context.Context, caller Caller, r Registration) (i *Image, err error) {
	in := &fields{
		Name: api.Some(r.Name), Protected: api.Some(r.Protected), Tags: api.Some(r.Tags),
		MinDisk: api.Some(api.Integer(r.MinDisk)), MinRAM: api.Some(api.Integer(r.MinRAM)), Properties: map[string]any{},
	}
	for _, f := range []struct {
		given string
		to    *api.Opt[string]
	}{{r.ID, &in.ID}, {r.Visibility, &in.Visibility}, {r.DiskFormat, &in.DiskFormat}, {r.ContainerFormat, &in.ContainerFormat}} {
		if f.given != "" {
			*f.to = api.Some(f.given)
		}
	}
	for name, value := range r.Properties {
		in.Properties[name] = value
	}
	if r.Member != "" {
		in.Visibility = api.Some(Shared)
	}
	err = s.change(ctx, caller.identity(), func(o *op) error {
		if i, err = o.newImage(in); err != nil {
			return err
		}
		if r.Member != "" {
			if err := memberTable.Insert(o.tx, o.newMember(i.ID, r.Member)); err != nil {
				return err
			}
		}
		if !r.Empty {
			return nil
		}
		i.Status, i.Size = Active, new(int64)
		return o.put(i)
	})
	return i, err
}

// Find returns the images with those properties that the caller may see, newest first.
func (s *Service) Find(ctx context.Context, caller Caller, properties map[string]string) ([]*Image, error) {
	params := url.Values{"sort": {"created_at:desc"}}
	for name, value := range properties {
		params.Set(name, value)
	}
	return s.ListAs(ctx, caller.identity(), params)
}

// Upload gives a queued image its data, under the rules of an upload by HTTP, and returns it active.
func (s *Service) Upload(ctx context.Context, caller Caller, id string, data io.Reader) (*Image, error) {
	return s.fill(ctx, caller, id, s.paced(ctx, data))
}

func (s *Service) fill(ctx context.Context, caller Caller, id string, data io.Reader) (*Image, error) {
	if err := s.setData(ctx, caller.identity(), id, data); err != nil {
		return nil, err
	}
	return s.Image(ctx, caller, id)
}

// Delete deletes an image as its owner would.
func (s *Service) Delete(ctx context.Context, caller Caller, id string) error {
	return s.delete(ctx, caller.identity(), id)
}

// Register makes an active image of data (a file, so that its format can be found out first), at no pace. On
// an error no image is left.
func (s *Service) Register(ctx context.Context, caller Caller, r Registration, data io.ReaderAt, size int64) (*Image, error) {
	if r.ContainerFormat == "" {
		r.ContainerFormat = "bare"
	}
	if r.DiskFormat == "" {
		l, err := inspect(data, size)
		if err != nil {
			return nil, api.BadRequest("Image is refused: %v", err)
		}
		r.DiskFormat = l.format
	}
	i, err := s.Create(ctx, caller, r)
	if err != nil {
		return nil, err
	}
	active, err := s.fill(ctx, caller, i.ID, io.NewSectionReader(data, 0, size))
	if err != nil {
		undo := s.change(context.WithoutCancel(ctx), nil, func(o *op) error { return imageTable.Delete(o.tx, i.ID) })
		return nil, errors.Join(err, undo)
	}
	return active, nil
}

// Ensure is Register for an image with an ID that may be there already: whole, which is as good, or
// without its data, for which a crash came too early.
func (s *Service) Ensure(ctx context.Context, caller Caller, r Registration, data io.ReaderAt, size int64) (*Image, error) {
	i, err := s.Image(ctx, caller, r.ID)
	switch fault := api.AsFault(err); {
	case fault != nil && fault.Code == http.StatusNotFound:
		return s.Register(ctx, caller, r, data, size)
	case err != nil || i.Status == Active:
		return i, err
	}
	return s.fill(ctx, caller, i.ID, io.NewSectionReader(data, 0, size))
}

// SeedOptions say which image a fresh cloud has.
type SeedOptions struct {
	AdminProjectID string // its owner
	// Image is made public; with no Data it is DemoName with a few bytes that simulated servers need.
	Image Registration
	Data  io.ReaderAt
	Size  int64
}

// DemoName is the image of a fresh simulated cloud.
const DemoName = "demo"

type seeded struct {
	ID string `json:"id"`
}

var seededTable = &store.Table[seeded]{Name: "glance.seeded", Key: func(s *seeded) string { return s.ID }}

// Seed gives a fresh cloud its image, so that servers can be made at once. A cloud that had one before
// is left as it is, even if the image was deleted.
func (s *Service) Seed(ctx context.Context, options SeedOptions) error {
	err := s.read(ctx, nil, func(o *op) error {
		_, err := seededTable.Get(o.tx, "image")
		return err
	})
	if !errors.Is(err, store.ErrNotFound) {
		return err
	}
	if options.Data == nil {
		sector := make([]byte, 512)
		options.Data, options.Size = bytes.NewReader(sector), int64(len(sector))
		options.Image.DiskFormat = "raw"
	}
	if options.Image.Name == "" {
		options.Image.Name = DemoName
	}
	options.Image.Visibility = Public
	admin := Caller{ProjectID: options.AdminProjectID, Admin: true}
	// The id is the same after a crash between the image and the note that it was made.
	options.Image.ID = uuid.NewSHA1(uuid.NameSpaceURL, []byte("mockcloud:image/"+options.Image.Name)).String()
	if _, err := s.Ensure(ctx, admin, options.Image, options.Data, options.Size); err != nil {
		return err
	}
	return s.change(ctx, nil, func(o *op) error { return seededTable.Put(o.tx, &seeded{"image"}) })
}
