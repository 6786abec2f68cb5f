// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
)

// serverAttach is the body of the action attach, which Nova's API 3 had in place of os-volume_attachments.
type serverAttach struct {
	VolumeID   string `json:"volume_id"   need:"2.1-" format:"uuid"`
	Device     string `json:"device"      pattern:"(^/dev/x{0,1}[a-z]{0,1}d{0,1})([a-z]+)[0-9]*$"`
	DiskBus    string `json:"disk_bus"    len:"0-255"`
	DeviceType string `json:"device_type" len:"0-255"`
}

func (s *Service) attachAction() []api.Route {
	return []api.Route{api.Action(actionPath, "attach", s.attachByAction)}
}

func (s *Service) attachByAction(c *api.Call, in *serverAttach) (api.None, error) {
	_, err := s.attachTo(c, compute.VolumeAttachRequest{
		VolumeID: in.VolumeID, Device: in.Device, DiskBus: in.DiskBus, DeviceType: in.DeviceType,
	})
	return api.None{}, err
}
