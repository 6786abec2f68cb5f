// SPDX-License-Identifier: MPL-2.0

package glance

import (
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// fields are what a request may set of an image. All other keys are the image's own properties.
type fields struct {
	ID              api.Opt[string]      `json:"id"   format:"uuid"`
	Name            api.Opt[string]      `json:"name" len:"0-255" null:"ok"`
	Visibility      api.Opt[string]      `json:"visibility" oneof:"public private shared community"`
	Owner           api.Opt[string]      `json:"owner" len:"0-255" null:"ok"`
	Protected       api.Opt[bool]        `json:"protected"`
	Hidden          api.Opt[bool]        `json:"os_hidden"`
	DiskFormat      api.Opt[string]      `json:"disk_format"      null:"ok" oneof:"ami ari aki vhd vhdx vmdk raw qcow2 vdi iso ploop gpt"`
	ContainerFormat api.Opt[string]      `json:"container_format" null:"ok" oneof:"ami ari aki bare ovf ova docker compressed"`
	MinDisk         api.Opt[api.Integer] `json:"min_disk" range:"0-2147483647"`
	MinRAM          api.Opt[api.Integer] `json:"min_ram"  range:"0-2147483647"`
	Tags            api.Opt[[]string]    `json:"tags" itemlen:"0-255"`
	Properties      map[string]any       `json:"*"`
}

var (
	readOnlyAttributes = []string{
		"status", "checksum", "os_hash_algo", "os_hash_value", "size", "virtual_size", "created_at", "updated_at",
		"self", "file", "schema", "direct_url", "id",
	}
	reservedAttributes = []string{"location", "locations", "deleted", "deleted_at"}
	// baseAttributes are those that an image always has.
	baseAttributes = []string{
		"name", "visibility", "owner", "protected", "os_hidden", "disk_format", "container_format", "min_disk", "min_ram", "tags",
	}
)

// reservedPrefix begins the properties that Glance itself writes while images are imported.
const reservedPrefix = "os_glance"

// checkProperty refuses names that are not a property's.
func checkProperty(name string) error {
	switch {
	case slices.Contains(readOnlyAttributes, name):
		return api.Forbidden("Attribute '%s' is read-only.", name)
	case slices.Contains(reservedAttributes, name), strings.HasPrefix(name, reservedPrefix):
		return api.Forbidden("Attribute '%s' is reserved.", name)
	case name == "" || utf8.RuneCountInString(name) > 255:
		return api.BadRequest("Invalid name of a property: 1 to 255 characters")
	}
	return nil
}

const (
	maxProperties = 128
	maxTags       = 128
)

// apply sets on the image what a request holds.
func (o *op) apply(i *Image, in *fields) error {
	for _, name := range slices.Sorted(maps.Keys(in.Properties)) {
		if err := checkProperty(name); err != nil {
			return err
		}
		value, ok := in.Properties[name].(string)
		if !ok {
			return api.BadRequest("Provided object does not match schema 'image': the value of %s is not of type 'string'", name)
		}
		i.Properties[name] = value
	}
	if in.Owner.Set && in.Owner.Value != i.Owner {
		if err := o.authorize("set_owner", i.Owner); err != nil {
			return err
		}
		i.Owner = in.Owner.Value
	}
	if err := o.applyVisibility(i, in); err != nil {
		return err
	}
	queued := i.Status == Queued
	for _, f := range []struct {
		name string
		in   api.Opt[string]
		to   **string
		open bool
	}{
		{"name", in.Name, &i.Name, true},
		{"disk_format", in.DiskFormat, &i.DiskFormat, queued},
		{"container_format", in.ContainerFormat, &i.ContainerFormat, queued},
	} {
		switch {
		case !f.in.Set:
		case !f.open:
			return api.Forbidden("Attribute %s can be only replaced for a queued image.", f.name)
		case f.in.Null:
			*f.to = nil
		default:
			*f.to = &f.in.Value
		}
	}
	set(&i.Protected, in.Protected)
	set(&i.Hidden, in.Hidden)
	if in.MinDisk.Set {
		i.MinDisk = int(in.MinDisk.Value)
	}
	if in.MinRAM.Set {
		i.MinRAM = int(in.MinRAM.Value)
	}
	if in.Tags.Set {
		i.Tags = slices.Compact(slices.Sorted(slices.Values(in.Tags.Value)))
	}
	if len(i.Properties) > maxProperties || len(i.Tags) > maxTags {
		return api.NewFault(http.StatusRequestEntityTooLarge, "The limit has been exceeded on the number of allowed image properties or tags: %d.", maxProperties)
	}
	return nil
}

func (o *op) applyVisibility(i *Image, in *fields) error {
	if !in.Visibility.Set || in.Visibility.Value == i.Visibility {
		return nil
	}
	rule := map[string]string{Public: "publicize_image", Community: "communitize_image"}[in.Visibility.Value]
	if rule != "" {
		if err := o.authorize(rule, i.Owner); err != nil {
			return err
		}
	}
	i.Visibility = in.Visibility.Value
	return nil
}

func set[T any](to *T, given api.Opt[T]) {
	if given.Set {
		*to = given.Value
	}
}

// newImage stores a queued image.
func (o *op) newImage(in *fields) (*Image, error) {
	if err := o.authorize("add_image", o.identity.ProjectID); err != nil {
		return nil, err
	}
	i := &Image{
		ID: in.ID.Value, Status: Queued, Visibility: Shared, Owner: o.identity.ProjectID, Tags: []string{},
		Properties: map[string]string{}, CreatedAt: o.now, UpdatedAt: o.now,
	}
	if i.ID == "" {
		i.ID = uuid.NewString()
	}
	if err := o.apply(i, in); err != nil {
		return nil, err
	}
	var err error
	if i.Number, err = o.nextNumber(); err != nil {
		return nil, err
	}
	err = imageTable.Insert(o.tx, i)
	if errors.Is(err, store.ErrExists) {
		return nil, api.Conflict("Image ID %s already exists!", i.ID)
	}
	return i, err
}

func (s *Service) createImage(c *api.Call, in *fields) (view object, err error) {
	err = s.change(c.Context(), c.Identity, func(o *op) error {
		i, err := o.newImage(in)
		if err == nil {
			view = i.view()
			c.Header().Set("Location", c.URL("/images/"+i.ID))
		}
		return err
	})
	return view, err
}
