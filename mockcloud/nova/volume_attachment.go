// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"net/http"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
)

// VolumeAttachment is a volume of a server.
type VolumeAttachment struct {
	ID                  string  `json:"id"                    nova:"-2.88"` // the volume's
	VolumeID            string  `json:"volumeId"`
	ServerID            string  `json:"serverId"`
	Device              string  `json:"device,omitempty"`
	Tag                 *string `json:"tag"                   nova:"2.70-"`
	DeleteOnTermination bool    `json:"delete_on_termination" nova:"2.79-"`
	AttachmentID        string  `json:"attachment_id"         nova:"2.89-"`
	BlockDeviceID       string  `json:"bdm_uuid"              nova:"2.89-"`
}

// volumeAttached is the answer of an attach up to 2.100, which 2.89 passed by.
type volumeAttached struct {
	ID                  string  `json:"id"`
	VolumeID            string  `json:"volumeId"`
	ServerID            string  `json:"serverId"`
	Device              *string `json:"device"`
	Tag                 *string `json:"tag"                   nova:"2.70-"`
	DeleteOnTermination bool    `json:"delete_on_termination" nova:"2.79-"`
}

// VolumeAttach is the body of an attach.
type VolumeAttach struct {
	VolumeID            string          `json:"volumeId"              need:"2.1-" format:"uuid"`
	Device              api.Opt[string] `json:"device"                null:"ok" pattern:"(^/dev/x{0,1}[a-z]{0,1}d{0,1})([a-z]+)[0-9]*$"`
	Tag                 string          `json:"tag"                   nova:"2.49-" len:"1-60" pattern:"^[^,/]*$"`
	DeleteOnTermination api.Boolean     `json:"delete_on_termination" nova:"2.79-"`
}

// VolumeUpdate is the body of PUT: another volume to swap with or, since 2.85, the same one. What cannot be
// changed may be sent as it is.
type VolumeUpdate struct {
	VolumeID            string               `json:"volumeId"              need:"2.1-" format:"uuid"`
	ID                  string               `json:"id"                    nova:"2.85-" format:"uuid"`
	ServerID            string               `json:"serverId"              nova:"2.85-" format:"uuid"`
	Device              api.Opt[string]      `json:"device"                nova:"2.85-" null:"ok" pattern:"(^/dev/x{0,1}[a-z]{0,1}d{0,1})([a-z]+)[0-9]*$"`
	Tag                 api.Opt[string]      `json:"tag"                   nova:"2.85-" len:"1-60" pattern:"^[^,/]*$"`
	DeleteOnTermination api.Opt[api.Boolean] `json:"delete_on_termination" nova:"2.85-"`
}

type volumeAttachmentQuery struct {
	Limit  api.Opt[api.Natural] `json:"limit"`
	Offset api.Opt[api.Natural] `json:"offset"`
}

func (s *Service) volumeAttachmentRoutes() []api.Route {
	const path = "/servers/{id}/os-volume_attachments"
	return []api.Route{
		api.Get(path, "volumeAttachments", s.listVolumeAttachments).AskedBy(api.QueryOf[volumeAttachmentQuery]()).Loose("-2.74"),
		api.Post(path, "volumeAttachment", s.attachVolume).Only("-2.100"),
		api.Post(path, "volumeAttachment", s.attachVolumeLater).Only("2.101-").Answer("").Code(http.StatusAccepted),
		api.Get(path+"/{volume}", "volumeAttachment", s.showVolumeAttachment),
		api.Put(path+"/{volume}", "volumeAttachment", s.updateVolumeAttachment).Answer("").Code(http.StatusAccepted),
		api.Delete(path+"/{volume}", s.detachVolume).Code(http.StatusAccepted),
	}
}

func attachmentOf(inst *compute.Instance, b *compute.BlockDevice) VolumeAttachment {
	return VolumeAttachment{
		ID: b.VolumeID, VolumeID: b.VolumeID, ServerID: inst.ID, Device: b.Device, Tag: nullable(b.Tag),
		DeleteOnTermination: b.DeleteOnTermination, AttachmentID: b.AttachmentID, BlockDeviceID: b.ID,
	}
}

// listVolumeAttachments pages by offset, through the volumes alone; Nova counts local disks, too, and then
// leaves them out.
func (s *Service) listVolumeAttachments(c *api.Call) ([]VolumeAttachment, error) {
	q := api.Query[volumeAttachmentQuery](c)
	inst, err := s.server(c, c.Var("id"), "os-volumes-attachments:index")
	if err != nil {
		return nil, err
	}
	all := []VolumeAttachment{}
	for i := range inst.BlockDevices {
		if b := &inst.BlockDevices[i]; b.Attached() {
			all = append(all, attachmentOf(inst, b))
		}
	}
	all = all[min(len(all), int(q.Offset.Value)):]
	limit := maxLimit
	if q.Limit.Value > 0 { // 0 is no limit, as for Nova's common.limited
		limit = min(limit, int(q.Limit.Value))
	}
	return all[:min(len(all), limit)], nil
}

