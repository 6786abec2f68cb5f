// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"maps"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// imageMetadataRoutes are the proxy of images' properties, up to 2.38.
func (s *Service) imageMetadataRoutes() []api.Route {
	const path, until = "/images/{id}/metadata", "-2.38"
	return []api.Route{
		api.Get(path, "metadata", s.listImageMetadata).Only(until),
		api.Post(path, "", s.addImageMetadata).Only(until),
		api.Put(path, "", s.replaceImageMetadata).Only(until),
		api.Get(path+"/{key}", "meta", s.showImageMetadata).Only(until),
		api.Put(path+"/{key}", "", s.setImageMetadata).Only(until),
		api.Delete(path+"/{key}", s.deleteImageMetadata).Only(until),
	}
}

func (s *Service) listImageMetadata(c *api.Call) (map[string]string, error) {
	i, err := s.Images.Show(c.Context(), c.Identity, c.Var("id"))
	return i.Properties, refusedImage(err)
}

func (s *Service) showImageMetadata(c *api.Call) (map[string]string, error) {
	all, err := s.listImageMetadata(c)
	if err != nil {
		return nil, err
	}
	value, there := all[c.Var("key")]
	if !there {
		return nil, api.NotFound("The resource could not be found.")
	}
	return map[string]string{c.Var("key"): value}, nil
}

func (s *Service) addImageMetadata(c *api.Call, in *metadataItems) (metadataItems, error) {
	return s.changeImageMetadata(c, func(all map[string]string) (map[string]string, error) {
		maps.Copy(all, in.Metadata)
		return all, nil
	})
}

func (s *Service) replaceImageMetadata(c *api.Call, in *metadataItems) (metadataItems, error) {
	return s.changeImageMetadata(c, func(map[string]string) (map[string]string, error) { return in.Metadata, nil })
}

func (s *Service) setImageMetadata(c *api.Call, in *metadataItem) (metadataItem, error) {
	if _, there := in.Meta[c.Var("key")]; !there {
		return metadataItem{}, api.BadRequest("Request body and URI mismatch")
	}
	_, err := s.addImageMetadata(c, &metadataItems{in.Meta})
	return *in, err
}

func (s *Service) deleteImageMetadata(c *api.Call) error {
	_, err := s.changeImageMetadata(c, func(all map[string]string) (map[string]string, error) {
		if _, there := all[c.Var("key")]; !there {
			return nil, api.NotFound("Invalid metadata key")
		}
		delete(all, c.Var("key"))
		return all, nil
	})
	return err
}

// changeImageMetadata makes change's result the image's properties, if the caller's quota lets it have as
// many.
func (s *Service) changeImageMetadata(c *api.Call, change func(map[string]string) (map[string]string, error)) (metadataItems, error) {
	var most int
	err := s.Store.View(c.Context(), func(tx store.Tx) error {
		limits, err := s.Compute.LimitsIn(tx, c.ProjectID(), c.Identity.UserID)
		most = limits[compute.QuotaMetadataItems]
		return err
	})
	if err != nil {
		return metadataItems{}, err
	}
	var refusal error
	i, err := s.Images.SetProperties(c.Context(), c.Identity, c.Var("id"), func(all map[string]string) (map[string]string, error) {
		if all, refusal = change(maps.Clone(all)); refusal == nil && most != compute.Unlimited && len(all) > most {
			refusal = api.Forbidden("Image metadata limit exceeded")
		}
		return all, refusal
	})
	if refusal != nil {
		return metadataItems{}, refusal
	}
	return metadataItems{i.Properties}, refusedImage(err)
}
