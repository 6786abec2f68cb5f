// SPDX-License-Identifier: MPL-2.0

package cinder

import (
	"net/http"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

type imageMetadataBody struct {
	Metadata map[string]string `json:"metadata" need:"3.0-" keys:"^[a-zA-Z0-9-_:. /]{1,255}$" itemlen:"0-65535"`
}

type imageMetadataKey struct {
	Key string `json:"key" need:"3.0-" len:"1-255"`
}

func (s *Service) imageMetadataActions() []api.Route {
	const path = "/volumes/{id}/action"
	return []api.Route{
		api.Action(path, "os-set_image_metadata", s.setImageMetadata).Code(http.StatusOK),
		api.Action(path, "os-show_image_metadata", s.showImageMetadata).Code(http.StatusOK),
		api.Action(path, "os-unset_image_metadata", s.unsetImageMetadata).Code(http.StatusOK),
	}
}

func (s *Service) setImageMetadata(c *api.Call, in *imageMetadataBody) (imageMetadataBody, error) {
	return changing(s, c, func(o *op) (imageMetadataBody, error) {
		v, err := o.ownVolume("volume_extension:volume_image_metadata:set", c.Var("id"))
		if err == nil {
			err = o.metadataChangeAllowed(v.ID, "Updating")
		}
		if err != nil {
			return imageMetadataBody{}, err
		}
		v.ImageMetadata = merged(plain(v.ImageMetadata), in.Metadata)
		return imageMetadataBody{v.ImageMetadata}, o.putVolume(v)
	})
}

func (s *Service) showImageMetadata(c *api.Call, _ *api.None) (imageMetadataBody, error) {
	return reading(s, c, func(o *op) (imageMetadataBody, error) {
		v, err := o.ownVolume("volume:get_volume_metadata", c.Var("id"))
		if err != nil {
			return imageMetadataBody{}, err
		}
		if len(v.ImageMetadata) == 0 {
			return imageMetadataBody{}, imageMetaNotFound.of(v.ID)
		}
		return imageMetadataBody{v.ImageMetadata}, nil
	})
}

func (s *Service) unsetImageMetadata(c *api.Call, in *imageMetadataKey) (api.None, error) {
	return changing(s, c, func(o *op) (api.None, error) {
		v, err := o.ownVolume("volume_extension:volume_image_metadata:remove", c.Var("id"))
		if err != nil {
			return api.None{}, err
		}
		if _, ok := v.ImageMetadata[in.Key]; !ok {
			return api.None{}, imageMetaNotFound.of(v.ID)
		}
		delete(v.ImageMetadata, in.Key)
		return api.None{}, o.putVolume(v)
	})
}