func (s *Service) showVolumeAttachment(c *api.Call) (VolumeAttachment, error) {
	inst, err := s.server(c, c.Var("id"), "os-volumes-attachments:show")
	if err != nil {
		return VolumeAttachment{}, err
	}
	b := inst.Volume(c.Var("volume"))
	if b == nil || !b.Attached() {
		return VolumeAttachment{}, api.NotFound("Instance %s is not attached to volume %s", inst.ID, c.Var("volume"))
	}
	return attachmentOf(inst, b), nil
}

func (s *Service) attachVolume(c *api.Call, in *VolumeAttach) (volumeAttached, error) {
	device, err := s.attach(c, in)
	return volumeAttached{
		ID: in.VolumeID, VolumeID: in.VolumeID, ServerID: c.Var("id"), Device: nullable(device), Tag: nullable(in.Tag),
		DeleteOnTermination: bool(in.DeleteOnTermination),
	}, err
}

// attachVolumeLater is attachVolume since 2.101. Nova then looks for a device after it has answered; here what
// is in the way of the attach is still told at once.
func (s *Service) attachVolumeLater(c *api.Call, in *VolumeAttach) (api.None, error) {
	_, err := s.attach(c, in)
	return api.None{}, err
}

func (s *Service) attach(c *api.Call, in *VolumeAttach) (device string, err error) {
	return s.attachTo(c, compute.VolumeAttachRequest{
		VolumeID: in.VolumeID, Device: in.Device.Value, Tag: in.Tag, DeleteOnTermination: bool(in.DeleteOnTermination),
		Multiattach: c.Since(attachesToSeveral),
	})
}

// attachTo attaches a volume to the server of the path.
func (s *Service) attachTo(c *api.Call, want compute.VolumeAttachRequest) (device string, err error) {
	inst, err := s.server(c, c.Var("id"), "os-volumes-attachments:create")
	if err != nil {
		return "", err
	}
	if err := refuseShelved(c, inst, "attach_volume"); err != nil {
		return "", err
	}
	device, err = s.Compute.AttachVolume(c.Context(), caller(c), inst.ID, want)
	return device, refused(err)
}

// refuseShelved leaves the volumes of shelved servers alone before 2.20.
func refuseShelved(c *api.Call, inst *compute.Instance, action string) error {
	shelved := inst.VMState == compute.Shelved || inst.VMState == compute.ShelvedOffloaded
	if !shelved || c.Since(volumesOfShelved) {
		return nil
	}
	return refused(&compute.InstanceInvalidState{InstanceID: inst.ID, Action: action, Attr: "vm_state", State: string(inst.VMState)})
}

func (s *Service) detachVolume(c *api.Call) error {
	inst, err := s.server(c, c.Var("id"), "os-volumes-attachments:delete")
	if err != nil {
		return err
	}
	if err := refuseShelved(c, inst, "detach_volume"); err != nil {
		return err
	}
	return refused(s.Compute.DetachVolume(c.Context(), caller(c), inst.ID, c.Var("volume")))
}

// updateVolumeAttachment swaps and, since 2.85, changes what can be changed first.
func (s *Service) updateVolumeAttachment(c *api.Call, in *VolumeUpdate) (api.None, error) {
	volume, changes := c.Var("volume"), c.Since(changesAttachments)
	swaps, policy := !changes || in.VolumeID != volume, "os-volumes-attachments:update"
	if swaps {
		policy = "os-volumes-attachments:swap"
	}
	inst, err := s.server(c, c.Var("id"), policy)
	if err != nil {
		return api.None{}, err
	}
	if changes {
		if err := s.changeAttachment(c, inst, volume, in); err != nil {
			return api.None{}, err
		}
	}
	if swaps {
		err = s.Compute.SwapVolume(c.Context(), caller(c), inst.ID, volume, in.VolumeID)
	}
	return api.None{}, refused(err)
}

func (s *Service) changeAttachment(c *api.Call, inst *compute.Instance, volume string, in *VolumeUpdate) error {
	b := inst.Volume(volume)
	if b == nil {
		return api.NotFound("No volume Block Device Mapping with id %s.", volume)
	}
	for _, fixed := range []struct {
		name    string
		changed bool
	}{
		{"id", in.ID != "" && in.ID != volume},
		{"serverId", in.ServerID != "" && in.ServerID != inst.ID},
		{"device", in.Device.Set && in.Device.Value != b.Device},
		{"tag", in.Tag.Set && in.Tag.Value != b.Tag},
	} {
		if fixed.changed {
			return api.BadRequest("The %s property is not mutable", fixed.name)
		}
	}
	if !in.DeleteOnTermination.Set {
		return nil
	}
	return refused(s.Compute.KeepVolume(c.Context(), inst.ID, volume, !bool(in.DeleteOnTermination.Value)))
}
