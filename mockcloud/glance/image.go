// SPDX-License-Identifier: MPL-2.0

package glance

import (
	"context"
	"errors"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// The statuses of an image.
const (
	Queued      = "queued" // has no data yet
	Saving      = "saving" // its data is on the way
	Active      = "active"
	Deactivated = "deactivated" // its data is kept from all but administrators
)

// The visibilities of an image.
const (
	Private   = "private"
	Shared    = "shared" // seen by its members
	Community = "community"
	Public    = "public"
)

// Image is an image's record. Nil is null.
type Image struct {
	ID              string            `json:"id"`
	Name            *string           `json:"name"`
	Status          string            `json:"status"`
	Visibility      string            `json:"visibility"`
	Owner           string            `json:"owner"`
	Protected       bool              `json:"protected"`
	Hidden          bool              `json:"os_hidden"`
	DiskFormat      *string           `json:"disk_format"`
	ContainerFormat *string           `json:"container_format"`
	MinDisk         int               `json:"min_disk"` // GiB
	MinRAM          int               `json:"min_ram"`  // MiB
	Size            *int64            `json:"size"`     // bytes
	VirtualSize     *int64            `json:"virtual_size"`
	Checksum        *string           `json:"checksum"` // MD5
	HashAlgo        *string           `json:"os_hash_algo"`
	HashValue       *string           `json:"os_hash_value"`
	Tags            []string          `json:"tags"`
	CreatedAt       api.Time          `json:"created_at"`
	UpdatedAt       api.Time          `json:"updated_at"`
	Properties      map[string]string `json:"properties"`
	// Number counts the images that were made: several may have been within a second.
	Number int64 `json:"number"`
	// Content is the key of its data in the content store.
	Content string `json:"content"`
}

var imageTable = &store.Table[Image]{
	Name: "glance.images",
	Key:  func(i *Image) string { return i.ID },
	Indexes: []store.Index[Image]{
		{Name: "owner", Of: func(i *Image) []string { return []string{i.Owner} }},
		{Name: "status", Of: func(i *Image) []string { return []string{i.Status} }},
	},
}

// sequence counts images.
type sequence struct {
	Last int64 `json:"last"`
}

var sequenceTable = &store.Table[sequence]{Name: "glance.sequence", Key: func(*sequence) string { return "images" }}

// nextNumber is the next image's number.
func (o *op) nextNumber() (int64, error) {
	s, err := sequenceTable.Get(o.tx, "images")
	if errors.Is(err, store.ErrNotFound) {
		s, err = new(sequence), nil
	}
	if err != nil {
		return 0, err
	}
	s.Last++
	return s.Last, sequenceTable.Put(o.tx, s)
}

// object is an image or a member as an answer shows it.
type object = map[string]any

// view is the image as the API shows it: its properties stand beside its attributes.
func (i *Image) view() object {
	out := make(object, 24+len(i.Properties))
	for name, value := range i.Properties {
		out[name] = value
	}
	for name, value := range map[string]any{
		"id": i.ID, "name": i.Name, "status": i.Status, "visibility": i.Visibility, "owner": i.Owner,
		"protected": i.Protected, "os_hidden": i.Hidden, "disk_format": i.DiskFormat, "container_format": i.ContainerFormat,
		"min_disk": i.MinDisk, "min_ram": i.MinRAM, "size": i.Size, "virtual_size": i.VirtualSize, "checksum": i.Checksum,
		"os_hash_algo": i.HashAlgo, "os_hash_value": i.HashValue, "tags": i.Tags, "created_at": i.CreatedAt,
		"updated_at": i.UpdatedAt, "self": "/v2/images/" + i.ID, "file": "/v2/images/" + i.ID + "/file",
		"schema": "/v2/schemas/image",
	} {
		out[name] = value
	}
	return out
}

// op is one operation: a transaction and who asks.
type op struct {
	*Service
	tx       store.Tx
	identity *api.Identity
	now      api.Time
}

func (s *Service) change(ctx context.Context, identity *api.Identity, do func(*op) error) error {
	now := api.Time{Time: s.clock.Now()}
	return s.store.Update(ctx, func(tx store.Tx) error {
		return do(&op{Service: s, tx: tx, identity: identity, now: now})
	})
}

func (s *Service) read(ctx context.Context, identity *api.Identity, do func(*op) error) error {
	return s.store.View(ctx, func(tx store.Tx) error {
		return do(&op{Service: s, tx: tx, identity: identity})
	})
}

func (o *op) authorize(rule, owner string) error {
	if o.policy[rule](o.identity, api.Target{ProjectID: owner}) {
		return nil
	}
	return api.Forbidden("You are not authorized to complete %s action.", rule)
}

// sees reports whether the caller may see the image.
func (o *op) sees(i *Image) (bool, error) {
	switch {
	case o.owns(i), i.Visibility == Public, i.Visibility == Community:
		return true, nil
	case i.Visibility != Shared:
		return false, nil
	}
	_, err := memberTable.Get(o.tx, memberKey(i.ID, o.identity.ProjectID))
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// find is the image, if the caller may see it.
func (o *op) find(id string) (*Image, error) {
	i, err := imageTable.Get(o.tx, id)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	seen := false
	if err == nil {
		if seen, err = o.sees(i); err != nil {
			return nil, err
		}
	}
	if !seen {
		return nil, api.NotFound("No image found with ID %s", id)
	}
	return i, nil
}

// own is the image, if the rule lets the caller change it.
func (o *op) own(rule, id string) (*Image, error) {
	i, err := o.find(id)
	if err != nil {
		return nil, err
	}
	return i, o.authorize(rule, i.Owner)
}

func (o *op) put(i *Image) error {
	i.UpdatedAt = o.now
	return imageTable.Put(o.tx, i)
}

// removeImage deletes the image's record and members and tells the key of its data, "" for none.
func (o *op) removeImage(id string) (string, error) {
	i, err := o.own("delete_image", id)
	if err != nil {
		return "", err
	}
	if i.Protected {
		return "", api.Forbidden("Image %s is protected and cannot be deleted.", id)
	}
	members, err := memberTable.By(o.tx, "image_id", id)
	if err != nil {
		return "", err
	}
	for _, m := range members {
		if err := memberTable.Delete(o.tx, memberKey(id, m.MemberID)); err != nil {
			return "", err
		}
	}
	return i.Content, imageTable.Delete(o.tx, id)
}

func (s *Service) showImage(c *api.Call) (view object, err error) {
	err = s.read(c.Context(), c.Identity, func(o *op) error {
		i, err := o.find(c.Var("id"))
		if err == nil {
			view = i.view()
		}
		return err
	})
	return view, err
}

func (s *Service) deleteImage(c *api.Call) error {
	return s.delete(c.Context(), c.Identity, c.Var("id"))
}

func (s *Service) delete(ctx context.Context, identity *api.Identity, id string) error {
	content := ""
	err := s.change(ctx, identity, func(o *op) (err error) {
		content, err = o.removeImage(id)
		return err
	})
	if err == nil && content != "" {
		err = s.content.remove(content)
	}
	return err
}

// setStatus serves deactivate and reactivate.
func (s *Service) setStatus(rule, from, to string) func(*api.Call, *api.None) (api.None, error) {
	return func(c *api.Call, _ *api.None) (api.None, error) {
		return api.None{}, s.change(c.Context(), c.Identity, func(o *op) error {
			i, err := o.own(rule, c.Var("id"))
			if err != nil {
				return err
			}
			if i.Status != from && i.Status != to {
				return api.Forbidden("Image status transition from %s to %s is not allowed", i.Status, to)
			}
			i.Status = to
			return o.put(i)
		})
	}
}
