// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
)

// createImage is the body of the action createImage.
type createImage struct {
	Name     name              `json:"name"     need:"2.1-" len:"1-255"`
	Metadata map[string]string `json:"metadata" keys:"^[a-zA-Z0-9-_:. ]{1,255}$" itemlen:"0-255"`
}

// createBackup is the body of the action createBackup.
type createBackup struct {
	Name       name              `json:"name"        need:"2.1-" len:"1-255"`
	BackupType string            `json:"backup_type" need:"2.1-"`
	Rotation   api.Natural       `json:"rotation"    need:"2.1-" range:"0-"`
	Metadata   map[string]string `json:"metadata"    keys:"^[a-zA-Z0-9-_:. ]{1,255}$" itemlen:"0-255"`
}

// imageMade is the answer of both since 2.45; before, the image is in the Location header.
type imageMade struct {
	ImageID string `json:"image_id"`
}

func (s *Service) imageActions() []api.Route {
	return []api.Route{
		api.Action(actionPath, "createImage", located(s.createImage)).Only("-2.44"),
		api.Action(actionPath, "createImage", s.createImage).Only("2.45-"),
		api.Action(actionPath, "createBackup", located(s.createBackup)).Only("-2.44"),
		api.Action(actionPath, "createBackup", s.createBackup).Only("2.45-"),
	}
}

// located answers without a body; the handler has set the Location header.
func located[In any](capture func(*api.Call, *In) (imageMade, error)) func(*api.Call, *In) (api.None, error) {
	return func(c *api.Call, in *In) (api.None, error) {
		_, err := capture(c, in)
		return api.None{}, err
	}
}

func (s *Service) createImage(c *api.Call, in *createImage) (imageMade, error) {
	inst, err := s.server(c, c.Var("id"), "servers:create_image")
	if err != nil {
		return imageMade{}, err
	}
	if err := s.checkImageMetadata(c, in.Metadata); err != nil {
		return imageMade{}, err
	}
	if inst.VolumeBacked() {
		if err := c.Authorize(rule("servers:create_image:allow_volume_backed"), targetOf(inst)); err != nil {
			return imageMade{}, err
		}
	}
	id, err := s.Compute.CreateImage(c.Context(), caller(c), inst.ID, string(in.Name), in.Metadata)
	if err == nil {
		s.locateImage(c, id)
	}
	return imageMade{id}, refused(err)
}

func (s *Service) createBackup(c *api.Call, in *createBackup) (imageMade, error) {
	inst, err := s.server(c, c.Var("id"), "os-create-backup")
	if err != nil {
		return imageMade{}, err
	}
	if err := s.checkImageMetadata(c, in.Metadata); err != nil {
		return imageMade{}, err
	}
	id, err := s.Compute.CreateBackup(c.Context(), caller(c), inst.ID, compute.Backup{
		Name: string(in.Name), Type: in.BackupType, Rotation: int(in.Rotation), Properties: in.Metadata,
	})
	if err == nil && in.Rotation > 0 {
		s.locateImage(c, id)
	}
	return imageMade{id}, refused(err)
}

func (s *Service) locateImage(c *api.Call, id string) {
	if !c.Since(answersImageID) {
		c.Header().Set("Location", c.Base()+"/image/v2/images/"+id)
	}
}

// checkImageMetadata holds metadata to the quota of a server's.
func (s *Service) checkImageMetadata(c *api.Call, metadata map[string]string) error {
	if c.Since(anyImageMetadata) || len(metadata) == 0 {
		return nil
	}
	limits, err := s.Compute.Limits(c.Context(), c.ProjectID(), c.Identity.UserID)
	if err != nil {
		return err
	}
	if limit := limits[compute.QuotaMetadataItems]; limit >= 0 && len(metadata) > limit {
		return api.Forbidden("Image metadata limit exceeded")
	}
	return nil
}
