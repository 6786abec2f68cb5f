// SPDX-License-Identifier: MPL-2.0

package cinder

import (
	"slices"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

type uploadBody struct {
	Name            string          `json:"image_name" need:"3.0-" len:"1-255"`
	Force           flag            `json:"force"`
	DiskFormat      string          `json:"disk_format" oneof:"raw vmdk vdi qcow2 vhd vhdx ploop"`
	ContainerFormat api.Opt[string] `json:"container_format" null:"ok" len:"0-255"`
	Visibility      string          `json:"visibility" nova:"3.1-" oneof:"community public private shared"`
	Protected       flag            `json:"protected"  nova:"3.1-"`
}

// uploadView is the volume and the image that it becomes.
type uploadView struct {
	ID              string     `json:"id"`
	UpdatedAt       api.Micros `json:"updated_at"`
	Status          string     `json:"status"`
	Description     *string    `json:"display_description"`
	Size            int        `json:"size"`
	Type            any        `json:"volume_type"`
	ImageID         string     `json:"image_id"`
	ContainerFormat string     `json:"container_format"`
	DiskFormat      string     `json:"disk_format"`
	ImageName       string     `json:"image_name"`
	Protected       bool       `json:"protected"  nova:"3.1-"`
	Visibility      string     `json:"visibility" nova:"3.1-"`
}

type uploadAnswer struct {
	View uploadView `json:"os-volume_upload_image"`
}

// uploadImage makes an image of a volume. The volume is uploading before the image is made, so that of two
// requests at once one is refused.
func (s *Service) uploadImage(c *api.Call, in *uploadBody) (uploadAnswer, error) {
	image, err := s.newImage(c, in)
	if err != nil {
		return uploadAnswer{}, err
	}
	var view uploadView
	before := ""
	err = s.change(c.Context(), c.Identity, func(o *op) error {
		v, err := o.ownVolume("volume_extension:volume_actions:upload_image", c.Var("id"))
		if err != nil {
			return err
		}
		allowed := []string{Available}
		if in.Force {
			allowed = []string{Available, InUse}
		}
		if !slices.Contains(allowed, v.Status) {
			return invalidVolume.because("Volume %s status must be %s", v.ID, oneOf(allowed))
		}
		image.Properties, before = v.imageProperties(), v.Status
		v.PreviousStatus, v.Status, v.UploadFormat = v.Status, Uploading, image.DiskFormat
		full, err := o.volumeView(c, v)
		view = uploadView{
			ID: v.ID, UpdatedAt: full.UpdatedAt, Status: Uploading, Description: v.Description, Size: v.Size,
			Type: map[string]any{"id": v.TypeID, "name": full.Type}, ContainerFormat: image.ContainerFormat, DiskFormat: image.DiskFormat,
			ImageName: in.Name, Protected: image.Protected, Visibility: image.Visibility,
		}
		if err != nil {
			return err
		}
		return o.putVolume(v)
	})
	if err != nil {
		return uploadAnswer{}, err
	}
	id, failed := s.images.Create(c.Context(), callerOf(c.Identity), *image)
	if fault := api.AsFault(failed); fault != nil {
		failed = badRequest.of(fault.Message)
	}
	_, err = s.onVolume(c, "volume_extension:volume_actions:upload_image", func(o *op, v *Volume) error {
		if v.Status != Uploading {
			return nil // it was reset meanwhile
		}
		if failed != nil {
			return becomes(before)(o, v)
		}
		v.UploadedTo = id
		o.begin(task{line: v.ID, volume: v.ID, status: Uploading})
		return o.putVolume(v)
	})
	if failed != nil {
		err = failed
	}
	view.ImageID = id
	return uploadAnswer{view}, err
}

// newImage is the image that is asked for.
func (s *Service) newImage(c *api.Call, in *uploadBody) (*NewImage, error) {
	image := &NewImage{
		Name: in.Name, DiskFormat: "raw", ContainerFormat: "bare", Visibility: "private", Protected: bool(in.Protected),
	}
	if in.DiskFormat != "" {
		image.DiskFormat = in.DiskFormat
	}
	if in.ContainerFormat.Value != "" {
		image.ContainerFormat = in.ContainerFormat.Value
	}
	if in.Visibility != "" {
		image.Visibility = in.Visibility
	}
	if !slices.Contains(uploadFormats, image.DiskFormat) || !s.content.converts(image.DiskFormat) {
		return nil, badRequest.because("Volumes cannot be converted to disk format %s here.", image.DiskFormat)
	}
	if image.Visibility == "public" {
		return image, c.Authorize("volume_extension:volume_actions:upload_public", c.Own())
	}
	return image, nil
}

// coreProperties are the image's attributes among a volume's image metadata: the new image has its own.
var coreProperties = []string{
	"checksum", "container_format", "disk_format", "image_name", "image_id", "min_disk", "min_ram", "name", "size",
}

// imageProperties are what an image of the volume inherits from the image that the volume was made of.
func (v *Volume) imageProperties() map[string]string {
	all := map[string]string{}
	for name, value := range v.ImageMetadata {
		if !slices.Contains(coreProperties, name) {
			all[name] = value
		}
	}
	return all
}

type reimageBody struct {
	ImageID  string `json:"image_id" need:"3.0-" format:"uuid"`
	Reserved flag   `json:"reimage_reserved"`
}

func (s *Service) reimage(c *api.Call, in *reimageBody) (api.None, error) {
	image, err := s.images.Image(c.Context(), callerOf(c.Identity), in.ImageID)
	if api.AsFault(err) != nil {
		err = imageNotFound.of(in.ImageID)
	}
	if err != nil {
		return api.None{}, err
	}
	return s.onVolume(c, "volume:reimage", func(o *op, v *Volume) error { return o.reimage(v, image, bool(in.Reserved)) })
}

// reimage begins to replace the content of a volume by an image; reserved allows it on a reserved one.
func (o *op) reimage(v *Volume, image *Image, reserved bool) error {
	all, err := o.attachmentsOf(v.ID)
	if err != nil {
		return err
	}
	allowed := []string{Available, Failed}
	if reserved {
		allowed = append(allowed, Reserved)
	}
	switch {
	case len(all) > 1:
		return conflict.of("Cannot re-image a volume which is attached to more than one server.")
	case !slices.Contains(allowed, v.Status):
		return invalidVolume.because("Volume %s status must be %s, but current status is %s.", v.ID, oneOf(allowed), v.Status)
	}
	if err := image.fits(v.Size); err != nil {
		return err
	}
	v.NewImageID, v.ImageMetadata = image.ID, image.metadata()
	if v.Status == Failed { // it is well again when the image is there
		v.Status = Available
	}
	return o.beginTask(v, Downloading)
}
